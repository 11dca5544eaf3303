package match

import (
	"fmt"
	"slices"

	"liverecon/batch/billing"
)

// link finds the calls with the transactions of the lines. It returns the second and later ones of a transaction, by
// the number of its first line.
func link(in *month) (again map[uint32][]uint32) {
	again = map[uint32][]uint32{}
	in.journal.each(func(i uint32, r *record) {
		lines, known := in.lines.byTransaction[r.transactionID()]
		if !known || !r.is(hasID) {
			return
		}
		first := &in.lines.list[lines.first-1]
		if first.call == 0 {
			first.call = i + 1
			return
		}
		again[lines.first] = append(again[lines.first], i)
	})
	return again
}

// matchTransactions accounts for the lines whose transactions we know. It returns the others, each transaction's second
// and later ones excepted.
func matchTransactions(in *month, out *outcome) (unknown []*line) {
	again := link(in)
	for i := range in.lines.list {
		first := &in.lines.list[i]
		if first.transaction == (transaction{}) || in.lines.byTransaction[first.transaction].first != uint32(i+1) {
			continue
		}
		calls := callsOf(in.journal, first, again[uint32(i+1)])
		billed, listed := linesOf(in, first, calls)
		if len(calls) == 0 {
			unknown = append(append(unknown, billed[:min(1, len(billed))]...), listed...)
			emitAgain(in, out, billed, 1, nil)
			continue
		}
		n := matchCharges(in, out, billed, calls)
		switch {
		case n == 0 && len(billed) > 0: // at issue, whether it is billed twice or not
			billUncharged(in, out, billed[0], calls)
			n = 1
		case n > 0 && in.journal.inMonth(calls[0]):
			out.twice.count(in, billed[0])
		}
		emitAgain(in, out, billed, n, calls[0])
		for _, e := range listed {
			matchListed(in, out, e, calls)
		}
	}
	return unknown
}

// emitAgain accounts for the lines that bill a transaction after n others did.
func emitAgain(in *month, out *outcome, lines []*line, n int, r *record) {
	for i := n; i < len(lines); i++ {
		out.emit(in.find(billing.Duplicate, r, lines[i], fmt.Sprintf("first on line %d", lines[0].number)))
	}
}

// callsOf returns the calls with a transaction, in the order of their times.
func callsOf(j *journal, first *line, again []uint32) []*record {
	if first.call == 0 {
		return nil
	}
	calls := []*record{j.record(first.call - 1)}
	for _, i := range again {
		calls = append(calls, j.record(i))
	}
	return calls
}

// linesOf returns the lines with a transaction: those that bill it, and those that only list it. A statement without
// tags that lists all calls shows what was free by the amount alone: it is taken at its word where we agree.
func linesOf(in *month, first *line, calls []*record) (billed, listed []*line) {
	free := len(calls) > 0 && !slices.ContainsFunc(calls, func(r *record) bool {
		return in.charged(r) || in.mayBeCharged(r)
	})
	for e := first; ; e = &in.lines.list[e.next-1] {
		e.free = free && in.lines.amountAt(e).IsZero() && billing.ParseTag(in.lines.pricingOf(e)) != billing.Pay
		if in.lines.bills(e) {
			billed = append(billed, e)
		} else {
			listed = append(listed, e)
		}
		if e.next == 0 {
			return billed, listed
		}
	}
}

// matchCharges pairs lines and calls of one transaction one by one, and returns how many lines it used. A line over
// several calls takes as many charges.
func matchCharges(in *month, out *outcome, lines []*line, calls []*record) int {
	ours := pick(calls, func(r *record) bool { return in.isOurs(r) })
	n := 0
	for ; n < len(lines) && len(ours) > 0; n++ {
		take := min(len(ours), int(max(1, lines[n].quantity)))
		pair(in, out, lines[n], "", ours[:take]...)
		for _, r := range ours[:take] {
			out.resolve(r, true)
		}
		ours = ours[take:]
	}
	possible := pick(calls, func(r *record) bool { return in.mayBeCharged(r) && in.journal.inMonth(r) })
	for ; n < len(lines) && len(possible) > 0; n++ {
		explain(in, out, lines[n], possible[0], "answered without a tag that says PAY or FREE")
		possible = possible[1:]
	}
	others := pick(calls, func(r *record) bool {
		return (in.charged(r) || in.mayBeCharged(r)) && !in.journal.inMonth(r) && in.isNear(r)
	})
	for ; n < len(lines) && len(others) > 0; n++ {
		billOther(in, out, lines[n], others[0])
		others = others[1:]
	}
	return n
}

func pick(calls []*record, wanted func(*record) bool) []*record {
	var list []*record
	for _, r := range calls {
		if wanted(r) {
			list = append(list, r)
		}
	}
	return list
}

// explain accounts for a line by a call in doubt: it was billed. What it bills beyond one call's price, or in another
// currency, the doubt does not explain.
func explain(in *month, out *outcome, e *line, r *record, note string) {
	out.resolve(r, in.lines.bills(e))
	f := in.find(billing.ExplainedByDoubt, r, e, note)
	p := in.journal.priceOf(r)
	if p == nil || !in.lines.bills(e) {
		out.emit(f)
		return
	}
	if p.Currency != f.Currency {
		f.Class = billing.PriceDiffers
		f.note(fmt.Sprintf("call %d was in doubt, and is priced in %s", r.id, p.Currency))
		out.emit(f)
		return
	}
	use := out.tiers[r.price]
	if use != nil {
		use.more++
	}
	switch _, found := p.SlotAt(f.TheirAmount); {
	case !found || f.TheirQuantity != 1:
		f.judgeDoubtful(p, in.totals[r.price])
	case use != nil:
		use.doubts = append(use.doubts, slotted{e, r, note})
		return
	}
	out.emit(f)
}

// billOther accounts for a line about a charge of a neighbouring month, which may be on that month's statement as well.
func billOther(in *month, out *outcome, e *line, r *record) {
	month := in.periodOf(r)
	switch shown, again := in.neighbours[e.transaction]; {
	case again:
		out.emit(in.find(billing.Duplicate, r, e, fmt.Sprintf("also on the statement of %s", shown)))
	case in.charged(r):
		out.resolve(r, true)
		f := in.find(billing.OtherPeriod, r, e, fmt.Sprintf("sent in %s", month))
		out.tiers.countOther(in, r, 1, f)
		out.emit(f)
	default:
		explain(in, out, e, r, fmt.Sprintf("sent in %s", month))
	}
}

// billUncharged accounts for a line about calls that are no charges.
func billUncharged(in *month, out *outcome, e *line, calls []*record) {
	near := pick(calls, in.isNear)
	if len(near) > 0 {
		out.resolve(near[0], true)
	}
	switch {
	case len(near) == 0:
		month := in.periodOf(calls[0])
		out.emit(in.find(billing.TheirsOnly, calls[0], e, fmt.Sprintf("sent in %s, not near this month", month)))
	case near[0].is(isFree):
		out.emit(in.find(billing.PricingDiffers, near[0], e, ""))
	case billedBefore(in, e):
		out.emit(in.find(billing.Duplicate, near[0], e, fmt.Sprintf("also on the statement of %s",
			in.neighbours[e.transaction])))
	default:
		out.emit(in.find(billing.PricingDiffers, near[0], e, fmt.Sprintf("no charge by the reading %s", in.Reading)))
	}
}

// billedBefore reports whether a neighbouring month's statement bills a line's transaction: that has settled the doubt
// about its call.
func billedBefore(in *month, e *line) bool {
	_, again := in.neighbours[e.transaction]
	return again
}

// matchListed accounts for a line that lists a call as free.
func matchListed(in *month, out *outcome, e *line, calls []*record) {
	for _, r := range calls {
		if in.isOurs(r) && !r.is(isUsed) {
			f := in.find(billing.OursOnly, r, e, "the statement lists it as free")
			f.addCharge(in, r)
			out.resolve(r, false)
			out.emit(f)
			return
		}
	}
	for _, r := range calls {
		if !r.is(isUsed) {
			out.resolve(r, false)
		}
	}
	out.emit(in.find(billing.Matched, calls[0], e, "listed, not billed"))
}
