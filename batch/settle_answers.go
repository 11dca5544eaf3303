package batch

import (
	"context"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// countAnswers counts the answers of a run that are less than what they look like.
func (s *Summary) countAnswers(ctx context.Context, job *Job, plan *Plan) error {
	withoutScore, err := job.Store.Checks().WithoutScore(ctx, time.Now())
	if err != nil {
		return err
	}
	for _, w := range withoutScore {
		if plan.of(w.Endpoint).Configured {
			s.NoScore += w.Checks
		}
	}
	if s.Repeated, err = job.Store.Calls().Repeated(ctx, s.RunID); err != nil {
		return err
	}
	if _, err = job.Store.Journal().IndexTransactions(ctx); err != nil {
		return err
	}
	suspects, err := job.Store.Calls().Suspects(ctx, s.RunID)
	s.Suspects = suspects.InRun
	return err
}

// noScore says how many IDs have an answer that lacks the score, and are asked again for it.
func (s *Summary) noScore() string {
	if s.NoScore == 0 {
		return ""
	}
	return humanize.Comma(s.NoScore) + english.PluralWord(int(s.NoScore), " ID has", " IDs have") + " no score yet"
}

// scoreless says how many IDs have an answer without a score as their result from this run on.
func (s *Summary) scoreless() string {
	if s.Scoreless == 0 {
		return ""
	}
	return humanize.Comma(s.Scoreless) + english.PluralWord(int(s.Scoreless), " ID is", " IDs are") + " done without a score"
}

// repeated says how many answers came that were another call's.
func (s *Summary) repeated() string {
	if s.Repeated == 0 {
		return ""
	}
	return humanize.Comma(s.Repeated) + english.PluralWord(int(s.Repeated), " answer", " answers") + " repeated a transaction ID"
}

// suspects says of how many IDs it was found that their answers may be other IDs'.
func (s *Summary) suspects() string {
	if s.Suspects == 0 {
		return ""
	}
	return humanize.Comma(s.Suspects) + english.PluralWord(int(s.Suspects), " ID", " IDs") + " may hold another's answer"
}
