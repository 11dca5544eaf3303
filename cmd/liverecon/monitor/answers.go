package monitor

import (
	"context"
	"time"

	"liverecon/store"
)

// answers writes how many answers are less than what they look like.
func (e *exposition) answers(ctx context.Context, s *store.Store) error {
	noScore, suspects, err := AnswersOf(ctx, s)
	if err != nil {
		return err
	}
	e.single("liverecon_no_score_ids", "IDs whose answer has no score yet; they are pending.", whole(noScore))
	e.single("liverecon_suspect_ids", "IDs that may hold another's answer, and were not asked again since.",
		whole(suspects))
	owed, err := s.Runs().Deliveries().Owed(ctx)
	e.single("liverecon_deliveries_owed", "Pages that were to be sent after runs, and were not yet.",
		whole(int64(len(owed))))
	return err
}

// AnswersOf counts answers that are less than what they look like: those of pending IDs that lack a score, and those
// that may be another ID's.
func AnswersOf(ctx context.Context, s *store.Store) (noScore, suspects int64, err error) {
	without, err := s.Checks().WithoutScore(ctx, time.Now())
	if err != nil {
		return 0, 0, err
	}
	for _, w := range without {
		noScore += w.Checks
	}
	n, err := s.Calls().Suspects(ctx, 0)
	return noScore, n.IDs, err
}
