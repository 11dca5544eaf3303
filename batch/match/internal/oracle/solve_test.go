package oracle

import (
	"slices"

	"github.com/shopspring/decimal"
)

// pool describes one row of the price book in the month.
type pool struct {
	Pool
	row   PriceRow
	ours  map[int]decimal.Decimal // u0 of charges
	calls []int                   // lawful, by time
	slots []slot
	slot  map[int]int     // of each lawful call
	owed  bool            // its minimum counts
	left  decimal.Decimal // of the top-up, not billed yet
}

// item represents an itemised line or a cell, with its lawful calls.
type item struct {
	line    *line
	cell    *cell
	calls   []int
	doubts  []int // of a cell: billed by it
	amount  decimal.Decimal
	net     decimal.Decimal
	ties    ties
	shared  bool // calls of several pools
	tied    bool // its amount is right in its slots
	moved   bool // not in the slots by time
	settled bool // it has its slots
}

// solution represents the judgement of one currency under one composition.
type solution struct {
	s        *side
	currency string
	split    []composing // of each cell
	pools    map[int]*pool
	order    []int // of pools
	items    []*item
	rows     []*row
	tied     int
	off      decimal.Decimal
}

// solve takes the best composition of the doubts that cells bill (2.3).
func (s *side) solve(currency string) *solution {
	var best *solution
	split := make([]composing, len(s.cells))
	var try func(at int)
	try = func(at int) {
		if at == len(s.cells) {
			next := &solution{s: s, currency: currency, split: slices.Clone(split)}
			next.run()
			if best == nil || next.better(best) {
				best = next
			}
			return
		}
		options := s.cells[at].splits
		if s.cells[at].curr != currency {
			options = options[:1]
		}
		for _, o := range options {
			split[at] = o
			try(at + 1)
		}
	}
	try(0)
	return best
}

// better compares compositions: most ties, least off, most doubts of the first rows.
func (v *solution) better(w *solution) bool {
	if v.tied != w.tied {
		return v.tied > w.tied
	}
	if c := v.off.Cmp(w.off); c != 0 {
		return c < 0
	}
	for r := range v.s.b.prices {
		if a, b := v.doubtsOf(r), w.doubtsOf(r); a != b {
			return a > b
		}
	}
	return false
}

func (v *solution) doubtsOf(row int) int {
	n := 0
	for _, split := range v.split {
		n += split[row]
	}
	return n
}

// run follows the order of evaluation.
func (v *solution) run() {
	v.makePools()
	v.makeItems()
	for _, r := range v.order {
		v.pools[r].count(v.s.b)
	}
	sharing{v}.run()
	v.itemRows()
	v.callRows()
	v.strayRows()
	topUps{v}.run()
	v.score()
	v.net()
}

// makePools makes a pool for each row of the currency in force in the month or with a call.
func (v *solution) makePools() {
	v.pools = map[int]*pool{}
	m := v.s.b.set.month(v.s.month)
	for r, row := range v.s.b.prices {
		if row.Currency != v.currency {
			continue
		}
		inForce := row.inForce(m.from, m.to)
		v.pools[r] = &pool{Pool: Pool{Row: r}, row: row, slot: map[int]int{}, ours: map[int]decimal.Decimal{},
			owed: inForce && v.s.inScope(row.Endpoint)}
		v.order = append(v.order, r)
	}
	for i, c := range v.s.b.calls {
		p := v.pools[c.row]
		if p == nil || c.state != charged || c.month != v.s.month {
			continue
		}
		p.Charges++
		p.ours[i] = decimal.Zero
		if _, left := v.s.oursOnly[i]; left {
			p.calls = append(p.calls, i)
		}
	}
}

func (v *solution) poolOf(i int) *pool { return v.pools[v.s.b.calls[i].row] }

// makeItems collects lines on calls, and cells; their calls are the lawful ones beside what is on no line.
func (v *solution) makeItems() {
	b := v.s.b
	for _, l := range b.on(v.s.month, itemised) {
		if l.class == paired && l.Currency == v.currency {
			v.items = append(v.items, &item{line: l, calls: []int{l.call}, amount: l.Amount, net: l.net(),
				ties: l.tiesOf()})
		}
	}
	for n, c := range v.s.cells {
		if c.curr != v.currency {
			continue
		}
		t := c.lines[0].tiesOf()
		it := &item{cell: c, amount: c.amount, net: t.net(c.amount), ties: t, doubts: c.billed(b, v.split[n])}
		it.calls = append(slices.Clone(c.charges), it.doubts...)
		slices.Sort(it.calls)
		for _, i := range it.calls {
			it.shared = it.shared || b.calls[i].row != b.calls[it.calls[0]].row
		}
		v.items = append(v.items, it)
	}
	for _, it := range v.items {
		for _, i := range it.calls {
			p := v.pools[b.calls[i].row]
			p.calls = append(p.calls, i)
		}
	}
	slices.SortStableFunc(v.items, func(x, y *item) int { return x.first() - y.first() })
}

// first returns the place in time of an item; one without calls is last.
func (it *item) first() int {
	if len(it.calls) == 0 {
		return 1 << 30
	}
	return it.calls[0]
}

// count fixes n*, the slots and the prices by time among our own charges.
func (p *pool) count(b *book) {
	slices.Sort(p.calls)
	p.Lawful = len(p.calls)
	p.slots = p.row.slots(p.Lawful)
	p.Cost = p.row.cost(p.Lawful)
	own := make([]int, 0, len(p.ours))
	for i := range p.ours {
		own = append(own, i)
	}
	slices.Sort(own)
	at := 0
	for _, s := range p.row.slots(len(own)) {
		for range s.places {
			p.ours[own[at]] = s.price
			at++
		}
	}
}

// byTime returns the slot of a call by its place in time.
func (p *pool) byTime(i int) int {
	n, _ := slices.BinarySearch(p.calls, i)
	for s, slot := range p.slots {
		if n < slot.places {
			return s
		}
		n -= slot.places
	}
	panic("a call beyond the slots")
}

// score counts what ties and how far the rest is off, for the choice between compositions: of lines, cells and fees. A
// minimum that nothing bills is none of these.
func (v *solution) score() {
	for _, r := range v.rows {
		if r.tied {
			v.tied++
		}
		if r.item != nil {
			v.off = v.off.Add(r.item.net.Sub(r.Right).Abs())
		}
	}
	slices.SortStableFunc(v.rows, func(x, y *row) int { return x.order - y.order })
}

// net sums over and under of each pool and what of them is netted (3.5).
func (v *solution) net() {
	for _, n := range v.order {
		p := v.pools[n]
		stray, tier := decimal.Zero, decimal.Zero
		for _, r := range v.rows {
			if r.Pool != n {
				continue
			}
			p.Over, p.Under = p.Over.Add(r.over()), p.Under.Add(r.under())
			if !r.Lawful {
				stray = stray.Add(r.over())
			}
			if r.Class == WrongTier {
				tier = tier.Add(r.under())
			}
		}
		minimum := p.TopUp.IsPositive()
		if p.Net = decimal.Min(stray, tier); minimum {
			p.Net = decimal.Min(p.Over, p.Under)
		}
		left := p.Net
		for _, r := range v.rows {
			if r.Pool == n && (minimum || !r.Lawful) {
				r.Netted = decimal.Min(left, r.over())
				left = left.Sub(r.Netted)
			}
		}
	}
}

// free counts the free places of each slot.
func (p *pool) free() []int {
	left := make([]int, len(p.slots))
	for s, slot := range p.slots {
		left[s] = slot.places
	}
	for _, s := range p.slot {
		left[s]--
	}
	return left
}

// prices lists the prices of so many places of each slot.
func (p *pool) prices(places []int) []decimal.Decimal {
	var all []decimal.Decimal
	for s, n := range places {
		for range n {
			all = append(all, p.slots[s].price)
		}
	}
	return all
}
