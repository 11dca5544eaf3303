package match

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/batch/billing"
)

// matchRest accounts for the charges of ours that no line is about, and the calls in doubt that a complete statement
// does not show.
func matchRest(in *month, out *outcome) {
	sums := map[uint64]*finding{}
	var order []*finding
	in.journal.each(func(_ uint32, r *record) {
		endpoint := in.journal.routeOf(r).Endpoint
		if r.is(isUsed) || !in.journal.inMonth(r) || !in.coverage.isAbout(endpoint) {
			return
		}
		switch {
		case !in.charged(r):
			resolveUnlisted(in, out, r)
		case in.coverage.isByCall(endpoint):
			matchMissing(in, out, r)
		default:
			key := uint64(r.route)<<32 | uint64(r.price)
			if sums[key] == nil {
				at := in.journal.routeOf(r)
				f := &finding{Row: billing.Row{Class: billing.OursOnly, At: instantOf(r.at), Endpoint: at.Endpoint,
					Region: at.Region, Priced: true}}
				sums[key], order = f, append(order, f)
			}
			sums[key].addCharge(in, r)
		}
	})
	slices.SortStableFunc(order, func(a, b *finding) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Region, b.Region))
	})
	for _, f := range order {
		out.emit(f)
	}
}

// resolveUnlisted resolves a call in doubt that the statement does not show: it was not billed, unless it may still be
// on the neighbouring month's statement.
func resolveUnlisted(in *month, out *outcome, r *record) {
	if r.is(isBilled) || !in.coverage.isComplete(in.journal.routeOf(r).Endpoint) {
		return
	}
	if _, awaited := in.awaited(r); !awaited {
		out.resolve(r, false)
	}
}

// matchMissing accounts for a charge that is on no line: near the month's bounds it may be on the neighbouring month's
// statement.
func matchMissing(in *month, out *outcome, r *record) {
	f := in.find(billing.OursOnly, r, nil, "")
	f.addCharge(in, r)
	month, shown := in.neighbours[r.transactionID()]
	awaited, provisional := in.awaited(r)
	switch {
	case shown:
		f.Class = billing.OtherPeriod
		f.note(fmt.Sprintf("on the statement of %s", month))
		out.resolve(r, true)
	case provisional:
		f.Class = billing.OtherPeriod
		f.note(fmt.Sprintf("provisional: the statement of %s is not there yet", awaited))
	case in.coverage.isComplete(in.journal.routeOf(r).Endpoint):
		out.resolve(r, false)
	}
	if f.Class == billing.OtherPeriod {
		out.tiers.countOther(in, r, -1, f)
	}
	out.emit(f)
}
