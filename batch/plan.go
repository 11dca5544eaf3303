package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/held"
)

// Plan holds what a run has before it.
type Plan struct {
	Intake
	Endpoints []EndpointPlan // in the order of the job's endpoints, then endpoints that are not configured any more
	Repeats   int64          // the most IDs in doubt that are asked again tonight
	TooOften  int64          // IDs without a score that were asked by hand byhand.Most times, and are named by nobody

	Prices   usage.PricesChanged // since the last run
	Held     usage.HeldIDs
	Released usage.HeldIDs   // of this month
	Lost     usage.LostCalls // of this month, for which nothing is held
	Tagged   billing.Amounts // the same, since calls were tagged PAY that are no charge by the contract's reading
	Counted  billing.Amounts // what the caps count of the month more than it comes to: calls were made at dearer prices

	rejected bool    // lists, or too many rows of one
	ended    []int64 // checks that were done without a score before anything was asked
}

// EndpointPlan describes one endpoint's part of a plan.
type EndpointPlan struct {
	Endpoint   string
	Configured bool
	Pending    int64 // IDs to be asked, Again and NoScore included
	InDoubt    int64 // IDs whose answer was lost; repeated within the doubt budget
	Repeated   int64 // of InDoubt, those whose last repeat was lost too lately for another one
	NoScore    int64 // of Pending, those whose answer had no score
	Again      int64 // of Pending, those that have what they had and are asked once more
	Resting    int64 // IDs whose answer without a score is too young for asking again tonight
	Regions    []usage.RegionCalls
	CostAtMost billing.Amounts // if every pending ID, and every repeat of tonight, is charged once
	AsLately   billing.Amounts // if as large a part of them is charged as lately; empty before the first final answers
	Unpriced   int64           // of these calls, those without a price: no amount has them
	// the least time its pending IDs and repeats need at the rate it settled at, or else the set one
	Took    time.Duration
	Left    int64     // pending IDs that tonight's caps or deadline will leave, or a parked endpoint
	Repeats int64     // IDs in doubt that are asked again tonight
	Parked  time.Time // its quota is used up, it is not asked before; zero: it is not parked

	first    []usage.RegionCalls // the IDs to be asked before Again, by region
	again    []usage.RegionCalls // those of Again, by region
	doubtful []usage.RegionCalls // the IDs in doubt, by region
	capped   *billing.CapError   // what it will end at; nil: no cap
}

// Capped returns the cap at which the endpoint's calls of tonight end, nil for none.
func (l EndpointPlan) Capped() *billing.CapError { return l.capped }

// Open returns how many IDs wait for an answer.
func (l EndpointPlan) Open() int64 { return l.Pending + l.Resting + l.InDoubt }

// InDoubtLeft returns how many IDs in doubt are not asked again tonight.
func (l EndpointPlan) InDoubtLeft() int64 { return l.InDoubt - l.Repeats }

// Open returns how many IDs of configured endpoints wait for an answer.
func (p *Plan) Open() int64 {
	var n int64
	for _, l := range p.Endpoints {
		if l.Configured {
			n += l.Open()
		}
	}
	return n
}

// work returns how many IDs of configured endpoints are to be asked tonight: those that are pending, and as many in
// doubt as may be repeated.
func (p *Plan) work() int64 {
	var pending, doubtful int64
	for _, l := range p.Endpoints {
		if l.Configured {
			pending, doubtful = pending+l.Pending, doubtful+l.InDoubt-l.Repeated
		}
	}
	return pending + min(doubtful, p.Repeats)
}

// leftOver returns how many of them have what they had, and were to be asked once more by an earlier run.
func (p *Plan) leftOver(job *Job) (n int64) {
	for _, l := range p.Endpoints {
		if l.Configured && len(job.Again) == 0 {
			n += l.Again
		}
	}
	return n
}

// ExitCode tells of lists that would be set aside, or have too many rejected rows, unchanged ones too: ExitRejected when
// there are any, as for a run; ExitInput when nothing can be planned for the sake of the former, since no other list is
// there and nothing is open.
func (p *Plan) ExitCode() int {
	open := slices.ContainsFunc(p.Endpoints, func(l EndpointPlan) bool { return l.Open() > 0 })
	switch {
	case len(p.Aside) > 0 && len(p.Read)+p.Skipped == 0 && !open:
		return ExitInput
	case p.rejected:
		return ExitRejected
	}
	return ExitDone
}

func (p *Plan) of(endpoint string) EndpointPlan {
	for _, l := range p.Endpoints {
		if l.Endpoint == endpoint {
			return l
		}
	}
	return EndpointPlan{Endpoint: endpoint}
}

// makePlan brings the open IDs in line with the configuration, and counts them. The meter it returns knows what the
// month has spent already.
func makePlan(ctx context.Context, job *Job, runID int64, in Intake) (*Plan, *billing.Meter, error) {
	if err := reroute(ctx, job); err != nil {
		return nil, nil, err
	}
	if job.RecheckNotFoundNights > 0 {
		if _, err := job.Store.Checks().Reopen(ctx, job.RecheckNotFoundNights, time.Now()); err != nil {
			return nil, nil, err
		}
	}
	ended, err := askAgain(ctx, job)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	open, err := openNow(ctx, job, now)
	if err != nil {
		return nil, nil, err
	}
	plan, meter, err := newPlan(ctx, job, runID, in, open, now)
	if err == nil {
		plan.ended = ended
	}
	return plan, meter, err
}

// newPlan counts a backlog against prices, caps and the deadline. runID is 0 where no run follows: then nothing is
// written.
func newPlan(
	ctx context.Context, job *Job, runID int64, in Intake, open backlog, now time.Time,
) (*Plan, *billing.Meter, error) {
	spent, err := usage.Read(ctx, job.Store, job.Prices, job.BillingZone, now)
	if err != nil {
		return nil, nil, err
	}
	plan := &Plan{Intake: in, Endpoints: endpointPlans(job, open), TooOften: open.tooOften, rejected: len(in.Aside)+
		len(in.Unmended)+len(job.RejectRows.TooMany(in.Read...)) > 0}
	if err := unpriced(ctx, job, plan, spent, now); err != nil {
		return nil, nil, err
	}
	if spent, err = comparePrices(ctx, job, runID, plan, spent, now); err != nil {
		return nil, nil, err
	}
	spent.Hold(open.held)
	remembered, err := memories(ctx, job)
	if err != nil {
		return nil, nil, err
	}
	for i := range plan.Endpoints {
		plan.Endpoints[i].Parked, _ = parked(job, remembered[plan.Endpoints[i].Endpoint], now)
	}
	plan.Repeats = repeatsAtMost(job, plan)
	leftOver(job, plan, paces(job, remembered), spent.Meter(job.Caps, now), now)
	if err := price(ctx, job, plan, spent, now); err != nil {
		return nil, nil, err
	}
	plan.Held, plan.Released, plan.Lost = spent.Held(job.Caps, now), spent.Released(job.Caps, now), spent.Lost()
	meter := spent.Meter(job.Caps, now)
	month := meter.Month()
	plan.Counted, plan.Tagged = month.Counted, month.Tagged
	return plan, meter, nil
}

// reroute moves open IDs whose region the configuration now sends to another endpoint.
func reroute(ctx context.Context, job *Job) error {
	backlog, err := job.Store.Checks().Backlog(ctx)
	if err != nil {
		return err
	}
	for _, b := range backlog {
		to, ok := job.Routes[b.Region]
		if !ok {
			to, ok = job.Routes["*"]
		}
		if !ok || to == b.Endpoint {
			continue
		}
		n, err := job.Store.Checks().Reroute(ctx, b.Region, b.Endpoint, to)
		if err != nil {
			return err
		}
		if n > 0 {
			job.Log.Info("open IDs follow the configuration", "region", b.Region, "from", b.Endpoint, "to", to, "ids",
				n)
		}
	}
	return nil
}

func endpointPlans(job *Job, open backlog) []EndpointPlan {
	var plans []EndpointPlan
	index := map[string]int{}
	for _, l := range job.Endpoints {
		index[l.name()] = len(plans)
		plans = append(plans, EndpointPlan{Endpoint: l.name(), Configured: true})
	}
	for _, b := range open.checks {
		i, ok := index[b.Endpoint]
		if !ok {
			i = len(plans)
			index[b.Endpoint] = i
			plans = append(plans, EndpointPlan{Endpoint: b.Endpoint})
		}
		plans[i].add(b, open)
	}
	return plans
}

// Preview makes the plan of a run that is not made: it reads the lists, writes nothing and calls nobody. job.Store is
// opened for reading, or nil when there is no database yet.
func Preview(ctx context.Context, job *Job) (*Plan, error) {
	look, err := store.OpenPreview(ctx, job.Store)
	if err != nil {
		return nil, err
	}
	var rule held.Rule
	if job.Store != nil {
		if rule, err = job.Store.Lists().Rule(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("plan: %w", err), look.Close())
		}
	}
	in, err := previewLists(ctx, job, look, rule)
	now := time.Now()
	var open backlog
	if err == nil {
		open, err = openThen(ctx, job, look, now)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("plan: %w", err), look.Close())
	}
	plan, _, err := newPlan(ctx, job, 0, in, open, now)
	return plan, errors.Join(err, look.Close())
}

// comparePrices finds out what changed with the prices and the reading of the contract since the last run. For a run it
// keeps which ones it uses, and logs what they change. It returns what the month has used from then on.
func comparePrices(
	ctx context.Context, job *Job, runID int64, plan *Plan, spent *usage.Month, now time.Time,
) (*usage.Month, error) {
	changed, same, err := usage.ComparePrices(ctx, job.Store, job.Prices, job.Caps.Basis)
	plan.Prices = changed
	if err != nil || runID == 0 || same && !job.Reprice {
		return spent, err
	}
	if text := changed.String(); text != "" {
		job.Log.Warn(text)
	}
	from, to := usage.Around(job.Prices, job.BillingZone, now)
	use := accounts.PriceUse{RunID: runID, Since: now, Book: job.Prices.String(), Reprices: job.Reprice,
		Basis: string(cmp.Or(job.Caps.Basis, billing.PayTag)), Changes: changed.Changes}
	if err := job.Store.Prices().Use(ctx, use, from, to); err != nil {
		return nil, err
	}
	return usage.Read(ctx, job.Store, job.Prices, job.BillingZone, now)
}
