// Package clock tells what speaks against this machine's clock: by one that is wrong everything may be old, and nothing
// is removed by it.
package clock

import (
	"context"
	"fmt"
	"time"

	"liverecon/store"
)

// Tolerance sets how far this machine's clock may be off before nothing that rests on days is done by it.
const Tolerance = time.Hour

// Word holds what an endpoint's answers say of this machine's clock.
type Word struct {
	Endpoint string
	Ahead    time.Duration // how far it is ahead of the endpoint's
}

// Hear returns what the words of a run's endpoints speak against this machine's clock, and remembers it: a wrong clock
// does not become right by a night in which nobody is asked. Where there is no word, what was remembered stands, beside
// a run that the database knows from the future. It returns "" where nothing does.
func Hear(ctx context.Context, s *store.Store, words []Word, run int64, now time.Time) (string, error) {
	if len(words) == 0 {
		return Doubt(ctx, s, now)
	}
	doubt, kept := "", ""
	for _, w := range words {
		if w.Ahead.Abs() > Tolerance {
			doubt = offBy(w.Ahead) + " " + w.Endpoint + "'s"
			kept = fmt.Sprintf("this clock was %s in run %d, and no answer has come since", doubt, run)
			doubt = "this clock is " + doubt
			break
		}
	}
	before, err := s.Runs().ClockDoubt(ctx)
	if err == nil && before != kept {
		err = s.Runs().RememberClock(ctx, kept)
	}
	return doubt, err
}

// Doubt returns what speaks against this machine's clock where nobody is asked: what the last answers have said of it,
// or a run that the database knows from the future, so that this clock is wrong or the one of that run was. It returns
// "" where there is nothing.
func Doubt(ctx context.Context, s *store.Store, now time.Time) (string, error) {
	doubt, err := s.Runs().ClockDoubt(ctx)
	if err != nil || doubt != "" {
		return doubt, err
	}
	runs, err := s.Runs().Latest(ctx, runsLookedAt)
	for _, r := range runs {
		if r.StartedAt.After(now.Add(Tolerance)) {
			return fmt.Sprintf("run %d was stamped %s, later than now", r.ID,
				r.StartedAt.UTC().Format(time.DateOnly)), nil
		}
	}
	return "", err
}

// runsLookedAt sets how many of the newest runs are compared with this machine's clock.
const runsLookedAt = 30

// offBy writes in days or hours how far a clock is off.
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
