package reconcile

import (
	"context"

	"liverecon/batch/billing"
	"liverecon/batch/lost"
	"liverecon/store/snapshot"
)

// lostTimes returns the lost times of restorations as far as the charges of other months leave something of them: as
// these were reconciled last, closed ones too.
func lostTimes(ctx context.Context, snap *snapshot.Snapshot, r *Task, month billing.Period) (lost.Times, error) {
	known, err := snap.Reconciliations().LostTimes(ctx)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	var times lost.Times
	first, last := known[0].From, known[0].Until
	for _, l := range known {
		times = append(times, lost.Time(l))
		if l.From.Before(first) {
			first = l.From
		}
		if l.Until.After(last) {
			last = l.Until
		}
	}
	var others []lost.Month
	end := r.Prices.PeriodOf(last.Add(r.Edge))
	for m := r.Prices.PeriodOf(first.Add(-r.Edge)); !end.Before(m); m = m.Plus(1) {
		standing, err := snap.Reconciliations().Current(ctx, m.String())
		if err != nil {
			return nil, err
		}
		if m == month || standing == nil {
			continue
		}
		taken, _, err := snap.Reconciliations().LostLines(ctx, standing.ID, billing.LostCalls)
		if err != nil {
			return nil, err
		}
		others = append(others, lostMonth(r, m, taken))
	}
	return times.Left(lostMonth(r, month, 0), others), nil
}

// lostMonth returns a month with the charges that may stand on its statement.
func lostMonth(r *Task, m billing.Period, taken int64) lost.Month {
	from, to := r.Prices.Months().Bounds(m)
	return lost.Month{From: from.Add(-r.Edge), To: to.Add(r.Edge), Taken: taken}
}
