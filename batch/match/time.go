package match

import (
	"fmt"

	"liverecon/batch/billing"
)

// matchTimes settles lines whose transactions we have never seen: each may be
// about a call that was lost on its way back, or one whose answer had no
// transaction ID.
func (m *Matcher) matchTimes(strangers []*entry) {
	strangers = m.dropBilledBefore(strangers)
	shelves := m.shelve(func(r *record) bool {
		return !r.is(hasID) && m.isNear(r) && (r.isCharge(m.Reading) || r.mayBeCharged(m.Reading))
	})
	var exact, vague []*entry
	for _, e := range strangers {
		if e.when == exactTime {
			exact = append(exact, e)
		} else {
			vague = append(vague, e)
		}
	}
	calls := m.takeNearest(exact, shelves)
	for _, e := range vague {
		calls = append(calls, m.takeWithin(e, shelves))
	}
	moved := m.chargedElsewhere(calls)
	for i, e := range append(exact, vague...) {
		if calls[i] == nil {
			m.emit(m.find(billing.TheirsOnly, nil, e, ""))
			continue
		}
		if m.lines.bills(e) && m.journal.inMonth(calls[i]) {
			m.countTwice(e)
		}
		m.matchTime(e, calls[i], moved)
	}
}

// dropBilledBefore settles the lines whose transactions an earlier month's
// statement has billed already.
func (m *Matcher) dropBilledBefore(lines []*entry) []*entry {
	var rest []*entry
	for _, e := range lines {
		month, again := m.neighbours[e.transaction]
		if again && month.Before(m.Month) && m.lines.bills(e) {
			m.emit(m.find(billing.Duplicate, nil, e, fmt.Sprintf("also on the statement of %s", month)))
			continue
		}
		rest = append(rest, e)
	}
	return rest
}

// matchTime settles a line by a call near it in time.
func (m *Matcher) matchTime(e *entry, r *record, moved map[int64]*record) {
	charge := moved[r.check]
	switch {
	case !m.lines.bills(e) && r.isCharge(m.Reading):
		m.matchListed(e, []*record{r})
	case charge != nil && m.lines.bills(e):
		delete(moved, r.check)
		m.resolve(r, true)
		r.facts |= isUsed
		m.pair(e, fmt.Sprintf("charged at call %d to the same ID, which was in doubt", r.id), charge)
	case r.isCharge(m.Reading) && m.journal.inMonth(r):
		m.resolve(r, true)
		m.pair(e, "by time: our record has no transaction ID", r)
	case r.isCharge(m.Reading):
		m.billOther(e, r)
	default:
		m.explain(e, r, "")
	}
}

// chargedElsewhere finds, where an ID is charged once, the charges that a
// statement shows at another call than we expect: at one in doubt before it. It
// returns them by the ID.
func (m *Matcher) chargedElsewhere(calls []*record) map[int64]*record {
	moved := map[int64]*record{}
	if m.Reading != billing.DistinctID {
		return moved
	}
	taken := map[*record]bool{}
	for _, r := range calls {
		if r != nil && !r.isCharge(billing.DistinctID) {
			moved[r.check] = nil
		}
		taken[r] = true
	}
	m.journal.each(func(_ uint32, r *record) {
		if _, wanted := moved[r.check]; wanted && r.isCharge(billing.DistinctID) && m.journal.inMonth(r) && !r.is(isUsed) && !taken[r] {
			moved[r.check] = r
		}
	})
	return moved
}
