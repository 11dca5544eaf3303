package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/demo"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/words"
)

// oldKey sets how old a key may be before it should be exchanged.
const oldKey = 365 * 24 * time.Hour

// checkKeys prints where an endpoint's keys come from and how old they are.
func checkKeys(f *Findings, e config.EndpointConfig, ring *config.Keyring, now time.Time) bool {
	what := "key " + e.Name
	access, secret, err := ring.Pair(e)
	if err != nil {
		f.bad(what, batch.ExitInput, err)
		return false
	}
	oldest := time.Duration(0)
	from := func(k config.Key) string {
		if k.Written.IsZero() {
			return k.Source
		}
		age := now.Sub(k.Written)
		oldest = max(oldest, age)
		return fmt.Sprintf("%s, %s old", k.Source, words.Duration(age))
	}
	text := fmt.Sprintf("access key from %s; secret key from %s", from(access), from(secret))
	if oldest > oldKey {
		f.warn(what, "ask the vendor for a new pair, and write it over the old one", "%s", text)
	} else {
		f.good(what, "%s", text)
	}
	return true
}

// checkEndpoints asks every endpoint for a token and, if it is to, calls its result URL.
func checkEndpoints(
	ctx context.Context, f *Findings, c *config.Config, simulated, ask bool, keys *config.Keyring,
) {
	find, transport := keys.Of, func(config.EndpointConfig) http.RoundTripper {
		return liveness.NewTransport(liveness.TransportOptions{MaxConns: 1, Proxy: c.Proxy.Of()})
	}
	if simulated {
		vendor, err := demo.NewVendor(nil, nil, nil)
		if err != nil {
			f.bad("endpoints", batch.ExitFailed, err)
			return
		}
		find, transport = demo.Keys, func(config.EndpointConfig) http.RoundTripper { return vendor.Transport() }
	}
	for _, e := range c.Endpoints {
		if !simulated && !checkKeys(f, e, keys, time.Now()) {
			continue
		}
		one := *c
		one.Endpoints = []config.EndpointConfig{e}
		endpoints, err := night.Endpoints(&one, find, transport)
		if err != nil {
			f.bad("endpoint "+e.Name, batch.ExitInput, err)
			continue
		}
		checkToken(ctx, f, endpoints[0].Client, c.Proxy)
		if ask {
			askResult(ctx, f, c, endpoints[0].Client)
		}
	}
}

// reachHint returns what to do about an endpoint that cannot be reached.
func reachHint(err error) string {
	why := liveness.Why(err)
	if strings.Contains(why, ": ") { // it names what to do
		return why
	}
	return "is the URL right and the network there?"
}

// clockTolerance sets how far this clock may be off. The vendor refuses tokens at about 300 s.
const clockTolerance = time.Minute

func checkToken(ctx context.Context, f *Findings, client *liveness.Client, proxy config.Proxy) {
	const setClock = "set this machine's clock: timedatectl set-ntp true"
	what := "endpoint " + client.Endpoint().Name
	token, err := client.Token(ctx)
	var refused *liveness.TokenError
	switch {
	case errors.As(err, &refused) && refused.ClockSkew != 0:
		f.bad(what, batch.ExitRefused, &config.Error{Code: batch.ExitRefused, Err: err, Hint: setClock})
	case errors.As(err, &refused) && (refused.Class == liveness.Configuration || refused.Class == liveness.Account):
		f.bad(what, batch.ExitRefused, &config.Error{Code: batch.ExitRefused, Err: err,
			Hint: "are the keys this account's, and is it valid for this endpoint's country?"})
	case err != nil:
		f.bad(what, batch.ExitFailed, &config.Error{Code: batch.ExitFailed, Err: err,
			Hint: reachHint(err)})
	case token.ClockSkew().Abs() > clockTolerance:
		f.fail(what, setClock, "a token was given, but this clock is off by %v", token.ClockSkew())
	default:
		through := ""
		if name := proxy.To(client.Endpoint().TokenURL); name != "" {
			through = " through the proxy " + name
		}
		f.good(what, "gives a token%s; this clock is off by %v", through, token.ClockSkew())
	}
}
