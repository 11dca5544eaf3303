package match

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/match/internal/assign"
)

// clockSkew sets how much the vendor's clock may be behind ours: a charge never precedes its request by more.
const clockSkew = 30 * time.Second

// matchTimes gives lines their calls by time: first those whose transactions we have never seen, which may be about a
// call that was lost on its way back, or one whose answer had no transaction ID; then those that give a time and no
// transaction.
func matchTimes(in *month, unknown []uint32) {
	bare := callsAlone(in, func(r *record) bool { return !r.is(hasID) })
	var exact, vague, quiet []uint32
	for _, l := range unknown {
		switch e := &in.lines.list[l]; {
		case !in.lines.bills(e):
			quiet = append(quiet, l)
		case e.when == exactTime:
			exact = append(exact, l)
		default:
			vague = append(vague, l)
		}
	}
	vendors := vendorPrices(in)
	pairByTime(in, exact, bare, in.hasPrice)
	pairByTime(in, exact, bare, vendors)
	slices.SortFunc(vague, func(a, b uint32) int { // the order of the lines decides nothing
		e, f := &in.lines.list[a], &in.lines.list[b]
		return cmp.Or(in.lines.amountAt(e).Cmp(in.lines.amountAt(f)),
			cmp.Compare(in.journal.textOf(e.transaction), in.journal.textOf(f.transaction)))
	})
	for _, l := range vague {
		pairWithin(in, l, bare)
	}
	listByTime(in, quiet, bare)
	timed := timedLines(in)
	if len(timed) == 0 {
		return
	}
	all := callsAlone(in, func(*record) bool { return true })
	pairByTime(in, timed, all, in.hasPrice)
	pairByTime(in, timed, all, vendors)
}

// callsAlone lists the charges and the calls in doubt near the month that no line is about yet, by time.
func callsAlone(in *month, wanted func(*record) bool) []uint32 {
	var list []uint32
	in.journal.each(func(i uint32, r *record) {
		if r.is(isUsed) || !in.isNear(r) || !wanted(r) || !in.charged(r) && !in.mayBeCharged(r) {
			return
		}
		if _, shown := in.neighbours[r.transactionID()]; shown && r.is(hasID) {
			return
		}
		list = append(list, i)
	})
	return list
}

// timedLines lists the lines over one call that give a time of day and no transaction.
func timedLines(in *month) []uint32 {
	var list []uint32
	for i := range in.lines.list {
		if e := &in.lines.list[i]; in.lines.isTimed(e) {
			list = append(list, uint32(i))
		}
	}
	return list
}

// vendorPrices returns a test like hasPrice for the amounts that the statement bills on calls of the same price.
func vendorPrices(in *month) func(*line, *record) bool {
	type charge struct {
		price  uint16
		amount uint32
	}
	billed := map[charge]bool{}
	for i := range in.lines.list {
		if e := &in.lines.list[i]; e.fate == paired && e.quantity == 1 {
			billed[charge{in.journal.record(e.call - 1).price, e.amount}] = true
		}
	}
	return func(e *line, r *record) bool { return billed[charge{r.price, e.amount}] }
}

// pairByTime pairs lines that have no call yet with calls that have no line, so that the weights of the pairs, the
// window less the distance, make the most.
func pairByTime(in *month, lines, calls []uint32, priced func(*line, *record) bool) {
	t := assign.Timeline{Early: clockSkew.Milliseconds(), Window: in.Window.Milliseconds()}
	var who, whom []uint32
	for _, l := range lines {
		e := &in.lines.list[l]
		if e.fate == alone && in.nearInstant(e.at) {
			who = append(who, l)
			t.Lines = append(t.Lines, e.at)
			t.Slack = append(t.Slack, in.resolution[e.statement])
		}
	}
	if len(who) == 0 {
		return
	}
	for _, i := range calls {
		if r := in.journal.record(i); !r.is(isUsed) {
			whom = append(whom, i)
			t.Calls = append(t.Calls, r.at)
		}
	}
	t.Allowed = func(l, c int) (charge, ok bool) {
		e, r := &in.lines.list[who[l]], in.journal.record(whom[c])
		charge = in.charged(r)
		return charge, in.suits(e, r) && (charge || priced(e, r))
	}
	moved := charges{}
	var later [][2]uint32 // lines and calls in doubt whose ID has its charge at another call: that call's own line goes first
	for l, c := range t.Assign() {
		switch {
		case c < 0:
		case moved.has(in, whom[c]):
			later = append(later, [2]uint32{who[l], whom[c]})
		case in.lines.list[who[l]].kind == besideLine:
			showElsewhere(in, who[l], whom[c])
		default:
			pairAbout(in, who[l], whom[c])
		}
	}
	again := false
	for _, pair := range later {
		again = !moved.carry(in, pair[0], pair[1]) || again
	}
	if again { // without the doubts whose ID turned out to be charged at another call
		pairByTime(in, who, whom, priced)
	}
}

// beside represents a line of a neighbouring month's statement.
type beside struct {
	line  uint32
	month billing.Period
}

// pairBeside finds the calls near the month's bounds that lines of other months are about by their times. An earlier
// month's lines choose before the month's own, and a later one's after them.
func pairBeside(in *month, wanted func(billing.Period) bool) {
	var unknown, timed []uint32
	known := map[transaction]bool{}
	in.journal.each(func(_ uint32, r *record) {
		if r.is(hasID) && len(in.beside) > 0 {
			known[r.transactionID()] = true
		}
	})
	for _, b := range in.beside {
		switch id := in.lines.list[b.line].transaction; {
		case !wanted(b.month) || known[id]:
		case id != transaction{}:
			unknown = append(unknown, b.line)
		default:
			timed = append(timed, b.line)
		}
	}
	if len(unknown) > 0 {
		pairByTime(in, unknown, callsAlone(in, func(r *record) bool { return !r.is(hasID) }), in.isInTable)
	}
	if len(timed) > 0 {
		pairByTime(in, timed, callsAlone(in, func(*record) bool { return true }), in.isInTable)
	}
}

// showElsewhere uses a call up that a line of a neighbouring month is about.
func showElsewhere(in *month, l, i uint32) {
	e, r := &in.lines.list[l], in.journal.record(i)
	e.fate = shown
	r.facts |= isUsed
	if !in.journal.inMonth(r) {
		return
	}
	in.resolve(r, true)
	switch about := in.coverage.IsAbout(in.journal.routeOf(r).Endpoint); {
	case in.charged(r) && !about: // in no row, like all of its endpoint
		r.facts &^= isUsed
	case in.charged(r):
		n := slices.IndexFunc(in.beside, func(b beside) bool { return b.line == l })
		in.left = append(in.left, i)
		in.elsewhere[i] = fmt.Sprintf("on the statement of %s", in.beside[n].month)
	}
}

// pairAbout gives a line a call by the time.
func pairAbout(in *month, l, i uint32) {
	in.pair(l, i)
	e := &in.lines.list[l]
	e.byTime = true
	if e.transaction != (transaction{}) && in.journal.inMonth(in.journal.record(i)) {
		in.twice.count(in, e)
	}
}

// charges finds, where an ID is charged once, the charges that a statement shows at another call than we expect: at one
// in doubt before it. The key is the ID.
type charges map[int64]uint32

// has reports whether the charge of the ID of a call in doubt is at another call, of whatever month.
func (c *charges) has(in *month, i uint32) bool {
	r := in.journal.record(i)
	if in.basis != billing.DistinctID || r.isCharge(billing.DistinctID) {
		return false
	}
	if len(*c) == 0 {
		in.journal.each(func(i uint32, r *record) {
			if in.charged(r) {
				(*c)[r.check] = i
			}
		})
	}
	_, found := (*c)[r.check]
	return found
}

// carry gives a line that stands at a call in doubt the one charge of the ID: in the month of the charge that call,
// else the doubt. It reports false where another line has the charge, so that the doubt has none.
func (c *charges) carry(in *month, l, i uint32) bool {
	doubt := in.journal.record(i)
	at := (*c)[doubt.check]
	charge := in.journal.record(at)
	beside := in.lines.list[l].kind == besideLine
	switch {
	case charge.is(isUsed):
		in.resolve(doubt, false)
		doubt.facts |= isUsed
		return false
	case !in.journal.inMonth(charge):
		charge.facts |= isUsed
		if beside {
			showElsewhere(in, l, i)
		} else {
			pairAbout(in, l, i)
		}
	default:
		in.resolve(doubt, true)
		doubt.facts |= isUsed
		if beside {
			showElsewhere(in, l, at)
			return true
		}
		in.standIn[l] = doubt.id
		in.pair(l, at)
	}
	return true
}

// pairWithin gives a line that names a transaction and no time of day the first call of its day, or of the month, that
// has its price.
func pairWithin(in *month, l uint32, calls []uint32) {
	e := &in.lines.list[l]
	from, to := in.spanOf(e)
	first, _ := slices.BinarySearchFunc(calls, from, func(i uint32, at int64) int {
		return cmp.Compare(in.journal.record(i).at, at)
	})
	for _, i := range calls[first:] {
		r := in.journal.record(i)
		if r.at >= to {
			return
		}
		if !r.is(isUsed) && in.suits(e, r) && in.hasPrice(e, r) {
			pairAbout(in, l, i)
			return
		}
	}
}

// listByTime gives lines that bill nothing the calls near them.
func listByTime(in *month, lines, calls []uint32) {
	for _, l := range lines {
		e := &in.lines.list[l]
		e.fate = listed
		best, distance := uint32(0), in.Window.Milliseconds()+1
		for _, i := range calls {
			r := in.journal.record(i)
			if d := max(r.at-e.at, e.at-r.at); e.when == exactTime && d < distance && !r.is(isUsed) && in.suits(e, r) {
				best, distance = i, d
			}
		}
		if distance > in.Window.Milliseconds() {
			continue
		}
		r := in.journal.record(best)
		if in.isOurs(r) {
			in.listPay(l, best)
			continue
		}
		e.call = best + 1
		in.resolve(r, false)
		r.facts |= isUsed
	}
}

// resolutions returns how exactly each statement gives its times, in milliseconds.
func resolutions(s *lines) []int64 {
	list := make([]int64, len(s.statements.Values))
	for i := range list {
		list[i] = time.Minute.Milliseconds()
	}
	for i := range s.list {
		e := &s.list[i]
		for e.when == exactTime && e.at%list[e.statement] != 0 {
			if list[e.statement] == time.Minute.Milliseconds() {
				list[e.statement] = time.Second.Milliseconds()
			} else {
				list[e.statement] = 1
			}
		}
	}
	return list
}
