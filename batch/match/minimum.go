package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// topUp holds what one pool, or some together, owe of their minimums.
type topUp struct {
	pools  []*pool
	amount decimal.Decimal
}

// poolsOf lists the pools that still owe of their minimum and that a line can be about.
func (d *ledger) poolsOf(at billing.Route, currency string) []*pool {
	var list []*pool
	for _, p := range d.pools {
		if p.price == nil || p.price.Currency != currency || !p.owing().IsPositive() {
			continue
		}
		region := p.price.Region
		if region == "*" {
			region = at.Region
		}
		if at.Suits(billing.Route{Endpoint: p.price.Endpoint, Region: region}) {
			list = append(list, p)
		}
	}
	return list
}

// topUpOf finds the pool whose minimum an amount of a line tops up beyond what is right for its calls, or all pools
// together that the line can be about.
func (d *ledger) topUpOf(at billing.Route, currency string, a, right decimal.Decimal, l uint32) (t topUp, found bool) {
	pools := d.poolsOf(at, currency)
	key := d.lines.list[l].gridKey()
	var sum decimal.Decimal
	for _, p := range pools {
		if d.grids.sum(billing.FeeLevel, key, a, right.Add(p.owing())) {
			return topUp{[]*pool{p}, p.owing()}, true
		}
		sum = sum.Add(p.owing())
	}
	if len(pools) > 1 && d.grids.sum(billing.FeeLevel, key, a, right.Add(sum)) {
		return topUp{pools, sum}, true
	}
	return t, false
}

// bill takes the minimums for billed.
func (t topUp) bill() {
	for _, p := range t.pools {
		p.topUp = p.topUp.Add(p.owing())
	}
}

// judgeFee judges a line that charges without a call: it is a minimum, as far as one is owed.
func (f *finding) judgeFee(in *month, l uint32) {
	at, a := in.lines.routeOf(&in.lines.list[l]), f.net()
	if t, found := in.topUpOf(at, f.Currency, f.TheirAmount, decimal.Decimal{}, l); found {
		t.bill()
		f.Class, f.Minimum, f.Rounding, f.pool = billing.MonthlyMinimum, t.amount, a.Sub(t.amount), t.pools[0]
		return
	}
	pools := in.poolsOf(at, f.Currency)
	if len(pools) == 0 {
		f.Class, f.Issue = billing.MinimumNotOwed, a
		f.note("no calls behind it")
		return
	}
	p := pools[0]
	f.pool, f.Class = p, billing.MonthlyMinimum
	f.Minimum = decimal.Min(a, p.owing())
	p.topUp = p.topUp.Add(f.Minimum)
	if f.Issue = a.Sub(f.Minimum); f.Issue.IsPositive() {
		f.Class = billing.MinimumNotOwed
		f.note("more than the minimum")
	}
}

// judgeMinimums makes a row of what each pool owes and nobody bills.
func judgeMinimums(in *month, out *outcome) {
	for _, p := range in.pools {
		owing := p.owing()
		if p.price == nil || !owing.IsPositive() {
			continue
		}
		f := &finding{Row: billing.Row{Class: billing.MinimumNotBilled, Endpoint: p.price.Endpoint, Priced: true,
			Currency: p.price.Currency, At: instantOf(in.journal.from)}, pool: p}
		if p.price.Region != "*" {
			f.Region = p.price.Region
		}
		f.Minimum, f.Issue = owing, owing.Neg()
		out.emit(f)
	}
}
