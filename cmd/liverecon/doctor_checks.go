package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/demo"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

func (f *findings) configuration(c *config.Config) {
	if info, err := os.Stat(c.File); err == nil {
		switch mode := info.Mode().Perm(); {
		case mode&0o022 != 0:
			f.fail("configuration", "chmod go-w "+c.File, "%s: others than its owner may change it (mode %04o)", c.File, mode)
			return
		case mode&0o004 != 0 && (c.Notify.PingURL != "" || c.Notify.PingFailure != ""):
			f.warn("configuration", "chmod 600 "+c.File, "%s: everybody may read it (mode %04o), and a monitor's URL is a secret", c.File, mode)
			return
		}
	}
	f.good("configuration", "%s: %s", c.File, words.Plural(int64(len(c.Endpoints)), "endpoint", "endpoints"))
}

func (f *findings) lists(ctx context.Context, c *config.Config) {
	if len(c.Lists) == 0 {
		f.bad("lists", batch.ExitInput, config.Usage(`set lists = ["lists/*.csv"]`, "none are configured"))
		return
	}
	lists, missing, err := night.ExpandLists(c.Lists, c.Base)
	wrong := []error{err, missing.CheckIn(ctx, c, lists)}
	for _, source := range lists {
		wrong = append(wrong, list.Check(source, c.ListOptions()))
	}
	if err := errors.Join(wrong...); err != nil {
		f.bad("lists", batch.ExitInput, err)
		return
	}
	for _, one := range missing {
		f.warn("lists", "", "%v; earlier ones were read", one)
	}
	if len(lists) > 0 {
		f.good("lists", "%s", words.Plural(int64(len(lists)), "list", "lists"))
	}
}

// limits says what keeps a mistake in a list from being paid for.
func (f *findings) limits(c *config.Config) {
	var set []string
	for _, limit := range []struct {
		scope string
		cap   billing.Cap
	}{{"run", c.Caps.Run}, {"day", c.Caps.Day}, {"month", c.Caps.Month}} {
		if text := words.Cap(limit.cap); text != "" {
			set = append(set, text+" a "+limit.scope)
		}
	}
	if len(set) == 0 {
		f.warn("limits", `set limits.spend_per_run, or limits.calls_per_run`, "no cap is set: a wrong list would be paid for as a whole")
		return
	}
	f.good("limits", "%s", strings.Join(set, ", "))
}

// prices looks for what prices are for and what they leave out.
func (f *findings) prices(ctx context.Context, c *config.Config, s *store.Store, now time.Time) {
	if err := c.CheckPrices(ctx, s); err != nil {
		f.bad("prices", batch.ExitInput, err)
	}
	if s == nil || len(c.Prices.Rows()) == 0 {
		return
	}
	meter, err := night.Meter(ctx, c, s, now)
	if err != nil {
		f.bad("prices", batch.ExitFailed, err)
		return
	}
	month := meter.Month()
	if text := month.Amount(); month.Unpriced > 0 {
		f.warn("prices", "give them a [[price]]; `liverecon run` says which is missing where a cap on money is set", "this month comes to %s", text)
	}
}

// database checks the lock, the file and the books. The store it returns is open; nil when there is nothing to read.
func (f *findings) database(ctx context.Context, c *config.Config, simulated bool) *store.Store {
	f.lock(c)
	f.fleeting(c, simulated)
	s, closeStore, err := database.OpenToRead(ctx, c)
	if err != nil {
		f.bad("database", max(config.ExitCode(err), batch.ExitFailed), err)
		return nil
	}
	if s == nil {
		if err := database.RequireDirectory(filepath.Dir(c.Database)); err != nil && !simulated { // a simulated run makes it
			f.bad("database", batch.ExitInput, err)
			return nil
		}
		f.good("database", "%s is not there yet: the first run makes it", c.Database)
		return nil
	}
	if err := database.RefuseMixing(ctx, s, simulated); err != nil {
		f.bad("database", config.ExitCode(err), err)
	}
	if err := s.QuickCheck(ctx); err != nil {
		f.bad("database", batch.ExitFailed, errors.Join(err, closeStore()))
		return nil
	}
	f.good("database", "%s: %s, structure sound", c.Database, humanize.IBytes(uint64(s.Size())))
	f.records(ctx, c, s)
	if err := s.AuditBooks(ctx); err != nil {
		f.bad("books", batch.ExitFailed, err)
	} else {
		f.good("books", "every conservation law holds")
	}
	return s
}

// lock says who works with the database.
func (f *findings) lock(c *config.Config) {
	holder, held, err := store.CurrentHolder(c.Database)
	switch {
	case errors.Is(err, store.ErrUnlockable):
		f.bad("lock", batch.ExitInput, &store.SiteError{Path: c.Database, Err: err})
	case held && holder.PID == 0:
		f.good("lock", "another process has it")
	case held:
		f.good("lock", "%s has it, process %d on %s, since %s", holder.Verb, holder.PID, holder.Host, words.Moment(holder.Since, c.Zone))
	case err == nil:
		f.good("lock", "free")
	} // else the file cannot be read, which the next check says
}

// fleeting warns of a database that will be gone one day with what it stands on, and of one that others might reach.
func (f *findings) fleeting(c *config.Config, simulated bool) {
	site, err := store.Locate(c.Database)
	if err != nil || simulated {
		return
	}
	dir := filepath.Dir(site.Path)
	switch site.Fleeting {
	case "":
	case "tmpfs", "ramfs":
		f.warn("database", "name a directory on a disk: `database` in the configuration", "%s is in memory (%s): it is gone when this machine starts again", dir, site.Fleeting)
	default:
		f.warn("database", "mount a volume there: docker run -v liverecon:"+hint.Absolute(dir), "%s is in the container's own layer (%s): it is gone when the container is", dir, site.Fleeting)
	}
	if site.Network != "" && c.Network {
		f.warn("database", "better a disk of this machine", "%s is on %s, as database_on_network says it may: no other machine may ever open it", dir, site.Network)
	}
}

// staleAfter is how old the last good night may be before something must have kept the next one from running.
const staleAfter = 26 * time.Hour

func (f *findings) lastRun(ctx context.Context, s *store.Store, now time.Time) {
	at, err := s.Runs().LastEnd(ctx, 0, batch.Successes()...)
	switch {
	case err != nil:
		f.bad("last run", batch.ExitFailed, err)
	case at.IsZero():
		f.warn("last run", "`liverecon status` shows how they ended", "none was good so far")
	case now.Sub(at) > staleAfter:
		f.warn("last run", "does anything start it? systemctl list-timers liverecon.timer, or crontab -l", "the last good one ended %s ago", words.Duration(now.Sub(at)))
	default:
		f.good("last run", "the last good one ended %s ago", words.Duration(now.Sub(at)))
	}
}

// monitors looks at what is told of a run, without telling anything.
func (f *findings) monitors(c *config.Config) {
	if file := c.Notify.MetricsFile; file != "" {
		f.writable("metrics", file)
	}
	for _, text := range []string{c.Notify.PingURL, c.Notify.PingFailure} {
		if text == "" {
			continue
		}
		if u, err := url.Parse(text); err == nil { // as the configuration made sure of
			f.good("monitor", "%s is told; it was not asked now", u.Host)
		}
	}
}

// oldKey is how old a key may be before it should be exchanged.
const oldKey = 365 * 24 * time.Hour

// keys says where an endpoint's keys come from and how old they are.
func (f *findings) keys(e config.EndpointConfig, ring *config.Keyring, now time.Time) bool {
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

// endpoints asks every endpoint for a token.
func (f *findings) endpoints(ctx context.Context, c *config.Config, simulated bool, keys *config.Keyring) {
	find, transport := keys.Of, func(config.EndpointConfig) http.RoundTripper {
		return liveness.NewTransport(liveness.TransportOptions{MaxConns: 1})
	}
	if simulated {
		vendor, err := demo.NewVendor(nil, nil)
		if err != nil {
			f.bad("endpoints", batch.ExitFailed, err)
			return
		}
		find, transport = demo.Keys, func(config.EndpointConfig) http.RoundTripper { return vendor.Transport() }
	}
	for _, e := range c.Endpoints {
		if !simulated && !f.keys(e, keys, time.Now()) {
			continue
		}
		one := *c
		one.Endpoints = []config.EndpointConfig{e}
		lanes, err := night.Endpoints(&one, find, transport)
		if err != nil {
			f.bad("endpoint "+e.Name, batch.ExitInput, err)
			continue
		}
		f.token(ctx, lanes[0].Client)
	}
}

// clockTolerance is how far this clock may be off. The vendor refuses tokens at about 300 s.
const clockTolerance = time.Minute

func (f *findings) token(ctx context.Context, client *liveness.Client) {
	const setClock = "set this machine's clock: timedatectl set-ntp true"
	what := "endpoint " + client.Endpoint().Name
	token, err := client.Token(ctx)
	var refused *liveness.TokenError
	switch {
	case errors.As(err, &refused) && refused.ClockSkew != 0:
		f.bad(what, batch.ExitRefused, &config.Error{Code: batch.ExitRefused, Err: err, Hint: setClock})
	case errors.As(err, &refused) && (refused.Class == liveness.Configuration || refused.Class == liveness.Account):
		f.bad(what, batch.ExitRefused, &config.Error{Code: batch.ExitRefused, Err: err, Hint: "are the keys this account's, and is it valid for this endpoint's country?"})
	case err != nil:
		f.bad(what, batch.ExitFailed, &config.Error{Code: batch.ExitFailed, Err: err, Hint: "is the URL right and the network there?"})
	case token.ClockSkew().Abs() > clockTolerance:
		f.fail(what, setClock, "a token was given, but this clock is off by %v", token.ClockSkew())
	default:
		f.good(what, "gives a token; this clock is off by %v", token.ClockSkew())
	}
}
