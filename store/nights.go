package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/alias"
	"liverecon/store/internal/sqlrow"
)

// Finding names what is to be thought of an endpoint's night.
type Finding string

// The findings. A night with one of the last two is none to compare others with.
const (
	Ordinary Finding = ""
	// the vendor knew so few IDs that the fault is on this side of it: its absent IDs stay askable
	Nobody   Finding = "nobody"
	Believed Finding = "believed" // the same, but a person said that it is true
)

// EndpointNight counts what the answers of one run say of an endpoint. Answers to IDs that were asked again although
// their answer was known are not among them.
type EndpointNight struct {
	Endpoint string
	RunID    int64
	Found    int64   // results
	Absent   int64   // the vendor has nothing under the ID
	Scores   int64   // of the results
	Lowest   float64 // score; 0 where there is none
	Highest  float64
	Finding  Finding
	// Confirmed: a person says that what is called absent is. Usual: it is nothing to wonder at, so that it is final
	// unless the next nights make many of them. Neither is kept.
	Confirmed, Usual bool
}

// Share returns that of absent IDs among the answers, 0 to 1.
func (n EndpointNight) Share() float64 {
	if n.Absent == 0 {
		return 0
	}
	return float64(n.Absent) / float64(n.Found+n.Absent)
}

// toldReasons holds the reasons of calls for IDs whose answer was known: they say nothing new of an endpoint.
const toldReasons = "'recheck', 'no_score', 'forced', 'refresh', 'suspect', 'misplaced'"

// CountNights counts one run's answers by endpoint. Its cost depends on the run alone.
func (e Endpoints) CountNights(ctx context.Context, runID int64) ([]EndpointNight, error) {
	rows, err := e.read.QueryContext(ctx, `SELECT k.endpoint, sum(o.class = 'done') AS found, sum(o.class IN ('absent',
		'not_found')) AS absent, count(a.score), coalesce(min(a.score), 0), coalesce(max(a.score), 0)
		FROM calls k INDEXED BY calls_by_run CROSS JOIN outcomes o USING (call_id)
		LEFT JOIN answers a ON a.call_id = k.call_id AND a.standing = 1
		WHERE k.run_id = ? AND k.reason NOT IN (`+toldReasons+`) GROUP BY k.endpoint HAVING found + absent > 0
		ORDER BY k.endpoint`, runID)
	return sqlrow.Collect(rows, err, "count nights", func(n *EndpointNight) error {
		n.RunID = runID
		return rows.Scan(&n.Endpoint, &n.Found, &n.Absent, &n.Scores, &n.Lowest, &n.Highest)
	})
}

// Reopened counts IDs that were called absent and are not believed to be.
type Reopened struct {
	InRun   Disbelieved // called so in the night that is kept
	Earlier Disbelieved // in nights before it
}

// Disbelieved holds IDs whose absence is not believed.
type Disbelieved struct {
	Pending int64 // that are asked again
	GivenUp int64 // that are not, since the answer was charged, or may have been: a person decides
}

// SaveNights keeps the nights of one run, all or none, and with them what becomes of the IDs that were called absent.
// Those of a night in which nobody was found are pending again, or given up where the answer was not free, and so are
// the unconfirmed ones of earlier nights; the latter, too, after a night in which somebody was found, unless each of
// those nights was a usual one. In an ordinary night that found nobody they become unconfirmed.
func (e Endpoints) SaveNights(ctx context.Context, nights []EndpointNight, now time.Time) (all Reopened, err error) {
	tx, err := e.write.BeginTx(ctx, nil)
	if err != nil {
		return all, fmt.Errorf("save nights: %w", err)
	}
	for _, n := range nights {
		r, err := saveNight(ctx, tx, n, now)
		if err != nil {
			return all, errors.Join(fmt.Errorf("save night of %s: %w", n.Endpoint, err), tx.Rollback())
		}
		all.InRun, all.Earlier = all.InRun.plus(r.InRun), all.Earlier.plus(r.Earlier)
	}
	if err := tx.Commit(); err != nil {
		return Reopened{}, fmt.Errorf("save nights: %w", err)
	}
	return all, nil
}

func (d Disbelieved) plus(more Disbelieved) Disbelieved {
	return Disbelieved{d.Pending + more.Pending, d.GivenUp + more.GivenUp}
}

func saveNight(ctx context.Context, tx *sql.Tx, n EndpointNight, now time.Time) (r Reopened, err error) {
	var lowest, highest any
	if n.Scores > 0 {
		lowest, highest = n.Lowest, n.Highest
	}
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO endpoint_nights (endpoint, run_id, found, absent, scores,
		lowest, highest, finding)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, n.Endpoint, n.RunID, n.Found, n.Absent, n.Scores, lowest, highest,
		string(n.Finding))
	if err != nil {
		return r, err
	}
	switch {
	case n.Finding == Nobody:
		// First those of earlier nights: what is pending again then is not counted twice.
		if r.Earlier, err = reopenUnconfirmed(ctx, tx, n, now, ""); err == nil {
			r.InRun, err = reopen(ctx, tx, now, calledAbsent, n.RunID, n.Endpoint)
		}
	case n.Confirmed || n.Finding == Believed:
		err = confirm(ctx, tx, n.Endpoint)
	case n.Found > 0:
		r.Earlier, err = reopenUnconfirmed(ctx, tx, n, now,
			" AND check_id IN (SELECT check_id FROM checks WHERE why = '"+WhyUnconfirmed+"')")
	default:
		err = holdUnconfirmed(ctx, tx, n)
	}
	return r, err
}

// calledAbsent selects the checks that a run's answers of an endpoint called absent: ?1 and ?2.
const calledAbsent = `SELECT k.check_id FROM calls k INDEXED BY calls_by_run CROSS JOIN outcomes o USING (call_id)
	WHERE k.run_id = ?1 AND k.endpoint = ?2 AND o.class IN ('absent', 'not_found')`

// unconfirmedBefore selects an endpoint's unconfirmed checks of nights before a run: ?1 and ?2.
const unconfirmedBefore = "SELECT check_id FROM unconfirmed WHERE run_id < ?1 AND endpoint = ?2"

// reopen makes absent checks of a selection pending, or gives them up: a repeat of what was charged could be charged
// again for nothing.
func reopen(
	ctx context.Context, tx *sql.Tx, now time.Time, selection string, runID int64, endpoint string,
) (d Disbelieved, err error) {
	set := `UPDATE checks SET state = ?5, why = ?4, unfound = ?5 = 'pending', not_found = 0, changed_at = ?3
		WHERE state = 'absent' AND id IS NOT NULL AND NOT ` + alias.Answered("checks.id_hash") + ` AND check_id IN (`
	const charged = `) AND EXISTS (SELECT 1 FROM calls c JOIN outcomes a USING (call_id)
		WHERE c.check_id = checks.check_id AND a.class IN ('absent', 'not_found') AND a.tag <> 'free')`
	err = sqlrow.ExecCount(ctx, tx, &d.GivenUp, set+selection+charged, runID, endpoint, sqlrow.Millis(now),
		WhyPaidAbsent, string(GivenUp))
	if err != nil {
		return d, err
	}
	return d, sqlrow.ExecCount(ctx, tx, &d.Pending, set+selection+")", runID, endpoint, sqlrow.Millis(now),
		WhyUnfound, string(Pending))
}

// reopenUnconfirmed reopens an endpoint's unconfirmed checks, or some of them; the others are final.
func reopenUnconfirmed(
	ctx context.Context, tx *sql.Tx, n EndpointNight, now time.Time, some string,
) (Disbelieved, error) {
	reopened, err := reopen(ctx, tx, now, unconfirmedBefore+some, n.RunID, n.Endpoint)
	if err != nil {
		return Disbelieved{}, err
	}
	return reopened, confirm(ctx, tx, n.Endpoint)
}

// confirm makes final what an endpoint called absent, as far as it is so still.
func confirm(ctx context.Context, tx *sql.Tx, endpoint string) error {
	_, err := tx.ExecContext(ctx, `UPDATE checks SET why = '' WHERE state = 'absent' AND why = ?2
		AND check_id IN (SELECT check_id FROM unconfirmed WHERE endpoint = ?1)`, endpoint, WhyUnconfirmed)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM unconfirmed WHERE endpoint = ?", endpoint)
	}
	return err
}

// holdUnconfirmed notes what a night called absent. What was asked once more already is not asked for ever. Where that
// is unusual, all that is noted is said to be unconfirmed.
func holdUnconfirmed(ctx context.Context, tx *sql.Tx, n EndpointNight) error {
	_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO unconfirmed (endpoint, check_id, run_id)
		SELECT ?2, check_id, ?1 FROM checks
		WHERE state = 'absent' AND id IS NOT NULL AND check_id IN (`+calledAbsent+" AND k.reason NOT IN ('unfound', "+
		toldReasons+"))", n.RunID, n.Endpoint)
	if err == nil && !n.Usual {
		_, err = tx.ExecContext(ctx, `UPDATE checks SET why = ?2 WHERE state = 'absent'
			AND check_id IN (SELECT check_id FROM unconfirmed WHERE endpoint = ?1)`, n.Endpoint, WhyUnconfirmed)
	}
	return err
}

// Unconfirmed counts what an endpoint called absent since it last knew an ID.
type Unconfirmed struct {
	IDs    int64
	Nights int64 // in which it did
}

// UnconfirmedBefore counts an endpoint's unconfirmed IDs of nights before a run: a few.
func (e Endpoints) UnconfirmedBefore(ctx context.Context, endpoint string, runID int64) (u Unconfirmed, err error) {
	err = e.read.QueryRowContext(ctx, `SELECT count(*), count(DISTINCT u.run_id) FROM unconfirmed u
		CROSS JOIN checks c USING (check_id)
		WHERE u.endpoint = ? AND u.run_id < ? AND c.state = 'absent'`, endpoint, runID).Scan(&u.IDs, &u.Nights)
	if err != nil {
		return u, fmt.Errorf("count unconfirmed IDs of %s: %w", endpoint, err)
	}
	return u, nil
}

// NightsBefore returns an endpoint's newest nights before a run, newest first.
func (e Endpoints) NightsBefore(ctx context.Context, endpoint string, runID int64, limit int) ([]EndpointNight, error) {
	rows, err := e.read.QueryContext(ctx, `SELECT endpoint, run_id, found, absent, scores, coalesce(lowest, 0),
		coalesce(highest, 0), finding
		FROM endpoint_nights WHERE endpoint = ? AND run_id < ? ORDER BY run_id DESC LIMIT ?`, endpoint, runID, limit)
	return sqlrow.Collect(rows, err, "read nights of "+endpoint, func(n *EndpointNight) error {
		return rows.Scan(&n.Endpoint, &n.RunID, &n.Found, &n.Absent, &n.Scores, &n.Lowest, &n.Highest, &n.Finding)
	})
}

// UncountedRun returns the newest run that made calls, when nothing was kept of its nights, as after a crash; 0 where
// something was, or no call was ever made.
func (e Endpoints) UncountedRun(ctx context.Context) (int64, error) {
	var id int64
	err := e.read.QueryRowContext(ctx, `SELECT coalesce((SELECT max(run_id) FROM calls), 0)`).Scan(&id)
	if err == nil && id != 0 {
		err = e.read.QueryRowContext(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM endpoint_nights WHERE run_id = `+
			`?1) THEN 0 ELSE ?1 END`, id).Scan(&id)
	}
	if err != nil {
		return 0, fmt.Errorf("look for a run without nights: %w", err)
	}
	return id, nil
}
