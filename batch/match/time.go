package match

import (
	"fmt"

	"liverecon/batch/billing"
)

// matchTimes accounts for lines whose transactions we have never seen: each may be about a call that was lost on its
// way back, or one whose answer had no transaction ID.
func matchTimes(in *month, out *outcome, unknown []*line) {
	unknown = dropBilledBefore(in, out, unknown)
	unused := newPool(in.journal, func(r *record) bool {
		return !r.is(hasID) && in.isNear(r) && (in.charged(r) || in.mayBeCharged(r))
	})
	var exact, vague []*line
	for _, e := range unknown {
		if e.when == exactTime {
			exact = append(exact, e)
		} else {
			vague = append(vague, e)
		}
	}
	calls := takeNearest(in, exact, unused)
	for _, e := range vague {
		calls = append(calls, takeWithin(in, e, unused))
	}
	moved := chargedElsewhere(in, calls)
	for i, e := range append(exact, vague...) {
		if calls[i] == nil {
			out.emit(in.find(billing.TheirsOnly, nil, e, ""))
			continue
		}
		if in.lines.bills(e) && in.journal.inMonth(calls[i]) {
			out.twice.count(in, e)
		}
		matchTime(in, out, e, calls[i], moved)
	}
}

// dropBilledBefore accounts for the lines whose transactions an earlier month's statement has billed already.
func dropBilledBefore(in *month, out *outcome, lines []*line) []*line {
	var rest []*line
	for _, e := range lines {
		month, again := in.neighbours[e.transaction]
		if again && month.Before(in.Month) && in.lines.bills(e) {
			out.emit(in.find(billing.Duplicate, nil, e, fmt.Sprintf("also on the statement of %s", month)))
			continue
		}
		rest = append(rest, e)
	}
	return rest
}

// matchTime accounts for a line by a call near it in time.
func matchTime(in *month, out *outcome, e *line, r *record, moved map[int64]*record) {
	charge := moved[r.check]
	switch {
	case !in.lines.bills(e) && in.charged(r):
		matchListed(in, out, e, []*record{r})
	case charge != nil && in.lines.bills(e):
		delete(moved, r.check)
		out.resolve(r, true)
		r.facts |= isUsed
		pair(in, out, e, fmt.Sprintf("charged at call %d to the same ID, which was in doubt", r.id), charge)
	case in.isOurs(r):
		out.resolve(r, true)
		pair(in, out, e, "by time: our record has no transaction ID", r)
	case in.charged(r):
		billOther(in, out, e, r)
	default:
		explain(in, out, e, r, "")
	}
}

// chargedElsewhere finds, where an ID is charged once, the charges that a statement shows at another call than we
// expect: at one in doubt before it. It returns them by the ID.
func chargedElsewhere(in *month, calls []*record) map[int64]*record {
	moved := map[int64]*record{}
	if in.Reading != billing.DistinctID {
		return moved
	}
	taken := map[*record]bool{}
	for _, r := range calls {
		if r != nil && !r.isCharge(billing.DistinctID) {
			moved[r.check] = nil
		}
		taken[r] = true
	}
	in.journal.each(func(_ uint32, r *record) {
		if _, wanted := moved[r.check]; wanted && r.isCharge(billing.DistinctID) && in.journal.inMonth(r) &&
			!r.is(isUsed) && !taken[r] {
			moved[r.check] = r
		}
	})
	return moved
}
