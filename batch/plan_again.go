package batch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/held"
)

// backlog holds what is open, by endpoint and region.
type backlog struct {
	checks       []store.Backlog
	withoutScore []store.WithoutScore
	repeated     []store.Backlog // in doubt, and repeated too lately for another repeat
	held         []held.IDs      // that lists would bring
	tooOften     int64           // as byhand counts them
}

// askAgain carries out what a person, or the rule about answers without a score, says about what is not open. It
// returns the numbers of the checks that are done without a score by that rule.
func askAgain(ctx context.Context, job *Job) (ended []int64, err error) {
	if ended, err = job.Store.Checks().EndNoScore(ctx, job.Policy.NoScoreNights, time.Now()); err != nil {
		return nil, err
	}
	released, err := job.Store.Checks().NotBilled(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	if released > 0 {
		job.Log.Info("lost answers that a statement says were not billed are asked for again", "ids", released)
	}
	if job.TakeBack {
		n, err := job.Store.Checks().TakeBack(ctx, time.Now())
		if err != nil {
			return nil, err
		}
		job.Log.Info("what was to be asked again by hand is not", "ids", n)
	}
	for _, a := range job.Again {
		n, err := job.Store.Checks().Force(ctx, a, time.Now())
		if err == nil && n.IDs+n.Waiting == 0 && a.Only != nil {
			err = nobodyToAsk(a)
		}
		if err != nil {
			return nil, err
		}
		job.Log.Info("asked for again by hand", "state", string(a.State), "reason", string(a.Reason()), "ids", n.IDs,
			"waiting", n.Waiting, "asked_too_often", n.TooOften)
	}
	return ended, nil
}

// nobodyToAsk reports that none of the IDs that a person named can be asked again.
func nobodyToAsk(a store.Asking) error {
	what := string(a.State)
	switch {
	case a.State == "":
		what = "suspect"
	case a.NoScore:
		what += " without a score, or waits for one"
	case a.State == store.Done:
		what += "; those that wait for a score are asked with --no-score, too"
	}
	return fmt.Errorf("%w: %w", ErrInput, fmt.Errorf("none of the IDs that are to be asked again is %s "+
		"(`liverecon explain ID` says where one stands)", what))
}

// openNow counts what a run has before it.
func openNow(ctx context.Context, job *Job, now time.Time) (open backlog, err error) {
	checks := job.Store.Checks()
	if open.checks, err = checks.Backlog(ctx); err == nil {
		open.withoutScore, err = checks.WithoutScore(ctx, now.Add(-noScoreRest))
	}
	if err == nil && job.Policy.RepeatAfter > 0 {
		open.repeated, err = repeatedLately(ctx, job, now)
	}
	return open, err
}

// repeatedLately counts what is in doubt and was repeated too lately for another repeat.
func repeatedLately(ctx context.Context, job *Job, now time.Time) ([]store.Backlog, error) {
	rest := job.Policy.RepeatAfter
	return job.Store.Checks().RepeatedInDoubt(ctx, now.Add(1-rest), now.Add(rest-1))
}

// openThen counts what a run would have before it.
func openThen(ctx context.Context, job *Job, look *store.Preview, now time.Time) (open backlog, err error) {
	rules := store.Rules{Routes: job.Routes, NotFoundNights: job.RecheckNotFoundNights,
		NoScoreNights: job.Policy.NoScoreNights, Again: slices.Clone(job.Again), TakeBack: job.TakeBack}
	for i := range rules.Again {
		rules.Again[i].EndedFrom = 1 + job.Policy.NoScoreNights
	}
	if job.Store == nil { // there is nobody yet
		rules.Again = nil
	}
	for _, a := range rules.Again { // as askAgain does
		n, err := look.Asked(ctx, a)
		if err == nil && n.IDs+n.Waiting == 0 && a.Only != nil {
			err = nobodyToAsk(a)
		}
		if err != nil {
			return open, err
		}
		open.tooOften += n.TooOften
	}
	if open.checks, err = look.Backlog(ctx, rules); err == nil {
		open.withoutScore, err = look.WithoutScore(ctx, now.Add(-noScoreRest), rules)
	}
	if rest := job.Policy.RepeatAfter; err == nil && rest > 0 {
		open.repeated, err = look.RepeatedInDoubt(ctx, now.Add(1-rest), now.Add(rest-1), rules)
	}
	if err == nil {
		open.held, err = look.Held(ctx)
	}
	return open, err
}

// add counts what is open of one region in one state.
func (l *EndpointPlan) add(b store.Backlog, open backlog) {
	switch b.State {
	case store.InDoubt:
		l.InDoubt += b.Checks
		for _, r := range open.repeated {
			if r.Endpoint == b.Endpoint && r.Region == b.Region {
				rest := min(r.Checks, b.Checks)
				b.Checks, l.Repeated = b.Checks-rest, l.Repeated+rest
			}
		}
		if b.Checks == 0 {
			return
		}
		l.doubtful = append(l.doubtful, usage.RegionCalls{Region: b.Region, Calls: b.Checks})
		return
	case store.AskedAgain:
		l.Again += b.Checks
		l.again = append(l.again, usage.RegionCalls{Region: b.Region, Calls: b.Checks})
	default:
		for _, w := range open.withoutScore {
			if w.Endpoint == b.Endpoint && w.Region == b.Region {
				b.Checks -= w.Resting
				l.Resting += w.Resting
				l.NoScore += w.Checks - w.Resting
			}
		}
		if b.Checks == 0 {
			return
		}
		l.first = append(l.first, usage.RegionCalls{Region: b.Region, Calls: b.Checks})
	}
	l.Pending += b.Checks
	for i := range l.Regions {
		if l.Regions[i].Region == b.Region {
			l.Regions[i].Calls += b.Checks
			return
		}
	}
	l.Regions = append(l.Regions, usage.RegionCalls{Region: b.Region, Calls: b.Checks})
}
