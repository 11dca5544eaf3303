package match

import (
	"time"

	"liverecon/batch/billing"
)

// A doubt that is on no line is not billed, by the rules. But a file may be of a part of the month, of one region, or
// without the lines that come late; then its silence proves nothing. What is looked for here is proof that the silence
// is one: that the statements were read when nothing more could come, and show the sure calls about the doubt.
//
// A file that lacks the lost calls alone, and none that we know of, looks exactly like one of a vendor who never charged
// them: that much nobody can tell.

// witnesses are what the month's statements show of the sure calls of one endpoint and region.
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

// whole finds out of which doubts that are on no line the statements' silence proves nothing.
type whole struct {
	*month
	seen    map[billing.Route]*witnesses
	missing map[uint32]bool // sure calls that are on no line
	read    map[billing.Route]time.Time
	ghosts  []*line // usage that is about no call of ours
	guesses []*line // usage that was given to a call in doubt by the time alone

	from, to int64 // the day that was looked at last
}

func newWhole(in *month) *whole {
	w := &whole{month: in, seen: map[billing.Route]*witnesses{}, missing: map[uint32]bool{},
		read: map[billing.Route]time.Time{}}
	for _, i := range in.left {
		w.missing[i] = in.elsewhere[i] == ""
	}
	for _, c := range in.cells {
		for _, i := range c.missing {
			w.missing[i] = true
		}
	}
	for i := range in.lines.list {
		e := &in.lines.list[i]
		if e.kind == besideLine && e.fate == shown {
			w.guesses = append(w.guesses, e)
		}
		if e.kind != usageLine {
			continue
		}
		route := in.lines.routeOf(e)
		if at := in.Invoices[in.lines.statements.values[e.statement]].Read; at.After(w.read[route]) {
			w.read[route] = at
		}
		switch {
		case e.fate == alone:
			w.ghosts = append(w.ghosts, e)
		case e.fate == paired && in.journal.record(e.call-1).isLost():
			w.guesses = append(w.guesses, e)
		}
	}
	in.journal.each(w.witness)
	return w
}

// dayOf returns the beginning of an instant's day.
func (w *whole) dayOf(at int64) int64 {
	if at < w.from || at >= w.to {
		day := billing.DayAt(instantOf(at), w.journal.book.Location)
		w.from, w.to = day.From.UnixMilli(), day.To.UnixMilli()
	}
	return w.from
}

// witness takes in a call that is sure to be charged.
func (w *whole) witness(i uint32, r *record) {
	if r.isDoubtful() || !w.charged(r) || !w.isNear(r) {
		return
	}
	route := w.journal.routeOf(r)
	s := w.seen[route]
	if s == nil {
		s = &witnesses{days: map[int64]tally{}}
		w.seen[route] = s
	}
	switch {
	case r.at < w.journal.from:
		s.band[0].count(w.isWith(r, w.Month.Plus(-1)))
	case r.at >= w.journal.to:
		s.band[1].count(w.isWith(r, w.Month.Plus(1)))
	case w.elsewhere[i] != "": // on the neighbouring month's statement, or awaited there
	default:
		shown := r.is(isUsed) && !w.missing[i]
		day := s.days[w.dayOf(r.at)]
		day.count(shown)
		s.days[w.dayOf(r.at)] = day
		if shown {
			s.last = max(s.last, r.at)
		}
	}
}

// isWith reports whether a neighbouring month's statement bills a call.
func (w *whole) isWith(r *record, month billing.Period) bool {
	at, shown := w.neighbours[r.transactionID()]
	return shown && r.is(hasID) && at.month == month
}

// shortfall says why the statements prove nothing about a doubt that is on none of their lines.
func (w *whole) shortfall(r *record) billing.Shortfall {
	route := w.journal.routeOf(r)
	if !w.journal.inMonth(r) {
		return billing.ShortBound
	}
	s := w.seen[route]
	if s == nil {
		s = &witnesses{}
	}
	shown := false
	for _, day := range s.days {
		shown = shown || day.shown > 0
	}
	lacks, inCell := w.cellOf(r)
	switch {
	case !shown:
		return billing.ShortPlace
	case !w.isReadAfter(route):
		return billing.ShortEarly
	case w.saysMore:
		return billing.ShortTotal
	case lacks > 0, s.days[w.dayOf(r.at)].missing > 0:
		return billing.ShortCalls
	case w.isNamed(r, w.ghosts):
		return billing.ShortLines
	case w.isNamed(r, w.guesses):
		return billing.ShortTwin
	case !inCell && s.days[w.dayOf(r.at)].shown == 0:
		return billing.ShortDay
	case !inCell && r.at > s.last:
		return billing.ShortLast
	case !w.isBounded(r, s):
		return billing.ShortBound
	}
	return billing.Whole
}

// isReadAfter reports whether a statement about an endpoint and region was read when the month and its edge were over.
func (w *whole) isReadAfter(route billing.Route) bool {
	for named, at := range w.read {
		if named.Suits(route) && at.UnixMilli() >= w.journal.to+w.edge {
			return true
		}
	}
	return false
}

// cellOf reports whether a doubt can be in a cell, lines over calls that they do not tell apart, and how many of our
// calls such cells lack.
func (w *whole) cellOf(r *record) (missing int, found bool) {
	route := w.journal.routeOf(r)
	for _, c := range w.cells {
		if c.from <= r.at && r.at < c.to && c.route.Suits(route) {
			missing, found = missing+len(c.missing), true
		}
	}
	return missing, found
}

// isNamed reports whether one of some lines may be about a doubt.
func (w *whole) isNamed(r *record, lines []*line) bool {
	route := w.journal.routeOf(r)
	for _, e := range lines {
		if !w.lines.routeOf(e).Suits(route) {
			continue
		}
		from, to := w.spanOf(e)
		if e.fate != alone && e.when == exactTime {
			from = e.at - w.Window.Milliseconds()
			to = e.at + clockSkew.Milliseconds() + w.resolution[e.statement]
		}
		if from <= r.at && r.at < to {
			return true
		}
	}
	return false
}

// isBounded reports whether a doubt is far from the month's bounds, or the neighbouring month's statement shows the sure
// calls beyond the bound, and would have shown the doubt.
func (w *whole) isBounded(r *record, s *witnesses) bool {
	for i, near := range []bool{r.at < w.journal.from+w.edge, r.at >= w.journal.to-w.edge} {
		if near && (s.band[i].shown == 0 || s.band[i].missing > 0) {
			return false
		}
	}
	return true
}

// judgeSilence says of each doubt that is not billed why the statements prove nothing about it, if they do not.
func judgeSilence(in *month, all []Resolution) {
	at := map[int64]int{}
	for i, s := range all {
		if !s.Billed {
			at[s.CallID] = i
		}
	}
	if len(at) == 0 {
		return
	}
	w := newWhole(in)
	in.journal.each(func(_ uint32, r *record) {
		if i, found := at[r.id]; found {
			all[i].Short = w.shortfall(r)
		}
	})
}
