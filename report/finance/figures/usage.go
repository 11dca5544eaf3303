package figures

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
	"liverecon/store/snapshot"
)

// usage represents the calls of a period, counted and priced.
type usage struct {
	calls   []store.Usage
	charges []charge // of which the ledger is made
	ledger  *Ledger
	bases   basisCounts // under every reading
}

// loadUsage reads the usage from the beginning of the billing month and prices it under every reading.
func loadUsage(ctx context.Context, snap *snapshot.Snapshot, o Options, closure int64) (u usage, err error) {
	month := o.BillingMonths().Of(o.Period.From)
	all, err := usageOf(ctx, snap, o, month.From, closure)
	if err != nil {
		return u, err
	}
	u.calls = slices.DeleteFunc(slices.Clone(all), func(c store.Usage) bool { return c.Quarter.Before(o.Period.From) })
	p := pricing{book: o.Prices, months: o.BillingMonths(), period: o.Period}
	for _, basis := range billing.Bases() {
		billable, err := billableUnder(ctx, snap, basis, month.From, o.Period.To)
		if err != nil {
			return u, err
		}
		charges, terms := p.charges(all, billable)
		u.bases.add(basis, charges, terms)
		if basis == o.Basis {
			u.ledger, u.charges = newLedger(charges, terms, o.Period), charges
		}
	}
	if u.ledger == nil {
		return u, fmt.Errorf("there is no reading %q", o.Basis)
	}
	return u, nil
}

// usageOf returns the calls since an instant, those of a closure as they were counted then.
func usageOf(
	ctx context.Context, snap *snapshot.Snapshot, o Options, from time.Time, closure int64,
) ([]store.Usage, error) {
	if closure != 0 {
		return snap.Calls().UsageClosed(ctx, closure)
	}
	return snap.Calls().Usage(ctx, from, o.Period.To)
}

// billableUnder returns how many of some calls count under a reading. Two of them need the journal.
func billableUnder(ctx context.Context, snap *snapshot.Snapshot, basis billing.Basis, from, to time.Time) (
	func(store.Usage) int64, error,
) {
	once := snap.Paid().Checks
	switch basis {
	case billing.Transaction:
		once = snap.Paid().Transactions
	case billing.DistinctID:
	default:
		return func(u store.Usage) int64 {
			if chargeOf(basis, u) == billing.Pay {
				return u.Calls
			}
			return 0
		}, nil
	}
	paid, err := once(ctx, from, to)
	if err != nil {
		return nil, err
	}
	count := map[store.Usage]int64{}
	for _, u := range paid {
		count[withoutCalls(u)] += u.Calls
	}
	return func(u store.Usage) int64 { return count[withoutCalls(u)] }, nil
}

// withoutCalls returns what calls that usage counts together agree in.
func withoutCalls(u store.Usage) store.Usage {
	u.Calls = 0
	return u
}

// chargeOf classes calls by a reading.
func chargeOf(basis billing.Basis, u store.Usage) billing.Tag {
	return basis.Charge(u.Outcome != store.Unsent, u.Outcome == store.Answered, billing.ParseTag(string(u.Tag)),
		u.Code)
}

// loadJournal counts the calls themselves.
func loadJournal(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period) (b Bill, err error) {
	counts, err := snap.Calls().Counts(ctx, p.From, p.To)
	for _, c := range counts {
		b.add(store.Usage{Outcome: c.Outcome, Tag: c.Tag, Calls: c.Calls})
	}
	return b, err
}

// Currencies lists them in the order in which they are shown.
type Currencies []string

// rankCurrencies puts the currency with the most billable calls first.
func rankCurrencies(b *Ledger, s *Reconciled) Currencies {
	calls := map[string]int64{}
	for _, t := range b.Terms {
		calls[t.Row.Currency] += t.Calls
	}
	if s != nil {
		for _, name := range s.currencies() {
			calls[name] += s.In(name).TheirCalls
		}
	}
	all := page.SortedKeys(calls)
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(calls[b], calls[a]) })
	return all
}

// Rank returns the place of a currency among the others; what has no price comes last.
func (c Currencies) Rank(name string) int {
	if i := slices.Index(c, name); i >= 0 {
		return i
	}
	return len(c)
}

// of returns those of c that are in some.
func (c Currencies) of(some []string) []string {
	return slices.DeleteFunc(slices.Clone(c), func(name string) bool { return !slices.Contains(some, name) })
}

// AmountNote adds to a text about an amount what the amount leaves out. Where nothing has a price, no amount is stated
// that could leave calls out.
func (c Currencies) AmountNote(note string, unpriced int64) string {
	if len(c) == 0 {
		return note
	}
	return billing.WithUnpriced(note, unpriced)
}
