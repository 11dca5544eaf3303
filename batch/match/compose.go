package match

import (
	"slices"

	"github.com/shopspring/decimal"
)

// maxCompositions bounds how many ways of billing doubts are tried in all; beyond it the cells are decided one by one.
const maxCompositions = 4_000

// compose decides which of the doubts of a cell are billed where they have several prices: so many of each row of the
// price book, within it the earliest. Over all cells together that is what makes the most amounts fit, then what leaves
// the least between them and what is right, then what bills the most doubts of the first row.
func compose(in *month) {
	if len(in.undecided) == 0 {
		return
	}
	choices := make([][][]uint32, len(in.undecided))
	all := 1
	for n, c := range in.undecided {
		choices[n] = choicesAmong(in, c.doubts, c.quantity-int64(len(c.charges)))
		all = min(maxCompositions+1, all*len(choices[n]))
		c.bill(in, choices[n][0])
	}
	pools := dependentPools(in)
	best := fitOf(in, pools)
	if all <= maxCompositions {
		s := composition{month: in, pools: pools, choices: choices, now: make([]int, len(choices)),
			chosen: make([]int, len(choices)), best: best}
		s.try(0)
		for n, c := range in.undecided {
			c.bill(in, choices[n][s.chosen[n]])
		}
		return
	}
	for n, c := range in.undecided {
		chosen := choices[n][0]
		for _, doubts := range choices[n] {
			c.bill(in, doubts)
			if fit := fitOf(in, pools); fit.betterThan(best) {
				best, chosen = fit, doubts
			}
		}
		c.bill(in, chosen)
	}
}

// dependentPools lists the pools of the doubts that are to be decided, and those whose calls are in one cell with calls
// of theirs: what their amounts fit to is decided together.
func dependentPools(in *month) []*pool {
	var pools []*pool
	add := func(calls []uint32) (more bool) {
		for _, i := range calls {
			if p := in.pools[in.journal.record(i).price]; !slices.Contains(pools, p) {
				pools, more = append(pools, p), true
			}
		}
		return more
	}
	for _, c := range in.undecided {
		add(c.doubts)
	}
	for more := true; more; {
		more = false
		for _, c := range mixedCells(in.ledger, in.cells, pools) {
			more = add(c.calls()) || more
		}
	}
	return pools
}

// composition represents the search for the best of all choices of the cells that are to be decided.
type composition struct {
	month   *month
	pools   []*pool // that the choices change
	choices [][][]uint32
	now     []int
	chosen  []int
	best    fitness
}

// try tries the choices of the cells from one on, and keeps the best.
func (s *composition) try(n int) {
	if n == len(s.choices) {
		if fit := fitOf(s.month, s.pools); fit.betterThan(s.best) {
			s.best = fit
			copy(s.chosen, s.now)
		}
		return
	}
	for i, doubts := range s.choices[n] {
		s.now[n] = i
		s.month.undecided[n].bill(s.month, doubts)
		s.try(n + 1)
	}
}

// choicesAmong lists the sets of so many of a cell's doubts that it may bill, those with the most of the first row of
// the price book first.
func choicesAmong(in *month, doubts []uint32, billed int64) [][]uint32 {
	byPrice := map[uint16][]uint32{}
	var prices []uint16
	for _, i := range doubts {
		price := in.journal.record(i).price
		if byPrice[price] == nil {
			prices = append(prices, price)
		}
		byPrice[price] = append(byPrice[price], i)
	}
	slices.Sort(prices)
	var list [][]uint32
	var choose func(n int, more int64, sofar []uint32)
	choose = func(n int, more int64, sofar []uint32) {
		if len(list) > maxCompositions {
			return
		}
		if n == len(prices) {
			if more == 0 {
				list = append(list, slices.Clone(sofar))
			}
			return
		}
		these := byPrice[prices[n]]
		for k := min(more, int64(len(these))); k >= 0; k-- {
			choose(n+1, more-k, append(sofar, these[:k]...))
		}
	}
	choose(0, billed, nil)
	return list
}

// fitness describes how well amounts fit to what is right.
type fitness struct {
	ties int
	gap  decimal.Decimal
}

func (f fitness) betterThan(g fitness) bool {
	return f.ties > g.ties || f.ties == g.ties && f.gap.LessThan(g.gap)
}

// fitOf judges what is billed on some pools.
func fitOf(in *month, pools []*pool) (fit fitness) {
	share(in.ledger, in.cells, pools)
	add := func(tied bool, gap decimal.Decimal) {
		if tied {
			fit.ties++
		}
		fit.gap = fit.gap.Add(gap.Abs())
	}
	for _, p := range pools {
		for _, l := range p.lines {
			e := &in.lines.list[l]
			right := in.right(in.journal.record(e.call - 1))
			add(in.grids.line(e, right), in.lines.netAt(e).Sub(right))
		}
	}
	for _, c := range mixedCells(in.ledger, in.cells, pools) {
		right := c.sum(in.ledger)
		tied, gap := c.fits(in.ledger), in.lines.net(c.amount).Sub(right)
		if t, found := in.topUpOf(c.route, c.currency, c.amount, right, c.lines[0]); !tied && found {
			tied, gap = true, gap.Sub(t.amount)
		}
		add(tied, gap)
	}
	for _, l := range in.fees {
		e := &in.lines.list[l]
		a := in.lines.netAt(e)
		t, tied := in.topUpOf(in.lines.routeOf(e), in.lines.currencyOf(e), in.lines.amountAt(e), decimal.Decimal{}, l)
		gap := a.Sub(t.amount)
		for i, p := range in.poolsOf(in.lines.routeOf(e), in.lines.currencyOf(e)) {
			if d := a.Sub(p.owing()).Abs(); i == 0 && !tied || d.LessThan(gap.Abs()) {
				gap = d
			}
		}
		add(tied, gap)
	}
	return fit
}
