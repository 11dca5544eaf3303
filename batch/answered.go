package batch

import (
	"context"
	"strings"
	"time"

	"liverecon/batch/prospect"
)

// A night is answered when an ID got its result, or may have been asked too early for one. What it came to is not
// changed by a later run of the same night that has nobody to ask, be it because what is open rests or because nothing
// is: such a run ends as the night did, so that no alert on the last success is put off by it.

const (
	// sameNight is for how long after its last call a night goes on: for as long as an answer without a score rests, so
	// that the next day's run is another night.
	sameNight = noScoreRest
	// runsANight is how many runs of a night are looked through: one every three minutes.
	runsANight = 240
)

// idleRun is an earlier run of a night to which a later one has nothing to add.
type idleRun struct {
	word string // its verdict's first, such as "NO ANSWER"
	at   string // when it ended, as a verdict shows it
}

// idleAfter finds the run of the same night that made its last calls, where it got no answer and this run had nobody to
// ask; nil where there is none.
func idleAfter(ctx context.Context, job *Job, s *Summary) (*idleRun, error) {
	if s.Calls > 0 || s.works() > 0 {
		return nil, nil
	}
	asked, err := job.Store.Calls().LastSent(ctx)
	if err != nil || time.Since(asked).Abs() >= sameNight {
		return nil, err
	}
	runs, err := job.Store.Runs().Latest(ctx, runsANight)
	for _, last := range runs {
		if last.ID == s.RunID || last.StartedAt.After(asked) {
			continue
		}
		if last.NoNight || last.ExitCode != ExitUnanswered {
			return nil, nil
		}
		// What a person wanted to be asked once more, and is no better, is no night.
		if asked, err := job.Store.Calls().AskedUnbidden(ctx, last.ID); err != nil || !asked {
			return nil, err
		}
		word, _, _ := strings.Cut(last.Verdict, ":")
		return &idleRun{word, clockTime(last.EndedAt, job.Zone)}, nil
	}
	return nil, err
}

// works is how many IDs the run was to ask of its own accord.
func (s *Summary) works() int64 { return s.Work - s.leftOver }

// unanswered reports that there was work, tonight or in this run, and no answer. An answer without a score may only come
// too early, but so many together do not: then the vendor has no scores.
func (s *Summary) unanswered() bool {
	switch {
	case s.Answered > 0:
		return false
	case s.works() <= 0:
		return s.idle != nil
	}
	return s.early == 0 || s.works() >= prospect.TellingAnswers
}

// idled says what the night came to before this run.
func (s *Summary) idled() string {
	if s.idle == nil || s.works() > 0 {
		return ""
	}
	return "the run that ended at " + s.idle.at + " came to " + s.idle.word
}
