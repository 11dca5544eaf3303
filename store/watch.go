package store

import (
	"context"
	"fmt"
	"time"
)

// The figures that a monitor watches from night to night.

// CallTotal is how many calls were ever made to an endpoint that ended in one way.
type CallTotal struct {
	Endpoint string
	Outcome  Outcome
	Tag      Tag
	Calls    int64
}

// CallTotals counts all calls there are. Its cost depends on how many quarter hours had calls, not on how many calls.
func (s *Store) CallTotals(ctx context.Context) ([]CallTotal, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT endpoint, outcome, tag, sum(calls) FROM usage GROUP BY endpoint, outcome, tag ORDER BY endpoint, outcome, tag`)
	return collect(rows, err, "count all calls", func(t *CallTotal) error { return rows.Scan(&t.Endpoint, &t.Outcome, &t.Tag, &t.Calls) })
}

// OldestPending is when the list was read that the longest waiting pending check of each endpoint first stood in. Its
// cost depends on what is open.
func (s *Store) OldestPending(ctx context.Context) (map[string]time.Time, error) {
	return s.oldest(ctx, Pending, Pending)
}

// OldestOpen is the same for checks that are pending or in doubt.
func (s *Store) OldestOpen(ctx context.Context) (map[string]time.Time, error) {
	return s.oldest(ctx, Pending, InDoubt)
}

func (s *Store) oldest(ctx context.Context, state, orState State) (map[string]time.Time, error) {
	type oldest struct {
		endpoint string
		at       int64
	}
	rows, err := s.read.QueryContext(ctx, `SELECT o.endpoint, l.read_at FROM (SELECT endpoint, min(check_id) AS check_id FROM checks
		WHERE state IN ('pending', 'in_doubt') AND state IN (?, ?) GROUP BY endpoint) o
		JOIN checks c USING (check_id) JOIN lists l USING (list_id)`, string(state), string(orState))
	all, err := collect(rows, err, "read oldest open checks", func(o *oldest) error { return rows.Scan(&o.endpoint, &o.at) })
	times := make(map[string]time.Time, len(all))
	for _, o := range all {
		times[o.endpoint] = fromMillis(o.at)
	}
	return times, err
}

// givenUpPaid is the condition that a check c was given up although a call for it is tagged PAY.
const givenUpPaid = `c.state = 'given_up' AND EXISTS (SELECT 1 FROM calls p JOIN outcomes o USING (call_id)
	WHERE p.check_id = c.check_id AND o.tag = 'pay')`

// GivenUpPaid counts, by endpoint, the checks that are given up although an answer for them was paid for. Its cost depends
// on how many are given up.
func (s *Store) GivenUpPaid(ctx context.Context) (map[string]int64, error) {
	type count struct {
		endpoint string
		checks   int64
	}
	rows, err := s.read.QueryContext(ctx, `SELECT c.endpoint, count(*) FROM checks c INDEXED BY checks_given_up
		WHERE `+givenUpPaid+` GROUP BY c.endpoint`)
	all, err := collect(rows, err, "count paid checks that are given up", func(c *count) error { return rows.Scan(&c.endpoint, &c.checks) })
	counts := make(map[string]int64, len(all))
	for _, c := range all {
		counts[c.endpoint] = c.checks
	}
	return counts, err
}

// GivenUpPaidIn counts those of them for which one run made calls. Its cost depends on the run alone.
func (s *Store) GivenUpPaidIn(ctx context.Context, runID int64) (int64, error) {
	var n int64
	err := s.read.QueryRowContext(ctx, `SELECT count(DISTINCT c.check_id) FROM calls k INDEXED BY calls_by_run
		CROSS JOIN checks c USING (check_id) WHERE k.run_id = ? AND `+givenUpPaid, runID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count paid checks that run %d gave up: %w", runID, err)
	}
	return n, nil
}
