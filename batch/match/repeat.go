package match

import "liverecon/batch/billing"

// identity describes by what a line without a transaction is the same on two statements: the time, or the day or month,
// and what it names.
type identity struct {
	at       int64
	when     precision
	fee      bool
	route    billing.Route
	currency string
}

// markRepeats sets aside the lines without a transaction that an earlier statement of the month has: they bill again
// what that one bills, unless somebody says that their statement repeats nothing.
func markRepeats(in *month) {
	if len(in.lines.statements.Values) < 2 {
		return
	}
	first := map[identity]uint32{}
	s := in.lines
	each := func(do func(l uint32, e *line, k identity)) {
		for i := range s.list {
			e := &s.list[i]
			if e.kind == usageLine && e.transaction == (transaction{}) && s.bills(e) {
				do(uint32(i), e, identity{e.at, e.when, e.quantity == 0, s.routeOf(e), s.currencyOf(e)})
			}
		}
	}
	each(func(l uint32, e *line, k identity) {
		if other, met := first[k]; !met || s.statementOf(e) < s.statementOf(&s.list[other]) {
			first[k] = l
		}
	})
	each(func(l uint32, e *line, k identity) {
		before := &s.list[first[k]]
		if before.statement == e.statement || in.Invoices[s.statementOf(e)].Additional {
			return
		}
		e.fate, in.first[l] = again, lineRef{s.statementOf(before), int(before.number), in.Month}
	})
}

// statementOf returns the number of a line's statement; of two the later import has the greater one.
func (s *lines) statementOf(e *line) int64 { return s.statements.Values[e.statement] }
