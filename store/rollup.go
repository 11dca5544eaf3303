package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"liverecon/store/internal/sqlrow"
)

// The rollups: score_counts holds the standing answers of calls up to a mark, by day and score; call_counts holds the
// calls up to a mark, by run, and paid_transactions which of them were paid for under which transaction ID. A report
// reads the counts and, of what lies beyond the mark, the rows themselves, so that it is right at any moment: while a
// run is busy, after a crash, with no counts at all.
//
// RollUp moves the marks, at the end of a run, in the transaction that adds what lies between. It never moves them past
// a call without an outcome: that one may still bring an answer. An answer below the mark that stops standing is taken
// out of the counts in the transaction that replaces it (see uncount), and a call below the mark whose tag is taken back
// is counted by its new one in the transaction that does it (see recountCall).

// rollStep is how many calls one transaction counts, so that others never wait long and memory stays small.
const rollStep = 200_000

// Books are the counts that are kept of calls and answers, and the laws that they and the rows obey.
type Books struct{ *db }

// RollUp counts what settled since the last time, for reports of a calendar. When the calendar is another than the last
// time, everything is counted again, which takes about a microsecond an answer. A rollup whose row in table rollups was
// deleted is counted again, too.
func (b Books) RollUp(ctx context.Context, c Calendar) error {
	if err := b.indexCapture(ctx, c.Clock); err != nil {
		return fmt.Errorf("roll up: %w", err)
	}
	for more := true; more; {
		tx, err := b.write.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("roll up: %w", err)
		}
		if more, err = rollUp(ctx, tx, c); err != nil {
			return errors.Join(fmt.Errorf("roll up: %w", err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("roll up: %w", err)
		}
	}
	return nil
}

// rollUp takes one step of both rollups.
func rollUp(ctx context.Context, tx *sql.Tx, c Calendar) (more bool, err error) {
	last, err := lastSettled(ctx, tx)
	if err != nil {
		return false, err
	}
	for _, r := range []struct {
		name, madeFor, empty string
		count                func(from, to int64) error
	}{
		{"scores", c.String(), "DELETE FROM score_counts", func(from, to int64) error {
			return rollScores(ctx, tx, c, from, to)
		}},
		{"calls", "", "DELETE FROM call_counts; DELETE FROM paid_transactions", func(from, to int64) error {
			return errors.Join(rollCalls(ctx, tx, from, to), rollPaid(ctx, tx, from, to))
		}},
	} {
		from, known, err := rollupMark(ctx, tx, r.name, r.madeFor)
		if err != nil {
			return false, err
		}
		if !known {
			if _, err := tx.ExecContext(ctx, r.empty); err != nil {
				return false, err
			}
		}
		to := max(from, min(last, from+rollStep))
		if err := r.count(from, to); err != nil {
			return false, err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO rollups (name, up_to, made_for) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET up_to = excluded.up_to, made_for = excluded.made_for`, r.name, to, r.madeFor)
		if err != nil {
			return false, err
		}
		more = more || to < last
	}
	return more, nil
}

// lastSettled is the last call before the first one without an outcome. All calls up to the mark of either rollup have
// one.
func lastSettled(ctx context.Context, db sqlrow.Queryer) (int64, error) {
	var last int64
	err := db.QueryRowContext(ctx, `SELECT coalesce((SELECT min(call_id) - 1 FROM calls k
		WHERE call_id > coalesce((SELECT max(up_to) FROM rollups), 0)
		AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = k.call_id)), (SELECT max(call_id)
		FROM calls), 0)`).Scan(&last)
	return last, err
}

// rollupMark is the last call in a rollup made for something; 0, false when there is no such rollup.
func rollupMark(ctx context.Context, db sqlrow.Queryer, name, madeFor string) (upTo int64, known bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT up_to FROM rollups WHERE name = ? AND made_for = ?", name,
		madeFor).Scan(&upTo)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return upTo, err == nil, err
}

// rollScores adds the standing answers of the calls in (from, to] to score_counts.
func rollScores(ctx context.Context, tx *sql.Tx, c Calendar, from, to int64) error {
	add := func(counts *scoreCounts) error {
		for _, k := range counts.keys() {
			if err := mergeScores(ctx, tx, k, counts.groups[k]); err != nil {
				return err
			}
		}
		return nil
	}
	return eachStanding(ctx, tx, c.Clock, c.dayOf(), math.MaxInt, add,
		"WHERE standing = 1 AND call_id > ? AND call_id <= ?", from, to)
}

// mergeScores adds to one row of score_counts; a row that comes to nothing goes.
func mergeScores(ctx context.Context, tx sqlrow.Execer, k scoreKey, g *scoreCount) error {
	var id sql.NullInt64
	var answers int64
	var text []byte
	err := tx.QueryRowContext(ctx, "SELECT rowid, answers, scores FROM score_counts WHERE day = ? AND region = ? "+
		"AND endpoint = ? AND attack_type = ?",
		k.day, k.region, k.endpoint, k.attackType).Scan(&id, &answers, &text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	bins, err := decodeScores(text, nil)
	if err != nil {
		return err
	}
	for _, b := range bins {
		if g.scores[b.Score] += b.Answers; g.scores[b.Score] == 0 {
			delete(g.scores, b.Score)
		}
	}
	for _, n := range g.scores {
		if n < 0 {
			return errScores
		}
	}
	if g.answers += answers; g.answers == 0 {
		_, err = tx.ExecContext(ctx, "DELETE FROM score_counts WHERE rowid = ?", id)
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO score_counts (rowid, day, ends, region, endpoint, attack_type, answers,
		scores) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET answers = excluded.answers, scores = excluded.scores`,
		id, k.day, k.ends, k.region, k.endpoint, k.attackType, g.answers, encodeScores(g.sorted()))
	return err
}

// rollCalls adds the calls in (from, to] to call_counts.
func rollCalls(ctx context.Context, tx *sql.Tx, from, to int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO call_counts (run_id, outcome, tag, calls, first_at, last_at)
		SELECT k.run_id, o.outcome, o.tag, count(*), min(coalesce(o.sent_at, k.intended_at)), max(coalesce(o.sent_at,
		k.intended_at))
		FROM calls k CROSS JOIN outcomes o USING (call_id) WHERE k.call_id > ? AND k.call_id <= ?
		GROUP BY k.run_id, o.outcome, o.tag
		ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, first_at = min(first_at, excluded.first_at),
		last_at = max(last_at, excluded.last_at)`, from, to)
	return err
}

// recountCall moves a call whose tag has just changed in its row between the counts, where they hold it.
func recountCall(ctx context.Context, tx sqlrow.Execer, call, run int64, was, is Tag) error {
	upTo, known, err := rollupMark(ctx, tx, "calls", "")
	if err != nil || !known || call > upTo {
		return err
	}
	var at int64
	err = tx.QueryRowContext(ctx, "SELECT coalesce(o.sent_at, k.intended_at) FROM calls k CROSS JOIN outcomes o "+
		"USING (call_id) WHERE k.call_id = ?", call).Scan(&at)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO call_counts (run_id, outcome, tag, calls, first_at, last_at)
		VALUES (?1, 'answered', ?2, 1, ?3, ?3)
		ON CONFLICT DO UPDATE SET calls = calls + 1, first_at = min(first_at, ?3), last_at = max(last_at, ?3)`, run,
		is, at)
	if err == nil {
		err = takeFromCounts(ctx, tx, run, was, at, upTo)
	}
	if err == nil && was == TagPay {
		err = takeFromPaid(ctx, tx, call, at)
	}
	return err
}

// takeFromCounts takes an answered call out of the row of its former tag. Where it was the first or the last one there,
// the row is counted again, which costs what its run did.
func takeFromCounts(ctx context.Context, tx sqlrow.Execer, run int64, was Tag, at, upTo int64) error {
	res, err := tx.ExecContext(ctx, "UPDATE call_counts SET calls = calls - 1 WHERE run_id = ? AND outcome = "+
		"'answered' AND tag = ? AND first_at < ? AND last_at > ?", run, was, at, at)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM call_counts WHERE run_id = ? AND outcome = 'answered' AND tag = ?", run, was)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO call_counts (run_id, outcome, tag, calls, first_at, last_at)
		SELECT k.run_id, o.outcome, o.tag, count(*), min(coalesce(o.sent_at, k.intended_at)), max(coalesce(o.sent_at,
		k.intended_at))
		FROM calls k CROSS JOIN outcomes o USING (call_id) WHERE k.run_id = ? AND k.call_id <= ?
		AND o.outcome = 'answered' AND o.tag = ?
		GROUP BY k.run_id, o.outcome, o.tag`, run, upTo, was)
	return err
}

// clearedAnswer is an answer that does not stand any more.
type clearedAnswer struct {
	callID, answeredAt           int64
	capturedAt                   sql.NullInt64
	region, endpoint, attackType string
	score                        sql.NullFloat64
}

// uncount takes an answer out of score_counts if it is in there. It was counted by its day, which begins with the last
// row of its kind that does not lie after it. Where the counts do not hold it they are worth nothing, and are given up:
// a cache does not stop what is paid for.
func uncount(ctx context.Context, tx sqlrow.Execer, a clearedAnswer) error {
	var upTo int64
	var madeFor string
	err := tx.QueryRowContext(ctx, "SELECT up_to, made_for FROM rollups WHERE name = 'scores'").Scan(&upTo, &madeFor)
	if errors.Is(err, sql.ErrNoRows) || err == nil && a.callID > upTo {
		return nil
	}
	if err != nil {
		return err
	}
	at := a.answeredAt
	if clockOf(madeFor) == ByCapture && a.capturedAt.Valid {
		at = a.capturedAt.Int64
	}
	key := scoreKey{region: a.region, endpoint: a.endpoint, attackType: a.attackType}
	err = tx.QueryRowContext(ctx, `SELECT day, ends FROM score_counts WHERE day <= ? AND region = ? AND endpoint `+
		`= ? AND attack_type = ? ORDER BY day DESC LIMIT 1`,
		at, a.region, a.endpoint, a.attackType).Scan(&key.day, &key.ends)
	if err == nil {
		counts := scoreCounts{}
		counts.add(key, a.score, -1)
		err = mergeScores(ctx, tx, key, counts.groups[key])
	}
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, errScores) {
		_, err = tx.ExecContext(ctx, "DELETE FROM rollups WHERE name = 'scores'")
	}
	return err
}

// indexCapture keeps the index that reports by the time of capture need, as long as they are made.
func (b Books) indexCapture(ctx context.Context, c Clock) error {
	text := "DROP INDEX IF EXISTS answers_by_capture"
	if c == ByCapture {
		text = "CREATE INDEX IF NOT EXISTS answers_by_capture ON answers (" + c.at() +
			", region, endpoint, attack_type, score) WHERE standing = 1"
	}
	_, err := b.write.ExecContext(ctx, text)
	return err
}
