package figures

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/report/worked"
	"liverecon/store/snapshot"
)

// OpenMonth counts the exceptions of a month that are open or disputed, by age, in one currency.
type OpenMonth struct {
	Month, Currency string
	Open, Disputed  int64
	AtIssue         decimal.Decimal // of them, above our records and not settled
	Ages            [AgeBuckets]int64
	Oldest          int64 // days
}

// loadAgeing reads what is open or disputed of the months before one, and of that month.
func loadAgeing(
	ctx context.Context, snap *snapshot.Snapshot, this *worked.Month, now time.Time,
) (all []OpenMonth, err error) {
	scopes, err := snap.Statements().Scopes(ctx, "")
	if err != nil {
		return nil, err
	}
	var months []string
	for _, s := range scopes {
		if s.Month != "" && s.Month < this.Name {
			months = append(months, s.Month)
		}
	}
	slices.Sort(months)
	for _, name := range slices.Compact(months) {
		m, err := worked.LoadRows(ctx, snap, name)
		if err != nil {
			return nil, err
		}
		if m != nil {
			all = append(all, openOf(m, now)...)
		}
	}
	return append(all, openOf(this, now)...), nil
}

// openOf counts a month's exceptions that are open or disputed, by currency.
func openOf(m *worked.Month, now time.Time) []OpenMonth {
	var all []OpenMonth
	for i := range m.Exceptions {
		e := &m.Exceptions[i]
		state := e.State()
		if state.Status != worked.Open && state.Status != worked.Disputed {
			continue
		}
		currency := LedgerText(e.Currency)
		at := slices.IndexFunc(all, func(o OpenMonth) bool { return o.Currency == currency })
		if at < 0 {
			at = len(all)
			all = append(all, OpenMonth{Month: m.Name, Currency: currency})
		}
		o := &all[at]
		if state.Status == worked.Open {
			o.Open++
		} else {
			o.Disputed++
		}
		if e.InDispute() {
			o.AtIssue = o.AtIssue.Add(e.Issue.Sub(state.Settled(e.Issue)))
		}
		days := AgeDays(e.At, now)
		o.Ages[ageBucket(days)]++
		o.Oldest = max(o.Oldest, days)
	}
	slices.SortFunc(all, func(a, b OpenMonth) int { return strings.Compare(a.Currency, b.Currency) })
	return all
}
