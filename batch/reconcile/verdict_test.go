package reconcile_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/match"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
)

// What a statement comes to is said with the calls that could not be compared, and with how many of them are at issue.
func TestVerdictSaysWhatHasNoPrice(t *testing.T) {
	at := time.Date(2026, 11, 3, 4, 0, 0, 0, time.UTC)
	price := billing.Price{
		Endpoint: "id",
		Region:   "*",
		From:     at.AddDate(-1, 0, 0).Truncate(24 * time.Hour),
		Currency: "USD",
		Kind:     billing.Flat,
		Tiers:    []billing.Tier{{Unit: decimal.RequireFromString("0.03")}},
	}
	line := func(n int, endpoint string, quantity int64, amount string) statement.Line {
		return statement.Line{
			Number:   n,
			Kind:     statement.Usage,
			Month:    billing.Period{Year: 2026, Month: time.November},
			Endpoint: endpoint,
			Quantity: quantity,
			Amount:   decimal.RequireFromString(amount),
			Currency: "USD",
		}
	}
	for name, c := range map[string]struct {
		prices []billing.Price
		lines  []statement.Line
		want   string
	}{
		"all agree": {[]billing.Price{price}, []statement.Line{line(1, "id", 2, "0.06"), line(2, "th", 3, "0.15")},
			"2026-11: USD 0.06 is what our records support, and 3 calls without a price (USD 0.15 billed for them, 0 calls at issue)"},
		"more of the unknown": {[]billing.Price{price}, []statement.Line{line(1, "id", 2, "0.06"), line(2, "th", 5, "0.25")},
			"2026-11: USD 0.06 is what our records support, and 3 calls without a price (USD 0.25 billed for them, 2 calls at issue), outside the tolerance"},
		"a wrong price": {[]billing.Price{price}, []statement.Line{line(1, "id", 2, "0.08"), line(2, "th", 3, "0.15")},
			"2026-11: USD 0.02 more than our records support: 0.02 to dispute, 0.00 not yet billed, and 3 calls without a price (USD 0.15 billed for them, 0 calls at issue), outside the tolerance"},
		"no price at all": {nil, []statement.Line{line(1, "id", 2, "0.06"), line(2, "th", 3, "0.15")},
			"2026-11: 5 calls in USD are what our records support (no price set)"},
	} {
		book, err := billing.NewBook(c.prices, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		month := billing.Period{Year: 2026, Month: time.November}
		m := match.NewMatcher(
			book,
			match.Options{Month: month, Basis: billing.PayTag, Edge: time.Hour, Window: time.Minute},
		)
		for i := range c.lines {
			if err := m.Line(1, &c.lines[i]); err != nil {
				t.Fatal(err)
			}
		}
		for i, endpoint := range []string{"id", "id", "th", "th", "th"} {
			m.Call(
				&match.Call{
					ID:       int64(i + 1),
					CheckID:  int64(i + 1),
					SentAt:   at.Add(time.Duration(i) * time.Hour),
					Endpoint: endpoint,
					Region:   "XX",
					Outcome:  match.Answered,
					Tag:      billing.Pay,
					Success:  true,
				},
			)
		}
		result, err := m.Match(func(*billing.Row) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if got := reconcile.ReconciledVerdict(month, result); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}
