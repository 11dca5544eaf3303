package finance

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// TestChargesMidMonth prices a period that begins after its month: what came before has used up quota and tiers, and
// volume tiers change the price of what came before.
func TestChargesMidMonth(t *testing.T) {
	book := testPrices(t)
	at := func(day int) time.Time { return time.Date(2026, 11, day, 3, 0, 0, 0, time.UTC) }
	usage := func(day int, endpoint string, n int64) store.Usage {
		return store.Usage{Quarter: at(day), Endpoint: endpoint, Region: "SG", Outcome: store.Answered, Code: page.Success, Pricing: "PAY", Tag: store.TagPay, Calls: n}
	}
	before, own := map[string]int64{"id": 40, "ph": 7, "sg": 15}, map[string]int64{"id": 60, "ph": 8, "sg": 30}
	var all []store.Usage
	for _, endpoint := range page.SortedKeys(before) {
		all = append(all, usage(3, endpoint, before[endpoint]))
	}
	for _, endpoint := range page.SortedKeys(own) {
		all = append(all, usage(20, endpoint, own[endpoint]))
	}
	p := pricing{book: book, zone: singapore(), period: calendar.Days(2026, 11, 15, 10, singapore())}
	charges, terms := p.charges(all, func(u store.Usage) int64 { return u.Calls })
	if len(charges) != 3 || len(terms) != 3 {
		t.Fatalf("%d charges, %d terms", len(charges), len(terms))
	}
	b := newLedger(charges, terms, p.period)
	for _, row := range book.Rows() {
		var sum decimal.Decimal
		for _, l := range b.lines {
			if l.endpoint == row.Endpoint {
				sum = sum.Add(l.amount)
			}
		}
		if want := row.Marginal(before[row.Endpoint], own[row.Endpoint]); !sum.Equal(want) {
			t.Errorf("%s: the ledger has %s, the calls add %s to the month", row.Endpoint, sum, want)
		}
	}
	if !terms[2].topUp.IsZero() {
		t.Errorf("part of a month owes a minimum of %s", terms[2].topUp)
	}
}

// TestUnreadableAmountsAreRefused: nothing becomes zero.
func TestUnreadableAmountsAreRefused(t *testing.T) {
	if _, _, err := amounts("", "x"); err == nil {
		t.Error("their amount x was taken")
	}
}

// TestAges: every number of days is in one span, from its first day on.
func TestAges(t *testing.T) {
	for days, want := range map[int64]int{0: 0, 7: 0, 8: 1, 30: 1, 31: 2, 60: 2, 61: 3, 90: 3, 91: 4, 4000: 4} {
		if got := ageBucket(days); got != want {
			t.Errorf("%d days: span %d, want %d", days, got, want)
		}
	}
	now := time.Date(2026, 12, 3, 2, 0, 0, 0, time.UTC)
	if got := ageDays(now.Add(-47*time.Hour), now); got != 1 {
		t.Errorf("47 hours are %d days", got)
	}
	if got := ageDays(time.Time{}, now); got != 0 {
		t.Errorf("what has no time is %d days old", got)
	}
}

// TestWaterfallParts: whatever a bar goes from and to, its parts begin where it does and are as long as it is.
func TestWaterfallParts(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		from, to := decimal.New(random.Int64N(2001)-1000, -2), decimal.New(random.Int64N(2001)-1000, -2)
		parts := waterfallParts(from, to, xlsx.Ref{Col: 1, Row: 1}, xlsx.Ref{Col: 2, Row: 1}, random.IntN(2) == 0)
		lift, length, above, below := parts[0].Amount(), decimal.Decimal{}, decimal.Decimal{}, decimal.Decimal{}
		for _, c := range parts[1:] {
			length = length.Add(c.Amount().Abs())
			if c.Amount().IsPositive() {
				above = above.Add(c.Amount())
			} else {
				below = below.Add(c.Amount())
			}
		}
		low, high := decimal.Min(from, to), decimal.Max(from, to)
		if !length.Equal(high.Sub(low)) {
			t.Fatalf("from %s to %s: the parts are %s long", from, to, length)
		}
		if top := decimal.Max(decimal.Decimal{}, lift).Add(above); high.IsPositive() && !top.Equal(high) {
			t.Fatalf("from %s to %s: the bar reaches %s", from, to, top)
		}
		if bottom := decimal.Min(decimal.Decimal{}, lift).Add(below); low.IsNegative() && !bottom.Equal(low) {
			t.Fatalf("from %s to %s: the bar reaches down to %s", from, to, bottom)
		}
	}
}
