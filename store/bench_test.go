package store_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"liverecon/store"
)

// randomIDs stores n random IDs as one list, as random as the vendor's: no index is filled in order.
func randomIDs(tb testing.TB, s *store.Store, name string, n int) (runID int64, l store.List) {
	tb.Helper()
	ctx := context.Background()
	runID, _, err := s.Runs().Open(ctx, "bench", true)
	check(tb, err)
	in, err := s.Lists().Begin(ctx)
	check(tb, err)
	rng := rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%-32s", name))))
	raw := make([]byte, 8)
	for i := range n {
		_, err := rng.Read(raw)
		check(tb, err)
		row := rowOf(i+2, hex.EncodeToString(raw))
		row.Reference = `{"customer":"C-1234567"}`
		check(tb, in.Row(row))
	}
	l, err = in.Commit(ctx, runID, listOf(name))
	check(tb, err)
	if l.New != int64(n) {
		tb.Fatalf("%d new rows, want %d", l.New, n)
	}
	return runID, l
}

func perSecond(b *testing.B, n int, what string) {
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), what+"/s")
}

// BenchmarkIntake takes a list of 1,000,000 new IDs into an empty store.
func BenchmarkIntake(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		b.StopTimer()
		s := open(b)
		b.StartTimer()
		randomIDs(b, s, "list", rows)
	}
	perSecond(b, rows*b.N, "rows")
}

// BenchmarkIntakeLarge takes lists of 100,000 new IDs into a store that knows many.
func BenchmarkIntakeLarge(b *testing.B) {
	const known, rows = 2_000_000, 100_000
	s := open(b)
	randomIDs(b, s, "known", known)
	n := 0
	for b.Loop() {
		n++
		randomIDs(b, s, fmt.Sprintf("list %d", n), rows)
	}
	perSecond(b, rows*b.N, "rows")
}

// BenchmarkJournal runs the intent and outcome of calls through 64 workers, with nothing between them.
func BenchmarkJournal(b *testing.B) {
	const checks = 400_000
	s := open(b)
	runID, _ := randomIDs(b, s, "list", checks)
	j := journal(b, s, admitAll{})
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				in := intentFor(runID, n%checks+1, 1+int(n/checks))
				id, err := j.Begin(in)
				if err == nil {
					err = j.Finish(id, in, paid(in, 98.7))()
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	perSecond(b, b.N, "calls")
}

// BenchmarkInsert stores calls with their results through the journal's statements, 1,000 a commit, by one goroutine.
func BenchmarkInsert(b *testing.B) {
	const results, commit = 100_000, 1000
	ctx := context.Background()
	s := open(b)
	runID, _ := randomIDs(b, s, "list", results)
	intents := make([]store.Intent, results)
	attempt := 0
	for b.Loop() {
		b.StopTimer()
		attempt++
		for i := range intents {
			intents[i] = intentFor(runID, int64(i+1), attempt)
		}
		b.StartTimer()
		check(b, s.InsertCalls(ctx, intents, func(in store.Intent) store.Result { return paid(in, 98.7) }, commit))
	}
	perSecond(b, results*b.N, "results")
}
