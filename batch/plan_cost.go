package batch

import (
	"context"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/liveness"
	"liverecon/store"
)

// lately is how far back the share of answers that were charged is counted.
const lately = 31 * 24 * time.Hour

// price says what a plan will cost: at most, and if as large a part of its answers is charged as lately. used is what the
// billing month has used of tiers and quota.
func price(ctx context.Context, job *Job, plan *Plan, used []store.Usage, now time.Time) error {
	shares, err := chargedShares(ctx, job, now)
	if err != nil {
		return err
	}
	for i := range plan.Lanes {
		l := &plan.Lanes[i]
		calls := l.calls(l.Repeats)
		whole := decimal.NewFromInt(1)
		l.CostAtMost, l.Unpriced = cost(job.Prices, job.Caps, l.Endpoint, calls, whole, used, now)
		if share, known := shares[l.Endpoint]; known {
			l.AsLately, _ = cost(job.Prices, job.Caps, l.Endpoint, calls, share, used, now)
		}
	}
	return nil
}

// repeatsAtMost is how many doubts a run may ask for again.
func (j *Job) repeatsAtMost(p *Plan) int64 {
	if j.Policy.withDefaults().RepeatInDoubt == RepeatHold {
		return 0
	}
	if n := j.doubtBudget(p); n >= 0 {
		return n
	}
	return p.Open()
}

// calls are the pending IDs by region, with as many of those in doubt as are asked for again.
func (l *LanePlan) calls(repeats int64) []RegionPlan {
	calls := append([]RegionPlan(nil), l.Regions...)
	for _, r := range l.doubtful {
		n := min(r.Pending, repeats)
		calls, repeats = append(calls, RegionPlan{r.Region, n}), repeats-n
	}
	return calls
}

// cost is what so many calls of an endpoint cost, beyond what the month has used, if a share of them is charged. It leaves
// out those without a price.
func cost(prices *billing.Book, caps billing.Caps, endpoint string, calls []RegionPlan, share decimal.Decimal, usage []store.Usage, now time.Time) (sum billing.Amounts, unpriced int64) {
	used := map[*billing.Price]int64{}
	for _, u := range usage {
		if p, ok := prices.Lookup(u.Endpoint, u.Region, u.Quarter); ok && countedAs(caps.Reading, u) != billing.Free {
			used[p] += u.Calls
		}
	}
	sum = billing.NewAmounts()
	for _, r := range calls {
		p, ok := prices.Lookup(endpoint, r.Region, now)
		if !ok {
			unpriced += r.Pending
			continue
		}
		if r.Pending > 0 {
			n := share.Mul(decimal.NewFromInt(r.Pending)).Round(0).IntPart()
			sum = sum.Add(billing.NewAmounts(billing.Money{Amount: p.Marginal(used[p], n), Currency: p.Currency}))
			used[p] += n
		}
	}
	return sum, unpriced
}

// chargedShares is what part of an endpoint's final answers was charged lately, by endpoint. Answers after which the ID is
// asked again say nothing about it.
func chargedShares(ctx context.Context, job *Job, now time.Time) (map[string]decimal.Decimal, error) {
	if job.Store == nil {
		return nil, nil // a plan before the first run
	}
	usage, err := job.Store.Calls().Usage(ctx, now.Add(-lately), now.Add(time.Hour))
	if err != nil {
		return nil, err
	}
	final, paid := map[string]int64{}, map[string]int64{}
	for _, u := range usage {
		switch job.Policy.Codes.Classify(u.Code) {
		case liveness.Done, liveness.Absent, liveness.NotFound, liveness.Refused:
		default:
			continue
		}
		final[u.Endpoint] += u.Calls
		if countedAs(job.Caps.Reading, u) != billing.Free {
			paid[u.Endpoint] += u.Calls
		}
	}
	shares := map[string]decimal.Decimal{}
	for endpoint, n := range final {
		shares[endpoint] = decimal.NewFromInt(paid[endpoint]).Div(decimal.NewFromInt(n))
	}
	return shares, nil
}
