package match

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"
)

// searchSteps bounds the search for the slots of cells. Where it is cut, the rows of the pool say so.
const searchSteps = 20_000

// fitting searches the largest set of lines and cells of one pool that free places can be given to so that each amount
// fits.
type fitting struct {
	*ledger
	pool  *pool
	lines []uint32
	cells []*cell // of fewer calls first
	steps int
	cut   bool
	best  fitted
}

// fitted counts a set's lines and cells, and holds the calls of its cells and the places of each cell by slot.
type fitted struct {
	tied, calls int
	places      map[*cell][]int64
}

// run returns the best set for the free places.
func (f *fitting) run(free []int64) fitted {
	f.best = fitted{tied: -1}
	wants := f.wants()
	f.try(0, slices.Clone(free), fitted{places: map[*cell][]int64{}}, wants)
	return f.best
}

// want counts how many lines fit to the same slots.
type want struct {
	slots []int
	lines int64
}

// wants sorts the lines by the slots that they fit to, those that fit to fewer first.
func (f *fitting) wants() []want {
	byAmount := map[gridAmount][]int{}
	counts := map[gridAmount]int64{}
	for _, l := range f.lines {
		e := &f.ledger.lines.list[l]
		k := gridAmount{e.gridKey(), e.amount}
		if counts[k] == 0 {
			byAmount[k] = f.slotsOf(e)
		}
		counts[k]++
	}
	var list []want
	for k, slots := range byAmount {
		if len(slots) > 0 {
			list = append(list, want{slots, counts[k]})
		}
	}
	slices.SortFunc(list, func(a, b want) int { return len(a.slots) - len(b.slots) })
	return list
}

type gridAmount struct {
	gridKey
	amount uint32
}

// slotsOf lists the slots that a line's amount fits to.
func (f *fitting) slotsOf(e *line) []int {
	var slots []int
	for slot := range f.pool.free {
		if (slot > 0 || f.pool.price.FreeQuota > 0) && f.grids.line(e, f.pool.price.Unit(slot)) {
			slots = append(slots, slot)
		}
	}
	return slots
}

// try decides over the cells from one on, taking them in where it can, and keeps the best set.
func (f *fitting) try(n int, free []int64, got fitted, wants []want) {
	if f.steps++; f.steps > searchSteps {
		f.cut = true
		return
	}
	if n == len(f.cells) {
		left := slices.Clone(free)
		for _, w := range wants {
			lines := w.lines
			for _, slot := range w.slots {
				take := min(lines, max(0, left[slot]))
				left[slot] -= take
				lines -= take
				got.tied += int(take)
			}
		}
		if got.tied > f.best.tied || got.tied == f.best.tied && got.calls < f.best.calls {
			got.places = maps.Clone(got.places)
			f.best = got
		}
		return
	}
	c := f.cells[n]
	calls := int64(len(c.charges) + len(c.billed))
	f.compose(c, 0, calls, decimal.Decimal{}, make([]int64, len(free)), free, func(places []int64) {
		for slot, k := range places {
			free[slot] -= k
		}
		got.places[c] = slices.Clone(places)
		more := got
		more.tied, more.calls = got.tied+1, got.calls+int(calls)
		f.try(n+1, free, more, wants)
		delete(got.places, c)
		for slot, k := range places {
			free[slot] += k
		}
	})
	f.try(n+1, free, got, wants)
}

// compose visits the ways to put so many calls of a cell into free places from a slot on so that its amount fits.
func (f *fitting) compose(
	c *cell, slot int, calls int64, sum decimal.Decimal, places, free []int64, visit func([]int64),
) {
	if f.steps++; f.steps > searchSteps {
		f.cut = true
		return
	}
	last := slot == len(free)-1
	if last && calls > max(0, free[slot]) {
		return
	}
	if last {
		places[slot] = calls
		if c.ties(f.ledger, sum.Add(f.pool.price.Unit(slot).Mul(decimal.NewFromInt(calls)))) {
			visit(places)
		}
		places[slot] = 0
		return
	}
	least, most := int64(0), min(calls, max(0, free[slot]))
	if slot == len(free)-2 {
		least, most = f.between(c, slot, calls, sum, most)
	}
	for n := most; n >= least; n-- { // the earlier slots first
		places[slot] = n
		f.compose(c, slot+1, calls-n, sum.Add(f.pool.price.Unit(slot).Mul(decimal.NewFromInt(n))), places, free, visit)
	}
	places[slot] = 0
}

// between bounds how many of a cell's last calls can be in the last slot but one: two prices leave little choice.
func (f *fitting) between(c *cell, slot int, calls int64, sum decimal.Decimal, most int64) (int64, int64) {
	p, q := f.pool.price.Unit(slot), f.pool.price.Unit(slot+1)
	rest := f.ledger.lines.net(c.amount).Sub(sum).Sub(q.Mul(decimal.NewFromInt(calls)))
	step := p.Sub(q)
	if step.IsZero() {
		return most, most
	}
	about := rest.DivRound(step, 0).IntPart()
	coarse := decimal.New(5, -f.grids.at(f.ledger.lines.list[c.lines[0]].gridKey()).cell-1)
	around := coarse.DivRound(step.Abs(), 0).IntPart() + 1
	return max(0, about-around), min(most, about+around)
}

// place gives lines, the earlier first, free places that fit, and returns those for which there is none.
func (f *fitting) place(free []int64) (rest []uint32) {
	var choosy []uint32
	put := func(l uint32, slots []int) {
		for _, slot := range slots {
			if free[slot] > 0 {
				free[slot]--
				e := &f.ledger.lines.list[l]
				f.journal.record(e.call - 1).due = uint16(slot) + 1
				e.shifted = true
				return
			}
		}
		rest = append(rest, l)
	}
	known := map[gridAmount][]int{}
	for _, l := range f.lines {
		e := &f.ledger.lines.list[l]
		k := gridAmount{e.gridKey(), e.amount}
		slots, seen := known[k]
		if !seen {
			slots = f.slotsOf(e)
			known[k] = slots
		}
		if len(slots) > 1 {
			choosy = append(choosy, l)
			continue
		}
		put(l, slots)
	}
	for _, l := range choosy {
		put(l, known[gridAmount{f.ledger.lines.list[l].gridKey(), f.ledger.lines.list[l].amount}])
	}
	return rest
}
