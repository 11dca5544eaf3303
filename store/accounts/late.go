package accounts

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/internal/sqlrow"
)

// LateError reports that a reconciliation lacks calls of its month: they would be borne by no month if it was closed.
type LateError struct {
	Month string
	Calls int64
}

func (e *LateError) Error() string { return LateCalls(e.Calls) }

// LateCalls describes how many calls a reconciliation lacks.
func LateCalls(n int64) string {
	if n == 1 {
		return "1 call has reached the journal since the statement was reconciled"
	}
	return fmt.Sprintf("%d calls have reached the journal since the statement was reconciled", n)
}

// lateCalls counts what Late does.
func lateCalls(ctx context.Context, tx *sql.Tx, reconciliation int64, from, to time.Time) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM reconciliations m JOIN runs r
		CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id AND k.call_id > m.last_call
		CROSS JOIN outcomes o ON o.call_id = k.call_id
		WHERE m.reconciliation_id = ?3 AND r.started_at < ?2 AND coalesce(r.ended_at, ?2) >= ?1
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2
		AND EXISTS (SELECT 1 FROM reconciled_parts p WHERE p.reconciliation_id = m.reconciliation_id
			AND p.endpoint IN ('', k.endpoint))`, sqlrow.Millis(from), sqlrow.Millis(to), reconciliation).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count calls after reconciliation %d: %w", reconciliation, err)
	}
	return n, nil
}
