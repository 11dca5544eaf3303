package oracle

import (
	"cmp"
	"slices"
)

// side describes one month: its calls and the lines that are about it.
type side struct {
	b        *book
	month    string
	gate     Gate
	cells    []*cell
	oursOnly map[int]string // charges on no line, with a note
	other    map[int]string // charges of another month's statement, with a note
	doubts   []Resolution
	open     []int // doubts
	money    map[string]*solution
}

// newSide judges a month: cells, what is left, and then each currency by itself.
func newSide(b *book, month string) *side {
	s := &side{b: b, month: month, oursOnly: map[int]string{}, other: map[int]string{}, money: map[string]*solution{}}
	if g := b.gates[month]; g != nil {
		s.gate = *g
	}
	s.cells = s.cellsOf()
	for _, c := range s.cells {
		s.take(c)
		s.doubts = append(s.doubts, c.resolve(b)...)
	}
	s.rest()
	slices.SortFunc(s.doubts, func(x, y Resolution) int { return cmp.Compare(x.Call, y.Call) })
	for _, currency := range s.currencies() {
		s.money[currency] = s.solve(currency)
	}
	return s
}

// currencies returns those of the month's calls, rows and lines.
func (s *side) currencies() []string {
	all := map[string]bool{}
	for _, r := range s.b.prices {
		all[r.Currency] = true
	}
	for _, l := range s.b.lines {
		if l.side == s.month {
			all[l.Currency] = true
		}
	}
	return sortedKeys(all)
}

// rest decides what is on no cell (2.4).
func (s *side) rest() {
	for i := range s.b.calls {
		c := &s.b.calls[i]
		if c.month != s.month || c.state == free || c.cell != nil {
			continue
		}
		if _, moved := s.b.instead[i]; moved && c.line == nil {
			continue // its ID has its charge
		}
		elsewhere := c.line != nil && c.line.side != s.month
		switch {
		case c.state == charged && (c.line == nil || elsewhere) && !s.inScope(c.Endpoint):
			// the statement says nothing of its endpoint
		case c.state == charged && elsewhere:
			s.other[i] = ""
		case c.state == inDoubt && c.line != nil:
			s.doubts = append(s.doubts, Resolution{Call: c.ID, Fate: Billed, Place: c.line.place()})
		case c.line != nil:
		case c.state == charged && !s.gate.Shifted && s.awaits(i):
			s.other[i] = awaited
		case c.state == charged:
			s.oursOnly[i] = ""
		case !s.inScope(c.Endpoint), s.gate.Shut, s.gate.Shifted, s.awaits(i):
			s.open = append(s.open, i)
			s.doubts = append(s.doubts, Resolution{Call: c.ID, Fate: Open})
		default:
			s.doubts = append(s.doubts, Resolution{Call: c.ID, Fate: NotBilled})
		}
	}
}

// inScope reports whether a usage line of the month's side names the endpoint, or names none. A statement without any
// is about all.
func (s *side) inScope(endpoint string) bool {
	here := func(l *line) bool { return l.side == s.month }
	return s.b.about(endpoint, here) || !slices.ContainsFunc(s.b.lines, func(l *line) bool {
		return here(l) && l.Kind == Usage && !l.OtherProduct
	})
}

// awaits reports whether a call is within the edge band of a bound whose neighbour was not imported.
func (s *side) awaits(i int) bool {
	c := s.b.calls[i]
	m := s.b.set.month(s.month)
	return c.Sent.Before(m.from.Add(s.b.set.Edge)) && !s.imported(-1, c.Endpoint) ||
		!c.Sent.Before(m.to.Add(-s.b.set.Edge)) && !s.imported(1, c.Endpoint)
}

// imported reports whether there is a statement of a neighbour that is about the endpoint, or about one that shares a
// file with it in this month: then there was nothing of the endpoint to bill.
func (s *side) imported(by int, endpoint string) bool {
	month := s.b.set.neighbour(s.month, by)
	return slices.ContainsFunc(s.b.lines, func(l *line) bool {
		return l.Kind == Usage && !l.OtherProduct && l.file.invoice == month &&
			(l.Endpoint == "" || l.Endpoint == endpoint || s.together(l.Endpoint, endpoint))
	})
}

// together reports whether a file has lines of two endpoints on the month's side.
func (s *side) together(endpoint, other string) bool {
	return slices.ContainsFunc(s.b.files, func(f *file) bool {
		names := func(endpoint string) bool {
			return slices.ContainsFunc(f.lines, func(l *line) bool {
				return l.Kind == Usage && !l.OtherProduct && l.side == s.month && l.Endpoint == endpoint
			})
		}
		return names(endpoint) && names(other)
	})
}
