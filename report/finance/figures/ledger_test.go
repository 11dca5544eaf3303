package figures

import (
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"github.com/shopspring/decimal"

	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
)

// TestChargesMidMonth prices a period that begins after its month: what came before has used up quota and tiers, and
// volume tiers change the price of what came before.
func TestChargesMidMonth(t *testing.T) {
	book := reporttest.Prices(t)
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
	p := pricing{book: book, months: calendar.Months{Zone: reporttest.Singapore()}, period: calendar.Days(2026, 11, 15, 10, reporttest.Singapore())}
	charges, terms := p.charges(all, func(u store.Usage) int64 { return u.Calls })
	if len(charges) != 3 || len(terms) != 3 {
		t.Fatalf("%d charges, %d terms", len(charges), len(terms))
	}
	b := newLedger(charges, terms, p.period)
	for _, row := range book.Rows() {
		var sum decimal.Decimal
		for _, l := range b.Lines {
			if l.Endpoint == row.Endpoint {
				sum = sum.Add(l.Amount)
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
	if _, _, err := Amounts("", "x"); err == nil {
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
	if got := AgeDays(now.Add(-47*time.Hour), now); got != 1 {
		t.Errorf("47 hours are %d days", got)
	}
	if got := AgeDays(time.Time{}, now); got != 0 {
		t.Errorf("what has no time is %d days old", got)
	}
}
