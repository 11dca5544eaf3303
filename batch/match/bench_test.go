package match

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// BenchmarkMatch is a large month: 1,000,000 calls against a statement of 100,000 lines, one of ten calls being of the
// endpoint that was billed. One line in hundred is missing, and one in hundred is about a call in doubt.
func BenchmarkMatch(b *testing.B) {
	for _, lines := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("calls=1000000/lines=%d", lines), func(b *testing.B) { benchmarkMatch(b, 1_000_000, lines) })
	}
}

func benchmarkMatch(b *testing.B, calls, lines int) {
	graduated := flat("sg", "*", "2026-01-01", "0")
	graduated.Kind, graduated.Tiers = billing.Graduated, tiers(upTo(100000, "0.035"), beyond("0.028"))
	book := mustBook(b, zone(b, "Asia/Singapore"), graduated, flat("th", "*", "2026-01-01", "0.04"))
	from, to := billedMonth.Bounds(book.Location)
	step := to.Sub(from) / time.Duration(calls)
	b.ReportAllocs()
	var most uint64
	for b.Loop() {
		r := rand.New(rand.NewPCG(1, 2))
		m := NewMatcher(book, Options{Month: billedMonth, Basis: billing.PayTag, Edge: 24 * time.Hour, Window: 15 * time.Minute})
		rows := 0
		for i := range calls {
			c := Call{
				ID: int64(i + 1), CheckID: int64(i + 1), SentAt: from.Add(time.Duration(i) * step), Endpoint: "th", Region: "TH",
				Outcome: Answered, Tag: billing.Pay, Pricing: "PAY", TransactionID: fmt.Sprintf("%016x", r.Uint64()), Success: true,
			}
			l := statement.Line{
				Number: i + 2, Kind: statement.Usage, TransactionID: c.TransactionID, ChargedAt: c.SentAt, Month: billedMonth,
				Endpoint: "sg", Region: "SG", Pricing: "PAY", Quantity: 1, Amount: dec("0.035"), Currency: "USD",
			}
			billed := i%(calls/lines) == 0
			if billed {
				c.Endpoint, c.Region = "sg", "SG"
			}
			if billed && i%100 == 50 {
				c.Outcome, c.Tag, c.Pricing, c.TransactionID = Unanswered, billing.Unknown, "", ""
			}
			m.Call(&c)
			if billed && i%100 != 70 {
				if err := m.Line(1, &l); err != nil {
					b.Fatal(err)
				}
			}
		}
		result, err := m.Match(func(*billing.Row) error { rows++; return nil })
		if err != nil || result.Charges == 0 || rows < lines {
			b.Fatal(rows, result, err)
		}
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		most = max(most, memory.HeapSys)
		runtime.KeepAlive(m)
	}
	b.ReportMetric(float64(most)/(1<<20), "heap-MiB")
}
