package exchange

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

func day(text string) time.Time {
	t, _ := time.Parse(time.DateOnly, text)
	return t
}

func TestAt(t *testing.T) {
	rate := func(currency, at, value string) Rate {
		return Rate{currency, day(at), decimal.RequireFromString(value)}
	}
	table := Table{Functional: "USD", MaxAge: 31, Rates: []Rate{rate("IDR", "2026-11-30", "0.0000612"), rate("IDR", "2026-10-31", "0.00006"),
		rate("THB", "2026-09-30", "0.03"), rate("SGD", "2026-12-01", "0.77")}}
	for _, test := range []struct{ currency, at, value, problem string }{
		{"USD", "2026-11-30", "1", ""}, {"IDR", "2026-11-30", "0.0000612", ""}, {"IDR", "2026-11-29", "0.00006", ""},
		{"IDR", "2026-12-31", "0.0000612", ""}, {"IDR", "2027-01-01", "0.0000612", "stale: 32 days old, at most 31"},
		{"THB", "2026-11-30", "0.03", "stale: 61 days old, at most 31"}, {"SGD", "2026-11-30", "0", "no rate on or before 2026-11-30"}} {
		r, problem, ok := table.At(test.currency, day(test.at))
		if !r.Value.Equal(decimal.RequireFromString(test.value)) || problem != test.problem || ok != (test.value != "0") {
			t.Errorf("%+v: %s, %q, %t", test, r.Value, problem, ok)
		}
	}
}
