package store

import (
	"context"
	"fmt"
	"time"
)

// CallCount counts calls that agree in outcome and tag.
type CallCount struct {
	Outcome Outcome
	Tag     Tag
	Calls   int64
}

// CallCounts counts the calls sent in [from, to) from the journal itself: the second route to what Usage has kept up. Runs
// that lie wholly inside were counted by RollUp, once and for all, for the journal is append-only; calls of others, and
// those since, are counted now.
func (f *Snapshot) CallCounts(ctx context.Context, from, to time.Time) ([]CallCount, error) {
	upTo, _, err := rollupMark(ctx, f.tx, "calls", "")
	if err != nil {
		return nil, fmt.Errorf("count calls: %w", err)
	}
	rows, err := f.tx.QueryContext(ctx, `SELECT outcome, tag, sum(calls) FROM (
		SELECT outcome, tag, calls FROM call_counts WHERE first_at >= ?1 AND last_at < ?2
		UNION ALL SELECT o.outcome, o.tag, count(*) FROM call_counts n CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = n.run_id CROSS JOIN outcomes o ON o.call_id = k.call_id
			WHERE NOT (n.first_at >= ?1 AND n.last_at < ?2) AND n.first_at < ?2 AND n.last_at >= ?1 AND o.outcome = n.outcome AND o.tag = n.tag AND k.call_id <= ?3
			AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2 GROUP BY o.outcome, o.tag
		UNION ALL SELECT o.outcome, o.tag, count(*) FROM runs r CROSS JOIN calls k INDEXED BY calls_by_run ON k.run_id = r.run_id CROSS JOIN outcomes o ON o.call_id = k.call_id
			WHERE r.started_at < ?2 AND coalesce(r.ended_at, ?2) >= ?1 AND k.call_id > ?3
			AND coalesce(o.sent_at, k.intended_at) >= ?1 AND coalesce(o.sent_at, k.intended_at) < ?2 GROUP BY o.outcome, o.tag)
		GROUP BY outcome, tag ORDER BY outcome, tag`, millis(from), millis(to), upTo)
	return collect(rows, err, "count calls", func(c *CallCount) error { return rows.Scan(&c.Outcome, &c.Tag, &c.Calls) })
}

// DoubtCall is one call that may have been charged without our knowing.
type DoubtCall struct {
	CallID        int64
	CheckID       int64
	Attempt       int
	RunID         int64
	Endpoint      string
	Region        string
	At            time.Time // sent, or intended when it is not known whether it was
	Outcome       Outcome   // Unanswered, or Answered with a tag that says neither PAY nor FREE
	Cause         string
	HTTPStatus    int // 0: none came
	Code          string
	Pricing       string
	TransactionID string
	State         State // of its check now
	Paid          bool  // another call for its check, sent before the time that was asked for ended, was tagged PAY
}

// EachDoubt gives the calls in doubt sent in [from, to), oldest first. Its cost depends on how many doubts the runs of that
// time have left.
func (f *Snapshot) EachDoubt(ctx context.Context, from, to time.Time, each func(DoubtCall) error) error {
	first, last, err := f.callRange(ctx, from, to)
	if err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	rows, err := f.tx.QueryContext(ctx, `SELECT k.call_id, k.check_id, k.attempt, k.run_id, k.endpoint, k.region, coalesce(o.sent_at, k.intended_at) AS at,
		o.outcome, o.cause, coalesce(o.http_status, 0), o.code, o.pricing, o.transaction_id, c.state,
		EXISTS (SELECT 1 FROM calls e CROSS JOIN outcomes eo USING (call_id) WHERE e.check_id = k.check_id AND eo.tag = 'pay' AND coalesce(eo.sent_at, e.intended_at) < ?2)
		FROM outcomes o INDEXED BY outcomes_in_doubt CROSS JOIN calls k USING (call_id) CROSS JOIN checks c USING (check_id)
		WHERE (o.outcome = 'unanswered' OR o.tag = 'unknown') AND o.call_id BETWEEN ?3 AND ?4 AND at >= ?1 AND at < ?2 ORDER BY at, k.call_id`,
		millis(from), millis(to), first, last)
	if err != nil {
		return fmt.Errorf("read doubts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var d DoubtCall
		var at int64
		err := rows.Scan(&d.CallID, &d.CheckID, &d.Attempt, &d.RunID, &d.Endpoint, &d.Region, &at, &d.Outcome, &d.Cause, &d.HTTPStatus, &d.Code, &d.Pricing,
			&d.TransactionID, &d.State, &d.Paid)
		if err != nil {
			return fmt.Errorf("read doubts: %w", err)
		}
		d.At = fromMillis(at)
		if err := each(d); err != nil {
			return err
		}
	}
	return rows.Err()
}
