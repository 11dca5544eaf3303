package store_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liverecon/store"
)

// intake stores n random IDs as one list and returns it.
func intake(tb testing.TB, s *store.Store, n int) store.List {
	tb.Helper()
	ctx := context.Background()
	run, _, err := s.OpenRun(ctx, "test", true)
	if err != nil {
		tb.Fatal(err)
	}
	in, err := s.BeginIntake(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	raw := make([]byte, 8)
	for i := range n {
		if _, err := rand.Read(raw); err != nil {
			tb.Fatal(err)
		}
		row := store.ListedRow{Line: i + 2, Kind: "signatureId", ID: hex.EncodeToString(raw), Region: "PH", Endpoint: "ph", Reference: `{"customer":"C-1234567"}`}
		if err := in.Row(row); err != nil {
			tb.Fatal(err)
		}
	}
	var sum [sha256.Size]byte
	rand.Read(sum[:])
	l, err := in.Commit(ctx, run, store.List{Path: "list.csv", SHA256: sum, Fingerprint: hex.EncodeToString(sum[:]), ReadAt: time.Now()})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// BenchmarkIntake takes a list of 100,000 new IDs into an empty store.
func BenchmarkIntake(b *testing.B) {
	const rows = 1000_000
	for b.Loop() {
		s := open(b)
		if l := intake(b, s, rows); l.New != rows {
			b.Fatalf("new %d, want %d", l.New, rows)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkJournal runs the intent and outcome of calls through 64 workers, with nothing between them.
func BenchmarkJournal(b *testing.B) {
	s := open(b)
	intake(b, s, 400_000)
	j, err := s.OpenJournal(context.Background(), admitAll{}, 64)
	if err != nil {
		b.Fatal(err)
	}
	score := 98.7
	body := fmt.Sprintf(`{"code":"SUCCESS","transactionId":"196eb0c777789e58","pricingStrategy":"PAY","message":"OK","data":{"livenessScore":%g,"attackType":null}}`, score)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				in := store.Intent{CheckID: n%400000 + 1, Attempt: 1 + int(n/400000), RunID: 1, Reason: store.ReasonFirst, Endpoint: "ph", Region: "PH", At: time.Now()}
				id, err := j.Begin(in)
				if err != nil {
					b.Error(err)
					return
				}
				err = j.Finish(id, in, store.Result{Outcome: store.Answered, SentAt: in.At, EndedAt: time.Now(), HTTPStatus: 200, Code: "SUCCESS", Class: "done",
					Pricing: "PAY", Tag: store.TagPay, TransactionID: "196eb0c777789e58", BodySHA256: sha256.Sum256([]byte(body)), State: store.Done,
					Answer: &store.Answer{Standing: true, Score: &score, Message: "OK", Body: body}})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}
