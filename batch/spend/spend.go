// Package spend works out what the calls of a period cost, at least and at most, as the contract is read and as
// reconciling counts.
package spend

import (
	"context"
	"errors"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/held"
	"liverecon/store/snapshot"
)

// Contract holds what calls cost by: the price book, the zone of its months, and how the contract is read.
type Contract struct {
	Prices *billing.Book
	Zone   *time.Location
	Basis  billing.Basis
}

// Amounts prices the calls of a period, at least and at most, as the contract reads and as reconciling does. Calls of
// the billing month before the period are counted first, since they have used up tiers and quota. Every whole billing
// month of the period owes its monthly minimums. Calls without a price are missing, here as in the caps. IDs that are
// or were held count at most, once each, in every period in which they may have been asked; so do lost calls, and those
// in flight.
func (c Contract) Amounts(ctx context.Context, s *store.Store, p calendar.Period) (_ []billing.Amount, err error) {
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	return c.AmountsIn(ctx, snap, p)
}

// AmountsIn returns Amounts of the moment that a snapshot shows, however far a run has come meanwhile.
func (c Contract) AmountsIn(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period) ([]billing.Amount, error) {
	month := c.Prices.PeriodOf(p.From)
	from, to := c.Prices.Months().Bounds(month)
	usage, err := snap.Calls().Usage(ctx, from, p.To)
	if err != nil {
		return nil, err
	}
	held, err := snap.Lists().Held(ctx)
	if err != nil {
		return nil, err
	}
	released, err := snap.Lists().Released(ctx)
	if err != nil {
		return nil, err
	}
	lost, err := snap.Lists().LostCalls(ctx)
	if err != nil {
		return nil, err
	}
	held = append(held, released...)
	amounts := c.amountsOf(usage, held, p)
	inMonth := p.From.Equal(from) && !p.To.After(to)
	if r := c.Basis; inMonth && (r == billing.DistinctID || r == billing.Transaction) {
		var flying int64
		if flying, err = snap.Calls().CountInFlight(ctx); err == nil {
			amounts, err = c.amountsByJournal(ctx, snap, month, p, amounts, len(held) > 0 || flying > 0)
		}
	}
	return append(amounts, c.lostAmounts(lost, p)...), err
}

// lostAmounts price the calls that are known to be lost, and for which no ID is held: nothing at least, and at most the
// highest price there is. One line a currency.
func (c Contract) lostAmounts(lost []held.Lost, p calendar.Period) (amounts []billing.Amount) {
	sum := billing.NewAmounts()
	for _, l := range lost {
		if at, ok := l.Within(p.From, p.To); ok {
			for _, price := range c.Prices.Dearest(at) {
				sum.AddAmount(price.Currency, price.Cost(l.Calls))
			}
		}
	}
	for _, m := range sum.Money() {
		amounts = append(amounts, billing.Amount{Endpoint: "*", Region: "lost calls", Currency: m.Currency, Floor: "0",
			Ceiling: m.Amount.String()})
	}
	return amounts
}

// amountsOf prices usage that begins with the billing month of the period's first instant, and each ID that is or was
// held as a call in doubt.
func (c Contract) amountsOf(calls []store.Usage, held []held.IDs, p calendar.Period) []billing.Amount {
	bills := map[billKey]*bill{}
	var order []*bill
	find := func(price *billing.Price, region string) *bill {
		key := keyOf(price, region)
		if bills[key] == nil {
			bills[key] = &bill{book: c.Prices, price: price, months: map[billing.Period]*share{}}
			order = append(order, bills[key])
		}
		return bills[key]
	}
	for _, u := range calls {
		price, ok := c.Prices.Lookup(u.Endpoint, u.Region, u.Quarter)
		if tag := usage.Charge(c.Basis, u); ok && tag != billing.Free {
			find(price, u.Region).add(u, tag, u.Quarter.Before(p.From))
		}
	}
	for _, h := range held {
		at, ok := h.Within(p.From, p.To)
		if price, priced := c.Prices.Lookup(h.Endpoint, h.Region, at); ok && priced {
			find(price, h.Region).add(store.Usage{Quarter: at, Endpoint: h.Endpoint, Region: h.Region, Calls: h.Checks},
				billing.Unknown, false)
		}
	}
	for _, month := range c.wholeMonths(p) {
		for _, price := range c.Prices.InForce(month) {
			if price.Minimum.IsPositive() {
				find(price, "").month(month).minimum = price.Minimum
			}
		}
	}
	var amounts []billing.Amount
	for _, b := range order {
		amounts = append(amounts, b.amounts()...)
	}
	return amounts
}

// amountsByJournal takes the amounts from the calls themselves, one line an endpoint and currency: what is charged once
// an ID, or once a transaction, cannot be told from usage. Where IDs are held, or calls in flight, which stand in no
// count of the journal yet, the most is that of every call that may have been charged, and of every ID that is held.
func (c Contract) amountsByJournal(ctx context.Context, snap *snapshot.Snapshot, month billing.Period,
	p calendar.Period, most []billing.Amount, held bool) (sums []billing.Amount, err error) {
	counted, err := reconcile.CountMonth(ctx, snap, c.Prices, c.Zone, month, c.Basis)
	if err != nil {
		return nil, err
	}
	floors, ceilings := map[[2]string]decimal.Decimal{}, map[[2]string]decimal.Decimal{}
	for _, n := range counted.Bases {
		if n.Basis == c.Basis && n.Priced {
			k := [2]string{n.Endpoint, n.Currency}
			floors[k] = floors[k].Add(n.Amount)
		}
	}
	for _, a := range most {
		k, ceiling := [2]string{a.Endpoint, a.Currency}, decimal.RequireFromString(a.Ceiling)
		ceilings[k] = ceilings[k].Add(ceiling)
	}
	for _, g := range counted.Gaps {
		if k := [2]string{g.Endpoint, g.Currency}; g.Basis == c.Basis && g.Priced && !held {
			ceilings[k] = g.MostWithDoubt
		}
	}
	for _, a := range most {
		k := [2]string{a.Endpoint, a.Currency}
		if ceiling, left := ceilings[k]; left {
			delete(ceilings, k)
			sums = append(sums, billing.Amount{Endpoint: a.Endpoint, Region: "*", Currency: a.Currency,
				Floor: floors[k].String(), Ceiling: decimal.Max(floors[k], ceiling).String()})
		}
	}
	if len(c.wholeMonths(p)) > 0 {
		for _, m := range counted.Minimum.Money() {
			sums = append(sums, billing.Amount{Endpoint: "*", Region: "monthly minimum", Currency: m.Currency,
				Floor: m.Amount.String(), Ceiling: m.Amount.String()})
		}
	}
	return sums, nil
}

// wholeMonths returns the billing months that lie in a period from end to end; they alone owe their minimums.
func (c Contract) wholeMonths(p calendar.Period) []billing.Period {
	var whole []billing.Period
	for at := p.From; at.Before(p.To); {
		month := c.Prices.PeriodOf(at)
		from, to := c.Prices.Months().Bounds(month)
		if !from.Before(p.From) && !to.After(p.To) {
			whole = append(whole, month)
		}
		at = to
	}
	return whole
}
