// Package whole judges whether a month's statements are whole for a call in doubt that is on none of their lines.
//
// Such a doubt is not billed, by the rules. But a file may be of a part of the month, of one region, or without the
// lines that come late; then its silence proves nothing. What is looked for here is proof that the silence is one:
// that the statements were read when nothing more could come, and show the sure calls about the doubt.
//
// Usage about no call of ours may be the lost call's, whatever time it bears: vendors book late, by the day, or at the
// month's end.
//
// A file that lacks the lost calls alone, and none that we know of, looks exactly like one of a vendor who never
// charged them: that much nobody can tell.
//
// It is pure. All times are Unix milliseconds.
package whole

import (
	"slices"
	"time"

	"liverecon/batch/billing"
)

// Span holds a time, half-open, and the endpoint and region that it is of; what is empty is any.
type Span struct {
	From, To int64
	Route    billing.Route
}

func (s Span) has(at int64, route billing.Route) bool {
	return s.From <= at && at < s.To && s.Route.Suits(route)
}

// Cell describes lines over calls that they do not tell apart, how many sure calls of ours they lack, and whether
// they bill more than our calls and those in doubt.
type Cell struct {
	Span
	Missing int
	Surplus bool
}

// Month gathers what a month's statements show of it. Fill it in any order, then ask for the shortfall of each doubt.
type Month struct {
	From, To int64 // the month, half-open
	Edge     int64 // milliseconds about the bounds in which calls may be on the neighbouring month's statement
	Zone     *time.Location
	SaysMore bool // a total says more than its lines
	Cells    []Cell
	Ghosts   []billing.Route // of usage that is about no call of ours
	Guesses  []Span          // usage that was given to a call in doubt by the time alone

	seen map[billing.Route]*witnesses
	read map[billing.Route]int64

	dayFrom, dayTo int64 // the day that was looked at last
}

// witnesses counts what the month's statements show of the sure calls of one endpoint and region.
type witnesses struct {
	last int64           // the latest that is shown
	days map[int64]tally // by the beginning of the day in the billing zone
	band [2]tally        // in the neighbouring months, within the edge: the month before, the month after
}

type tally struct{ shown, missing int64 }

func (t *tally) count(shown bool) {
	if shown {
		t.shown++
	} else {
		t.missing++
	}
}

// Read takes in that a statement with a line about an endpoint and region was read at a time.
func (m *Month) Read(route billing.Route, at int64) {
	if m.read == nil {
		m.read = map[billing.Route]int64{}
	}
	if known, seen := m.read[route]; !seen || at > known {
		m.read[route] = at
	}
}

// Sure takes in a call that is sure to be charged, and whether a statement of its own month shows it. One that is on
// the statement of a neighbouring month, or awaited there, is not taken in.
func (m *Month) Sure(at int64, route billing.Route, shown bool) {
	s := m.seen[route]
	if s == nil {
		if m.seen == nil {
			m.seen = map[billing.Route]*witnesses{}
		}
		s = &witnesses{days: map[int64]tally{}}
		m.seen[route] = s
	}
	switch {
	case at < m.From:
		s.band[0].count(shown)
	case at >= m.To:
		s.band[1].count(shown)
	default:
		day := s.days[m.dayOf(at)]
		day.count(shown)
		s.days[m.dayOf(at)] = day
		if shown {
			s.last = max(s.last, at)
		}
	}
}

// dayOf returns the beginning of an instant's day.
func (m *Month) dayOf(at int64) int64 {
	if at < m.dayFrom || at >= m.dayTo {
		day := billing.DayAt(time.UnixMilli(at).UTC(), m.Zone)
		m.dayFrom, m.dayTo = day.From.UnixMilli(), day.To.UnixMilli()
	}
	return m.dayFrom
}

// Shortfall returns why the statements prove nothing about a doubt that is on none of their lines.
func (m *Month) Shortfall(at int64, route billing.Route) billing.Shortfall {
	if at < m.From || at >= m.To {
		return billing.ShortBound
	}
	s := m.seen[route]
	if s == nil {
		s = &witnesses{}
	}
	shown := false
	for _, day := range s.days {
		shown = shown || day.shown > 0
	}
	lacks, inCell := m.cellOf(at, route)
	has := func(s Span) bool { return s.has(at, route) }
	switch day := s.days[m.dayOf(at)]; {
	case !shown:
		return billing.ShortPlace
	case !m.isReadAfter(route):
		return billing.ShortEarly
	case m.SaysMore:
		return billing.ShortTotal
	case lacks > 0, day.missing > 0:
		return billing.ShortCalls
	case m.hasGhost(route):
		return billing.ShortLines
	case slices.ContainsFunc(m.Guesses, has):
		return billing.ShortTwin
	case !inCell && day.shown == 0:
		return billing.ShortDay
	case !inCell && at > s.last:
		return billing.ShortLast
	case !m.isBounded(at, s):
		return billing.ShortBound
	}
	return billing.Whole
}

// hasGhost reports whether usage that may be of an endpoint and region is about no call of ours.
func (m *Month) hasGhost(route billing.Route) bool {
	return slices.ContainsFunc(m.Ghosts, func(named billing.Route) bool { return named.Suits(route) }) ||
		slices.ContainsFunc(m.Cells, func(c Cell) bool { return c.Surplus && c.Route.Suits(route) })
}

// isReadAfter reports whether a statement about an endpoint and region was read when the month and its edge were over.
func (m *Month) isReadAfter(route billing.Route) bool {
	for named, at := range m.read {
		if named.Suits(route) && at >= m.To+m.Edge {
			return true
		}
	}
	return false
}

// cellOf reports whether a doubt can be in a cell, and how many of our calls such cells lack.
func (m *Month) cellOf(at int64, route billing.Route) (missing int, found bool) {
	for _, c := range m.Cells {
		if c.has(at, route) {
			missing, found = missing+c.Missing, true
		}
	}
	return missing, found
}

// isBounded reports whether a doubt is far from the month's bounds, or the neighbouring month's statement shows the
// sure calls beyond the bound, and would have shown the doubt.
func (m *Month) isBounded(at int64, s *witnesses) bool {
	for i, near := range []bool{at < m.From+m.Edge, at >= m.To-m.Edge} {
		if near && (s.band[i].shown == 0 || s.band[i].missing > 0) {
			return false
		}
	}
	return true
}
