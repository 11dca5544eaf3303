package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// cell represents lines over calls that they don't tell apart: of the same day, or of the month where they give none,
// endpoint, region and currency, as far as they name these.
type cell struct {
	from, to int64 // the time of its calls
	daily    bool
	route    billing.Route
	currency string
	lines    []uint32
	quantity int64
	amount   decimal.Decimal

	charges []uint32 // of ours, by time; those of another month in a cell of one of its days
	doubts  []uint32 // that may be in it, by time
	billed  []uint32 // of doubts
	missing []uint32 // charges of ours beyond its quantity
	surplus int64    // calls beyond charges and doubts
	tied    bool     // its calls in the slots by their times make its amount
	shifted bool     // they do in other slots
}

// matchCells gives the lines without a transaction what is left of our calls. Cells that name more of them choose
// before those that name less.
func matchCells(in *month) {
	in.cells = cellsOf(in)
	if len(in.cells) == 0 {
		return
	}
	left := poolByRoute(in)
	for _, c := range in.cells {
		c.take(in, left)
	}
}

// cellsOf sorts out the lines that are about no calls, and arranges the others.
func cellsOf(in *month) []*cell {
	type key struct {
		day      int64
		route    billing.Route
		currency string
	}
	found := map[key]*cell{}
	var list []*cell
	for i := range in.lines.list {
		e := &in.lines.list[i]
		switch {
		case e.kind != usageLine || e.fate != alone || e.transaction != transaction{} || in.lines.isTimed(e):
			continue
		case !in.lines.bills(e):
			e.fate = listed
			continue
		case e.quantity == 0:
			e.fate = charged
			in.fees = append(in.fees, uint32(i))
			continue
		}
		from, to := in.spanOf(e)
		k := key{0, in.lines.routeOf(e), in.lines.currencyOf(e)}
		if e.when != monthOnly {
			k.day = from
		}
		c := found[k]
		if c == nil {
			c = &cell{from: from, to: to, daily: e.when != monthOnly, route: k.route, currency: k.currency}
			found[k] = c
			list = append(list, c)
		}
		e.fate = summed
		c.lines = append(c.lines, uint32(i))
		c.quantity += e.quantity
		c.amount = c.amount.Add(in.lines.amountAt(e))
	}
	slices.SortStableFunc(list, func(a, b *cell) int {
		return cmp.Or(cmp.Compare(b.detail(), a.detail()), cmp.Compare(a.from, b.from),
			cmp.Compare(a.route.Endpoint, b.route.Endpoint), cmp.Compare(a.route.Region, b.route.Region),
			cmp.Compare(a.currency, b.currency))
	})
	return list
}

// detail counts what a cell names of its calls.
func (c *cell) detail() int {
	n := 0
	for _, said := range []bool{c.daily, c.route.Region != "", c.route.Endpoint != ""} {
		if said {
			n++
		}
	}
	return n
}

// routePool represents the calls of one route that no line has, by time.
type routePool struct {
	route billing.Route
	calls []uint32
}

// poolByRoute arranges the charges and the calls in doubt that no line has.
func poolByRoute(in *month) []*routePool {
	byRoute := map[uint32]*routePool{}
	var list []*routePool
	in.journal.each(func(i uint32, r *record) {
		if r.is(isUsed) || !in.isNear(r) || !in.charged(r) && !r.raisesCeiling(in.basis) {
			return
		}
		if _, shown := in.neighbours[r.transactionID()]; shown && r.is(hasID) {
			return
		}
		s := byRoute[r.route]
		if s == nil {
			s = &routePool{route: in.journal.routeOf(r)}
			byRoute[r.route] = s
			list = append(list, s)
		}
		s.calls = append(s.calls, i)
	})
	return list
}

// take takes all the calls that the cell can be about, and settles how many of them its lines bill.
func (c *cell) take(in *month, left []*routePool) {
	for _, s := range left {
		if !c.route.Suits(s.route) {
			continue
		}
		first, _ := slices.BinarySearchFunc(s.calls, c.from, func(i uint32, at int64) int {
			return cmp.Compare(in.journal.record(i).at, at)
		})
		for _, i := range s.calls[first:] {
			r := in.journal.record(i)
			if r.at >= c.to {
				break
			}
			p := in.journal.priceOf(r)
			if r.is(isUsed) || p != nil && p.Currency != c.currency {
				continue
			}
			if in.charged(r) {
				c.charges = append(c.charges, i)
			} else {
				c.doubts = append(c.doubts, i)
			}
		}
	}
	byTime := func(a, b uint32) int {
		r, s := in.journal.record(a), in.journal.record(b)
		return cmp.Or(cmp.Compare(r.at, s.at), cmp.Compare(r.id, s.id))
	}
	slices.SortFunc(c.charges, byTime)
	slices.SortFunc(c.doubts, byTime)
	if c.isOutside(in) {
		c.doubts = nil
		c.charges = c.charges[:min(len(c.charges), int(c.quantity))]
	}
	c.settle(in)
}

// isOutside reports a cell of a day of another month.
func (c *cell) isOutside(in *month) bool { return c.from < in.journal.from || c.from >= in.journal.to }

// settle uses the calls up. Which of some doubts are billed is left open where they have several prices.
func (c *cell) settle(in *month) {
	more := c.quantity - int64(len(c.charges))
	if more < 0 {
		c.missing = c.charges[c.quantity:]
		c.charges = c.charges[:c.quantity]
	}
	for _, i := range slices.Concat(c.charges, c.missing) {
		in.owe(in.journal.record(i))
	}
	for _, i := range c.doubts {
		in.journal.record(i).facts |= isUsed
	}
	c.surplus = max(0, more-int64(len(c.doubts)))
	switch n := min(max(0, more), int64(len(c.doubts))); {
	case n == 0 || n == int64(len(c.doubts)) || !c.hasSeveralPrices(in):
		c.bill(in, c.doubts[:n])
	default:
		in.undecided = append(in.undecided, c)
	}
}

func (c *cell) hasSeveralPrices(in *month) bool {
	return slices.ContainsFunc(c.doubts, func(i uint32) bool {
		return in.journal.record(i).price != in.journal.record(c.doubts[0]).price
	})
}

// bill takes so many doubts for billed, and no others.
func (c *cell) bill(in *month, doubts []uint32) {
	for _, i := range c.billed {
		in.disown(in.journal.record(i))
	}
	c.billed = doubts
	for _, i := range doubts {
		in.owe(in.journal.record(i))
	}
}

// resolve keeps what the cell shows about its doubts: which of several are billed nobody can know.
func (c *cell) resolve(in *month) {
	n := len(c.billed)
	for _, i := range c.doubts {
		r := in.journal.record(i)
		switch n {
		case 0:
			in.resolve(r, false)
		case len(c.doubts):
			in.resolve(r, true)
		default:
			in.counted[r.id] = fmt.Sprintf("%d of %d of this cell", n, len(c.doubts))
		}
	}
}

// calls lists those that its lines bill.
func (c *cell) calls() []uint32 { return slices.Concat(c.charges, c.billed) }

// numbers names the lines.
func (c *cell) numbers(in *month) string {
	var list []string
	for _, l := range c.lines {
		list = append(list, fmt.Sprint(in.lines.list[l].number))
	}
	const most = 20
	if len(list) > most {
		list = append(list[:most], "...")
	}
	return "lines " + strings.Join(list, ", ")
}

// ties reports whether the cell's amount is a sum, or is it rounded.
func (c *cell) ties(in *ledger, sum decimal.Decimal) bool {
	return in.grids.sum(billing.CellLevel, in.lines.list[c.lines[0]].gridKey(), c.amount, sum)
}
