package rollup

import (
	"context"
	"database/sql"

	"liverecon/store/internal/sqlrow"
)

// paidTag sets how a call is tagged that the vendor charges for.
const paidTag = "pay"

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

// Recount moves a call whose tag has just changed in its row between the counts, where they hold it.
func Recount(ctx context.Context, tx sqlrow.Execer, call, run int64, was, is string) error {
	upTo, known, err := Mark(ctx, tx, "calls", "")
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
		err = subtractFromCounts(ctx, tx, run, was, at, upTo)
	}
	if err == nil && was == paidTag {
		err = subtractFromPaid(ctx, tx, call, at)
	}
	return err
}

// subtractFromCounts takes an answered call out of the row of its former tag. Where it was the first or the last one
// there, the row is counted again, which costs what its run did.
func subtractFromCounts(ctx context.Context, tx sqlrow.Execer, run int64, was string, at, upTo int64) error {
	res, err := tx.ExecContext(ctx, "UPDATE call_counts SET calls = calls - 1 WHERE run_id = ? AND outcome = "+
		"'answered' AND tag = ? AND first_at < ? AND last_at > ?", run, was, at, at)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM call_counts WHERE run_id = ? AND outcome = 'answered' AND tag = ?", run,
		was)
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
