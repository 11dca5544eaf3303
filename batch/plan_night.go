package batch

import (
	"errors"
	"slices"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/pace"
	"liverecon/batch/usage"
)

// leftOver plays the night through against the caps and the deadline, as if every call were answered and paid. The
// endpoints make their calls beside one another, each at its rate: of a cap that they share a fast one takes more.
func leftOver(job *Job, plan *Plan, rates map[string]float64, meter *billing.Meter, now time.Time) {
	var endpoints []*plannedEndpoint
	for i := range plan.Endpoints {
		l := &plan.Endpoints[i]
		l.Left = l.Pending
		if rate := rates[l.Endpoint] * pace.Share; rate > 0 && l.Parked.IsZero() { // configured, and asked tonight
			endpoints = append(endpoints, &plannedEndpoint{EndpointPlan: l, rate: rate, pending: newTurns(l.first),
				again: newTurns(l.again), doubtful: newTurns(l.doubtful)})
		}
	}
	night := plannedNight{meter: meter, begins: now, deadline: job.Deadline, repeats: plan.Repeats}
	for working := slices.Clone(endpoints); len(working) > 0; {
		first := 0
		for i, l := range working {
			if l.due() < working[first].due() {
				first = i
			}
		}
		if !night.call(working[first]) {
			working = slices.Delete(working, first, first+1)
		}
	}
	for _, l := range endpoints {
		l.Took = time.Duration(float64(l.Pending+l.Repeats) / l.rate * float64(time.Second))
	}
}

// plannedNight holds what the endpoints share.
type plannedNight struct {
	meter            *billing.Meter
	begins, deadline time.Time
	repeats          int64 // of doubts that may still be made
}

// plannedEndpoint represents an endpoint that is asked: as in the run, first what is pending, then what is asked once
// more, then what is in doubt.
type plannedEndpoint struct {
	*EndpointPlan
	rate                     float64 // calls a second
	made                     int64
	pending, again, doubtful turns
}

// due returns when its next call is made, in seconds after the night began.
func (l *plannedEndpoint) due() float64 { return float64(l.made+1) / l.rate }

// call makes the endpoint's next call; false when it has none, or none that a limit allows.
func (n *plannedNight) call(l *plannedEndpoint) bool {
	if !n.deadline.IsZero() && l.due() > n.deadline.Sub(n.begins).Seconds() {
		return false
	}
	region, first := l.pending.next()
	if !first {
		region, first = l.again.next()
	}
	repeat := false
	if !first && n.repeats > 0 {
		region, repeat = l.doubtful.next()
	}
	if !first && !repeat {
		return false
	}
	if err := n.meter.Reserve(l.Endpoint, region, n.begins); err != nil {
		errors.As(err, &l.capped)
		return false
	}
	l.made++
	if repeat {
		n.repeats--
		l.Repeats++
	} else {
		l.Left--
	}
	return true
}

// turns gives IDs of one region after the other, as an endpoint's source does.
type turns struct {
	regions []usage.RegionCalls // with what is left of each
	turn    int
}

func newTurns(regions []usage.RegionCalls) turns { return turns{regions: slices.Clone(regions)} }

func (t *turns) next() (region string, ok bool) {
	if len(t.regions) == 0 {
		return "", false
	}
	t.turn %= len(t.regions)
	r := &t.regions[t.turn]
	region = r.Region
	if r.Calls--; r.Calls > 0 {
		t.turn++
	} else {
		t.regions = slices.Delete(t.regions, t.turn, t.turn+1)
	}
	return region, true
}
