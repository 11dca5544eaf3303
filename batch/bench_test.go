package batch_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
	"liverecon/store/record"
)

// BenchmarkFetch measures the stage that spends money over real sockets on loopback, the simulated vendor in the same
// process, 64 calls in flight: the whole job with its journal, the same job without one, and the same calls by the bare client. calls/s counts from
// the first request served to the last.
func BenchmarkFetch(b *testing.B) {
	for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
		ids := 20_000
		if latency > 0 {
			ids = 10_000
		}
		b.Run(fmt.Sprintf("latency=%s/journal", latency), func(b *testing.B) {
			benchFetch(b, latency, ids, fetchByJob)
		})
		b.Run(fmt.Sprintf("latency=%s/no-journal", latency), func(b *testing.B) {
			benchFetch(b, latency, ids, fetchWithoutJournal)
		})
		b.Run(fmt.Sprintf("latency=%s/bare", latency), func(b *testing.B) {
			benchFetch(b, latency, ids, fetchBare)
		})
	}
}

func benchFetch(b *testing.B, latency time.Duration, ids int, fetch func(testing.TB, *liveness.Client, []string)) {
	var rate float64
	for b.Loop() {
		vendor, err := simulator.New(simulator.Config{Seed: 1, Latency: latency})
		if err != nil {
			b.Fatal(err)
		}
		server := httptest.NewServer(vendor)
		fetch(b, loopbackClient(b, server.URL), randomIDs(ids))
		server.Close()
		var first, last time.Time
		n := 0
		for _, e := range vendor.Entries() {
			if e.Token {
				continue
			}
			if n++; n == 1 {
				first = e.At
			}
			last = e.At
		}
		if n != ids {
			b.Fatalf("%d calls served, want %d", n, ids)
		}
		rate += float64(n) / last.Sub(first).Seconds()
	}
	b.ReportMetric(rate/float64(b.N), "calls/s")
}

const inFlight = 64

func loopbackClient(tb testing.TB, url string) *liveness.Client {
	e := liveness.Endpoint{Name: "ph", Country: "PH", ResultURL: url + "/ph/ph/openapi/face-identity/v1/liveness-detection", TokenURL: url + "/ph/openapi/auth/ticket/v1/generate-token"}
	c, err := liveness.NewClient(e, liveness.Credentials{AccessKey: simulator.DefaultCredential.AccessKey, SecretKey: simulator.DefaultCredential.SecretKey},
		liveness.Options{Transport: liveness.NewTransport(liveness.TransportOptions{MaxConns: inFlight})})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func randomIDs(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	ids := make([]string, n)
	raw := make([]byte, 8)
	for i := range ids {
		for j := range raw {
			raw[j] = byte(r.Uint32())
		}
		ids[i] = hex.EncodeToString(raw)
	}
	return ids
}

// fetchByJob is the whole job: list, plan, fetch with the journal, settle.
func fetchByJob(tb testing.TB, c *liveness.Client, ids []string) {
	if sum := runJob(tb, c, ids, func(*batch.Job) {}); sum.ExitCode != batch.ExitDone {
		tb.Fatal(sum.Verdict)
	}
}

// fetchWithoutJournal is the same job with the same lanes and limits, but nothing is remembered: all stays pending.
func fetchWithoutJournal(tb testing.TB, c *liveness.Client, ids []string) {
	if sum := runJob(tb, c, ids, (*batch.Job).WithoutJournal); sum.Pending != int64(len(ids)) {
		tb.Fatal(sum.Verdict)
	}
}

func runJob(tb testing.TB, c *liveness.Client, ids []string, change func(*batch.Job)) batch.Summary {
	dir := tb.TempDir()
	source := filepath.Join(dir, "ids_PH.csv")
	if err := os.WriteFile(source, []byte("signatureId\n"+strings.Join(ids, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
	if err != nil {
		tb.Fatal(err)
	}
	at := record.Paths{Database: s.Path(), Reports: dir}
	if err := s.Records().Keep(context.Background(), at, func(err error) { tb.Error(err) }); err != nil {
		tb.Fatal(err)
	}
	prices, err := billing.NewBook(nil, time.UTC)
	if err != nil {
		tb.Fatal(err)
	}
	route := func(string) (string, bool) { return "ph", true }
	job := &batch.Job{Store: s, Simulated: true, Lists: []string{source}, ListOptions: list.Options{Route: route}, Routes: map[string]string{"*": "ph"},
		Endpoints: []batch.Endpoint{{Client: c, Rate: 1e6, Concurrency: inFlight}}, Threshold: 50, Inclusive: true, Prices: prices, BillingZone: time.UTC, Log: slog.New(slog.DiscardHandler)}
	change(job)
	sum, err := batch.Run(context.Background(), job)
	if err := errors.Join(err, s.Close()); err != nil {
		tb.Fatal(err)
	}
	return sum
}

// fetchBare makes the same calls with the client alone: no journal, no limits.
func fetchBare(tb testing.TB, c *liveness.Client, ids []string) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for n := next.Add(1); n <= int64(len(ids)); n = next.Add(1) {
				token, err := c.Token(context.Background())
				if err != nil {
					tb.Error(err)
					return
				}
				if r := c.Detect(context.Background(), token, liveness.Query{SignatureID: ids[n-1]}, liveness.Watch{}); r.Delivery != liveness.Answered {
					tb.Error(r.Err)
				}
			}
		})
	}
	workers.Wait()
}
