package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"liverecon/store/accounts"
	"liverecon/store/alias"
	"liverecon/store/held"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
)

// Check describes one ID and where it stands.
type Check struct {
	ID        int64
	Kind      string // signatureId or livenessId
	Text      string // the ID itself, "" after it was erased
	Region    string
	Endpoint  string
	State     State
	Attempts  int       // requests made so far, unsent ones included
	Doubts    int       // requests whose answer was lost
	Rechecks  int       // times it was asked again after RESULT_NOT_FOUND
	Forced    bool      // pending because a person asked for it
	NoScores  int       // answers without a score that it has had while pending
	Again     Reason    // for which it is asked once more though it is settled, "" for none
	Scored    bool      // of one that is asked once more: its result has a score
	Changed   time.Time // when its last answer came or was lost
	Unfound   bool      // pending because its last answer, that the vendor has nothing under it, was not believed
	Elsewhere bool      // pending because it is absent where it was asked, and belongs to another endpoint
	Asked     time.Time // of one in doubt: when its last call was to be made
}

// queueOf returns the condition by which checks wait for a call in a state: Pending, InDoubt or AskedAgain.
func queueOf(state State) string {
	if state == AskedAgain {
		return "again <> '' AND ?2 = '" + string(AskedAgain) + "'"
	}
	return "state = ?2 AND state IN ('pending', 'in_doubt')"
}

// Checks holds the IDs: where each stands, and which of them are to be asked.
type Checks struct{ *db }

// OpenRegions returns the regions in which an endpoint has checks in one of the open states (Pending, InDoubt), or
// AskedAgain. Its cost depends on how many regions there are.
func (c Checks) OpenRegions(ctx context.Context, endpoint string, state State) ([]string, error) {
	of := "FROM checks WHERE endpoint = ?1 AND " + queueOf(state)
	rows, err := c.read.QueryContext(ctx, `WITH RECURSIVE open (region) AS (SELECT min(region) `+of+`
		UNION ALL SELECT (SELECT min(region) `+of+` AND region > open.region) FROM open WHERE region IS NOT NULL)
		SELECT region FROM open WHERE region IS NOT NULL`, endpoint, string(state))
	return sqlrow.Collect(rows, err, "read open regions", func(r *string) error { return rows.Scan(r) })
}

// Open returns up to limit checks of one endpoint and region in one of the open states (Pending, InDoubt), or
// AskedAgain, in the order of their numbers, beginning after the number given. Erased IDs cannot be asked and are left
// out.
func (c Checks) Open(
	ctx context.Context, endpoint, region string, state State, after int64, limit int,
) ([]Check, error) {
	rows, err := c.read.QueryContext(ctx, `SELECT check_id, kind, id, region, endpoint, state, attempts, doubts,
		rechecks, forced, unfound, why = '`+WhyMisplaced+`', no_score, again,
		again <> '' AND EXISTS (SELECT 1 FROM answers a WHERE a.check_id = checks.check_id AND a.standing = 1
		AND a.score IS NOT NULL), changed_at,
		CASE WHEN state = 'in_doubt' THEN (SELECT max(intended_at) FROM calls k
			WHERE k.check_id = checks.check_id) END FROM checks
		WHERE endpoint = ?1 AND region = ?3 AND `+queueOf(state)+` AND check_id > ?4 AND id IS NOT NULL
		ORDER BY check_id LIMIT ?5`, endpoint, string(state), region, after, limit)
	return sqlrow.Collect(rows, err, "read open checks", func(c *Check) error {
		var changed int64
		var asked sql.NullInt64
		err := rows.Scan(&c.ID, &c.Kind, &c.Text, &c.Region, &c.Endpoint, &c.State, &c.Attempts, &c.Doubts, &c.Rechecks,
			&c.Forced, &c.Unfound, &c.Elsewhere, &c.NoScores, &c.Again, &c.Scored, &changed, &asked)
		c.Changed, c.Asked = sqlrow.FromMillis(changed), sqlrow.FromNullMillis(asked)
		return err
	})
}

// Backlog describes how many checks of one endpoint and region wait in one open state, or are to be asked once more
// (AskedAgain).
type Backlog struct {
	Endpoint string
	Region   string
	State    State
	Checks   int64
	Asked    time.Time // the last call for one of them, of those that RepeatedInDoubt counts
}

// backlogSQL counts what is open in a table of checks.
func backlogSQL(checks string) string {
	return `SELECT endpoint, region, state, count(*) AS n FROM ` + checks + ` WHERE state IN ('pending', 'in_doubt')
		GROUP BY endpoint, region, state
		UNION ALL SELECT endpoint, region, '` + string(AskedAgain) + `', count(*) FROM ` + checks + ` WHERE again <> ''
		GROUP BY endpoint, region`
}

// Backlog counts the open checks. Its cost depends on what is open, not on what is stored.
func (c Checks) Backlog(ctx context.Context) ([]Backlog, error) {
	rows, err := c.read.QueryContext(ctx, backlogSQL("checks")+" ORDER BY endpoint, region, state")
	return sqlrow.Collect(rows, err, "read backlog", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
}

// WithoutScore describes how many pending checks of one endpoint and region have an answer without a score.
type WithoutScore struct {
	Endpoint string
	Region   string
	Checks   int64
	Resting  int64 // of them, those whose last answer came after a time, and for which nobody asks by hand
}

// WithoutScore counts the pending checks that have an answer without a score; those are told apart whose last answer
// came after a time. Its cost depends on how many there are.
func (c Checks) WithoutScore(ctx context.Context, after time.Time) ([]WithoutScore, error) {
	return withoutScore(ctx, c.read, "checks", after, math.MaxInt32)
}

// withoutScore leaves out those that had more such answers than nights.
func withoutScore(ctx context.Context, db sqlrow.Queryer, checks string, after time.Time, nights int) ([]WithoutScore, error) {
	rows, err := db.QueryContext(ctx, `SELECT endpoint, region, count(*), sum(changed_at > ? AND forced = 0)
		FROM `+checks+`
		WHERE no_score > 0 AND state = 'pending' AND no_score <= ? GROUP BY endpoint, region
		ORDER BY endpoint, region`, sqlrow.Millis(after), nights)
	return sqlrow.Collect(rows, err, "count answers without a score", func(w *WithoutScore) error {
		return rows.Scan(&w.Endpoint, &w.Region, &w.Checks, &w.Resting)
	})
}

// RepeatedInDoubt counts the checks in doubt that more than one call was lost of, the last of them between two times.
// Its cost depends on what is in doubt.
func (c Checks) RepeatedInDoubt(ctx context.Context, from, to time.Time) ([]Backlog, error) {
	return repeatedInDoubt(ctx, c.read, "checks", from, to)
}

func repeatedInDoubt(ctx context.Context, db sqlrow.Queryer, checks string, from, to time.Time) ([]Backlog, error) {
	rows, err := db.QueryContext(ctx, `SELECT endpoint, region, state, count(*), max(asked) FROM (
		SELECT endpoint, region, state,
			(SELECT max(intended_at) FROM calls k WHERE k.check_id = c.check_id) AS asked FROM `+checks+` c
		WHERE state = 'in_doubt' AND state IN ('pending', 'in_doubt') AND doubts > 1 AND id IS NOT NULL
		AND forced = 0 AND again = '')
		WHERE asked BETWEEN ? AND ? GROUP BY endpoint, region`, sqlrow.Millis(from), sqlrow.Millis(to))
	return sqlrow.Collect(rows, err, "count repeats that were lost", func(b *Backlog) error {
		var asked int64
		err := rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks, &asked)
		b.Asked = sqlrow.FromMillis(asked)
		return err
	})
}

// Reroute moves the open checks of a region to another endpoint, after the configuration changed. It returns how many
// moved.
func (c Checks) Reroute(ctx context.Context, region, from, to string) (int64, error) {
	var sum int64
	for _, open := range []string{"state IN ('pending', 'in_doubt')", "again <> ''"} {
		res, err := c.write.ExecContext(ctx, `UPDATE checks SET endpoint = ?3 WHERE endpoint = ?2 AND region = ?1 AND `+
			open, region, from, to)
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
// runs. It returns how many. One that has its result by its other ID is not asked again.
func (c Checks) Reopen(ctx context.Context, nights int, now time.Time) (int64, error) {
	res, err := c.write.ExecContext(ctx, `UPDATE checks
		SET state = 'pending', rechecks = rechecks + 1, not_found = 0, changed_at = ?
		WHERE not_found = 1 AND state = 'absent' AND rechecks < ? AND id IS NOT NULL
			AND NOT `+alias.Answered("checks.id_hash"), sqlrow.Millis(now), nights)
	if err != nil {
		return 0, fmt.Errorf("reopen not found: %w", err)
	}
	return res.RowsAffected()
}

// Held counts the IDs that are held, by endpoint, region and restoration.
func (c Checks) Held(ctx context.Context) ([]held.IDs, error) { return held.Read(ctx, c.read) }

// Released counts the IDs that were held, and are not any more since they were released or erased. Each may still have
// been paid for once in what was lost.
func (c Checks) Released(ctx context.Context) ([]held.IDs, error) { return held.Released(ctx, c.read) }

// LostCalls returns the calls that restored copies are known to lack and for which no ID is or was held.
func (c Checks) LostCalls(ctx context.Context) ([]held.Lost, error) {
	return held.LostCalls(ctx, c.read)
}

// AskedAgain counts the settled IDs that are to be asked once more.
func (c Checks) AskedAgain(ctx context.Context) (n int64, err error) {
	err = c.read.QueryRowContext(ctx, "SELECT count(*) FROM checks WHERE again <> ''").Scan(&n)
	return n, err
}

// OldestPending returns when the list was read that the longest waiting pending check of each endpoint first stood in.
// Its cost depends on what is open.
func (c Checks) OldestPending(ctx context.Context) (map[string]time.Time, error) {
	return c.oldest(ctx, Pending, Pending)
}

// OldestOpen returns the same for checks that are pending or in doubt.
func (c Checks) OldestOpen(ctx context.Context) (map[string]time.Time, error) {
	return c.oldest(ctx, Pending, InDoubt)
}

func (c Checks) oldest(ctx context.Context, state, orState State) (map[string]time.Time, error) {
	type oldest struct {
		endpoint string
		at       int64
	}
	rows, err := c.read.QueryContext(ctx, `SELECT o.endpoint, l.read_at
		FROM (SELECT endpoint, min(check_id) AS check_id FROM checks
		WHERE state IN ('pending', 'in_doubt') AND state IN (?, ?) GROUP BY endpoint) o
		JOIN checks c USING (check_id) JOIN lists l USING (list_id)`, string(state), string(orState))
	all, err := sqlrow.Collect(rows, err, "read oldest open checks", func(o *oldest) error {
		return rows.Scan(&o.endpoint, &o.at)
	})
	times := make(map[string]time.Time, len(all))
	for _, o := range all {
		times[o.endpoint] = sqlrow.FromMillis(o.at)
	}
	return times, err
}

// givenUpPaid holds the condition that a check c was given up although a call for it is tagged PAY.
const givenUpPaid = `c.state = 'given_up' AND c.why <> '` + WhyOtherID + `' AND EXISTS (SELECT 1 FROM calls p JOIN outcomes o USING (call_id)
	WHERE p.check_id = c.check_id AND o.tag = 'pay')`

// GivenUpPaid counts, by endpoint, the checks that are given up although an answer for them was paid for. Its cost
// depends on how many are given up.
func (c Checks) GivenUpPaid(ctx context.Context) (map[string]int64, error) {
	type count struct {
		endpoint string
		checks   int64
	}
	rows, err := c.read.QueryContext(ctx, `SELECT c.endpoint, count(*) FROM checks c INDEXED BY checks_given_up
		WHERE `+givenUpPaid+` GROUP BY c.endpoint`)
	all, err := sqlrow.Collect(rows, err, "count paid checks that are given up", func(c *count) error {
		return rows.Scan(&c.endpoint, &c.checks)
	})
	counts := make(map[string]int64, len(all))
	for _, c := range all {
		counts[c.endpoint] = c.checks
	}
	return counts, err
}

// GivenUpPaidIn counts those of them for which one run made calls. Its cost depends on the run alone.
func (c Checks) GivenUpPaidIn(ctx context.Context, runID int64) (int64, error) {
	var n int64
	err := c.read.QueryRowContext(ctx, `SELECT count(DISTINCT c.check_id) FROM calls k INDEXED BY calls_by_run
		CROSS JOIN checks c USING (check_id) WHERE k.run_id = ? AND `+givenUpPaid, runID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count paid checks that run %d gave up: %w", runID, err)
	}
	return n, nil
}

// OpenAfter selects the pending checks of one region with numbers above one.
type OpenAfter struct {
	Region string `json:"region"`
	After  int64  `json:"after"`
}

// Draw returns up to n of an endpoint's pending checks, evenly spread over all of them; turn chooses among the ways to
// do that. Erased ones are left out. Its cost depends on how many there are.
func (c Checks) Draw(ctx context.Context, endpoint string, from []OpenAfter, n int, turn int64) ([]Check, error) {
	places, err := json.Marshal(append([]OpenAfter{}, from...))
	if err != nil {
		return nil, err
	}
	type place struct {
		region string
		id     int64
	}
	rows, err := c.read.QueryContext(ctx, `SELECT c.region, c.check_id
		FROM (SELECT value ->> 'region' AS region, value ->> 'after' AS after FROM json_each(?2)) f
		CROSS JOIN checks c INDEXED BY checks_open ON c.endpoint = ?1 AND c.region = f.region AND c.state = 'pending'
		AND c.state IN ('pending', 'in_doubt')
		AND c.check_id > f.after ORDER BY `+query.DrawOrder("?3")+" LIMIT ?4", endpoint, string(places), turn, n)
	drawn, err := sqlrow.Collect(rows, err, "draw open checks", func(p *place) error {
		return rows.Scan(&p.region, &p.id)
	})
	if err != nil {
		return nil, err
	}
	var all []Check
	for _, p := range drawn {
		checks, err := c.Open(ctx, endpoint, p.region, Pending, p.id-1, 1)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(checks, func(c Check) bool { return c.ID != p.id })...)
	}
	return all, nil
}

// NotBilled makes the checks pending whose lost answers were not billed, as statements say that are whole for them:
// asking again pays once. It returns how many.
func (c Checks) NotBilled(ctx context.Context, now time.Time) (int64, error) {
	res, err := c.write.ExecContext(ctx, "UPDATE checks AS c SET state = 'pending', why = '', changed_at = ? WHERE "+
		accounts.ToldSQL(accounts.ToldNotBilled), sqlrow.Millis(now))
	if err != nil {
		return 0, fmt.Errorf("release what was not billed: %w", err)
	}
	return res.RowsAffected()
}

// Told counts the checks in doubt of which statements tell one thing, by endpoint and region. Its cost depends on what
// is in doubt.
func (c Checks) Told(ctx context.Context, what accounts.Told) ([]Backlog, error) {
	return told(ctx, c.read, "checks c", what)
}

func told(ctx context.Context, db sqlrow.Queryer, checks string, what accounts.Told) ([]Backlog, error) {
	rows, err := db.QueryContext(ctx, "SELECT endpoint, region, state, count(*) FROM "+checks+" WHERE "+accounts.ToldSQL(what)+
		" GROUP BY endpoint, region")
	return sqlrow.Collect(rows, err, "count what a statement settled", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
}
