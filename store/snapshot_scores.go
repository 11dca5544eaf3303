package store

import (
	"context"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// scanBins is how many scores EachScores holds at a time of what no rollup has counted.
const scanBins = 1 << 17

// ScoreReader counts standing answers by score.
type ScoreReader struct{ *view }

// Each gives the standing answers of [from, to), which begins and ends with a day of zone, counted by day, region,
// endpoint, type and score. What the last RollUp counted is read as it was counted, the rest from the answers; after a
// RollUp for another calendar everything is. The counts are valid during the call only.
func (s ScoreReader) Each(
	ctx context.Context, zone *time.Location, from, to time.Time, each func(*Scores) error,
) error {
	c := Calendar{zone, s.Clock}
	upTo, known, err := rollupMark(ctx, s.tx, "scores", c.String())
	if err != nil {
		return fmt.Errorf("read scores: %w", err)
	}
	give := func(counts *scoreCounts) error {
		for _, k := range counts.keys() {
			g := counts.groups[k]
			if err := each(&Scores{sqlrow.FromMillis(k.day), k.region, k.endpoint, k.attackType, g.answers,
				g.sorted()}); err != nil {
				return err
			}
		}
		return nil
	}
	if !known {
		return eachStanding(ctx, s.tx, c.Clock, c.dayOf(), scanBins, give, "WHERE "+s.within(), sqlrow.Millis(from),
			sqlrow.Millis(to))
	}
	if err := s.eachCounted(ctx, from, to, each); err != nil {
		return err
	}
	return eachStanding(ctx, s.tx, c.Clock, c.dayOf(), scanBins, give, "NOT INDEXED WHERE "+s.within()+
		" AND call_id > ?3", sqlrow.Millis(from), sqlrow.Millis(to), upTo)
}

// eachCounted gives what the rollup holds of a period.
func (s ScoreReader) eachCounted(ctx context.Context, from, to time.Time, each func(*Scores) error) error {
	rows, err := s.tx.QueryContext(ctx, `SELECT day, region, endpoint, attack_type, answers, scores FROM score_counts
		WHERE day >= ? AND day < ? ORDER BY day, region, endpoint, attack_type`, sqlrow.Millis(from), sqlrow.Millis(to))
	if err != nil {
		return fmt.Errorf("read counts of scores: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var found Scores
	for rows.Next() {
		var day int64
		var text []byte
		if err := rows.Scan(&day, &found.Region, &found.Endpoint, &found.AttackType, &found.Answers,
			&text); err != nil {
			return fmt.Errorf("read counts of scores: %w", err)
		}
		found.Day = sqlrow.FromMillis(day)
		if found.Bins, err = decodeScores(text, found.Bins[:0]); err != nil {
			return fmt.Errorf("read counts of scores: %w", err)
		}
		if err := each(&found); err != nil {
			return err
		}
	}
	return rows.Err()
}

// AnswerCount counts the standing answers of a period inside SQLite, from the answers themselves: the second route to
// what EachScores adds up.
type AnswerCount struct {
	Answers    int64
	Scored     int64
	Suspicious int64 // scored below the threshold, or on it when a score equal to it does not pass
	Typed      int64 // with an attack type
}

// suspected is the condition of the index answers_suspected, word for word.
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
