package match

import (
	"slices"

	"github.com/shopspring/decimal"
)

// ledger finds which calls are owed, and at what price: such a call gets a place in its pool, a line its call.
type ledger struct {
	calls
	lines    *lines
	grids    grids
	pools    []*pool        // by the row of the price book, its index plus one
	resolved map[int64]bool // whether a call in doubt was billed
}

// right returns the price of the slot that an owed call has.
func (d *ledger) right(r *record) decimal.Decimal {
	p := d.pools[r.price]
	switch {
	case p.price == nil || r.due == 0:
		return decimal.Decimal{}
	case p.mixed:
		return p.price.Unit(int(r.due - 1))
	}
	return p.price.Unit(p.price.Slot(p.count, p.count))
}

// slotOf returns the slot that an owed call has.
func (d *ledger) slotOf(r *record) int {
	if p := d.pools[r.price]; !p.mixed {
		return p.price.Slot(p.count, p.count)
	}
	return int(r.due) - 1
}

// fillSlot takes the place of a call's slot.
func (d *ledger) fillSlot(r *record) {
	if p := d.pools[r.price]; p.mixed {
		p.free[r.due-1]--
	}
}

// pair gives a line its call, which is owed then.
func (d *ledger) pair(l, i uint32) {
	e, r := &d.lines.list[l], d.journal.record(i)
	e.fate, e.call = paired, i+1
	d.resolve(r, true)
	d.owe(r)
}

// listPay gives a line that bills nothing a charge of ours.
func (d *ledger) listPay(l, i uint32) {
	e, r := &d.lines.list[l], d.journal.record(i)
	e.fate, e.call = listedPay, i+1
	d.resolve(r, false)
	d.owe(r)
}

// owe uses a call up, as one that the month owes.
func (d *ledger) owe(r *record) {
	r.facts |= isUsed
	if r.due == 0 {
		r.due = 1
		d.pools[r.price].count++
	}
}

// disown takes back that a call is owed.
func (d *ledger) disown(r *record) {
	if r.due != 0 {
		r.due = 0
		d.pools[r.price].count--
	}
}

// resolve keeps what a statement showed about a call, if that was in doubt.
func (d *ledger) resolve(r *record, billed bool) {
	if r.isInDoubt() {
		d.resolved[r.id] = billed
	}
}

// suits reports whether a call is where a line names, and priced in the line's currency.
func (d *ledger) suits(e *line, r *record) bool {
	if p := d.journal.priceOf(r); p != nil && p.Currency != d.lines.currencyOf(e) {
		return false
	}
	return d.lines.routeOf(e).Suits(d.journal.routeOf(r))
}

// hasPrice reports whether a line's amount is a price that a call in doubt can have.
func (d *ledger) hasPrice(e *line, r *record) bool {
	if r.price == 0 {
		return true
	}
	units := d.pools[r.price].possible(!d.journal.inMonth(r))
	return slices.ContainsFunc(units, func(unit decimal.Decimal) bool { return d.grids.line(e, unit) })
}

// isInTable reports whether a line's amount is any price of a call's row: how many calls another month has nobody knows
// here.
func (d *ledger) isInTable(e *line, r *record) bool {
	p := d.journal.priceOf(r)
	if p == nil {
		return true
	}
	_, found := d.grids.tierOf(e, p, decimal.NewFromInt(-1))
	return found
}

// poolNamed returns the pool of the endpoint, region and day that a line names, nil without one, and where a line
// without a region may be of several.
func (d *ledger) poolNamed(e *line) *pool {
	at := d.lines.routeOf(e)
	if at.Region == "" && d.hasRegions(at.Endpoint) {
		return nil
	}
	when := d.journal.from
	if e.when != monthOnly {
		when = e.at
	}
	p, found := d.journal.book.Lookup(at.Endpoint, at.Region, instantOf(when))
	if !found || p.Currency != d.lines.currencyOf(e) {
		return nil
	}
	return d.pools[d.journal.prices[p]]
}

// hasRegions reports whether regions of an endpoint have prices of their own in the month.
func (d *ledger) hasRegions(endpoint string) bool {
	return slices.ContainsFunc(d.pools, func(p *pool) bool {
		return p.price != nil && p.price.Endpoint == endpoint && p.price.Region != "*" &&
			p.price.From.UnixMilli() < d.journal.to && (p.price.To.IsZero() || p.price.To.UnixMilli() > d.journal.from)
	})
}
