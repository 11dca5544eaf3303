package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

// GotConn tells a client whether its request can have reached the vendor.
func TestTraceAndBody(t *testing.T) {
	connected := map[simulator.Fault]bool{
		"": true, simulator.DNS: false, simulator.Refused: false, simulator.TLS: false,
		simulator.ResetBefore: true, simulator.ResetAfter: true, simulator.Redirect: true, simulator.HTML502: true,
	}
	for f, want := range connected {
		v, c := inProcess(t, simulator.Config{Seed: 4})
		token := c.token("th")
		v.SetFaults(simulator.Faults{Script: func(_, _ string, _ int) simulator.Fault { return f }})
		got, to := false, ""
		trace := &httptrace.ClientTrace{
			GetConn: func(hostPort string) { to = hostPort },
			GotConn: func(httptrace.GotConnInfo) { got = true },
		}
		body := &onceBody{Reader: strings.NewReader(`{"livenessId":"a"}`)}
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost, "https://th-api.advance.ai"+paths["th"], body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-ACCESS-TOKEN", token)
		req.Header.Set("Content-Type", "application/json")
		if res, err := c.rt.RoundTrip(req); err == nil {
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		if got != want || !body.closed || to != "th-api.advance.ai:443" {
			t.Errorf("%s: GotConn %v, want %v; GetConn %q; body closed %v", f, got, want, to, body.closed)
		}
	}
}

type onceBody struct {
	io.Reader
	closed bool
}

func (b *onceBody) Close() error { b.closed = true; return nil }

func TestARequestSentTwiceHasNoBody(t *testing.T) {
	v, c := inProcess(t, simulator.Config{})
	req, err := http.NewRequest(http.MethodPost, "https://th-api.advance.ai"+paths["th"], strings.NewReader(`{"livenessId":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Idempotency-Key", "x")
	for n := range 2 {
		res, err := c.rt.RoundTrip(req)
		if (err == nil) != (n == 0) {
			t.Fatalf("round trip %d: %v", n+1, err)
		}
		if err == nil {
			if err := res.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if n := len(v.Entries()); n != 1 {
		t.Errorf("%d ledger rows", n)
	}
	if got := v.Complaints(); got["replayable"] == 0 || got["idempotency_key"] == 0 {
		t.Errorf("complaints %v", got)
	}
}

// The vendor has served and charged before a client loses patience.
func TestContextEndsDuringLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, c := inProcess(t, simulator.Config{Seed: 4, Latency: time.Minute})
		id := idOf(t, 4, succeeds)
		c.token("th")
		start := time.Now()
		a := c.ask("th", id)
		if !isLate(a.err) || time.Since(start) != c.wait {
			t.Errorf("after %v: %v", time.Since(start), a.err)
		}
		if rows := calls(v); len(rows) != 1 || !rows[0].Charged || !rows[0].At.Equal(start) {
			t.Errorf("ledger %+v", rows)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://th-api.advance.ai"+paths["th"], http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := c.rt.RoundTrip(req); !errors.Is(err, context.Canceled) { //nolint:bodyclose // an ended context brings no response
			t.Errorf("ended context: %v, %v", res, err)
		}
		if n := len(calls(v)); n != 1 {
			t.Errorf("a request nobody sent was served: %d rows", n)
		}
	})
}

func TestFollowedRedirectsShowInTheLedger(t *testing.T) {
	followed := 0
	for i := range 20 {
		v, c := inProcess(t, simulator.Config{Seed: uint64(i)})
		token := c.token("th")
		v.SetFaults(simulator.Faults{Script: func(_, _ string, attempt int) simulator.Fault {
			return map[bool]simulator.Fault{true: simulator.Redirect}[attempt == 1]
		}})
		req, err := http.NewRequest(http.MethodPost, "https://th-api.advance.ai"+paths["th"], strings.NewReader(`{"livenessId":"a"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-ACCESS-TOKEN", token)
		res, err := (&http.Client{Transport: c.rt}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if v.Complaints()["redirect_followed"] != 1 {
			t.Errorf("seed %d: complaints %v", i, v.Complaints())
		}
		followed += len(calls(v))
	}
	if followed == 0 {
		t.Error("no redirect kept the method, so none was served elsewhere")
	}
}

func TestFaultsOnAListener(t *testing.T) {
	id := idOf(t, 4, succeeds)
	sockets := map[simulator.Fault]outcome{
		"":                    paid(`"code":"SUCCESS"`),
		simulator.DNS:         {err: isBroken},
		simulator.ResetBefore: {err: isBroken},
		simulator.ResetAfter:  lost(simulator.ResetAfter, isBroken),
		simulator.Timeout:     lost(simulator.Timeout, isLate),
		simulator.Late:        lost(simulator.Late, isLate),
		simulator.Truncated:   faultOutcomes[simulator.Truncated],
		simulator.Empty200:    faultOutcomes[simulator.Empty200],
		simulator.Oversize:    faultOutcomes[simulator.Oversize],
		simulator.HTML502:     faultOutcomes[simulator.HTML502],
		simulator.GzipBomb:    faultOutcomes[simulator.GzipBomb],
		simulator.Redirect:    {check: toAnotherName},
		simulator.ErrorPaid:   faultOutcomes[simulator.ErrorPaid],
	}
	for f, want := range sockets {
		t.Run(string(f), func(t *testing.T) {
			v, c := inProcess(t, simulator.Config{Seed: 4, Patience: time.Hour})
			server := httptest.NewServer(v)
			defer server.Close()
			rt := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
			c.rt, c.base = rt, server.URL
			c.token("th")
			v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: f}})
			if want.err != nil && want.delivered != "" {
				c.wait = 300 * time.Millisecond
			}
			checkOutcome(t, want, c.ask("th", id), calls(v))
		})
	}
}

func toAnotherName(a answer) error {
	location := a.header.Get("Location")
	if a.status/100 != 3 || !strings.HasPrefix(location, "http://localhost:") || !strings.Contains(location, "/th"+paths["th"]) {
		return fmt.Errorf("%d to %q", a.status, location)
	}
	return nil
}

func TestSlowBodyOnAListener(t *testing.T) {
	v, c := inProcess(t, simulator.Config{Seed: 4, Patience: 20 * time.Millisecond})
	server := httptest.NewServer(v)
	defer server.Close()
	c.rt, c.base = http.DefaultTransport, server.URL
	c.token("th")
	id := idOf(t, 4, succeeds)
	v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: simulator.SlowBody}})
	if a := c.ask("th", id); a.code() != "SUCCESS" {
		t.Errorf("got %d %s %v", a.status, a.body, a.bodyErr)
	}
}
