package oracle

import (
	"slices"

	"github.com/shopspring/decimal"
)

// sharing gives each lawful call one slot of its pool (3.2).
type sharing struct{ *solution }

func (v sharing) run() {
	for _, it := range v.items {
		v.keepByTime(it)
	}
	for _, r := range v.order {
		v.rearrange(v.pools[r])
	}
	for _, r := range v.order {
		v.giveRest(v.pools[r])
	}
}

// fits reports whether the amount of an item is right for prices of its calls.
func (it *item) fits(prices []decimal.Decimal) bool {
	if it.line != nil {
		return it.ties.toLine(it.amount, prices[0])
	}
	return it.ties.toCell(it.amount, prices, decimal.Zero)
}

// keepByTime lets an item keep its slots by time where it ties so (a), and a line whose amount is no slot's but nearest
// to that (b).
func (v sharing) keepByTime(it *item) {
	var prices []decimal.Decimal
	for _, i := range it.calls {
		p := v.poolOf(i)
		prices = append(prices, p.slots[p.byTime(i)].price)
	}
	it.tied = it.fits(prices)
	if !it.tied && it.line != nil {
		p := v.poolOf(it.calls[0])
		any := slices.ContainsFunc(p.slots, func(s slot) bool { return it.fits([]decimal.Decimal{s.price}) })
		own := it.net.Sub(prices[0]).Abs()
		it.settled = !any && !nearest(it.net, p.row.table()).LessThan(own)
	}
	if it.tied || it.settled {
		it.settled = true
		for _, i := range it.calls {
			p := v.poolOf(i)
			p.slot[i] = p.byTime(i)
		}
	}
}

// rearrange gives other slots to the largest set of items that tie in them (c).
func (v sharing) rearrange(p *pool) {
	var kept, others []*item
	for _, it := range v.items {
		if it.shared || len(it.calls) == 0 || v.poolOf(it.calls[0]) != p {
			continue
		}
		switch {
		case it.tied:
			kept = append(kept, it)
		case !it.settled && (it.cell == nil || it.cell.surplus == 0): // a surplus has no slots
			others = append(others, it)
		}
	}
	if len(others) == 0 {
		return
	}
	chosen := largest(others, p, p.free())
	if len(chosen) < len(others) && len(kept) > 0 {
		all := slices.Concat(kept, others)
		slices.SortStableFunc(all, func(x, y *item) int { return x.first() - y.first() })
		left := p.free()
		for _, it := range kept {
			for _, i := range it.calls {
				left[p.slot[i]]++
			}
		}
		if more := largest(all, p, left); len(more) > len(kept)+len(chosen) {
			for _, it := range kept {
				it.tied, it.settled = false, false
				for _, i := range it.calls {
					delete(p.slot, i)
				}
			}
			chosen = more
		}
	}
	for _, c := range chosen {
		c.apply(p)
	}
}

// choice gives an item so many places of each slot.
type choice struct {
	item   *item
	places []int
}

// apply shares out the chosen places among the calls of the item, slots in order.
func (c choice) apply(p *pool) {
	c.item.tied, c.item.settled = true, true
	at := 0
	for s, n := range c.places {
		for range n {
			i := c.item.calls[at]
			c.item.moved = c.item.moved || s != p.byTime(i)
			p.slot[i] = s
			at++
		}
	}
}

// giveRest gives the slots that are left: to lines the nearest in price, the dearest line first, then to calls of cells
// and of no line in order (d).
func (v sharing) giveRest(p *pool) {
	var lines []*item
	for _, it := range v.items {
		if it.line != nil && !it.settled && v.poolOf(it.calls[0]) == p {
			lines = append(lines, it)
		}
	}
	slices.SortStableFunc(lines, func(x, y *item) int { return y.net.Cmp(x.net) })
	left := p.free()
	for _, it := range lines {
		best := -1
		for s, n := range left {
			if n == 0 {
				continue
			}
			if best < 0 {
				best = s
				continue
			}
			d := it.net.Sub(p.slots[s].price).Abs().Cmp(it.net.Sub(p.slots[best].price).Abs())
			if d < 0 || d == 0 && p.slots[s].price.GreaterThan(p.slots[best].price) {
				best = s
			}
		}
		left[best]--
		p.slot[it.calls[0]] = best
	}
	for _, i := range p.calls {
		if _, has := p.slot[i]; has {
			continue
		}
		s := slices.IndexFunc(left, func(n int) bool { return n > 0 })
		left[s]--
		p.slot[i] = s
	}
}
