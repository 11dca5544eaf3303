package reconcile

import (
	"testing"
	"time"

	"liverecon/batch/billing"
	"liverecon/store/accounts"
)

// A month's lines near its bound are on the statement of the month next to it only where they are the fewer: a file may
// as well be about two months, in the first of which calls were made on its last day alone.
func TestLinesNearABoundBelongToTheMonthWithMore(t *testing.T) {
	october, november := billing.Period{Year: 2026, Month: time.October}, billing.Period{Year: 2026, Month: time.November}
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		late, rest int64
		asked      billing.Period
		belongs    bool
	}{
		"a few calls of the last night":   {late: 12, rest: 2040, belongs: true},
		"a whole month on its last night": {late: 2737, rest: 2040},
		"as many":                         {late: 5, rest: 5},
		"as many, and asked for":          {late: 2737, rest: 2040, asked: november, belongs: true},
		"the other month is asked for":    {late: 12, rest: 2040, asked: october},
	} {
		r := &Task{Prices: &billing.Book{Location: time.UTC}, Zone: time.UTC, Edge: 24 * time.Hour, Month: c.asked}
		late := accounts.StatementMonth{Month: "2026-10", Usage: c.late, First: day(time.October, 31), Last: day(time.October, 31)}
		rest := accounts.StatementMonth{Month: "2026-11", Usage: c.rest, First: day(time.November, 1), Last: day(time.November, 20)}
		if got := r.belongs(late, october, november, []accounts.StatementMonth{late, rest}); got != c.belongs {
			t.Errorf("%s: %v", name, got)
		}
	}
}
