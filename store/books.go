package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// Books holds the counts that are kept of calls and answers, and the laws that they and the rows obey.
type Books struct{ *db }

// RollUp counts what settled since the last time, for reports of a calendar; see [rollup.Add].
func (b Books) RollUp(ctx context.Context, c calendar.Calendar) error {
	return rollup.Add(ctx, b.write, c)
}

// BelowZero counts the rows of usage below zero, see [rollup.BelowZero].
func (b Books) BelowZero(ctx context.Context) (int64, error) { return rollup.BelowZero(ctx, b.read) }

// MendUsage counts again what stands below zero, see [rollup.MendUsage].
func (b Books) MendUsage(ctx context.Context) (mended int64, err error) {
	err = b.writing(ctx, func(tx *sql.Tx) error {
		mended, err = rollup.MendUsage(ctx, tx)
		return err
	})
	return mended, err
}

// law represents a statement that holds of every closed run; its query counts the rows that break it.
type law struct{ name, query string }

// runLaws take the run's number as ?1 and cost what the run did; bookLaws read everything.
var (
	runLaws = []law{
		{"every intent has one outcome", `SELECT count(*) FROM calls k WHERE k.run_id = ?1 AND NOT EXISTS ` +
			`(SELECT 1 FROM outcomes o WHERE o.call_id = k.call_id)`},
		{"every answered call keeps its answer, no other has one", `SELECT count(*) FROM calls k
			JOIN outcomes o USING (call_id) LEFT JOIN answers a USING (call_id)
			WHERE k.run_id = ?1 AND (o.outcome = 'answered') <> (a.call_id IS NOT NULL)`},
		{"an asked check has left its first state or says why not", `SELECT count(*) FROM calls k
			JOIN checks c USING (check_id)
			WHERE k.run_id = ?1 AND (c.attempts < k.attempt OR (c.state = 'done') <> EXISTS (SELECT 1 FROM answers a
			WHERE a.check_id = c.check_id AND a.standing = 1))`},
		{"rows = rejected + duplicate + known + new, by list and by region", `SELECT count(*) FROM lists l
			WHERE l.run_id = ?1 AND
			(l.rows <> l.rejected + l.duplicate + l.known + l.new
			OR l.rejected <> (SELECT count(*) FROM rejects r WHERE r.list_id = l.list_id)
			OR l.duplicate + l.known + l.new <> (SELECT coalesce(sum(duplicate + known + new), 0) FROM list_regions r
			WHERE r.list_id = l.list_id))`},
	}
	bookLaws = []law{
		{"usage counts every outcome once",
			`SELECT abs((SELECT coalesce(sum(calls), 0) FROM usage) - (SELECT count(*) FROM outcomes))`},
		{"usage counts every PAY once", `SELECT abs((SELECT coalesce(sum(calls), 0) FROM usage WHERE tag = ` +
			`'pay') - (SELECT count(*) FROM outcomes WHERE tag = 'pay'))`},
		{"every new row of a list is a check",
			`SELECT abs((SELECT coalesce(sum(new), 0) FROM lists) - (SELECT count(*) FROM checks))`},
		{"a check is done exactly when it has a standing answer", `SELECT count(*) FROM checks c WHERE (c.state ` +
			`= 'done') <> EXISTS (SELECT 1 FROM answers a WHERE a.check_id = c.check_id AND a.standing = 1)`},
		{"a transaction ID stands on one call, or its calls are suspect", `SELECT count(*) FROM outcomes o
			WHERE o.transaction_id <> '' AND o.call_id <= ` + transactionsTo + `
			AND o.call_id NOT IN (SELECT call_id FROM transactions) AND o.call_id NOT IN (SELECT call_id FROM suspects)
			AND NOT EXISTS (SELECT 1 FROM calls k JOIN calls l USING (check_id) JOIN outcomes p ON p.call_id = l.call_id
				WHERE k.call_id = o.call_id AND l.call_id <> k.call_id AND p.transaction_id = o.transaction_id)`},
		{"a suspect call was answered, an answer that was not believed was not", `SELECT (SELECT count(*)
			FROM suspects s WHERE NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = s.call_id
			AND o.outcome = 'answered'))
			+ (SELECT count(*) FROM repeated_answers r WHERE NOT EXISTS (SELECT 1 FROM outcomes o
			WHERE o.call_id = r.call_id AND o.outcome = 'unanswered' AND o.cause = 'repeated')
			AND NOT EXISTS (SELECT 1 FROM calls k JOIN calls l USING (check_id) JOIN outcomes o ON o.call_id = k.call_id
			WHERE k.call_id = r.call_id AND l.call_id = r.first_call AND o.outcome = 'answered'))`},
		{"a transaction of one ID is at most one charge", `SELECT count(*) FROM repeated_answers r JOIN outcomes o
			USING (call_id) JOIN calls k USING (call_id) WHERE o.tag = 'pay' AND EXISTS (SELECT 1 FROM calls l
			JOIN outcomes p USING (call_id) WHERE l.check_id = k.check_id AND l.call_id < r.call_id
			AND p.transaction_id = r.transaction_id AND p.tag = 'pay')`},
		{"only what is settled is asked once more, only what is pending waits for a score", `SELECT (SELECT count(*)
			FROM checks WHERE again <> '' AND state NOT IN ('done', 'absent', 'refused', 'given_up'))
			+ (SELECT count(*) FROM checks WHERE no_score > 0 AND state NOT IN ('pending', 'in_doubt'))`},
		{"a list's regions count its new checks", `SELECT count(*) FROM (SELECT list_id, region, new FROM ` +
			`list_regions WHERE new > 0 EXCEPT SELECT list_id, region, count(*) FROM checks GROUP BY list_id, region)`},
	}
)

// AuditRun asserts the conservation laws of one run. The error names every law that is broken and by how many rows.
func (b Books) AuditRun(ctx context.Context, runID int64) error {
	return errors.Join(b.audit(ctx, runLaws, runID), sqlrow.ReadTx(ctx, b.read, func(tx *sql.Tx) error {
		return rollup.AuditRun(ctx, tx, runID)
	}))
}

// Audit asserts the conservation laws of the whole database; it reads all of it.
func (b Books) Audit(ctx context.Context) error {
	return errors.Join(b.audit(ctx, bookLaws), sqlrow.ReadTx(ctx, b.read, func(tx *sql.Tx) error {
		return rollup.Audit(ctx, tx)
	}))
}

func (b Books) audit(ctx context.Context, laws []law, args ...any) error {
	var broken []error
	for _, l := range laws {
		var n sql.NullInt64
		if err := b.read.QueryRowContext(ctx, l.query, args...).Scan(&n); err != nil {
			return fmt.Errorf("audit %q: %w", l.name, err)
		}
		if n.Int64 != 0 {
			broken = append(broken, fmt.Errorf("law broken: %s (%d rows)", l.name, n.Int64))
		}
	}
	return errors.Join(broken...)
}
