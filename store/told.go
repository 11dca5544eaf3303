package store

import (
	"context"
	"fmt"
	"time"
)

// toldSQL is the condition that standing reconciliations have settled every call in doubt of a check c that is in
// doubt, and that at least one was billed, or none was.
func toldSQL(billed bool) string {
	calls := `SELECT max(coalesce((SELECT max(r.billed) FROM resolutions r JOIN reconciliations n USING (reconciliation_id)
			WHERE r.call_id = o.call_id AND n.superseded_by IS NULL), 2)) FROM calls k CROSS JOIN outcomes o USING (call_id)
		WHERE k.check_id = c.check_id AND (o.outcome = 'unanswered' OR o.tag = 'unknown')`
	return fmt.Sprintf("c.state = 'in_doubt' AND c.state IN ('pending', 'in_doubt') AND c.id IS NOT NULL AND (%s) = %d",
		calls, btoi(billed))
}

// NotBilled makes the checks pending whose lost answers a statement says were not billed: asking again pays once. It
// returns how many.
func (c Checks) NotBilled(ctx context.Context, now time.Time) (int64, error) {
	res, err := c.write.ExecContext(ctx, "UPDATE checks AS c SET state = 'pending', why = '', changed_at = ? WHERE "+
		toldSQL(false), millis(now))
	if err != nil {
		return 0, fmt.Errorf("release what was not billed: %w", err)
	}
	return res.RowsAffected()
}

// Told counts the checks in doubt whose lost answers a statement has settled, by endpoint and region: those that were
// billed, or those that were not. Its cost depends on what is in doubt.
func (c Checks) Told(ctx context.Context, billed bool) ([]Backlog, error) {
	return told(ctx, c.read, billed)
}

func told(ctx context.Context, db queryer, billed bool) ([]Backlog, error) {
	rows, err := db.QueryContext(ctx, "SELECT endpoint, region, state, count(*) FROM checks c WHERE "+toldSQL(billed)+
		" GROUP BY endpoint, region")
	return collect(rows, err, "count what a statement settled", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
}
