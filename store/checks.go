package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"
)

// Check is one ID and where it stands.
type Check struct {
	ID       int64
	Kind     string // signatureId or livenessId
	Text     string // the ID itself, "" after it was erased
	Region   string
	Endpoint string
	State    State
	Attempts int       // requests made so far, unsent ones included
	Doubts   int       // requests whose answer was lost
	Rechecks int       // times it was asked again after RESULT_NOT_FOUND
	Forced   bool      // pending because a person asked for it
	NoScores int       // answers without a score that it has had while pending
	Again    Reason    // for which it is asked once more though it is settled, "" for none
	Scored   bool      // of one that is asked once more: its result has a score
	Changed  time.Time // when its last answer came or was lost
	Unfound  bool      // pending because its last answer, that the vendor has nothing under it, was not believed
}

// queueOf is the condition by which checks wait for a call in a state: Pending, InDoubt or AskedAgain.
func queueOf(state State) string {
	if state == AskedAgain {
		return "again <> '' AND ?2 = '" + string(AskedAgain) + "'"
	}
	return "state = ?2 AND state IN ('pending', 'in_doubt')"
}

// OpenRegions returns the regions in which an endpoint has checks in one of the open states (Pending, InDoubt), or
// AskedAgain. Its cost depends on how many regions there are.
func (s *Store) OpenRegions(ctx context.Context, endpoint string, state State) ([]string, error) {
	of := "FROM checks WHERE endpoint = ?1 AND " + queueOf(state)
	rows, err := s.read.QueryContext(ctx, `WITH RECURSIVE open (region) AS (SELECT min(region) `+of+`
		UNION ALL SELECT (SELECT min(region) `+of+` AND region > open.region) FROM open WHERE region IS NOT NULL)
		SELECT region FROM open WHERE region IS NOT NULL`, endpoint, string(state))
	return collect(rows, err, "read open regions", func(r *string) error { return rows.Scan(r) })
}

// OpenChecks returns up to limit checks of one endpoint and region in one of the open states (Pending, InDoubt), or
// AskedAgain, in the order of their numbers, beginning after the number given. Erased IDs cannot be asked and are left out.
func (s *Store) OpenChecks(ctx context.Context, endpoint, region string, state State, after int64, limit int) ([]Check, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT check_id, kind, id, region, endpoint, state, attempts, doubts, rechecks, forced, unfound, no_score, again,
		again <> '' AND EXISTS (SELECT 1 FROM answers a WHERE a.check_id = checks.check_id AND a.standing = 1 AND a.score IS NOT NULL), changed_at FROM checks
		WHERE endpoint = ?1 AND region = ?3 AND `+queueOf(state)+` AND check_id > ?4 AND id IS NOT NULL ORDER BY check_id LIMIT ?5`,
		endpoint, string(state), region, after, limit)
	return collect(rows, err, "read open checks", func(c *Check) error {
		var changed int64
		err := rows.Scan(&c.ID, &c.Kind, &c.Text, &c.Region, &c.Endpoint, &c.State, &c.Attempts, &c.Doubts, &c.Rechecks, &c.Forced, &c.Unfound, &c.NoScores, &c.Again,
			&c.Scored, &changed)
		c.Changed = fromMillis(changed)
		return err
	})
}

// Backlog is how many checks of one endpoint and region wait in one open state, or are to be asked once more (AskedAgain).
type Backlog struct {
	Endpoint string
	Region   string
	State    State
	Checks   int64
}

// backlogSQL counts what is open in a table of checks.
func backlogSQL(checks string) string {
	return `SELECT endpoint, region, state, count(*) AS n FROM ` + checks + ` WHERE state IN ('pending', 'in_doubt') GROUP BY endpoint, region, state
		UNION ALL SELECT endpoint, region, '` + string(AskedAgain) + `', count(*) FROM ` + checks + ` WHERE again <> '' GROUP BY endpoint, region`
}

// Backlog counts the open checks. Its cost depends on what is open, not on what is stored.
func (s *Store) Backlog(ctx context.Context) ([]Backlog, error) {
	rows, err := s.read.QueryContext(ctx, backlogSQL("checks")+" ORDER BY endpoint, region, state")
	return collect(rows, err, "read backlog", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
}

// WithoutScore is how many pending checks of one endpoint and region have an answer without a score.
type WithoutScore struct {
	Endpoint string
	Region   string
	Checks   int64
	Resting  int64 // of them, those whose last answer came after a time, and for which nobody asks by hand
}

// WithoutScore counts the pending checks that have an answer without a score; those are told apart whose last answer came
// after a time. Its cost depends on how many there are.
func (s *Store) WithoutScore(ctx context.Context, after time.Time) ([]WithoutScore, error) {
	return withoutScore(ctx, s.read, "checks", after, math.MaxInt32)
}

// withoutScore leaves out those that had more such answers than nights.
func withoutScore(ctx context.Context, db queryer, checks string, after time.Time, nights int) ([]WithoutScore, error) {
	rows, err := db.QueryContext(ctx, `SELECT endpoint, region, count(*), sum(changed_at > ? AND forced = 0) FROM `+checks+`
		WHERE no_score > 0 AND state = 'pending' AND no_score <= ? GROUP BY endpoint, region ORDER BY endpoint, region`, millis(after), nights)
	return collect(rows, err, "count answers without a score", func(w *WithoutScore) error {
		return rows.Scan(&w.Endpoint, &w.Region, &w.Checks, &w.Resting)
	})
}

// Reroute moves the open checks of a region to another endpoint, after the configuration changed. It returns how many
// moved.
func (s *Store) Reroute(ctx context.Context, region, from, to string) (int64, error) {
	var sum int64
	for _, open := range []string{"state IN ('pending', 'in_doubt')", "again <> ''"} {
		res, err := s.write.ExecContext(ctx, `UPDATE checks SET endpoint = ?3 WHERE endpoint = ?2 AND region = ?1 AND `+open, region, from, to)
		if err != nil {
			return sum, fmt.Errorf("reroute %s from %s to %s: %w", region, from, to, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}

// Reopen makes the IDs that the vendor had nothing for (RESULT_NOT_FOUND) pending again, each on at most nights later
// runs. It returns how many.
func (s *Store) Reopen(ctx context.Context, nights int, now time.Time) (int64, error) {
	res, err := s.write.ExecContext(ctx, `UPDATE checks SET state = 'pending', rechecks = rechecks + 1, not_found = 0, changed_at = ?
		WHERE not_found = 1 AND state = 'absent' AND rechecks < ? AND id IS NOT NULL`, millis(now), nights)
	if err != nil {
		return 0, fmt.Errorf("reopen not found: %w", err)
	}
	return res.RowsAffected()
}

// EndpointMemory is what one night leaves to the next about an endpoint.
type EndpointMemory struct {
	Endpoint     string
	Rate         float64   // calls a second the vendor was content with
	ParkedUntil  time.Time // not to be asked before, zero: not parked
	ParkedReason string
	UpdatedAt    time.Time
}

// EndpointMemories returns what is remembered, by endpoint name.
func (s *Store) EndpointMemories(ctx context.Context) (map[string]EndpointMemory, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT endpoint, rate, parked_until, parked_reason, updated_at FROM endpoint_memory")
	all, err := collect(rows, err, "read endpoint memory", func(m *EndpointMemory) error {
		var parked sql.NullInt64
		var updated int64
		err := rows.Scan(&m.Endpoint, &m.Rate, &parked, &m.ParkedReason, &updated)
		m.ParkedUntil, m.UpdatedAt = fromNullMillis(parked), fromMillis(updated)
		return err
	})
	byName := make(map[string]EndpointMemory, len(all))
	for _, m := range all {
		byName[m.Endpoint] = m
	}
	return byName, err
}

// RememberEndpoint keeps m for the next night.
func (s *Store) RememberEndpoint(ctx context.Context, m EndpointMemory) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO endpoint_memory (endpoint, rate, parked_until, parked_reason, updated_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET rate = excluded.rate, parked_until = excluded.parked_until, parked_reason = excluded.parked_reason, updated_at = excluded.updated_at`,
		m.Endpoint, m.Rate, nullMillis(m.ParkedUntil), m.ParkedReason, millis(m.UpdatedAt))
	if err != nil {
		return fmt.Errorf("remember %s: %w", m.Endpoint, err)
	}
	return nil
}
