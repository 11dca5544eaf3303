package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
)

// Usage represents a count of calls that agree in everything finance asks about.
type Usage struct {
	Quarter  time.Time // start of the quarter hour (UTC) the calls were sent in
	Endpoint string
	Region   string
	Outcome  Outcome
	Code     string
	Pricing  string // as received
	Tag      Tag
	Calls    int64
}

// Calls holds the calls that were made, with outcomes and answers.
type Calls struct{ *db }

// Usage returns the calls sent in [from, to), those in flight included, counted by quarter hour; both ends are rounded
// down to a quarter. Its cost depends on the period, and on what a run that goes on has done.
func (c Calls) Usage(ctx context.Context, from, to time.Time) ([]Usage, error) {
	rows, err := c.read.QueryContext(ctx, query.Usage, sqlrow.Quarter(from), sqlrow.Quarter(to))
	return sqlrow.Collect(rows, err, "read usage", func(u *Usage) error {
		var q int64
		err := rows.Scan(&q, &u.Endpoint, &u.Region, &u.Outcome, &u.Code, &u.Pricing, &u.Tag, &u.Calls)
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}

// Tally holds what one run's calls to one endpoint became.
type Tally struct {
	Endpoint   string
	Calls      int64
	Answered   int64
	Unsent     int64
	Unanswered int64
	Pay        int64 // answers tagged PAY
	Free       int64
	Unknown    int64 // answers whose tag says neither
	// calls that may have been charged without our knowing: unanswered, or answered with an unknown tag
	Doubt int64
}

// LastSent returns when one of the newest calls was sent, or meant to be, the zero time before the first. Those before
// the last thousand are not looked at.
func (c Calls) LastSent(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := c.read.QueryRowContext(ctx, `SELECT max(coalesce(o.sent_at, k.intended_at)) FROM calls k
		LEFT JOIN outcomes o USING (call_id)
		WHERE k.call_id > (SELECT max(call_id) FROM calls) - 1000`).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the last call: %w", err)
	}
	return sqlrow.FromNullMillis(at), nil
}

// AskedUnbidden reports whether a run made a call that no person asked for.
func (c Calls) AskedUnbidden(ctx context.Context, runID int64) (asked bool, err error) {
	const query = "SELECT EXISTS (SELECT 1 FROM calls WHERE run_id = ? AND reason NOT IN (?, ?, ?))"
	err = c.read.QueryRowContext(ctx, query, runID, ReasonForced, ReasonRefresh, ReasonSuspect).Scan(&asked)
	if err != nil {
		return false, fmt.Errorf("read calls of run %d: %w", runID, err)
	}
	return asked, nil
}

// Tallies counts one run's calls by endpoint. Its cost depends on the run alone.
func (c Calls) Tallies(ctx context.Context, runID int64) ([]Tally, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT k.endpoint, count(*), sum(o.outcome = 'answered'),
		sum(o.outcome = 'unsent'), sum(o.outcome = 'unanswered'),
		sum(o.tag = 'pay'), sum(o.tag = 'free'), sum(o.tag = 'unknown'
		AND o.outcome = 'answered'), sum(o.tag = 'unknown')
		FROM calls k INDEXED BY calls_by_run JOIN outcomes o USING (call_id) WHERE k.run_id = ? GROUP BY k.endpoint
		ORDER BY k.endpoint`, runID)
	return sqlrow.Collect(rows, err, "tally run", func(t *Tally) error {
		return rows.Scan(&t.Endpoint, &t.Calls, &t.Answered, &t.Unsent, &t.Unanswered, &t.Pay, &t.Free, &t.Unknown,
			&t.Doubt)
	})
}

// InDoubt counts all calls in doubt: unanswered, or answered without a tag that says PAY or FREE. Those that a
// statement has settled are in doubt no more.
func (c Calls) InDoubt(ctx context.Context) (int64, error) {
	var n sql.NullInt64
	err := c.read.QueryRowContext(ctx, `SELECT count(*) FROM outcomes o INDEXED BY outcomes_in_doubt
		WHERE (outcome = 'unanswered' OR tag = 'unknown')
		AND NOT EXISTS (SELECT 1 FROM resolutions s JOIN reconciliations c USING (reconciliation_id)
		WHERE s.call_id = o.call_id AND c.superseded_by IS NULL)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count doubts: %w", err)
	}
	return n.Int64, nil
}

// InFlight counts the calls that were begun and have no outcome yet: each may be charged once.
func (c Calls) InFlight(ctx context.Context) (n int64, err error) {
	if err = c.read.QueryRowContext(ctx, "SELECT count(*) FROM "+query.Unfinished).Scan(&n); err != nil {
		return 0, fmt.Errorf("count calls in flight: %w", err)
	}
	return n, nil
}

// CallRecord describes one request with its check and outcome.
type CallRecord struct {
	StoryCall
	CheckID  int64
	Kind     string
	Text     string // the ID, "" after it was erased
	Endpoint string
	Region   string
	State    State // of the check, now
}

// Each gives all calls in the order of their numbers, with what became of them.
func (c Calls) Each(ctx context.Context, each func(CallRecord) error) error {
	rows, err := c.read.QueryContext(ctx, `SELECT k.call_id, k.run_id, k.attempt, k.reason, coalesce(o.sent_at,
		k.intended_at), coalesce(o.outcome, ''), coalesce(o.cause, ''),
		coalesce(o.http_status, 0), coalesce(o.code, ''), coalesce(o.pricing, ''), coalesce(o.tag, ''),
		coalesce(o.transaction_id, ''),
		coalesce(o.ended_at - o.sent_at, 0), coalesce(a.standing, 0), k.check_id, c.kind, coalesce(c.id, ''),
		k.endpoint, k.region, c.state, coalesce(r.transaction_id, ''), coalesce(r.first_call, 0)
		FROM calls k JOIN checks c USING (check_id) LEFT JOIN outcomes o USING (call_id)
		LEFT JOIN repeated_answers r USING (call_id)
		LEFT JOIN answers a USING (call_id) ORDER BY k.call_id`)
	if err != nil {
		return fmt.Errorf("read calls: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var c CallRecord
		var at, latency int64
		err := rows.Scan(&c.CallID, &c.RunID, &c.Attempt, &c.Reason, &at, &c.Outcome, &c.Cause, &c.HTTPStatus, &c.Code,
			&c.Pricing, &c.Tag, &c.TransactionID, &latency, &c.Current, &c.CheckID, &c.Kind, &c.Text, &c.Endpoint,
			&c.Region, &c.State, &c.Repeats.TransactionID, &c.Repeats.FirstCall)
		if err != nil {
			return fmt.Errorf("read calls: %w", err)
		}
		c.At, c.Latency = sqlrow.FromMillis(at), time.Duration(latency)*time.Millisecond
		if err := each(c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// AnswerRecord holds what one answer said of its check, apart from money.
type AnswerRecord struct {
	CallID     int64
	CheckID    int64
	Current    bool // this is the check's result
	Score      *float64
	AttackType string
	CapturedAt time.Time // zero when the vendor gave none
}

// EachAnswer gives all answers in the order of their calls.
func (c Calls) EachAnswer(ctx context.Context, each func(AnswerRecord) error) error {
	rows, err := c.read.QueryContext(ctx, `SELECT call_id, check_id, standing, score, attack_type, captured_at
		FROM answers ORDER BY call_id`)
	if err != nil {
		return fmt.Errorf("read answers: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var a AnswerRecord
		var captured sql.NullInt64
		if err := rows.Scan(&a.CallID, &a.CheckID, &a.Current, &a.Score, &a.AttackType, &captured); err != nil {
			return fmt.Errorf("read answers: %w", err)
		}
		a.CapturedAt = sqlrow.FromNullMillis(captured)
		if err := each(a); err != nil {
			return err
		}
	}
	return rows.Err()
}

// CallTotal describes how many calls were ever made to an endpoint that ended in one way.
type CallTotal struct {
	Endpoint string
	Outcome  Outcome
	Tag      Tag
	Calls    int64
}

// Totals counts all calls there are. Its cost depends on how many quarter hours had calls, not on how many calls.
func (c Calls) Totals(ctx context.Context) ([]CallTotal, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT endpoint, outcome, tag, sum(calls) FROM usage GROUP BY 1, 2, 3
		ORDER BY 1, 2, 3`)
	return sqlrow.Collect(rows, err, "count all calls", func(t *CallTotal) error {
		return rows.Scan(&t.Endpoint, &t.Outcome, &t.Tag, &t.Calls)
	})
}
