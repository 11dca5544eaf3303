// Package rollup keeps counts of calls and answers that can be made anew: score_counts holds the standing answers of
// calls up to a mark, by day and score; call_counts holds the calls up to a mark, by run, and paid_transactions which
// of them were paid for under which transaction ID. A report reads the counts and, of what lies beyond the mark, the
// rows themselves, so that it is right at any moment: while a run is busy, after a crash, with no counts at all.
//
// Add moves the marks, at the end of a run, in the transaction that adds what lies between. It never moves them past a
// call without an outcome: that one may still bring an answer. An answer below the mark that stops standing is taken
// out of the counts in the transaction that replaces it (see Uncount), and a call below the mark whose tag is taken
// back is counted by its new one in the transaction that does it (see Recount).
//
// Where answers come from is not counted but kept by day as it was read (origin_days): a report uses a day's row while
// its answers are the same.
package rollup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
)

// Step sets how many calls one transaction counts, so that others never wait long and memory stays small.
const Step = 200_000

// Add counts what settled since the last time, for reports of a calendar. When the calendar is another than the last
// time, everything is counted again, which takes about a microsecond an answer. A rollup whose row in table rollups was
// deleted is counted again, too.
func Add(ctx context.Context, db *sql.DB, c calendar.Calendar) error {
	if err := indexCapture(ctx, db, c.Clock); err != nil {
		return fmt.Errorf("roll up: %w", err)
	}
	for more := true; more; {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("roll up: %w", err)
		}
		if more, err = step(ctx, tx, c); err != nil {
			return errors.Join(fmt.Errorf("roll up: %w", err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("roll up: %w", err)
		}
	}
	if err := keepOrigins(ctx, db, c); err != nil {
		return fmt.Errorf("keep origins: %w", err)
	}
	return nil
}

// step counts the next calls of both rollups.
func step(ctx context.Context, tx *sql.Tx, c calendar.Calendar) (more bool, err error) {
	last, err := LastSettled(ctx, tx)
	if err != nil {
		return false, err
	}
	for _, r := range []struct {
		name, madeFor, empty string
		count                func(from, to int64) error
	}{
		{"scores", c.String(), "DELETE FROM score_counts; DELETE FROM origin_days", func(from, to int64) error {
			return rollScores(ctx, tx, c, from, to)
		}},
		{"calls", "", "DELETE FROM call_counts; DELETE FROM paid_transactions", func(from, to int64) error {
			return errors.Join(rollCalls(ctx, tx, from, to), rollPaid(ctx, tx, from, to))
		}},
	} {
		from, known, err := Mark(ctx, tx, r.name, r.madeFor)
		if err != nil {
			return false, err
		}
		if !known {
			if _, err := tx.ExecContext(ctx, r.empty); err != nil {
				return false, err
			}
		}
		to := max(from, min(last, from+Step))
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

// LastSettled returns the last call before the first one without an outcome. All calls up to the mark of either rollup
// have one.
func LastSettled(ctx context.Context, db sqlrow.Queryer) (int64, error) {
	var last int64
	err := db.QueryRowContext(ctx, `SELECT coalesce((SELECT min(call_id) - 1 FROM calls k
		WHERE call_id > coalesce((SELECT max(up_to) FROM rollups), 0)
		AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = k.call_id)), (SELECT max(call_id)
		FROM calls), 0)`).Scan(&last)
	return last, err
}

// Mark returns the last call in a rollup made for something; 0, false when there is no such rollup.
func Mark(ctx context.Context, db sqlrow.Queryer, name, madeFor string) (upTo int64, known bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT up_to FROM rollups WHERE name = ? AND made_for = ?", name,
		madeFor).Scan(&upTo)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return upTo, err == nil, err
}

// indexCapture keeps the index that reports by the time of capture need, as long as they are made.
func indexCapture(ctx context.Context, db *sql.DB, c calendar.Clock) error {
	text := "DROP INDEX IF EXISTS answers_by_capture"
	if c == calendar.ByCapture {
		text = "CREATE INDEX IF NOT EXISTS answers_by_capture ON answers (" + At(c) +
			", region, endpoint, attack_type, score) WHERE standing = 1"
	}
	_, err := db.ExecContext(ctx, text)
	return err
}

// At returns the time that an answer is counted by, as an SQL expression over answers. An index on it is found by these
// very words.
func At(c calendar.Clock) string {
	if c == calendar.ByCapture {
		return "coalesce(captured_at, answered_at)"
	}
	return "answered_at"
}

// Within selects the standing answers of [?1, ?2).
func Within(c calendar.Clock) string {
	return "standing = 1 AND " + At(c) + " >= ?1 AND " + At(c) + " < ?2"
}
