package batch

import (
	"context"
	"slices"
	"time"

	"liverecon/store"
)

// share describes one endpoint's part in a night.
type share struct {
	Done, Left int64 // IDs
	Capped     bool  // it ended at a cap, and not at a limit of its own
}

// moreNights returns how many more nights like one are needed that did and left so much: as many as the endpoint that
// takes longest within limits of its own. Where a cap ended the night, what one endpoint has finished leaves room to
// the others, and all together count. 0 when nothing is left, or nothing was done from which to tell.
func moreNights(shares []share) int64 {
	var all share
	var most int64
	for _, s := range shares {
		all.Done, all.Left, all.Capped = all.Done+s.Done, all.Left+s.Left, all.Capped || s.Capped
		if !s.Capped {
			most = max(most, nights(s.Done, s.Left))
		}
	}
	if all.Capped {
		most = max(most, nights(all.Done, all.Left))
	}
	return most
}

func nights(done, left int64) int64 {
	if done <= 0 {
		return 0
	}
	return (left + done - 1) / done
}

// withRepeats adds the nights that repeating doubts takes to those that pending IDs need: the last of these makes
// repeats as well.
func withRepeats(pending, repeating int64) int64 {
	if pending > 0 && repeating > 0 {
		return pending + repeating - 1
	}
	return pending + repeating
}

// MoreNights returns how many nights like tonight will be needed after it; 0 when none, when nothing can be done
// tonight, or when it will end at the cap on the month, which makes tomorrow another kind of night.
func (p *Plan) MoreNights(job *Job) int64 {
	var shares []share
	var doubts int64
	for _, l := range p.Endpoints {
		if !l.Configured || !l.Parked.IsZero() {
			continue
		}
		if l.capped != nil && l.capped.Cap == job.Caps.Month.Name {
			return 0
		}
		shares = append(shares, share{l.Pending - l.Left, l.Left, l.capped != nil})
		doubts += l.InDoubtLeft()
	}
	return withRepeats(moreNights(shares), nights(p.Repeats, doubts))
}

// moreNightsAfter counts from what a run that has its exit code did of each endpoint's IDs, and what it left pending or
// in doubt. A cap on the month makes tomorrow another kind of night than tonight was.
func moreNightsAfter(s *Summary) int64 {
	limited := s.ExitCode == ExitStopped || s.quota // the night ended where every night ends
	if s.monthly || !limited && s.ExitCode != ExitPartial && s.ExitCode != ExitRejected {
		return 0
	}
	var pending int64
	if limited {
		pending = moreNights(s.shares)
		if pending == 0 && s.Pending > 0 {
			return 0
		}
	}
	more := withRepeats(pending, nights(s.Repeats, s.Waiting))
	if more == 1 && !limited {
		return 0 // the next run, as any other
	}
	return more
}

// shares returns the endpoints' parts in the night that ended with so many IDs of each pending.
func (f *fetch) shares(left map[string]int64) (shares []share, monthly bool) {
	month := f.job.Caps.Month.Name
	capped := map[string]bool{}
	for _, l := range f.workers {
		if l.stoppedFor(stopCap) {
			capped[l.name()] = true
			monthly = monthly || month != "" && l.stoppedBy(month)
		}
	}
	for _, l := range f.job.Progress.Endpoints() {
		if slices.ContainsFunc(f.workers, func(of *endpointWorker) bool {
			return of.name() == l.Endpoint && of.stoppedFor(stopNobody)
		}) {
			continue // what it did is to be done again
		}
		shares = append(shares, share{l.Done, left[l.Endpoint], capped[l.Endpoint]})
	}
	return shares, monthly
}

// paces returns the rates to plan with, in calls a second: the set ones, or what an endpoint settled at last time.
func paces(job *Job, memories map[string]store.EndpointMemory) map[string]float64 {
	rates := map[string]float64{}
	for _, l := range job.Endpoints {
		rates[l.name()] = l.Rate
		if settled := memories[l.name()].Rate; settled > 0 {
			rates[l.name()] = min(l.Rate, settled)
		}
	}
	return rates
}

// publish writes the reports and remembers how long that took.
func publish(ctx context.Context, job *Job, sum Summary) error {
	begun := time.Now()
	if err := job.Publish(ctx, sum); err != nil {
		return err
	}
	return job.Store.Runs().RememberPublishing(ctx, sum.RunID, time.Since(begun))
}
