package match

import (
	"fmt"
)

// matchRest settles what is left of ours: charges that no line is about, and calls in doubt that the statements would
// show.
func matchRest(in *month) {
	in.journal.each(func(i uint32, r *record) {
		if r.is(isUsed) || !in.journal.inMonth(r) || !in.coverage.isAbout(in.journal.routeOf(r).Endpoint) {
			return
		}
		if in.charged(r) {
			in.matchMissing(i, r)
			return
		}
		_, shown := in.neighbours[r.transactionID()]
		_, awaited := in.awaited(r)
		switch {
		case shown && r.is(hasID):
			in.resolve(r, true)
		case !awaited && !r.is(isBilled):
			in.resolve(r, false)
		}
	})
}

// matchMissing settles a charge that is on no line: near the month's bounds it may be on the neighbouring month's
// statement, else it is owed.
func (m *month) matchMissing(i uint32, r *record) {
	m.left = append(m.left, i)
	month, shown := m.neighbours[r.transactionID()]
	awaited, provisional := m.awaited(r)
	switch {
	case shown && r.is(hasID):
		r.facts |= isUsed
		m.elsewhere[i] = fmt.Sprintf("on the statement of %s", month.month)
		m.resolve(r, true)
	case provisional:
		r.facts |= isUsed
		m.elsewhere[i] = fmt.Sprintf("provisional: the statement of %s is not there yet", awaited)
	default:
		m.resolve(r, false)
		m.owe(r)
	}
}
