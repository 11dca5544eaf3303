package match

import (
	"liverecon/batch/billing"
	"liverecon/batch/match/internal/whole"
)

// judgeSilence notes of each doubt that is not billed why the statements prove nothing about it, if they do not.
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
	w := shownOf(in)
	in.journal.each(func(_ uint32, r *record) {
		if i, found := at[r.id]; found {
			all[i].Short = w.Shortfall(r.at, in.journal.routeOf(r))
		}
	})
}

// shownOf gathers what the month's statements show.
func shownOf(in *month) *whole.Month {
	w := &whole.Month{From: in.journal.from, To: in.journal.to, Edge: in.edge, Zone: in.journal.book.Location,
		SaysMore: in.saysMore}
	missing := map[uint32]bool{} // sure calls that are on no line
	for _, i := range in.left {
		missing[i] = in.elsewhere[i] == ""
	}
	for _, c := range in.cells {
		span := whole.Span{From: c.from, To: c.to, Route: c.route}
		w.Cells = append(w.Cells, whole.Cell{Span: span, Missing: len(c.missing), Surplus: c.surplus > 0})
		for _, i := range c.missing {
			missing[i] = true
		}
	}
	for i := range in.lines.list {
		e := &in.lines.list[i]
		switch {
		case e.kind == besideLine && e.fate == shown:
			w.Guesses = append(w.Guesses, reachOf(in, e))
		case e.kind != usageLine:
			continue
		case e.fate == alone:
			w.Ghosts = append(w.Ghosts, in.lines.routeOf(e))
		case e.fate == paired && in.journal.record(e.call-1).isLost():
			w.Guesses = append(w.Guesses, reachOf(in, e))
		}
		if read := in.Invoices[in.lines.statementOf(e)].Read; e.kind == usageLine && !read.IsZero() {
			w.Read(in.lines.routeOf(e), read.UnixMilli())
		}
	}
	in.journal.each(func(i uint32, r *record) {
		if r.isInDoubt() || !in.charged(r) || !in.isNear(r) {
			return
		}
		shown := r.is(isUsed) && !missing[i]
		switch {
		case r.at < in.journal.from:
			shown = isWith(in, r, in.Month.Plus(-1))
		case r.at >= in.journal.to:
			shown = isWith(in, r, in.Month.Plus(1))
		case in.elsewhere[i] != "": // on the neighbouring month's statement, or awaited there
			return
		}
		w.Sure(r.at, in.journal.routeOf(r), shown)
	})
	return w
}

// reachOf returns the time of the calls that a line may be about.
func reachOf(m *month, e *line) whole.Span {
	from, to := m.spanOf(e)
	if e.when == exactTime {
		from = e.at - m.Window.Milliseconds()
		to = e.at + clockSkew.Milliseconds() + m.resolution[e.statement]
	}
	return whole.Span{From: from, To: to, Route: m.lines.routeOf(e)}
}

// isWith reports whether a neighbouring month's statement bills a call.
func isWith(m *month, r *record, month billing.Period) bool {
	at, shown := m.neighbours[r.transactionID()]
	return shown && r.is(hasID) && at.month == month
}
