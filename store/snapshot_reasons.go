package store

import (
	"context"
	"fmt"
	"time"
)

// ReasonUsage counts calls that were made for a reason of their own: not an ID's first, nor one that goes on with it.
type ReasonUsage struct {
	Reason Reason
	Usage
	Twice int64 // of the calls, those tagged PAY for an ID of which an earlier call was tagged PAY, too
}

// ReasonUsage counts the calls sent in [from, to) that asked again for an ID, by reason and as Usage does. Its cost depends on
// how many there are.
func (f *Snapshot) ReasonUsage(ctx context.Context, from, to time.Time) ([]ReasonUsage, error) {
	first, last, err := f.callRange(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("count calls by reason: %w", err)
	}
	rows, err := f.tx.QueryContext(ctx, `SELECT k.reason, coalesce(o.sent_at, k.intended_at) / 900000 AS quarter, k.endpoint, k.region, o.outcome, o.code, o.pricing, o.tag, count(*),
		coalesce(sum(o.tag = 'pay' AND EXISTS (SELECT 1 FROM calls e CROSS JOIN outcomes p USING (call_id)
			WHERE e.check_id = k.check_id AND e.attempt < k.attempt AND p.tag = 'pay')), 0)
		FROM calls k INDEXED BY calls_asked_again CROSS JOIN outcomes o USING (call_id)
		WHERE k.reason NOT IN ('first', 'resume', 'retry') AND k.call_id BETWEEN ?3 AND ?4 AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`, millis(from), millis(to), first, last)
	return collect(rows, err, "count calls by reason", func(u *ReasonUsage) error {
		var q int64
		err := rows.Scan(&u.Reason, &q, &u.Endpoint, &u.Region, &u.Outcome, &u.Code, &u.Pricing, &u.Tag, &u.Calls, &u.Twice)
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}
