package snapshot

import (
	"context"
	"fmt"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// ScoreReader counts standing answers by score.
type ScoreReader struct{ *view }

// Each gives the standing answers of [from, to), which begins and ends with a day of zone, counted by day, region,
// endpoint, type and score; see [rollup.EachScores].
func (s ScoreReader) Each(
	ctx context.Context, zone *time.Location, from, to time.Time, each func(*rollup.Scores) error,
) error {
	return rollup.EachScores(ctx, s.tx, calendar.Calendar{Zone: zone, Clock: s.Clock}, from, to, each)
}

// AnswerCount counts the standing answers of a period inside SQLite, from the answers themselves: the second route to
// what Each adds up.
type AnswerCount struct {
	Answers    int64
	Scored     int64
	Suspicious int64 // scored below the threshold, or on it when a score equal to it does not pass
	Typed      int64 // with an attack type
}

// suspected repeats the condition of the index answers_suspected, word for word.
const (
	suspected      = "(score < 60 OR score IS NULL OR attack_type <> '')"
	suspectedBelow = 60
)

// Count returns the counts of [from, to) for a threshold. It costs some 50 nanoseconds an answer.
func (s ScoreReader) Count(
	ctx context.Context, from, to time.Time, threshold float64, inclusive bool,
) (AnswerCount, error) {
	var c AnswerCount
	var scoreless int64
	err := s.tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM answers WHERE `+s.within()+`),
		coalesce(sum(score IS NULL), 0), coalesce(sum(score < ?3 OR (score = ?3
		AND NOT ?4)), 0), coalesce(sum(attack_type <> ''), 0)
		FROM `+s.fromSuspects(threshold, inclusive), sqlrow.Millis(from), sqlrow.Millis(to), threshold,
		sqlrow.Bool(inclusive)).
		Scan(&c.Answers, &scoreless, &c.Suspicious, &c.Typed)
	if err != nil {
		return c, fmt.Errorf("count answers: %w", err)
	}
	c.Scored = c.Answers - scoreless
	return c, nil
}
