package store

import (
	"context"
	"fmt"
	"time"

	"liverecon/store/byhand"
	"liverecon/store/internal/sqlrow"
)

// Asking names checks that are to be asked again because a person says so: those of one state, or the suspect ones, and
// of these perhaps only some. It may pay for an ID twice, so it is always bounded: what an earlier one chose and no run
// has come to yet counts, and who has no score is asked so often only, unless it is named.
type Asking struct {
	State   State      // GivenUp, Refused, Absent, InDoubt or Done; "" for whatever is suspect
	NoScore bool       // only those whose result has no score, and those pending that wait for theirs; with Done alone
	Only    [][16]byte // only these, by HashID, the first ones first; nil: all
	Limit   int64      // most checks, see byhand
	// In a plan, pending checks that had this many answers without a score are done, as EndNoScore will make them; 0: none
	EndedFrom int
}

// Reason returns the one that the calls bear.
func (a Asking) Reason() Reason {
	switch {
	case a.State == "":
		return ReasonSuspect
	case a.State == Done && a.Only != nil:
		return ReasonRefresh
	}
	return ReasonForced
}

// keeps reports that a check keeps its state until there is a newer answer.
func (a Asking) keeps() bool { return a.State == Done || a.State == "" }

func (a Asking) choice() byhand.Choice {
	return byhand.Choice{State: string(a.State), Reason: string(a.Reason()), Keeps: a.keeps(), NoScore: a.NoScore,
		EndedFrom: a.EndedFrom, Only: a.Only, Limit: a.Limit}
}

// Force makes checks be asked again and counts them: they are pending from now on, or keep what they have until there is
// a newer answer.
func (c Checks) Force(ctx context.Context, a Asking, now time.Time) (n byhand.Counts, err error) {
	if n, err = byhand.Count(ctx, c.read, a.choice()); err != nil {
		return n, err
	}
	selection, args := a.choice().Selection()
	set := "state = 'pending', forced = 1, why = '', no_score = 0, stood = json_array(state, why, doubts, not_found)"
	more := []any{sqlrow.Millis(now)}
	if a.keeps() { // those pending have nothing to keep, and wait for a score already
		set = "stood = '', " +
			"again = CASE state WHEN 'pending' THEN again ELSE ? END, forced = CASE WHEN state = 'pending' AND " +
			"no_score > 0 THEN 1 ELSE forced END"
		more = append(more, string(a.Reason()))
	}
	res, err := c.write.ExecContext(ctx, "UPDATE checks SET doubts = 0, not_found = 0, changed_at = ?, "+set+
		" WHERE check_id IN ("+selection+")", append(more, args...)...)
	if err != nil {
		return n, fmt.Errorf("ask again: %w", err)
	}
	n.IDs, err = res.RowsAffected()
	return n, err
}

// asked counts the checks that Force would make be asked again.
func asked(ctx context.Context, db sqlrow.Queryer, c byhand.Choice) ([]Backlog, error) {
	selection, args := c.Selection()
	state := "'pending'"
	if c.Keeps {
		state = "iif(state = 'pending' AND NOT " + c.Ended() + ", 'pending', '" + string(AskedAgain) + "')"
	}
	rows, err := db.QueryContext(ctx, "SELECT endpoint, region, "+state+
		" AS becomes, count(*) FROM checks WHERE check_id IN ("+selection+
		") GROUP BY endpoint, region, becomes ORDER BY endpoint, region, becomes", args...)
	return sqlrow.Collect(rows, err, "count what is asked again", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
}

// TakeBack undoes what Force made and no answer has settled since: the checks stand where they stood, and are not asked
// again for that. It returns how many.
func (c Checks) TakeBack(ctx context.Context, now time.Time) (int64, error) {
	res, err := c.write.ExecContext(ctx, `UPDATE checks AS c SET state = b.stood, again = '', forced = 0, changed_at = ?,
		why = coalesce(nullif(c.stood, '') ->> 1, why), doubts = coalesce(nullif(c.stood, '') ->> 2, doubts),
		not_found = coalesce(nullif(c.stood, '') ->> 3, not_found), stood = ''
		FROM (`+byhand.Unsettled+`) b WHERE c.check_id = b.check_id AND b.stood IS NOT NULL`, sqlrow.Millis(now))
	if err != nil {
		return 0, fmt.Errorf("take back what was asked by hand: %w", err)
	}
	return res.RowsAffected()
}

// takenBack counts, by endpoint and region, how a backlog changes where TakeBack is to come first.
func takenBack(ctx context.Context, db sqlrow.Queryer) ([]Backlog, error) {
	rows, err := db.QueryContext(ctx, `WITH b AS (`+byhand.Unsettled+`)
		SELECT endpoint, region, '`+string(AskedAgain)+`', -count(*) FROM b WHERE state <> 'pending' GROUP BY endpoint, region
		UNION ALL SELECT endpoint, region, 'pending', -count(*) FROM b WHERE state = 'pending' AND stood <> 'pending'
			GROUP BY endpoint, region
		UNION ALL SELECT endpoint, region, 'in_doubt', count(*) FROM b WHERE state = 'pending' AND stood = 'in_doubt'
			GROUP BY endpoint, region`)
	return sqlrow.Collect(rows, err, "count what is taken back", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
}

// EndNoScore makes pending checks done without a score that had more such answers than nights allow: the last of them
// is the result. It returns their numbers; none, where the setting was not lowered.
func (c Checks) EndNoScore(ctx context.Context, nights int, now time.Time) ([]int64, error) {
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("end without a score: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	const ended = "SELECT check_id FROM checks WHERE no_score > ?1 AND state = 'pending'"
	rows, err := tx.QueryContext(ctx, ended, nights)
	checks, err := sqlrow.Collect(rows, err, "end without a score", func(id *int64) error { return rows.Scan(id) })
	if err != nil || len(checks) == 0 {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE answers SET standing = 1 WHERE call_id IN (SELECT (SELECT k.call_id
		FROM calls k JOIN outcomes o USING (call_id)
		WHERE k.check_id = c.check_id AND o.class = 'done' ORDER BY k.attempt DESC LIMIT 1) FROM (`+ended+`) c)`,
		nights)
	if err == nil {
		// These answers may lie below the mark of the counts, which do not hold them.
		_, err = tx.ExecContext(ctx, "DELETE FROM rollups WHERE name = 'scores'")
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE checks SET state = 'done', why = '', no_score = 0, changed_at = ?2 `+
			`WHERE check_id IN (`+ended+`)`, nights, sqlrow.Millis(now))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return nil, fmt.Errorf("end without a score: %w", err)
	}
	return checks, nil
}

// Scoreless counts those of some checks that are done without a score.
func (c Checks) Scoreless(ctx context.Context, checks []int64) (int64, error) {
	return byhand.Scoreless(ctx, c.read, checks)
}
