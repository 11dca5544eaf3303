package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
)

// EndpointMemory holds what one night leaves to the next about an endpoint.
type EndpointMemory struct {
	Endpoint     string
	Rate         float64   // calls a second the vendor was content with
	ParkedUntil  time.Time // not to be asked before, zero: not parked
	ParkedReason string
	UpdatedAt    time.Time
}

// Endpoints holds what is remembered of endpoints, and what their nights were like.
type Endpoints struct{ *db }

// Memories returns what is remembered, by endpoint name.
func (e Endpoints) Memories(ctx context.Context) (map[string]EndpointMemory, error) {
	rows, err := e.read.QueryContext(ctx,
		"SELECT endpoint, rate, parked_until, parked_reason, updated_at FROM endpoint_memory")
	all, err := sqlrow.Collect(rows, err, "read endpoint memory", func(m *EndpointMemory) error {
		var parked sql.NullInt64
		var updated int64
		err := rows.Scan(&m.Endpoint, &m.Rate, &parked, &m.ParkedReason, &updated)
		m.ParkedUntil, m.UpdatedAt = sqlrow.FromNullMillis(parked), sqlrow.FromMillis(updated)
		return err
	})
	byName := make(map[string]EndpointMemory, len(all))
	for _, m := range all {
		byName[m.Endpoint] = m
	}
	return byName, err
}

// Remember keeps m for the next night.
func (e Endpoints) Remember(ctx context.Context, m EndpointMemory) error {
	_, err := e.write.ExecContext(ctx, `INSERT INTO endpoint_memory (endpoint, rate, parked_until, parked_reason,
		updated_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET rate = excluded.rate, parked_until = excluded.parked_until,
		parked_reason = excluded.parked_reason, updated_at = excluded.updated_at`,
		m.Endpoint, m.Rate, sqlrow.NullMillis(m.ParkedUntil), m.ParkedReason, sqlrow.Millis(m.UpdatedAt))
	if err != nil {
		return fmt.Errorf("remember %s: %w", m.Endpoint, err)
	}
	return nil
}

// Called reports if a call was ever made to an endpoint of this name.
func (e Endpoints) Called(ctx context.Context, endpoint string) (bool, error) {
	var found bool
	err := e.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM usage WHERE endpoint = ?)", endpoint).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for calls to %s: %w", endpoint, err)
	}
	return found, nil
}

// Pace holds what calls show of how an endpoint was asked.
type Pace struct {
	Rate     float64 // most calls in any one second, or as was remembered of it
	InFlight int     // most at once
}

// shownCalls sets how many of the newest calls Paces looks at.
const shownCalls = 100_000

// Paces returns by endpoint what the newest calls show.
func (e Endpoints) Paces(ctx context.Context) (map[string]Pace, error) {
	type call struct {
		endpoint string
		at, end  int64
	}
	rows, err := e.read.QueryContext(ctx, `SELECT k.endpoint, coalesce(o.sent_at, k.intended_at), coalesce(o.ended_at,
		k.intended_at)
		FROM calls k LEFT JOIN outcomes o USING (call_id) WHERE k.call_id > (SELECT max(call_id) FROM calls) - ?
		AND coalesce(o.outcome, '') <> 'unsent'
		ORDER BY 1, 2`, shownCalls)
	calls, err := sqlrow.Collect(rows, err, "read the newest calls", func(c *call) error {
		return rows.Scan(&c.endpoint, &c.at, &c.end)
	})
	if err != nil {
		return nil, err
	}
	memories, err := e.Memories(ctx)
	paces := map[string]Pace{}
	for endpoint, m := range memories {
		paces[endpoint] = Pace{Rate: m.Rate}
	}
	for len(calls) > 0 {
		endpoint := calls[0].endpoint
		n := slices.IndexFunc(calls, func(c call) bool { return c.endpoint != endpoint })
		if n < 0 {
			n = len(calls)
		}
		p, first := paces[endpoint], 0
		var ends []int64 // ascending, of those in flight
		for i, c := range calls[:n] {
			for calls[first].at <= c.at-1000 {
				first++
			}
			place, _ := slices.BinarySearch(ends, c.end)
			ends = slices.Insert(ends, place, c.end)
			done, _ := slices.BinarySearch(ends, c.at)
			ends = ends[done:]
			p.Rate, p.InFlight = max(p.Rate, float64(i-first+1)), max(p.InFlight, len(ends))
		}
		paces[endpoint], calls = p, calls[n:]
	}
	return paces, err
}
