package store

import (
	"context"
	"fmt"
	"time"
)

// CallsAfter counts the calls sent in [from, to) that reached the journal after one of them, by number.
func (f *Snapshot) CallsAfter(ctx context.Context, last int64, from, to time.Time) (int64, error) {
	var n int64
	err := f.tx.QueryRowContext(ctx, `SELECT count(*) FROM runs r CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id AND k.call_id > ?3 CROSS JOIN outcomes o ON o.call_id = k.call_id
		WHERE r.started_at < ?2 AND coalesce(r.ended_at, ?2) >= ?1
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2`, millis(from), millis(to), last).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count calls after %d: %w", last, err)
	}
	return n, nil
}

// StrangeCall is an answered call whose pricing the vendor's page does not foresee: PAY on a code other than SUCCESS, FREE
// on SUCCESS, or neither.
type StrangeCall struct {
	CallID, CheckID int64
	Attempt         int
	At              time.Time
	Endpoint        string
	Region          string
	Code            string
	Pricing         string // as received
	Tag             Tag
	TransactionID   string
}

// EachStrangePricing gives the strange calls sent in [from, to), oldest first, at most limit of them. The call is valid
// during the call of each only.
func (f *Snapshot) EachStrangePricing(ctx context.Context, from, to time.Time, limit int, each func(*StrangeCall) error) error {
	first, last, err := f.callRange(ctx, from, to)
	if err != nil {
		return fmt.Errorf("read strange pricing: %w", err)
	}
	rows, err := f.tx.QueryContext(ctx, `SELECT k.call_id, k.check_id, k.attempt, coalesce(o.sent_at, k.intended_at) AS at, k.endpoint, k.region, o.code, o.pricing, o.tag, o.transaction_id
		FROM outcomes o INDEXED BY outcomes_strange CROSS JOIN calls k USING (call_id)
		WHERE o.outcome = 'answered' AND (o.tag = 'unknown' OR (o.tag = 'pay') <> (o.code = 'SUCCESS')) AND o.call_id BETWEEN ?4 AND ?5
		AND at >= ?1 AND at < ?2 ORDER BY at, k.call_id LIMIT ?3`, millis(from), millis(to), limit, first, last)
	if err != nil {
		return fmt.Errorf("read strange pricing: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var c StrangeCall
	var at int64
	for rows.Next() {
		if err := rows.Scan(&c.CallID, &c.CheckID, &c.Attempt, &at, &c.Endpoint, &c.Region, &c.Code, &c.Pricing, &c.Tag, &c.TransactionID); err != nil {
			return fmt.Errorf("read strange pricing: %w", err)
		}
		c.At = fromMillis(at)
		if err := each(&c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Resolved returns the calls in doubt sent in [from, to) that standing reconciliations settled, of whatever month: true for
// those that one of them found billed.
func (f *Snapshot) Resolved(ctx context.Context, from, to time.Time) (map[int64]bool, error) {
	first, last, err := f.callRange(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("read resolved doubts: %w", err)
	}
	rows, err := f.tx.QueryContext(ctx, `SELECT r.call_id, max(r.billed) FROM resolutions r JOIN reconciliations c USING (reconciliation_id)
		JOIN calls k USING (call_id) JOIN outcomes o USING (call_id) WHERE r.call_id BETWEEN ?3 AND ?4 AND c.superseded_by IS NULL
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2 GROUP BY r.call_id`, millis(from), millis(to), first, last)
	all, err := collect(rows, err, "read resolved doubts", func(r *Resolution) error { return rows.Scan(&r.CallID, &r.Billed) })
	if err != nil {
		return nil, err
	}
	billed := make(map[int64]bool, len(all))
	for _, r := range all {
		billed[r.CallID] = r.Billed
	}
	return billed, nil
}
