package match

import (
	"fmt"
	"slices"

	"liverecon/batch/billing"
)

// link finds the calls with the transactions of the lines.
func (m *Matcher) link() {
	m.journal.each(func(i uint32, r *record) {
		lines, known := m.byTransaction[r.transactionID()]
		if !known || !r.is(hasID) {
			return
		}
		first := &m.lines.list[lines.first-1]
		if first.call == 0 {
			first.call = i + 1
			return
		}
		m.again[lines.first] = append(m.again[lines.first], i)
	})
}

// matchTransactions settles the lines whose transactions we know. It returns the
// others, each transaction's second and later ones excepted.
func (m *Matcher) matchTransactions() (strangers []*entry) {
	m.link()
	for i := range m.lines.list {
		first := &m.lines.list[i]
		if first.transaction == (transaction{}) || m.byTransaction[first.transaction].first != uint32(i+1) {
			continue
		}
		calls := m.callsOf(first, uint32(i+1))
		billed, listed := m.linesOf(first, calls)
		if len(calls) == 0 {
			strangers = append(append(strangers, billed[:min(1, len(billed))]...), listed...)
			m.emitAgain(billed, 1, nil)
			continue
		}
		n := m.matchCharges(billed, calls)
		if n == 0 && len(billed) > 0 {
			m.billUncharged(billed[0], calls)
			n = 1
		}
		if len(billed) > 0 && m.journal.inMonth(calls[0]) {
			m.countTwice(billed[0])
		}
		m.emitAgain(billed, n, calls[0])
		for _, e := range listed {
			m.matchListed(e, calls)
		}
	}
	return strangers
}

// emitAgain settles the lines that bill a transaction after n others did.
func (m *Matcher) emitAgain(lines []*entry, n int, r *record) {
	for i := n; i < len(lines); i++ {
		m.emit(m.find(billing.Duplicate, r, lines[i], fmt.Sprintf("first on line %d", lines[0].line)))
	}
}

// callsOf are the calls with a transaction, in the order of their times.
func (m *Matcher) callsOf(first *entry, number uint32) []*record {
	if first.call == 0 {
		return nil
	}
	calls := []*record{m.journal.record(first.call - 1)}
	for _, i := range m.again[number] {
		calls = append(calls, m.journal.record(i))
	}
	return calls
}

// linesOf are the lines with a transaction: those that bill it, and those that
// only list it. A statement without tags that lists all calls shows what was free
// by the amount alone: it is taken at its word where we agree.
func (m *Matcher) linesOf(first *entry, calls []*record) (billed, listed []*entry) {
	free := len(calls) > 0 && !slices.ContainsFunc(calls, func(r *record) bool {
		return r.isCharge(m.Reading) || r.mayBeCharged(m.Reading)
	})
	for e := first; ; e = &m.lines.list[e.next-1] {
		e.free = free && m.lines.amountAt(e).IsZero() && billing.ParseTag(m.lines.pricingOf(e)) != billing.Pay
		if m.lines.bills(e) {
			billed = append(billed, e)
		} else {
			listed = append(listed, e)
		}
		if e.next == 0 {
			return billed, listed
		}
	}
}

// matchCharges pairs lines and calls of one transaction one by one, and returns
// how many lines it used. A line over several calls takes as many charges.
func (m *Matcher) matchCharges(lines []*entry, calls []*record) int {
	ours := pick(calls, func(r *record) bool { return r.isCharge(m.Reading) && m.journal.inMonth(r) })
	n := 0
	for ; n < len(lines) && len(ours) > 0; n++ {
		take := min(len(ours), int(max(1, lines[n].quantity)))
		m.pair(lines[n], "", ours[:take]...)
		for _, r := range ours[:take] {
			m.resolve(r, true)
		}
		ours = ours[take:]
	}
	possible := pick(calls, func(r *record) bool { return r.mayBeCharged(m.Reading) && m.journal.inMonth(r) })
	for ; n < len(lines) && len(possible) > 0; n++ {
		m.explain(lines[n], possible[0], "answered without a tag that says PAY or FREE")
		possible = possible[1:]
	}
	others := pick(calls, func(r *record) bool {
		return (r.isCharge(m.Reading) || r.mayBeCharged(m.Reading)) && !m.journal.inMonth(r) && m.isNear(r)
	})
	for ; n < len(lines) && len(others) > 0; n++ {
		m.billOther(lines[n], others[0])
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

// isNear says whether a call is of the month or within its edge band. Later ones
// were never added.
func (m *Matcher) isNear(r *record) bool { return m.journal.from-m.Edge.Milliseconds() <= r.at }

// explain settles a line by a call in doubt: it was billed. What it bills beyond
// one call's price, or in another currency, the doubt does not explain.
func (m *Matcher) explain(e *entry, r *record, note string) {
	m.resolve(r, m.lines.bills(e))
	f := m.find(billing.ExplainedByDoubt, r, e, note)
	p := m.journal.priceOf(r)
	if p == nil || !m.lines.bills(e) {
		m.emit(f)
		return
	}
	if p.Currency != f.Currency {
		f.Class = billing.PriceDiffers
		f.note(fmt.Sprintf("call %d was in doubt, and is priced in %s", r.id, p.Currency))
		m.emit(f)
		return
	}
	use := m.slots[r.price]
	if use != nil {
		use.more++
	}
	switch _, found := p.SlotAt(f.TheirAmount); {
	case !found || f.TheirQuantity != 1:
		m.judgeDoubtful(f, p, m.totals[r.price])
	case use != nil:
		use.doubts = append(use.doubts, slotted{e, r, note})
		return
	}
	m.emit(f)
}

// billOther settles a line about a charge of a neighbouring month, which may be
// on that month's statement as well.
func (m *Matcher) billOther(e *entry, r *record) {
	month := m.journal.book.PeriodOf(instantOf(r.at))
	switch shown, again := m.neighbours[e.transaction]; {
	case again:
		m.emit(m.find(billing.Duplicate, r, e, fmt.Sprintf("also on the statement of %s", shown)))
	case r.isCharge(m.Reading):
		m.resolve(r, true)
		f := m.find(billing.OtherPeriod, r, e, fmt.Sprintf("sent in %s", month))
		m.countOther(r, 1, f)
		m.emit(f)
	default:
		m.explain(e, r, fmt.Sprintf("sent in %s", month))
	}
}

// billUncharged settles a line about calls that are no charges.
func (m *Matcher) billUncharged(e *entry, calls []*record) {
	near := pick(calls, m.isNear)
	if len(near) > 0 {
		m.resolve(near[0], true)
	}
	switch {
	case len(near) == 0:
		month := m.journal.book.PeriodOf(instantOf(calls[0].at))
		m.emit(m.find(billing.TheirsOnly, calls[0], e, fmt.Sprintf("sent in %s, not near this month", month)))
	case near[0].is(isFree):
		m.emit(m.find(billing.PricingDiffers, near[0], e, ""))
	default:
		m.emit(m.find(billing.PricingDiffers, near[0], e, fmt.Sprintf("no charge by the reading %s", m.Reading)))
	}
}

// matchListed settles a line that lists a call as free.
func (m *Matcher) matchListed(e *entry, calls []*record) {
	for _, r := range calls {
		if r.isCharge(m.Reading) && m.journal.inMonth(r) && !r.is(isUsed) {
			f := m.find(billing.OursOnly, r, e, "the statement lists it as free")
			m.claim(f, r)
			m.resolve(r, false)
			m.emit(f)
			return
		}
	}
	for _, r := range calls {
		if !r.is(isUsed) {
			m.resolve(r, false)
		}
	}
	m.emit(m.find(billing.Matched, calls[0], e, "listed, not billed"))
}
