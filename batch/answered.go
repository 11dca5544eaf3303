package batch

import (
	"context"
	"strings"
	"time"

	"liverecon/batch/prospect"
)

// A night is answered when an ID got its result, or may have been asked too early for one, in any of its runs. A run that
// has nobody to ask, be it because what is open rests or because nothing is, changes nothing about that: in a night without
// an answer it ends as the night did, so that no alert on the last success is put off by it.

const (
	// sameNight sets for how long after a run its night goes on: for as long as an answer without a score rests, so that
	// the next day's run is another night.
	sameNight = noScoreRest
	// runsANight sets how many runs of a night are looked through: one every three minutes.
	runsANight = 240
)

// idleRun represents an earlier run of a night to which a later one has nothing to add.
type idleRun struct {
	word string // its verdict's first, such as "NO ANSWER"
	at   string // when it ended, as a verdict shows it
}

// idleAfter finds the last run of the same night that asked and got no answer, where this run had nobody to ask; nil
// where there is none, or another run of the night was answered. What a person wanted to be asked once more is no
// night.
func idleAfter(ctx context.Context, job *Job, s *Summary) (found *idleRun, err error) {
	if s.Calls > 0 || s.works() > 0 {
		return nil, nil
	}
	runs, err := job.Store.Runs().Latest(ctx, runsANight)
	for _, r := range runs {
		if r.ID == s.RunID || r.NoNight || time.Since(r.EndedAt).Abs() >= sameNight {
			continue
		}
		asked, err := job.Store.Calls().AskedUnbidden(ctx, r.ID)
		switch {
		case err != nil:
			return nil, err
		case !asked:
		case r.ExitCode == ExitDone, r.ExitCode == ExitPartial, r.ExitCode == ExitStopped, r.ExitCode == ExitRejected:
			return nil, nil
		case r.ExitCode == ExitUnanswered && found == nil:
			word, _, _ := strings.Cut(r.Verdict, ":")
			found = &idleRun{word, clockTime(r.EndedAt, job.Zone)}
		}
	}
	return found, err
}

// works returns how many IDs the run was to ask of its own accord.
func (s *Summary) works() int64 { return s.Work - s.leftOver }

// unanswered reports that there was work, tonight or in this run, and no answer. An answer without a score may only
// come too early, but so many together do not: then the vendor has no scores.
func (s *Summary) unanswered() bool {
	switch {
	case s.Answered > 0:
		return false
	case s.works() <= 0:
		return s.idle != nil
	}
	return s.early == 0 || s.works() >= prospect.TellingAnswers
}

// idled describes what the night came to before this run.
func (s *Summary) idled() string {
	if s.idle == nil || s.works() > 0 {
		return ""
	}
	return "the run that ended at " + s.idle.at + " came to " + s.idle.word
}
