package batch

import (
	"context"
	"slices"
	"time"

	"liverecon/batch/apichange"
	"liverecon/batch/liveness"
	"liverecon/batch/prospect"
	"liverecon/store"
)

// readProspect looks at what is kept of an endpoint before a run.
func readProspect(
	ctx context.Context, job *Job, endpoint string, runID int64,
) (prospect.Prospect, []store.EndpointNight, error) {
	nights, err := job.Store.Endpoints().NightsBefore(ctx, endpoint, runID, prospect.Nights)
	var absent store.Unconfirmed
	if err == nil {
		absent, err = job.Store.Endpoints().UnconfirmedBefore(ctx, endpoint, runID)
	}
	return prospect.Of(nights, absent), nights, err
}

// countKnown takes in what an answer says of its ID. One that was asked again although its answer was known says
// nothing new.
func (l *endpointWorker) countKnown(t *task, class liveness.Class) {
	switch t.reason {
	case store.ReasonRecheck, store.ReasonNoScore, store.ReasonForced, store.ReasonRefresh, store.ReasonSuspect,
		store.ReasonMisplaced:
		return
	}
	l.scout.Count(class == liveness.Done, class == liveness.Absent || class == liveness.NotFound, t.sampled)
}

// nightWords holds what is to be said of a run's endpoints.
type nightWords struct {
	found    int64    // IDs
	nobodyAt []string // endpoints that know nobody, or too few
	nobody   []string // the same, in words
	untold   []string // endpoints that knew none of a few IDs, or few as was believed before, in words
	changed  []string // what scores show that the vendor has changed, in words
	reopened store.Reopened
}

// countLeftOver counts the answers of a run that ended before it could.
func countLeftOver(ctx context.Context, job *Job) error {
	runID, err := job.Store.Endpoints().UncountedRun(ctx)
	if err == nil && runID != 0 {
		_, err = countNights(ctx, job, runID, nil)
	}
	return err
}

// countNights keeps what a run's answers say of each endpoint, and makes those IDs pending again, or gives them up,
// that were called absent by one that knew nobody. workers are the run's own; nil for one that was interrupted.
func countNights(ctx context.Context, job *Job, runID int64, workers []*endpointWorker) (all nightWords, err error) {
	nights, err := job.Store.Endpoints().CountNights(ctx, runID)
	for i, n := range nights {
		p, before, readErr := readProspect(ctx, job, n.Endpoint, runID)
		if readErr != nil {
			return all, readErr
		}
		n.Finding, n.Confirmed, n.Usual = findingOf(job, p, n, workers), job.believes(n.Endpoint),
			p.Usual(n.Found, n.Absent)
		nights[i] = n
		all.found += n.Found
		if n.Finding == store.Nobody {
			all.nobodyAt = append(all.nobodyAt, n.Endpoint)
			all.nobody = append(all.nobody, p.Sentence(n.Endpoint, n.Found, n.Absent))
		}
		all.untold = append(all.untold, p.Untold(n))
		if text := apichange.OddScores(n, before); text != "" {
			all.changed = append(all.changed, text)
		}
	}
	if err != nil || len(nights) == 0 {
		return all, err
	}
	if all.reopened, err = job.Store.Endpoints().SaveNights(ctx, nights, time.Now()); err != nil {
		return all, err
	}
	if all.reopened != (store.Reopened{}) {
		in, earlier := all.reopened.InRun, all.reopened.Earlier
		job.Log.Warn("IDs that were called absent are not believed to be", "run", runID, "pending_again", in.Pending,
			"of_earlier_runs", earlier.Pending, "given_up", in.GivenUp+earlier.GivenUp)
	}
	return all, nil
}

// findingOf judges all answers of an endpoint's night. One that ends before all IDs were asked for is judged by a
// sample that cleared the endpoint: many strays were asked for first, and no more.
func findingOf(job *Job, p prospect.Prospect, n store.EndpointNight, workers []*endpointWorker) store.Finding {
	at := slices.IndexFunc(workers, func(l *endpointWorker) bool { return l.name() == n.Endpoint })
	cleared := at >= 0 && workers[at].scout.Cleared() && !workers[at].askedAll
	switch known := p.TooFew(n.Found, n.Absent); {
	case at >= 0 && workers[at].stoppedFor(stopNobody):
		return store.Nobody
	case job.believes(n.Endpoint) && n.Share() > prospect.AbsentAtLeast, known && p.AsBelieved(n.Found, n.Absent):
		return store.Believed
	case known && !cleared:
		return store.Nobody
	}
	return store.Ordinary
}
