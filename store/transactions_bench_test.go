package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"liverecon/store"
)

// BenchmarkTransactions measures what knowing every transaction ID costs a call: the processor's time of the journal
// with answers that bear none, with IDs that begin with the time, as the vendor's do, and with random ones, over a
// table that is empty or holds a million.
func BenchmarkTransactions(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	kinds := []struct {
		name string
		id   func(n int64) string
	}{
		{"none", func(int64) string { return "" }},
		{"by-time", func(n int64) string { return fmt.Sprintf("%011x%05x", 1<<40+n, n&0xfffff) }},
		{"random", func(n int64) string { return fmt.Sprintf("%016x", uint64(n)*0x9e3779b97f4a7c15) }},
	}
	for _, held := range []int{0, 1_000_000} {
		for _, kind := range kinds {
			b.Run(fmt.Sprintf("%s/%d", kind.name, held), func(b *testing.B) {
				s := open(b)
				holdTransactions(b, s, held, func() int64 {
					if kind.name == "by-time" {
						return rng.Int64N(1 << 60)
					}
					return int64(rng.Uint64())
				})
				runID, _ := randomIDs(b, s, "list", b.N)
				j := journal(b, s, admitAll{})
				var next atomic.Int64
				var wg sync.WaitGroup
				b.ResetTimer()
				before := processorTime(b)
				for range 64 {
					wg.Go(func() {
						for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
							in := intentFor(runID, n, 1)
							call, err := j.Begin(in)
							if _, seen := j.Seen(call, kind.id(n)); seen {
								b.Errorf("call %d was seen", n)
							}
							if err == nil {
								err = j.Finish(call, in, withID(paid(in, 98.7), kind.id(n)))()
							}
							if err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				check(b, j.Close())
				_, err := s.Journal().IndexTransactions(b.Context())
				check(b, err)
				b.StopTimer()
				b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		}
	}
}

// holdTransactions fills the table with keys.
func holdTransactions(tb testing.TB, s *store.Store, n int, key func() int64) {
	tb.Helper()
	keys := make([]int64, n)
	for i := range keys {
		keys[i] = key()
	}
	slices.Sort(keys)
	tx, err := s.WriteDB().Begin()
	check(tb, err)
	insert, err := tx.Prepare("INSERT OR IGNORE INTO transactions VALUES (?, 0)")
	check(tb, err)
	for _, k := range keys {
		_, err := insert.Exec(k)
		check(tb, err)
	}
	check(tb, tx.Commit())
}

// processorTime returns what this process has used of the processor.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var used syscall.Rusage
	check(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkSeen is one look-up of a new ID beside a million others, by one worker.
func BenchmarkSeen(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	s := open(b)
	holdTransactions(b, s, 1_000_000, func() int64 { return int64(rng.Uint64()) })
	j := journal(b, s, admitAll{})
	b.ResetTimer()
	for n := range int64(b.N) {
		if _, seen := j.Seen(n, fmt.Sprintf("%016x", uint64(n)*0x9e3779b97f4a7c15)); seen {
			b.Fatal("seen")
		}
	}
}
