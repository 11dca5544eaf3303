package store

import (
	"context"
	"fmt"
	"time"
)

// The PAY calls of [from, to) that are the first for their check ever, or the first of the period with their transaction
// ID.
const (
	paidCalls = `SELECT k.call_id, k.check_id, k.attempt, k.endpoint, k.region, coalesce(o.sent_at, k.intended_at) AS at, o.code, o.pricing, o.transaction_id
		FROM runs r CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id CROSS JOIN outcomes o ON o.call_id = k.call_id
		WHERE r.started_at < ?2 AND coalesce(r.ended_at, ?2) >= ?1 AND o.tag = 'pay'
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2`
	paidChecks = `SELECT at / 900000, endpoint, region, code, pricing, count(*) FROM (` + paidCalls + `) p
		WHERE attempt = 1 OR NOT EXISTS (SELECT 1 FROM calls e JOIN outcomes eo ON eo.call_id = e.call_id
			WHERE e.check_id = p.check_id AND eo.tag = 'pay' AND (coalesce(eo.sent_at, e.intended_at), e.call_id) < (p.at, p.call_id))
		GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`
	paidTransactions = `SELECT at / 900000, endpoint, region, code, pricing, count(*) FROM
		(SELECT *, row_number() OVER (PARTITION BY transaction_id, iif(transaction_id = '', call_id, 0) ORDER BY at, call_id) AS nth FROM (` + paidCalls + `))
		WHERE nth = 1 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`
)

// PaidChecks counts the checks that were tagged PAY for the first time by a call sent in [from, to).
func (f *Facts) PaidChecks(ctx context.Context, from, to time.Time) ([]Usage, error) {
	return f.paidOnce(ctx, "count paid checks", paidChecks, from, to)
}

// PaidTransactions counts the transaction IDs of the calls sent in [from, to) and tagged PAY, each once, at the first. A
// call without a transaction ID counts for itself.
func (f *Facts) PaidTransactions(ctx context.Context, from, to time.Time) ([]Usage, error) {
	return f.paidOnce(ctx, "count paid transactions", paidTransactions, from, to)
}

func (f *Facts) paidOnce(ctx context.Context, what, query string, from, to time.Time) ([]Usage, error) {
	rows, err := f.tx.QueryContext(ctx, query, millis(from), millis(to))
	return collect(rows, err, what, func(u *Usage) error {
		var q int64
		err := rows.Scan(&q, &u.Endpoint, &u.Region, &u.Code, &u.Pricing, &u.Calls)
		u.Quarter, u.Outcome, u.Tag = time.Unix(q*900, 0).UTC(), Answered, TagPay
		return err
	})
}

// CallsAfter counts the calls sent in [from, to) that reached the journal after one of them, by number.
func (f *Facts) CallsAfter(ctx context.Context, last int64, from, to time.Time) (int64, error) {
	var n int64
	err := f.tx.QueryRowContext(ctx, `SELECT count(*) FROM calls k JOIN outcomes o USING (call_id)
		WHERE k.call_id > ? AND coalesce(o.sent_at, k.intended_at) >= ? AND coalesce(o.sent_at, k.intended_at) < ?`, last, millis(from), millis(to)).Scan(&n)
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
func (f *Facts) EachStrangePricing(ctx context.Context, from, to time.Time, limit int, each func(*StrangeCall) error) error {
	rows, err := f.tx.QueryContext(ctx, `SELECT k.call_id, k.check_id, k.attempt, coalesce(o.sent_at, k.intended_at) AS at, k.endpoint, k.region, o.code, o.pricing, o.tag, o.transaction_id
		FROM runs r CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id CROSS JOIN outcomes o ON o.call_id = k.call_id
		WHERE r.started_at < ?2 AND coalesce(r.ended_at, ?2) >= ?1 AND o.outcome = 'answered' AND (o.tag = 'unknown' OR (o.tag = 'pay') <> (o.code = 'SUCCESS'))
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2 ORDER BY at, k.call_id LIMIT ?3`, millis(from), millis(to), limit)
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
func (f *Facts) Resolved(ctx context.Context, from, to time.Time) (map[int64]bool, error) {
	rows, err := f.tx.QueryContext(ctx, `SELECT r.call_id, max(r.billed) FROM resolutions r JOIN reconciliations c USING (reconciliation_id)
		JOIN calls k USING (call_id) JOIN outcomes o USING (call_id)
		WHERE c.superseded_by IS NULL AND coalesce(o.sent_at, k.intended_at) >= ? AND coalesce(o.sent_at, k.intended_at) < ? GROUP BY r.call_id`, millis(from), millis(to))
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
