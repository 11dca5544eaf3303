package accounts

import (
	"context"
	"time"

	"liverecon/store/internal/sqlrow"
)

// PaidTwice names the two calls of an ID that was paid for twice: a call whose answer was lost is billed by a
// statement, and so is, or was tagged PAY, the call that asked again.
type PaidTwice struct {
	Lost, Again      int64     // calls
	LostAt, AgainAt  time.Time // when they were sent
	Endpoint         string    // of the later one
	LostX, AgainX    string    // transaction IDs, of the lost call that of its line; "" where there is none
	Reason           string    // of the later call
	ReconciliationID int64     // that settled the lost call as billed
}

// paidTwiceSQL selects the pairs of which a reconciliation settles the lost call or has the later one in a row. The
// later call was made before it. ?1 is the reconciliation.
const paidTwiceSQL = `WITH billed AS MATERIALIZED (SELECT r.call_id, r.reconciliation_id FROM resolutions r
		JOIN reconciliations n USING (reconciliation_id) WHERE r.billed = 1 AND n.superseded_by IS NULL)
	SELECT e.call_id, k.call_id, coalesce(p.sent_at, e.intended_at), coalesce(o.sent_at, k.intended_at), k.endpoint,
		coalesce((SELECT max(c.transaction_id) FROM reconciled c WHERE c.call_id = e.call_id
			AND c.reconciliation_id = b.reconciliation_id), ''), o.transaction_id, k.reason, b.reconciliation_id
	FROM billed b CROSS JOIN calls e USING (call_id) CROSS JOIN outcomes p USING (call_id)
	CROSS JOIN calls k ON k.check_id = e.check_id AND k.attempt > e.attempt
	CROSS JOIN outcomes o ON o.call_id = k.call_id
	WHERE (o.tag = 'pay' OR k.call_id IN (SELECT call_id FROM billed))
	AND NOT EXISTS (SELECT 1 FROM calls m JOIN outcomes q USING (call_id) WHERE m.check_id = e.check_id
		AND m.attempt > e.attempt AND m.attempt < k.attempt
		AND (q.tag = 'pay' OR m.call_id IN (SELECT call_id FROM billed)))
	AND k.intended_at <= (SELECT made_at FROM reconciliations WHERE reconciliation_id = ?1)
	AND (b.reconciliation_id = ?1 OR EXISTS (SELECT 1 FROM reconciled c WHERE c.call_id = k.call_id
		AND c.reconciliation_id = ?1))
	ORDER BY e.call_id`

// PaidTwice returns the IDs that a reconciliation shows to be paid for twice. Its cost depends on how many lost calls
// statements bill.
func (r ReconciliationReader) PaidTwice(ctx context.Context, reconciliation int64) ([]PaidTwice, error) {
	rows, err := r.tx.QueryContext(ctx, paidTwiceSQL, reconciliation)
	return sqlrow.Collect(rows, err, "read what was paid for twice", func(p *PaidTwice) error {
		var lost, again int64
		err := rows.Scan(&p.Lost, &p.Again, &lost, &again, &p.Endpoint, &p.LostX, &p.AgainX, &p.Reason,
			&p.ReconciliationID)
		p.LostAt, p.AgainAt = sqlrow.FromMillis(lost), sqlrow.FromMillis(again)
		return err
	})
}
