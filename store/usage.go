package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Usage is a count of calls that agree in everything finance asks about.
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

// Usage returns the calls sent in [from, to), counted by quarter hour; both ends are rounded down to a quarter. Its cost
// depends on the period alone.
func (s *Store) Usage(ctx context.Context, from, to time.Time) ([]Usage, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls FROM usage
		WHERE quarter >= ? AND quarter < ? ORDER BY quarter, endpoint, region, outcome, code, pricing`, quarter(from), quarter(to))
	return collect(rows, err, "read usage", func(u *Usage) error {
		var q int64
		err := rows.Scan(&q, &u.Endpoint, &u.Region, &u.Outcome, &u.Code, &u.Pricing, &u.Tag, &u.Calls)
		u.Quarter = time.Unix(q*900, 0).UTC()
		return err
	})
}

// Tally is what one run's calls to one endpoint became.
type Tally struct {
	Endpoint   string
	Calls      int64
	Answered   int64
	Unsent     int64
	Unanswered int64
	Pay        int64 // answers tagged PAY
	Free       int64
	Unknown    int64 // answers whose tag says neither
	Doubt      int64 // calls that may have been charged without our knowing: unanswered, or answered with an unknown tag
}

// Tallies counts one run's calls by endpoint. Its cost depends on the run alone.
func (s *Store) Tallies(ctx context.Context, runID int64) ([]Tally, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT k.endpoint, count(*), sum(o.outcome = 'answered'), sum(o.outcome = 'unsent'), sum(o.outcome = 'unanswered'),
		sum(o.tag = 'pay'), sum(o.tag = 'free'), sum(o.tag = 'unknown' AND o.outcome = 'answered'), sum(o.tag = 'unknown')
		FROM calls k INDEXED BY calls_by_run JOIN outcomes o USING (call_id) WHERE k.run_id = ? GROUP BY k.endpoint ORDER BY k.endpoint`, runID)
	return collect(rows, err, "tally run", func(t *Tally) error {
		return rows.Scan(&t.Endpoint, &t.Calls, &t.Answered, &t.Unsent, &t.Unanswered, &t.Pay, &t.Free, &t.Unknown, &t.Doubt)
	})
}

// law is a statement that holds of every closed run; its query counts the rows that break it.
type law struct{ name, query string }

// runLaws take the run's number as ?1 and cost what the run did; bookLaws read everything.
var (
	runLaws = []law{
		{"every intent has one outcome", `SELECT count(*) FROM calls k WHERE k.run_id = ?1 AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = k.call_id)`},
		{"every answered call keeps its answer, no other has one", `SELECT count(*) FROM calls k JOIN outcomes o USING (call_id) LEFT JOIN answers a USING (call_id)
			WHERE k.run_id = ?1 AND (o.outcome = 'answered') <> (a.call_id IS NOT NULL)`},
		{"an asked check has left its first state or says why not", `SELECT count(*) FROM calls k JOIN checks c USING (check_id)
			WHERE k.run_id = ?1 AND (c.attempts < k.attempt OR (c.state = 'done') <> EXISTS (SELECT 1 FROM answers a WHERE a.check_id = c.check_id AND a.standing = 1))`},
		{"rows = rejected + duplicate + known + new, by list and by region", `SELECT count(*) FROM lists l WHERE l.run_id = ?1 AND
			(l.rows <> l.rejected + l.duplicate + l.known + l.new
			OR l.rejected <> (SELECT count(*) FROM rejects r WHERE r.list_id = l.list_id)
			OR l.duplicate + l.known + l.new <> (SELECT coalesce(sum(duplicate + known + new), 0) FROM list_regions r WHERE r.list_id = l.list_id))`},
		{callsLaw, recounted(" AND run_id = ?1")},
	}
	bookLaws = []law{
		{"usage counts every outcome once", `SELECT abs((SELECT coalesce(sum(calls), 0) FROM usage) - (SELECT count(*) FROM outcomes))`},
		{"usage counts every PAY once", `SELECT abs((SELECT coalesce(sum(calls), 0) FROM usage WHERE tag = 'pay') - (SELECT count(*) FROM outcomes WHERE tag = 'pay'))`},
		{"every new row of a list is a check", `SELECT abs((SELECT coalesce(sum(new), 0) FROM lists) - (SELECT count(*) FROM checks))`},
		{"a check is done exactly when it has a standing answer", `SELECT count(*) FROM checks c WHERE (c.state = 'done') <> EXISTS (SELECT 1 FROM answers a WHERE a.check_id = c.check_id AND a.standing = 1)`},
		{"a transaction ID stands on one call, or its calls are suspect", `SELECT count(*) FROM outcomes o WHERE o.transaction_id <> '' AND o.call_id <= ` + transactionsTo + `
			AND o.call_id NOT IN (SELECT call_id FROM transactions) AND o.call_id NOT IN (SELECT call_id FROM suspects)
			AND NOT EXISTS (SELECT 1 FROM calls k JOIN calls l USING (check_id) JOIN outcomes p ON p.call_id = l.call_id
				WHERE k.call_id = o.call_id AND l.call_id <> k.call_id AND p.transaction_id = o.transaction_id)`},
		{"a suspect call was answered, an answer that was not believed was not", `SELECT (SELECT count(*) FROM suspects s WHERE NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = s.call_id AND o.outcome = 'answered'))
			+ (SELECT count(*) FROM repeated_answers r WHERE NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = r.call_id AND o.outcome = 'unanswered' AND o.cause = 'repeated'))`},
		{"only what is settled is asked once more, only what is pending waits for a score", `SELECT (SELECT count(*) FROM checks WHERE again <> '' AND state NOT IN ('done', 'absent', 'refused', 'given_up'))
			+ (SELECT count(*) FROM checks WHERE no_score > 0 AND state NOT IN ('pending', 'in_doubt'))`},
		{"a list's regions count its new checks", `SELECT count(*) FROM (SELECT list_id, region, new FROM list_regions WHERE new > 0 EXCEPT SELECT list_id, region, count(*) FROM checks GROUP BY list_id, region)`},
		{callsLaw, recounted("")},
	}
)

// AuditRun asserts the conservation laws of one run. The error names every law that is broken and by how many rows.
func (s *Store) AuditRun(ctx context.Context, runID int64) error {
	return errors.Join(s.audit(ctx, runLaws, runID), s.withSnapshot(ctx, func(f *Snapshot) error { return f.auditRunScores(ctx, runID) }))
}

// AuditBooks asserts the conservation laws of the whole database; it reads all of it.
func (s *Store) AuditBooks(ctx context.Context) error {
	return errors.Join(s.audit(ctx, bookLaws), s.withSnapshot(ctx, func(f *Snapshot) error { return errors.Join(f.auditScores(ctx), f.auditPaid(ctx)) }))
}

func (s *Store) withSnapshot(ctx context.Context, read func(*Snapshot) error) error {
	f, err := s.snapshot(ctx)
	if err != nil {
		return err
	}
	return errors.Join(read(f), f.Close())
}

func (s *Store) audit(ctx context.Context, laws []law, args ...any) error {
	var broken []error
	for _, l := range laws {
		var n sql.NullInt64
		if err := s.read.QueryRowContext(ctx, l.query, args...).Scan(&n); err != nil {
			return fmt.Errorf("audit %q: %w", l.name, err)
		}
		if n.Int64 != 0 {
			broken = append(broken, fmt.Errorf("law broken: %s (%d rows)", l.name, n.Int64))
		}
	}
	return errors.Join(broken...)
}
