package batch

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/liveness"
	"liverecon/batch/usage"
)

// lately sets how far back the share of answers that were charged is counted.
const lately = 31 * 24 * time.Hour

// price prices a plan: at most, and if as large a part of its answers is charged as lately. spent holds what the
// billing month has used of tiers and quota.
func price(ctx context.Context, job *Job, plan *Plan, spent *usage.Month, now time.Time) error {
	shares, err := chargedShares(ctx, job, now)
	if err != nil {
		return err
	}
	for i := range plan.Endpoints {
		l := &plan.Endpoints[i]
		calls := l.calls(l.Repeats)
		whole := decimal.NewFromInt(1)
		l.CostAtMost, l.Unpriced = spent.Cost(job.Caps, l.Endpoint, calls, whole, now)
		if share, known := shares[l.Endpoint]; known {
			l.AsLately, _ = spent.Cost(job.Caps, l.Endpoint, calls, share, now)
		}
	}
	return nil
}

// repeatsAtMost returns how many doubts a run may ask for again.
func repeatsAtMost(job *Job, p *Plan) int64 {
	if job.Policy.withDefaults().RepeatInDoubt == RepeatHold {
		return 0
	}
	if n := job.inDoubtBudget(p); n >= 0 {
		return n
	}
	return p.Open()
}

// calls returns the pending IDs by region, with as many of those in doubt as are asked for again.
func (l *EndpointPlan) calls(repeats int64) []usage.RegionCalls {
	calls := append([]usage.RegionCalls(nil), l.Regions...)
	for _, r := range l.doubtful {
		n := min(r.Calls, repeats)
		calls, repeats = append(calls, usage.RegionCalls{Region: r.Region, Calls: n}), repeats-n
	}
	return calls
}

// chargedShares returns what part of an endpoint's final answers was charged lately, by endpoint. Answers after which
// the ID is asked again say nothing about it.
func chargedShares(ctx context.Context, job *Job, now time.Time) (map[string]decimal.Decimal, error) {
	if job.Store == nil {
		return nil, nil // a plan before the first run
	}
	made, err := job.Store.Calls().Usage(ctx, now.Add(-lately), now.Add(time.Hour))
	if err != nil {
		return nil, err
	}
	final, paid := map[string]int64{}, map[string]int64{}
	for _, u := range made {
		switch job.Policy.Codes.Classify(u.Code) {
		case liveness.Done, liveness.Absent, liveness.NotFound, liveness.Refused:
		default:
			continue
		}
		final[u.Endpoint] += u.Calls
		if usage.Charge(job.Caps.Basis, u) != billing.Free {
			paid[u.Endpoint] += u.Calls
		}
	}
	shares := map[string]decimal.Decimal{}
	for endpoint, n := range final {
		shares[endpoint] = decimal.NewFromInt(paid[endpoint]).Div(decimal.NewFromInt(n))
	}
	return shares, nil
}
