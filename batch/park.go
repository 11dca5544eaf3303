package batch

import (
	"context"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
)

// parkAtMost bounds how long an endpoint is left alone whose daily quota is used up. Nobody knows when the vendor
// counts anew; half a day leaves out the runs of the same day, and never the next night's.
const parkAtMost = 12 * time.Hour

// parkUntil returns when an endpoint may be asked again whose quota was found used up: when the vendor's next day
// begins, but not later than parkAtMost from now.
func parkUntil(zone *time.Location, now time.Time) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	if _, next := calendar.Day(now, zone); next.Before(now.Add(parkAtMost)) {
		return next
	}
	return now.Add(parkAtMost)
}

// parked returns until when an endpoint is not asked, and why; the zero time when it is.
func parked(job *Job, m store.EndpointMemory, now time.Time) (until time.Time, reason string) {
	if until = ParkedUntil(m, job.BillingZone, now); job.AskParked || until.IsZero() {
		return time.Time{}, ""
	}
	return until, m.ParkedReason
}

// ParkedUntil returns until when an endpoint is not asked; the zero time when it is. A moment that is further ahead
// than parking now would be was set by a clock that was ahead, and does not hold.
func ParkedUntil(m store.EndpointMemory, zone *time.Location, now time.Time) time.Time {
	if !m.ParkedUntil.After(now) || m.ParkedUntil.After(parkUntil(zone, now)) {
		return time.Time{}
	}
	return m.ParkedUntil
}

// memories returns what earlier runs left about endpoints; nothing before the first run.
func memories(ctx context.Context, job *Job) (map[string]store.EndpointMemory, error) {
	if job.Store == nil {
		return nil, nil
	}
	return job.Store.Endpoints().Memories(ctx)
}
