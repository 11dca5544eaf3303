package batch

import (
	"context"
	"slices"
	"strings"
	"time"

	"liverecon/store"
)

// MoreNights is how many more nights like one are needed that did so many IDs of each endpoint and left so many: as many as
// the endpoint that takes longest needs, and as many as all of them together where they share a limit. 0 when nothing is
// left, or nothing was done from which to tell.
func MoreNights(done, left map[string]int64) int64 {
	var allDone, allLeft, most int64
	for endpoint, n := range left {
		allLeft += n
		most = max(most, nights(done[endpoint], n))
	}
	for _, n := range done {
		allDone += n
	}
	return max(most, nights(allDone, allLeft))
}

func nights(done, left int64) int64 {
	if done <= 0 {
		return 0
	}
	return (left + done - 1) / done
}

// MoreNights is how many nights like tonight will be needed after it; 0 when none, or when nothing can be done tonight.
func (p *Plan) MoreNights() int64 {
	done, left := map[string]int64{}, map[string]int64{}
	for _, l := range p.Lanes {
		if l.Configured {
			done[l.Endpoint], left[l.Endpoint] = l.Pending-l.Left, l.Left
		}
	}
	return MoreNights(done, left)
}

// moreNights counts from what a run did of each endpoint's IDs and what it left pending. A cap on the month makes tomorrow
// another kind of night than tonight was.
func (s *Summary) moreNights(job *Job, left map[string]int64) int64 {
	month := job.Caps.Month.Name
	if month != "" && slices.ContainsFunc(s.limits, func(reason string) bool { return strings.HasPrefix(reason, month+" of ") }) {
		return 0
	}
	done := map[string]int64{}
	for _, l := range job.Progress.Lanes() {
		done[l.Endpoint] = l.Done
	}
	return MoreNights(done, left)
}

// paces are the rates to plan with, in calls a second: the set ones, or what an endpoint settled at last time.
func paces(job *Job, memories map[string]store.EndpointMemory) map[string]float64 {
	rates := map[string]float64{}
	for _, l := range job.Lanes {
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
	return job.Store.RememberPublishing(ctx, sum.RunID, time.Since(begun))
}
