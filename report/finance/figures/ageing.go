package figures

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/report/dispute/register"
	"liverecon/report/worked"
	"liverecon/store/snapshot"
)

// OpenMonth counts the exceptions of a month that are open or disputed, by age, in one currency.
type OpenMonth struct {
	Month, Currency string
	Open, Disputed  int64
	AtIssue         decimal.Decimal // of them, above our records, neither settled nor paid back
	Ages            [AgeBuckets]int64
	Oldest          int64 // days
}

// workedMonths reads what was worked out of the months before one that have a reconciliation, and adds that month, if it
// has one.
func workedMonths(
	ctx context.Context, snap *snapshot.Snapshot, label string, this *worked.Month,
) (all []*worked.Month, err error) {
	scopes, err := snap.Statements().Scopes(ctx, "")
	if err != nil {
		return nil, err
	}
	var months []string
	for _, s := range scopes {
		if s.Month != "" && s.Month < label {
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
			all = append(all, m)
		}
	}
	if this != nil {
		all = append(all, this)
	}
	return all, nil
}

// loadDisputes reads what is disputed of a month and of those before it, and counts what is open in them; nothing of
// what is no whole month.
func (d *Data) loadDisputes(ctx context.Context, snap *snapshot.Snapshot) error {
	d.Disputes = &register.Book{}
	if !d.Period.IsMonth() {
		return nil
	}
	var this *worked.Month
	if d.Reconciled != nil {
		this = d.Reconciled.Worked
	}
	months, err := workedMonths(ctx, snap, d.Period.Label, this)
	if err != nil {
		return err
	}
	if d.Disputes, err = register.Load(ctx, snap, d.Period.Label, months, d.AsOf); err != nil {
		return err
	}
	if d.Reconciled != nil {
		for _, m := range months {
			d.Reconciled.Ageing = append(d.Reconciled.Ageing, openOf(m, d.Disputes, d.Generated)...)
		}
	}
	return nil
}

// openOf counts a month's exceptions that are open or disputed, by currency. A dispute whose claim was paid back, by
// credits of later statements too, has none left.
func openOf(m *worked.Month, disputes *register.Book, now time.Time) []OpenMonth {
	var all []OpenMonth
	counted := map[*register.Dispute]bool{}
	for i := range m.Exceptions {
		e := &m.Exceptions[i]
		state := e.State()
		if state.Status != worked.Open && state.Status != worked.Disputed {
			continue
		}
		in := disputes.Find(m.Name, e)
		if in != nil && in.Recovered().IsPositive() && in.Outstanding().IsZero() {
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
		switch {
		case in == nil && e.InDispute():
			o.AtIssue = o.AtIssue.Add(e.Issue.Sub(state.Settled(e.Issue)))
		case in != nil && !counted[in]:
			counted[in] = true
			o.AtIssue = o.AtIssue.Add(in.Outstanding())
		}
		days := AgeDays(e.At, now)
		o.Ages[ageBucket(days)]++
		o.Oldest = max(o.Oldest, days)
	}
	slices.SortFunc(all, func(a, b OpenMonth) int { return strings.Compare(a.Currency, b.Currency) })
	return all
}
