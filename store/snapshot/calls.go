package snapshot

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// CallCount counts calls that agree in outcome and tag.
type CallCount struct {
	Outcome store.Outcome
	Tag     store.Tag
	Calls   int64
}

// CallReader reads calls: counts, and those that finance lists.
type CallReader struct{ *view }

// Counts counts the calls sent in [from, to) from the journal itself: the second route to what Usage has kept up. Runs
// that lie wholly inside were counted by RollUp, once and for all, for the journal is append-only; calls of others, and
// those since, are counted now, those in flight as unanswered.
func (c CallReader) Counts(ctx context.Context, from, to time.Time) ([]CallCount, error) {
	upTo, _, err := rollup.Mark(ctx, c.tx, "calls", "")
	if err != nil {
		return nil, fmt.Errorf("count calls: %w", err)
	}
	rows, err := c.tx.QueryContext(ctx, `SELECT outcome, tag, sum(calls) FROM (
		SELECT outcome, tag, calls FROM call_counts WHERE first_at >= ?1 AND last_at < ?2
		UNION ALL SELECT o.outcome, o.tag, count(*) FROM call_counts n
		CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = n.run_id CROSS JOIN outcomes o ON o.call_id = k.call_id
			WHERE NOT (n.first_at >= ?1 AND n.last_at < ?2) AND n.first_at < ?2 AND n.last_at >= ?1
			AND o.outcome = n.outcome AND o.tag = n.tag AND k.call_id <= ?3
			AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2
			GROUP BY o.outcome, o.tag
		UNION ALL SELECT coalesce(o.outcome, 'unanswered') AS became, coalesce(o.tag, 'unknown') AS tagged, count(*)
		FROM runs r CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id
			LEFT JOIN outcomes o ON o.call_id = k.call_id
			WHERE r.started_at < ?2 AND coalesce(r.ended_at, ?2) >= ?1 AND k.call_id > ?3
			AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2
			GROUP BY became, tagged)
		GROUP BY outcome, tag ORDER BY outcome, tag`, sqlrow.Millis(from), sqlrow.Millis(to), upTo)
	return sqlrow.Collect(rows, err, "count calls", func(c *CallCount) error {
		return rows.Scan(&c.Outcome, &c.Tag, &c.Calls)
	})
}

// InDoubtCall describes one call that may have been charged without our knowing.
type InDoubtCall struct {
	CallID        int64
	CheckID       int64
	Attempt       int
	RunID         int64
	Endpoint      string
	Region        string
	At            time.Time     // sent, or intended when it is not known whether it was
	Outcome       store.Outcome // Unanswered, or Answered with a tag that counts as neither PAY nor FREE
	Cause         string
	HTTPStatus    int // 0: none came
	Code          string
	Pricing       string
	TransactionID string
	State         store.State // of its check now
	Paid          bool        // another call for its check, sent before the time that was asked for ended, was tagged PAY
}

// InFlight names the cause of a call that a run which goes on has begun, and that has no outcome yet.
const InFlight = "in flight"

// CountInFlight counts the calls that were begun and have no outcome yet.
func (c CallReader) CountInFlight(ctx context.Context) (n int64, err error) {
	if err = c.tx.QueryRowContext(ctx, "SELECT count(*) FROM "+query.Unfinished).Scan(&n); err != nil {
		return 0, fmt.Errorf("count calls in flight: %w", err)
	}
	return n, nil
}

// EachInDoubt gives the calls in doubt sent in [from, to), those in flight too, oldest first. Its cost depends on how
// many doubts the runs of that time have left, and on what a run that goes on has done.
func (c CallReader) EachInDoubt(ctx context.Context, from, to time.Time, each func(InDoubtCall) error) error {
	first, last, err := c.callRange(ctx, from, to)
	if err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	rows, err := c.tx.QueryContext(ctx, `SELECT k.call_id, k.check_id, k.attempt, k.run_id, k.endpoint, k.region,
		coalesce(o.sent_at, k.intended_at) AS at,
		o.outcome, o.cause, coalesce(o.http_status, 0), o.code, o.pricing, o.transaction_id, c.state,
		EXISTS (SELECT 1 FROM calls e CROSS JOIN outcomes eo USING (call_id) WHERE e.check_id = k.check_id
		AND eo.tag = 'pay' AND coalesce(eo.sent_at, e.intended_at) < ?2)
		FROM outcomes o INDEXED BY outcomes_in_doubt CROSS JOIN calls k USING (call_id)
		CROSS JOIN checks c USING (check_id)
		WHERE (o.outcome = 'unanswered' OR o.tag = 'unknown') AND o.call_id BETWEEN ?3 AND ?4 AND at >= ?1 AND at < ?2
		UNION ALL SELECT k.call_id, k.check_id, k.attempt, k.run_id, k.endpoint, k.region, k.intended_at,
		'unanswered', '`+InFlight+`', 0, '', '', '', (SELECT state FROM checks c WHERE c.check_id = k.check_id),
		EXISTS (SELECT 1 FROM calls e CROSS JOIN outcomes eo USING (call_id) WHERE e.check_id = k.check_id
		AND eo.tag = 'pay' AND coalesce(eo.sent_at, e.intended_at) < ?2)
		FROM `+query.Unfinished+` AND k.intended_at >= ?1 AND k.intended_at < ?2
		ORDER BY 7, 1`,
		sqlrow.Millis(from), sqlrow.Millis(to), first, last)
	if err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var d InDoubtCall
		var at int64
		err := rows.Scan(&d.CallID, &d.CheckID, &d.Attempt, &d.RunID, &d.Endpoint, &d.Region, &at, &d.Outcome, &d.Cause,
			&d.HTTPStatus, &d.Code, &d.Pricing,
			&d.TransactionID, &d.State, &d.Paid)
		if err != nil {
			return fmt.Errorf("read doubts: %w", err)
		}
		d.At = sqlrow.FromMillis(at)
		if err := each(d); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Usage returns the calls sent in [from, to), as [store.Calls.Usage] does, of this moment.
func (c CallReader) Usage(ctx context.Context, from, to time.Time) ([]store.Usage, error) {
	rows, err := c.tx.QueryContext(ctx, query.Usage, sqlrow.Quarter(from), sqlrow.Quarter(to))
	return sqlrow.Collect(rows, err, "read usage", func(u *store.Usage) error {
		var q int64
		err := rows.Scan(&q, &u.Endpoint, &u.Region, &u.Outcome, &u.Code, &u.Pricing, &u.Tag, &u.Calls)
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}

// First returns when the first quarter of an hour began that calls were sent in, the zero time where none was sent.
func (c CallReader) First(ctx context.Context) (time.Time, error) {
	var quarter sql.NullInt64
	if err := c.tx.QueryRowContext(ctx, "SELECT min(quarter) FROM usage").Scan(&quarter); err != nil {
		return time.Time{}, fmt.Errorf("read the first usage: %w", err)
	}
	if !quarter.Valid {
		return time.Time{}, nil
	}
	return time.Unix(quarter.Int64*900, 0).UTC(), nil
}

// UsageClosed returns the calls of a closed month as they were counted when it was closed.
func (c CallReader) UsageClosed(ctx context.Context, closure int64) ([]store.Usage, error) {
	rows, err := c.tx.QueryContext(ctx, `SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls
		FROM closed_usage WHERE closure_id = ? ORDER BY quarter, endpoint, region, outcome, code, pricing, tag`,
		closure)
	return sqlrow.Collect(rows, err, "read closed usage", func(u *store.Usage) error {
		var q int64
		err := rows.Scan(&q, &u.Endpoint, &u.Region, &u.Outcome, &u.Code, &u.Pricing, &u.Tag, &u.Calls)
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}

// StrangeCall represents an answered call whose pricing the vendor's page does not foresee: PAY on a code other than
// SUCCESS, FREE on SUCCESS, or neither.
type StrangeCall struct {
	CallID, CheckID int64
	Attempt         int
	At              time.Time
	Endpoint        string
	Region          string
	Code            string
	Pricing         string // as received
	Tag             store.Tag
	TransactionID   string
}

// EachStrange gives the strange calls sent in [from, to), oldest first, at most limit of them. The call is valid
// during the call of each only.
func (c CallReader) EachStrange(
	ctx context.Context, from, to time.Time, limit int, each func(*StrangeCall) error,
) error {
	first, last, err := c.callRange(ctx, from, to)
	if err != nil {
		return fmt.Errorf("read strange pricing: %w", err)
	}
	rows, err := c.tx.QueryContext(ctx, `SELECT k.call_id, k.check_id, k.attempt, coalesce(o.sent_at,
		k.intended_at) AS at, k.endpoint, k.region, o.code, o.pricing, o.tag, o.transaction_id
		FROM outcomes o INDEXED BY outcomes_strange CROSS JOIN calls k USING (call_id)
		WHERE o.outcome = 'answered' AND (o.tag = 'unknown' OR (o.tag = 'pay') <> (o.code = 'SUCCESS'))
		AND NOT (o.tag = 'unknown' AND upper(o.pricing) = CASE o.code WHEN 'SUCCESS' THEN 'PAY' ELSE 'FREE' END)
		AND o.call_id BETWEEN ?4 AND ?5
		AND at >= ?1 AND at < ?2 ORDER BY at, k.call_id LIMIT ?3`, sqlrow.Millis(from), sqlrow.Millis(to), limit,
		first, last)
	if err != nil {
		return fmt.Errorf("read strange pricing: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var call StrangeCall
	var at int64
	for rows.Next() {
		if err := rows.Scan(&call.CallID, &call.CheckID, &call.Attempt, &at, &call.Endpoint, &call.Region, &call.Code,
			&call.Pricing, &call.Tag, &call.TransactionID); err != nil {
			return fmt.Errorf("read strange pricing: %w", err)
		}
		call.At = sqlrow.FromMillis(at)
		if err := each(&call); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Resolved returns the calls in doubt sent in [from, to) that standing reconciliations settled, of whatever month: true
// for those that one of them found billed.
func (c CallReader) Resolved(ctx context.Context, from, to time.Time) (map[int64]bool, error) {
	first, last, err := c.callRange(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("read resolved doubts: %w", err)
	}
	rows, err := c.tx.QueryContext(ctx, `SELECT r.call_id, max(r.billed) FROM resolutions r
		JOIN reconciliations c USING (reconciliation_id)
		JOIN calls k USING (call_id) JOIN outcomes o USING (call_id) WHERE r.call_id BETWEEN ?3 AND ?4
		AND c.superseded_by IS NULL
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2 GROUP BY r.call_id`,
		sqlrow.Millis(from), sqlrow.Millis(to), first, last)
	all, err := sqlrow.Collect(rows, err, "read resolved doubts", func(r *accounts.Resolution) error {
		return rows.Scan(&r.CallID, &r.Billed)
	})
	if err != nil {
		return nil, err
	}
	billed := make(map[int64]bool, len(all))
	for _, r := range all {
		billed[r.CallID] = r.Billed
	}
	return billed, nil
}

// ReasonUsage counts calls that were made for a reason of their own: not an ID's first, nor one that goes on with it.
type ReasonUsage struct {
	Reason store.Reason
	store.Usage
	Twice int64 // of the calls, those tagged PAY or billed by a statement for an ID that an earlier call had paid for
}

// UsageByReason counts the calls sent in [from, to) that asked again for an ID, by reason and as Usage does. Its cost
// depends on how many there are.
func (c CallReader) UsageByReason(ctx context.Context, from, to time.Time) ([]ReasonUsage, error) {
	first, last, err := c.callRange(ctx, from, to)
	if err != nil {
		return nil, fmt.Errorf("count calls by reason: %w", err)
	}
	rows, err := c.tx.QueryContext(ctx, `WITH billed AS (SELECT r.call_id FROM resolutions r
			JOIN reconciliations n USING (reconciliation_id) WHERE r.billed = 1 AND n.superseded_by IS NULL)
		SELECT k.reason, coalesce(o.sent_at, k.intended_at) / 900000 AS quarter,
		k.endpoint, k.region, o.outcome, o.code, o.pricing, o.tag, count(*),
		coalesce(sum((o.tag = 'pay' OR o.call_id IN billed) AND EXISTS (SELECT 1 FROM calls e
			CROSS JOIN outcomes p USING (call_id) WHERE e.check_id = k.check_id AND e.attempt < k.attempt
			AND (p.tag = 'pay' OR p.call_id IN billed))), 0)
		FROM calls k INDEXED BY calls_asked_again CROSS JOIN outcomes o USING (call_id)
		WHERE k.reason NOT IN ('first', 'resume', 'retry') AND k.call_id BETWEEN ?3 AND ?4
		AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8`, sqlrow.Millis(from), sqlrow.Millis(to),
		first, last)
	return sqlrow.Collect(rows, err, "count calls by reason", func(u *ReasonUsage) error {
		var q int64
		err := rows.Scan(&u.Reason, &q, &u.Endpoint, &u.Region, &u.Outcome, &u.Code, &u.Pricing, &u.Tag, &u.Calls,
			&u.Twice)
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}

// CountSuspect counts the calls sent in [from, to) whose answer, and with it the tag, may be another call's.
func (c CallReader) CountSuspect(ctx context.Context, from, to time.Time) (n int64, err error) {
	err = c.tx.QueryRowContext(ctx, "SELECT count(*) FROM suspects s CROSS JOIN outcomes o USING (call_id) WHERE "+
		"o.sent_at >= ? AND o.sent_at < ?",
		sqlrow.Millis(from), sqlrow.Millis(to)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count suspects: %w", err)
	}
	return n, nil
}

// EachTransactionID gives the transaction IDs of all calls of the journal.
func (c CallReader) EachTransactionID(ctx context.Context, each func(id string)) error {
	rows, err := c.tx.QueryContext(ctx, "SELECT transaction_id FROM outcomes WHERE transaction_id <> ''")
	if err != nil {
		return fmt.Errorf("read transaction IDs: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var id string
	for rows.Next() {
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("read transaction IDs: %w", err)
		}
		each(id)
	}
	return rows.Err()
}
