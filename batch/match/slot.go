package match

import (
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// share gives every owed call one slot of its pool. How many calls are in which slot follows from their number, which
// of them is for the vendor to say. So lines and cells whose amounts fit to the slots of their calls by time have
// those; then as many of the others as possible have free ones that fit; and those that are left have what is nearest
// to their amounts, so that no more is at issue than the vendor's own mistakes.
func share(in *ledger, all []*cell, pools []*pool) {
	mixed := slices.DeleteFunc(slices.Clone(pools), func(p *pool) bool { return !p.mixed })
	if len(mixed) == 0 {
		return
	}
	for _, p := range mixed {
		p.countOff(in)
	}
	cells := mixedCells(in, all, mixed)
	for _, c := range cells {
		c.tied, c.shifted = c.fits(in), false
		if c.tied {
			for _, i := range c.calls() {
				in.fillSlot(in.journal.record(i))
			}
		}
	}
	for _, p := range mixed {
		rest := p.claimByTime(in)
		rest = p.fit(in, rest, slices.DeleteFunc(slices.Clone(cells), func(c *cell) bool { return !c.isOf(in, p) }))
		p.fill(in, rest, cells)
	}
}

// mixedCells lists the cells that have a call in one of the pools.
func mixedCells(in *ledger, all []*cell, pools []*pool) []*cell {
	var list []*cell
	for _, c := range all {
		if slices.ContainsFunc(c.calls(), func(i uint32) bool {
			return slices.Contains(pools, in.pools[in.journal.record(i).price])
		}) {
			list = append(list, c)
		}
	}
	return list
}

// isOf reports whether all of a cell's calls are of one pool.
func (c *cell) isOf(in *ledger, p *pool) bool {
	return !slices.ContainsFunc(c.calls(), func(i uint32) bool { return in.pools[in.journal.record(i).price] != p })
}

// sum adds up the prices of the slots of a cell's calls.
func (c *cell) sum(in *ledger) decimal.Decimal {
	return c.sumOf(in, func(unit decimal.Decimal) decimal.Decimal { return unit })
}

// fits reports whether the cell's amount is the sum of the prices of its calls, or is that rounded; where the contract
// rounds each line, a sum of rounded prices as well.
func (c *cell) fits(in *ledger) bool {
	set := in.grids.set
	return c.ties(in, c.sum(in)) || set.Level == billing.LineLevel &&
		c.amount.Equal(c.sumOf(in, func(unit decimal.Decimal) decimal.Decimal {
			return billing.Round(in.lines.withTax(unit), set.Decimals, set.Mode)
		}))
}

// sumOf adds up what is made of the prices of the slots of a cell's calls.
func (c *cell) sumOf(in *ledger, of func(unit decimal.Decimal) decimal.Decimal) decimal.Decimal {
	type place struct{ price, due uint16 }
	counts := map[place]int64{}
	first := map[place]uint32{}
	for _, i := range c.calls() {
		r := in.journal.record(i)
		k := place{r.price, r.due}
		if counts[k] == 0 {
			first[k] = i
		}
		counts[k]++
	}
	var sum decimal.Decimal
	for k, n := range counts {
		sum = sum.Add(of(in.right(in.journal.record(first[k]))).Mul(decimal.NewFromInt(n)))
	}
	return sum
}

// countOff gives the pool's calls slots in the order of their times, and counts the places.
func (p *pool) countOff(in *ledger) {
	n := int64(0)
	for _, i := range p.members {
		if r := in.journal.record(i); r.due != 0 {
			n++
			r.due = uint16(p.price.Slot(n, p.count)) + 1
		}
	}
	p.free, p.cut = p.price.Fill(p.count), false
}

// claimByTime takes the places of the lines whose amounts fit to the slots of their calls by time, or to no slot while
// no other price of the row is nearer. It returns the others.
func (p *pool) claimByTime(in *ledger) (rest []uint32) {
	for _, l := range p.lines {
		e := &in.lines.list[l]
		r := in.journal.record(e.call - 1)
		e.shifted = false
		unit := p.price.Unit(int(r.due - 1))
		if in.grids.line(e, unit) || !p.fitsAny(in, e) && p.isNearest(in, e, unit) {
			in.fillSlot(r)
			continue
		}
		rest = append(rest, l)
	}
	return rest
}

// fitsAny reports whether a line's amount is the price of a slot that has places.
func (p *pool) fitsAny(in *ledger, e *line) bool {
	for slot, n := range p.price.Fill(p.count) {
		if n > 0 && in.grids.line(e, p.price.Unit(slot)) {
			return true
		}
	}
	return false
}

// isNearest reports whether no price of the row is nearer to a line's amount than the given one.
func (p *pool) isNearest(in *ledger, e *line, unit decimal.Decimal) bool {
	a := in.lines.netAt(e)
	distance := a.Sub(unit).Abs()
	for slot := range len(p.price.Tiers) + 1 {
		if slot == 0 && p.price.FreeQuota == 0 {
			continue
		}
		if a.Sub(p.price.Unit(slot)).Abs().LessThan(distance) {
			return false
		}
	}
	return true
}

// fit gives as many of the lines and cells as possible free places that fit to their amounts, and returns the lines
// that are left.
func (p *pool) fit(in *ledger, lines []uint32, cells []*cell) []uint32 {
	open := slices.DeleteFunc(slices.Clone(cells), func(c *cell) bool { return c.tied || c.surplus > 0 })
	byCalls := func(a, b *cell) int { return len(a.charges) + len(a.billed) - len(b.charges) - len(b.billed) }
	slices.SortStableFunc(open, byCalls)
	search := fitting{ledger: in, pool: p, lines: lines, cells: open}
	found := search.run(p.free)
	if held := slices.DeleteFunc(slices.Clone(cells), func(c *cell) bool { return !c.tied }); len(held) > 0 &&
		found.tied < len(lines)+len(open) {
		free := slices.Clone(p.free)
		for _, c := range held {
			for slot, n := range c.counts(in, len(free)) {
				free[slot] += n
			}
		}
		wider := fitting{ledger: in, pool: p, lines: lines, cells: append(slices.Clone(held), open...)}
		slices.SortStableFunc(wider.cells, byCalls)
		if all := wider.run(free); all.tied > found.tied+len(held) {
			for _, c := range held {
				c.tied = false
			}
			p.free, found, search = free, all, wider
		}
	}
	p.cut = p.cut || search.cut
	for c, places := range found.places {
		c.tied, c.shifted = true, !slices.Equal(places, c.counts(in, len(places)))
		c.put(in, places)
		for slot, n := range places {
			p.free[slot] -= n
		}
	}
	return search.place(p.free)
}

// counts counts a cell's calls by slot.
func (c *cell) counts(in *ledger, slots int) []int64 {
	counts := make([]int64, slots)
	for _, i := range c.calls() {
		counts[in.journal.record(i).due-1]++
	}
	return counts
}

// put gives a cell's calls, in the order of their times, the slots in order.
func (c *cell) put(in *ledger, places []int64) {
	left, slot := slices.Clone(places), 0
	calls := c.calls()
	slices.SortFunc(calls, in.compareCalls)
	for _, i := range calls {
		for left[slot] == 0 {
			slot++
		}
		left[slot]--
		in.journal.record(i).due = uint16(slot) + 1
	}
}

// fill gives what is left of the pool's calls what is left of its places: lines the nearest to their amounts, the
// dearest line first; then cells and charges on no line by time.
func (p *pool) fill(in *ledger, lines []uint32, cells []*cell) {
	slices.SortStableFunc(lines, func(a, b uint32) int {
		return in.lines.amountAt(&in.lines.list[b]).Cmp(in.lines.amountAt(&in.lines.list[a]))
	})
	waiting := map[uint32]bool{}
	for _, l := range p.lines {
		waiting[in.lines.list[l].call-1] = true
	}
	for _, l := range lines {
		e := &in.lines.list[l]
		slot := p.nearest(in.lines.netAt(e))
		in.journal.record(e.call - 1).due = uint16(slot) + 1
		p.free[slot]--
	}
	for _, c := range cells {
		for _, i := range c.calls() {
			waiting[i] = c.tied
		}
	}
	slot := 0
	for _, i := range p.members {
		r := in.journal.record(i)
		if placed := waiting[i]; placed || r.due == 0 {
			continue
		}
		for p.free[slot] <= 0 {
			slot++
		}
		p.free[slot]--
		r.due = uint16(slot) + 1
	}
}

// nearest returns the free slot whose price is nearest to an amount, the dearer of two.
func (p *pool) nearest(a decimal.Decimal) (best int) {
	best = -1
	for slot, n := range p.free {
		if n <= 0 {
			continue
		}
		if best < 0 {
			best = slot
			continue
		}
		d, least := a.Sub(p.price.Unit(slot)).Abs(), a.Sub(p.price.Unit(best)).Abs()
		if c := d.Cmp(least); c < 0 || c == 0 && p.price.Unit(slot).GreaterThan(p.price.Unit(best)) {
			best = slot
		}
	}
	return best
}
