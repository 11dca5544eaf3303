package batch

import (
	"context"
	"slices"
	"strings"
	"time"

	"liverecon/store"
)

// nightShare is what a night did of an endpoint's pending IDs, and what it left.
type nightShare struct{ done, left int64 }

// moreNights is how many more nights like this one the rest needs: as many as the endpoint that takes longest, and as many
// as all of them together where a limit is shared. 0 when nothing is left, or nothing was done from which to tell.
func moreNights(shares []nightShare) int64 {
	var all nightShare
	var most int64
	for _, s := range shares {
		all.done, all.left = all.done+s.done, all.left+s.left
		most = max(most, s.nights())
	}
	return max(most, all.nights())
}

func (s nightShare) nights() int64 {
	if s.done <= 0 {
		return 0
	}
	return (s.left + s.done - 1) / s.done
}

// MoreNights is how many nights like tonight will be needed after it; 0 when none, or when nothing can be done tonight.
func (p *Plan) MoreNights() int64 {
	var shares []nightShare
	for _, l := range p.Lanes {
		if l.Configured {
			shares = append(shares, nightShare{done: l.Pending - l.Left, left: l.Left})
		}
	}
	return moreNights(shares)
}

// moreNights counts from what a run did of each endpoint's IDs and what it left pending. A cap on the month makes tomorrow
// another kind of night than tonight was.
func (s *Summary) moreNights(job *Job, left map[string]int64) int64 {
	month := job.Caps.Month.Name
	if month != "" && slices.ContainsFunc(s.limits, func(reason string) bool { return strings.HasPrefix(reason, month+" of ") }) {
		return 0
	}
	var shares []nightShare
	for _, l := range job.Progress.Lanes() {
		shares = append(shares, nightShare{done: l.Done, left: left[l.Endpoint]})
	}
	return moreNights(shares)
}

// paces are the rates to plan with, in calls a second: the set ones, or what an endpoint settled at last time.
func paces(ctx context.Context, job *Job) (map[string]float64, error) {
	var memories map[string]store.EndpointMemory
	if job.Store != nil {
		var err error
		if memories, err = job.Store.EndpointMemories(ctx); err != nil {
			return nil, err
		}
	}
	rates := map[string]float64{}
	for _, l := range job.Lanes {
		rates[l.name()] = l.Rate
		if settled := memories[l.name()].Rate; settled > 0 {
			rates[l.name()] = min(l.Rate, settled)
		}
	}
	return rates, nil
}

// publish writes the reports and remembers how long that took.
func publish(ctx context.Context, job *Job, sum Summary) error {
	begun := time.Now()
	if err := job.Publish(ctx, sum); err != nil {
		return err
	}
	return job.Store.RememberPublishing(ctx, sum.RunID, time.Since(begun))
}
