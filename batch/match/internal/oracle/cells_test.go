package oracle

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// cellKey names a cell; day or month, endpoint and region may be empty.
type cellKey struct {
	file                               int
	day, month, endpoint, region, curr string
}

func (k cellKey) detail() int {
	n := 0
	for _, named := range []string{k.day, k.endpoint, k.region} {
		if named != "" {
			n++
		}
	}
	return n
}

func (k cellKey) compare(o cellKey) int {
	return cmp.Or(cmp.Compare(o.detail(), k.detail()), cmp.Compare(k.day, o.day), cmp.Compare(k.month, o.month),
		cmp.Compare(k.endpoint, o.endpoint), cmp.Compare(k.region, o.region), cmp.Compare(k.curr, o.curr),
		cmp.Compare(k.file, o.file))
}

// cell represents the sum of the cell lines of one key.
type cell struct {
	cellKey
	lines   []*line
	q       int
	amount  decimal.Decimal
	charges []int       // that it bills
	doubts  []int       // that it may bill
	extra   int         // m doubts billed, or |D| of them and a surplus
	surplus int         // calls that are nobody's
	missing int         // charges that it does not bill
	splits  []composing // how the billed doubts may be shared out
}

// composing holds how many doubts of each row are billed.
type composing map[int]int

// cellsOf collects the cells of a month's side, the more detailed first.
func (s *side) cellsOf() []*cell {
	byKey := map[cellKey]*cell{}
	for _, l := range s.b.on(s.month, inCell) {
		if l.class == BilledAgain {
			continue
		}
		k := cellKey{file: l.file.order, day: l.Day, endpoint: l.Endpoint, region: l.Region, curr: l.Currency}
		if l.Day == "" {
			k.month = s.month
		}
		c := byKey[k]
		if c == nil {
			c = &cell{cellKey: k}
			byKey[k] = c
		}
		c.lines = append(c.lines, l)
		c.q += *l.Quantity
		c.amount = c.amount.Add(l.Amount)
	}
	cells := make([]*cell, 0, len(byKey))
	for _, c := range byKey {
		cells = append(cells, c)
	}
	slices.SortFunc(cells, func(x, y *cell) int { return x.compare(y.cellKey) })
	return cells
}

// covers reports whether a cell can be about a call of the month.
func (c *cell) covers(b *book, i int) bool {
	k := &b.calls[i]
	return (c.endpoint == "" || c.endpoint == k.Endpoint) && (c.region == "" || c.region == k.Region) &&
		c.curr == b.currency(i) && (c.day == "" || b.set.day(c.day).has(k.Sent))
}

// take gives a cell all unused calls that it can be about (2.3).
func (s *side) take(c *cell) {
	for i := range s.b.calls {
		k := &s.b.calls[i]
		if k.used() || k.month != s.month || k.state == free || !c.covers(s.b, i) || s.isCounted(i) {
			continue
		}
		k.cell = c
		if k.state == charged {
			c.charges = append(c.charges, i)
		} else {
			c.doubts = append(c.doubts, i)
		}
	}
	m := c.q - len(c.charges)
	if m < 0 {
		left := c.charges[c.q:]
		c.charges = c.charges[:c.q]
		c.missing = -m
		for _, i := range left {
			s.oursOnly[i] = byCount
		}
	}
	c.extra = min(max(0, m), len(c.doubts))
	c.surplus = max(0, m-len(c.doubts))
	c.splits = s.splits(c)
}

// isCounted reports whether the one charge of an ID is in a count already: it is another call of the month, or a line
// bills it, or it may be at an earlier doubt.
func (s *side) isCounted(i int) bool {
	charge, moved := s.b.instead[i]
	if !moved {
		return false
	}
	return s.b.calls[charge].month == s.month || s.b.calls[charge].used() ||
		slices.ContainsFunc(s.b.calls[:i], func(c call) bool {
			return c.Subject == s.b.calls[i].Subject && c.month == s.month && c.state == inDoubt
		})
}

// splits lists the compositions of the billed doubts of a cell, most of the first row first.
func (s *side) splits(c *cell) []composing {
	have := composing{}
	for _, i := range c.doubts {
		have[s.b.calls[i].row]++
	}
	rows := make([]int, 0, len(have))
	for r := range have {
		rows = append(rows, r)
	}
	slices.Sort(rows)
	var all []composing
	var fill func(at, left int, got composing)
	fill = func(at, left int, got composing) {
		if at == len(rows) {
			if left == 0 {
				all = append(all, got)
			}
			return
		}
		for n := min(left, have[rows[at]]); n >= 0; n-- {
			next := composing{rows[at]: n}
			for r, m := range got {
				next[r] = m
			}
			fill(at+1, left-n, next)
		}
	}
	fill(0, c.extra, composing{})
	return all
}

// billed returns the doubts that a cell bills in a composition: of each row the earliest.
func (c *cell) billed(b *book, split composing) []int {
	var all []int
	taken := composing{}
	for _, i := range c.doubts {
		if r := b.calls[i].row; taken[r] < split[r] {
			taken[r]++
			all = append(all, i)
		}
	}
	return all
}

// resolve describes what became of each doubt of a cell.
func (c *cell) resolve(b *book) []Resolution {
	place := c.lines[0].place()
	var all []Resolution
	for _, i := range c.doubts {
		r := Resolution{Call: b.calls[i].ID, Place: place}
		switch c.extra {
		case 0:
			r.Fate, r.Place = NotBilled, Place{}
		case len(c.doubts):
			r.Fate = Billed
		default:
			r.Fate, r.Billed, r.Among = Counted, c.extra, len(c.doubts)
		}
		all = append(all, r)
	}
	return all
}

func (l *line) place() Place { return Place{l.file.Name, l.Number} }
