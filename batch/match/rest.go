package match

import (
	"fmt"
	"slices"
)

// matchRest settles what is left of ours: charges that no line is about, and calls in doubt that the statements would
// show.
func matchRest(in *month) {
	in.journal.each(func(_ uint32, r *record) { // what the neighbouring month's own calls use up of its lines
		if at, shown := in.neighbours[r.transactionID()]; shown && r.is(hasID) && !in.journal.inMonth(r) &&
			(in.charged(r) || in.mayBeCharged(r)) && in.periodOf(r) == at.month {
			in.shown[r.transactionID()]++
		}
	})
	in.journal.each(func(i uint32, r *record) {
		if r.is(isUsed) || !in.journal.inMonth(r) || !in.coverage.IsAbout(in.journal.routeOf(r).Endpoint) {
			return
		}
		if in.charged(r) {
			matchMissing(in, i, r)
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
func matchMissing(in *month, i uint32, r *record) {
	in.left = append(in.left, i)
	id := r.transactionID()
	month, shown := in.neighbours[id]
	// one line there is of one call, and none where it bills again what a line of this month bills
	shown = shown && in.shown[id] <= len(in.twins[id]) && (month.month.Before(in.Month) || !bills(in, id))
	awaited, provisional := in.awaited(r)
	switch {
	case shown && r.is(hasID):
		r.facts |= isUsed
		in.shown[id]++
		in.elsewhere[i] = fmt.Sprintf("on the statement of %s", month.month)
		in.resolve(r, true)
	case provisional:
		r.facts |= isUsed
		in.elsewhere[i] = fmt.Sprintf("provisional: the statement of %s is not there yet", awaited)
	default:
		in.resolve(r, false)
		in.owe(r)
	}
}

// bills reports whether a line of the month bills a transaction.
func bills(in *month, id transaction) bool {
	first := in.lines.byTransaction[id].first
	return first != 0 && slices.ContainsFunc(in.lines.chained(first-1), func(l uint32) bool {
		e := &in.lines.list[l]
		return e.fate == paired || e.fate == uncharged
	})
}
