package finance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
)

// takeUsage reads the usage from the beginning of the billing month and prices it under every reading.
func (f *finance) takeUsage(ctx context.Context) error {
	first := f.Period.From.In(f.BillingZone)
	month := calendar.Month(first.Year(), first.Month(), f.BillingZone)
	all, err := f.snap.Usage(ctx, month.From, f.Period.To)
	if err != nil {
		return err
	}
	for _, u := range all {
		if !u.Quarter.Before(f.Period.From) {
			f.usage = append(f.usage, u)
		}
	}
	p := pricing{book: f.Prices, zone: f.BillingZone, period: f.Period}
	for _, reading := range billing.Readings() {
		billable, err := f.billableUnder(ctx, reading, month.From)
		if err != nil {
			return err
		}
		charges, terms := p.charges(all, billable)
		f.addReading(reading, charges, terms)
		if reading == f.Reading {
			f.ledger, f.charges = newLedger(charges, terms, f.Period), charges
		}
	}
	if f.ledger == nil {
		return fmt.Errorf("there is no reading %q", f.Reading)
	}
	for _, l := range f.ledger.lines {
		f.post(l)
	}
	f.countUnpriced()
	return nil
}

// billableUnder returns how many of some calls count under a reading. Two of them need the journal.
func (f *finance) billableUnder(ctx context.Context, reading billing.Reading, from time.Time) (func(store.Usage) int64, error) {
	once := f.snap.PaidChecks
	switch reading {
	case billing.Transaction:
		once = f.snap.PaidTransactions
	case billing.DistinctID:
	default:
		return func(u store.Usage) int64 {
			if chargeOf(reading, u) == billing.Pay {
				return u.Calls
			}
			return 0
		}, nil
	}
	paid, err := once(ctx, from, f.Period.To)
	if err != nil {
		return nil, err
	}
	count := map[store.Usage]int64{}
	for _, u := range paid {
		key := u
		key.Calls = 0
		count[key] += u.Calls
	}
	return func(u store.Usage) int64 {
		u.Calls = 0
		return count[u]
	}, nil
}

// rankCurrencies puts the currency with the most billable calls first.
func (f *finance) rankCurrencies() {
	calls := map[string]int64{}
	for _, t := range f.ledger.terms {
		calls[t.row.Currency] += t.calls
	}
	if f.settled != nil {
		for _, name := range f.settled.currencies() {
			calls[name] += f.settled.in(name).theirCalls
		}
	}
	f.priced = page.SortedKeys(calls)
	slices.SortStableFunc(f.priced, func(a, b string) int { return cmp.Compare(calls[b], calls[a]) })
}

// rank is where a currency stands among the others; what has no price comes last.
func (f *finance) rank(currency string) int {
	if i := slices.Index(f.priced, currency); i >= 0 {
		return i
	}
	return len(f.priced)
}
