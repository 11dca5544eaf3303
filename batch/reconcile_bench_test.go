package batch_test

import (
	"bufio"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/store"
)

var reconciledCalls = flag.Int("reconciled-calls", 20_000, "calls of the month that BenchmarkReconcile reconciles, with a tenth as many statement lines; 1000000 is the size that is promised")

// BenchmarkReconcile imports an itemised statement and reconciles its month, rows kept: with a journal of which a tenth
// is charged and matches, and with one that is all charged, so that nine in ten calls are not on the statement.
func BenchmarkReconcile(b *testing.B) {
	for _, charged := range []struct {
		name  string
		every int
	}{{"one-in-ten", 10}, {"all", 1}} {
		b.Run(charged.name, func(b *testing.B) {
			dir := b.TempDir()
			made := makeJournal(b, dir, *reconciledCalls, charged.every)
			n := 0
			var most uint64
			var spent time.Duration
			for b.Loop() {
				b.StopTimer()
				n++
				job, closeStore := benchReconciliation(b, dir, made, n)
				stop := watchHeap()
				before := processorTime(b)
				b.StartTimer()
				got, err := reconcile.Run(context.Background(), job)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				spent += processorTime(b) - before
				most = max(most, stop())
				if c := got.Months[0].Result.Calls; c != int64(*reconciledCalls) {
					b.Fatalf("%d calls reconciled", c)
				}
				closeStore()
				b.StartTimer()
			}
			b.ReportMetric(float64(most)/(1<<20), "peak-MiB")
			b.ReportMetric(spent.Seconds()/float64(n), "cpu-s/op") // on a busy machine what counts
			b.ReportMetric(float64(*reconciledCalls)*float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		})
	}
}

// processorTime returns what this process has used of the processors.
func processorTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// watchHeap samples the heap in use until the returned function is called, which returns the most there was.
func watchHeap() (stop func() uint64) {
	var most atomic.Uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse))
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-ended
		return most.Load()
	}
}

var benchMonth = billing.Period{Year: 2026, Month: time.October}

// journalFiles are a database and a statement that belong together.
type journalFiles struct{ database, statement string }

// makeJournal writes a month of calls in thirty nights, every so many charged, and a statement of the first tenth of
// all.
func makeJournal(b *testing.B, dir string, calls, every int) journalFiles {
	b.Helper()
	made := journalFiles{filepath.Join(dir, "made.db"), filepath.Join(dir, "statement.csv")}
	s, err := store.Open(context.Background(), made.database)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", made.database+"?_pragma=synchronous(OFF)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	exec := func(text string, args ...any) {
		if _, err := db.Exec(text, args...); err != nil {
			b.Fatal(err)
		}
	}
	from, _ := benchMonth.Bounds(time.UTC)
	const nights = 30
	for night := range nights {
		start := from.Add(time.Duration(night)*24*time.Hour + 2*time.Hour)
		exec("INSERT INTO runs (run_id, started_at, ended_at, version, host, pid, simulated, exit_code) VALUES (?, ?, ?, 'bench', '', 0, 1, 0)", night+1, start.UnixMilli(), start.Add(3*time.Hour).UnixMilli())
	}
	exec("INSERT INTO lists VALUES (1, 1, 'bench', x'', 'bench', 0, ?, 0, 0, 0, 0, 0)", from.UnixMilli())
	file, err := os.Create(made.statement)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	if _, err := fmt.Fprintln(out, "transactionId,time,endpoint,region,pricing,quantity,unit price,amount,currency"); err != nil {
		b.Fatal(err)
	}
	fillJournal(b, db, out, calls, every, nights)
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	return made
}

func fillJournal(b *testing.B, db *sql.DB, out *bufio.Writer, calls, every, nights int) {
	b.Helper()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	prepare := func(text string) *sql.Stmt {
		stmt, err := tx.Prepare(text)
		if err != nil {
			b.Fatal(err)
		}
		return stmt
	}
	check := prepare("INSERT INTO checks (check_id, id_hash, kind, region, endpoint, list_id, line, state, changed_at) VALUES (?, ?, 'signatureId', 'PH', 'ph', 1, ?, 'done', 0)")
	call := prepare("INSERT INTO calls (call_id, check_id, attempt, run_id, reason, endpoint, region, intended_at) VALUES (?1, ?1, 1, ?2, 'first', 'ph', 'PH', ?3)")
	outcome := prepare("INSERT INTO outcomes (call_id, outcome, sent_at, ended_at, http_status, code, class, pricing, tag, transaction_id) VALUES (?, 'answered', ?, ?, 200, ?, 'done', ?, ?, ?)")
	exec := func(stmt *sql.Stmt, args ...any) {
		if _, err := stmt.Exec(args...); err != nil {
			b.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	from, _ := benchMonth.Bounds(time.UTC)
	lines := 0
	for i := range calls {
		night := i * nights / calls
		at := from.Add(time.Duration(night)*24*time.Hour + 2*time.Hour + time.Duration(i%(calls/nights+1))*time.Millisecond)
		transaction := fmt.Sprintf("%016x", rng.Uint64())
		code, pricing, tag := "RESULT_NOT_FOUND", "FREE", "free"
		if i%every == 0 {
			code, pricing, tag = "SUCCESS", "PAY", "pay"
			if lines < calls/10 && (every > 1 || i%10 == 0) {
				lines++
				if _, err := fmt.Fprintf(out, "%s,%s,ph,PH,PAY,1,0.031,0.031,USD\n", transaction, at.Format(time.RFC3339Nano)); err != nil {
					b.Fatal(err)
				}
			}
		}
		exec(check, i+1, fmt.Appendf(nil, "%016d", i), i+2)
		exec(call, i+1, night+1, at.UnixMilli())
		exec(outcome, i+1, at.UnixMilli(), at.UnixMilli()+150, code, pricing, tag, transaction)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

func copyDatabase(b *testing.B, from, to string) {
	b.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// benchReconciliation works on a copy of its own.
func benchReconciliation(b *testing.B, dir string, made journalFiles, n int) (*reconcile.Task, func()) {
	b.Helper()
	path := filepath.Join(dir, fmt.Sprintf("%d.db", n))
	copyDatabase(b, made.database, path)
	runtime.GC() // of what made the journal
	s, err := store.Open(context.Background(), path)
	if err != nil {
		b.Fatal(err)
	}
	prices, err := billing.NewBook([]billing.Price{{Endpoint: "ph", Region: "*", From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Currency: "USD", Kind: billing.Flat,
		Tiers: []billing.Tier{{Unit: decimal.RequireFromString("0.031")}}}}, time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	job := &reconcile.Task{Store: s, Version: "bench", Statement: made.statement, Prices: prices, Zone: time.UTC, Basis: billing.PayTag, Edge: 24 * time.Hour,
		Window: 15 * time.Minute, Settings: func(*billing.Book) string { return "{}" }, Options: statement.Options{Zone: time.UTC, BillingZone: time.UTC, Endpoints: names([]string{"ph"})}}
	return job, func() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			b.Fatal(err)
		}
	}
}
