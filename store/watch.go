package store

import (
	"context"
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
