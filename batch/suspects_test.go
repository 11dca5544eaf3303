package batch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/judge"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// connected plays a night over connections, one call at a time, and has the judge look at it.
func (h *history) connected(s *store.Store, again ...store.Asking) batch.Summary {
	h.t.Helper()
	job := h.job(s)
	job.Again = again
	e, _ := liveness.Lookup("id")
	return h.connectedBy(job, e, h.vendor.Dial)
}

func (h *history) connectedBy(job *batch.Job, e liveness.Endpoint, dial func(ctx context.Context, network, address string) (net.Conn, error)) batch.Summary {
	h.t.Helper()
	client, err := liveness.NewClient(e, liveness.Credentials{AccessKey: simulator.DefaultCredential.AccessKey, SecretKey: simulator.DefaultCredential.SecretKey},
		liveness.Options{Transport: liveness.NewTransport(liveness.TransportOptions{Dial: dial, RootCAs: h.vendor.RootCAs()}), Timeout: 10 * time.Second, AllowedHosts: []string{"127.0.0.1"}})
	if err != nil {
		h.t.Fatal(err)
	}
	job.Endpoints[0].Client, job.Endpoints[0].Concurrency = client, 1
	sum, err := batch.Run(h.t.Context(), job)
	if err != nil {
		h.t.Error(err)
	}
	trial := judge.Case{Entries: h.vendor.Entries(), Unasked: h.vendor.Unasked(), Books: h.books(job.Store)}
	if err := errors.Join(trial.Check(), job.Store.Books().Audit(h.t.Context())); err != nil {
		h.t.Errorf("after %q:\n%v", sum.Verdict, err)
	}
	return sum
}

// A whole new envelope that nobody asked for, while the next question is on its way, gives every later question of its
// connection its predecessor's answer. Nothing proves it then; when the connection ends it is found, and all that it
// answered is listed. Nobody asks again for it by himself; asked again by hand, each ID has its own answer.
func TestShiftedConnection(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 50 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.StrayNew.AtAsked()}}})
		defer h.vendor.CloseConnections()
		h.list(20, faultyID)
		s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		sum := h.connected(s)
		if sum.ExitCode != batch.ExitPartial || sum.Suspects != 21 || !strings.HasPrefix(sum.Verdict, "PARTIAL: 21 of 21 answered, 21 in doubt, USD 0.00-0.735, 21 IDs may hold another's answer") ||
			strings.Contains(sum.Verdict, "resumes") {
			t.Errorf("%d suspects, exit %d: %s", sum.Suspects, sum.ExitCode, sum.Verdict)
		}
		h.vendor.SetFaults(simulator.Faults{})
		time.Sleep(24 * time.Hour)
		if sum = h.connected(s); sum.Calls != 0 || sum.Suspects != 0 || sum.ExitCode != batch.ExitDone {
			t.Errorf("asked by itself: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		for _, c := range []struct{ ask, left int64 }{{5, 16}, {99, 0}, {99, 0}} {
			sum = h.connected(s, store.Asking{Limit: c.ask})
			n, err := s.Calls().Suspects(t.Context(), sum.RunID)
			if err != nil || n != (store.Suspects{IDs: c.left}) || sum.ExitCode != batch.ExitDone {
				t.Errorf("%+v, %v; want %d left: %s", n, err, c.left, sum.Verdict)
			}
		}
		if sum.Calls != 0 {
			t.Errorf("nobody is suspect, asked all the same: %s", sum.Verdict)
		}
		served := map[string]string{}
		for _, entry := range h.vendor.Entries() {
			served[entry.TransactionID] = entry.ID
		}
		for _, c := range h.books(s).Calls {
			if c.Current && served[c.TransactionID] != c.Text {
				t.Errorf("%s holds the answer of %s", c.Text, served[c.TransactionID])
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Behind some load balancers no connection is seen to end. That makes nobody suspect; the log says it once.
func TestConnectionsThatNeverEnd(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 50 * time.Millisecond, Patience: time.Hour})
		defer h.vendor.CloseConnections()
		s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		const text = "connections could not be proven empty"
		for lines, ends := range []bool{true, false} {
			h.list(120 + 120*lines) // the first ones are known by then
			log.Reset()
			job := h.job(s)
			job.Log = slog.New(slog.NewTextHandler(&log, nil))
			e, _ := liveness.Lookup("id")
			e.ResultURL, e.TokenURL = onLoopback("id", e.ResultURL), onLoopback("id", e.TokenURL) // TLS says goodbye by itself
			sum := h.connectedBy(job, e, func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := h.vendor.Dial(ctx, network, address)
				if err != nil || ends {
					return conn, err
				}
				return struct{ net.Conn }{conn}, nil // cannot end its own side, so the vendor's does not end either
			})
			if n := strings.Count(log.String(), text); n != lines || sum.Suspects != 0 || sum.ExitCode != batch.ExitDone {
				t.Errorf("ends %t: %d lines, %d suspects, %s\n%s", ends, n, sum.Suspects, sum.Verdict, log.String())
			}
			if !ends && !strings.Contains(log.String(), `level=WARN msg="`+text+`" endpoint=id connections=1 answers=20`) {
				t.Errorf("%s", log.String())
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Copies on every connection, at every delay: none is stored under another ID, and nothing is suspect for it.
func TestCopiedAnswers(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Millisecond, 8 * time.Millisecond} {
		t.Run(fmt.Sprint(delay), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 50 * time.Millisecond,
					Faults: simulator.Faults{Probability: map[simulator.Fault]float64{simulator.Copy.After(delay): .3, simulator.Copy.AtAsked(): .3}}})
				defer h.vendor.CloseConnections()
				h.list(60)
				s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
				if err != nil {
					t.Fatal(err)
				}
				sum := h.connected(s)
				if sum.Repeated == 0 || sum.Suspects != 0 || !strings.Contains(sum.Verdict, "repeated a transaction ID") {
					t.Errorf("%d repeated, %d suspects: %s", sum.Repeated, sum.Suspects, sum.Verdict)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
