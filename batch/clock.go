package batch

import (
	"context"
	"fmt"
	"time"

	"liverecon/store"
)

// clockTolerance is how far this machine's clock may be off before nothing that rests on days is done by it.
const clockTolerance = time.Hour

// ClockDoubt returns what speaks against this machine's clock after a run: that the vendor refused us, the dates of its
// answers, or, where none came, a run that the database knows from the future. It returns "" where nothing does.
func ClockDoubt(ctx context.Context, job *Job, sum *Summary, now time.Time) (string, error) {
	if len(sum.refused) > 0 {
		return "the vendor refused this run", nil
	}
	known := false
	for _, l := range job.Endpoints {
		ahead, tells := l.Client.Clock()
		known = known || tells
		if ahead.Abs() > clockTolerance {
			return "this clock is " + offBy(ahead) + " " + l.name() + "'s", nil
		}
	}
	if known {
		return "", nil
	}
	return StampedAhead(ctx, job.Store, now)
}

// StampedAhead names a run that the database knows from the future: this clock is wrong, or the one of that run was. It
// returns "" where there is none.
func StampedAhead(ctx context.Context, s *store.Store, now time.Time) (string, error) {
	runs, err := s.Runs().Latest(ctx, runsLookedAt)
	for _, r := range runs {
		if r.StartedAt.After(now.Add(clockTolerance)) {
			return fmt.Sprintf("run %d was stamped %s, later than now", r.ID, r.StartedAt.UTC().Format(time.DateOnly)), nil
		}
	}
	return "", err
}

// runsLookedAt is how many of the newest runs are compared with this machine's clock.
const runsLookedAt = 30

// offBy says in days or hours how far a clock is off.
func offBy(ahead time.Duration) string {
	side := "ahead of"
	if ahead < 0 {
		side = "behind"
	}
	const day = 24 * time.Hour
	if off := ahead.Abs(); off >= day {
		return fmt.Sprintf("%d days %s", off/day, side)
	}
	return fmt.Sprintf("%v %s", ahead.Abs().Round(time.Minute), side)
}
