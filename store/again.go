package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"liverecon/store/accounts"
	"liverecon/store/alias"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
)

// Asking names checks that are to be asked again because a person says so: those of one state, or the suspect ones, and
// of these perhaps only some. It may pay for an ID twice, so it is always bounded.
type Asking struct {
	State   State      // GivenUp, Refused, Absent, InDoubt or Done; "" for whatever is suspect
	NoScore bool       // only those whose result has no score, and those pending that wait for theirs; with Done alone
	Only    [][16]byte // only these, by HashID, the first ones first; nil: all
	Limit   int64      // most checks
	// In a plan, pending checks that had this many answers without a score are done, as EndNoScore will make them; 0: none
	EndedFrom int
}

// ended selects the checks that a plan takes for done.
func (a Asking) ended() string {
	return fmt.Sprintf("(state = 'pending' AND %d > 0 AND no_score >= %[1]d)", a.EndedFrom)
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

// selection returns the query for the checks, at most Limit of them: the oldest first, or in the order of Only. Erased
// IDs cannot be asked and are left out.
func (a Asking) selection() (text string, args []any, err error) {
	from, order := "checks c", "c.check_id"
	where := "c.id IS NOT NULL AND c.again = '' AND NOT (c.why = '" + WhyOtherID + "' AND " + alias.Answered("c.id_hash") + ")"
	if a.Only != nil {
		hashes := make([]string, len(a.Only))
		for i, hash := range a.Only {
			hashes[i] = hex.EncodeToString(hash[:])
		}
		list, err := json.Marshal(hashes)
		if err != nil {
			return "", nil, err
		}
		// Under whichever of its IDs a check is named, it is one.
		from, order, args = `(SELECT coalesce((SELECT check_id FROM checks WHERE id_hash = unhex(value)),
			(SELECT check_id FROM other_ids WHERE id_hash = unhex(value))) AS found, min(key) AS place
			FROM json_each(?) GROUP BY found) j CROSS JOIN checks c ON c.check_id = j.found`, "j.place",
			append(args, string(list))
	}
	switch {
	case a.State == "":
		where += " AND c.check_id IN (SELECT k.check_id FROM " + query.OpenSuspects + ")"
	case a.NoScore:
		where += ` AND c.check_id IN (SELECT d.check_id FROM answers n INDEXED BY answers_suspected
			CROSS JOIN checks d USING (check_id)
			WHERE n.standing = 1 AND (n.score < 60 OR n.score IS NULL OR n.attack_type <> '') AND n.score IS NULL
			AND d.state = 'done'
			UNION ALL SELECT check_id FROM checks
			WHERE no_score > 0 AND state = 'pending' AND (forced = 0 OR ` + a.ended() + `))`
		if a.Only == nil { // those first that were not asked for the longest time
			order = a.ended() + ", iif(" + a.ended() + ", 0, c.changed_at), c.check_id"
		}
	case a.State == Done:
		where += " AND (c.state = 'done' OR " + a.ended() + ")"
	default:
		where, args = where+" AND c.state = ?", append(args, string(a.State))
		if a.State == InDoubt && a.Only == nil { // what is known to be billed is paid again: the others come first
			order = "(" + accounts.ToldSQL(accounts.ToldBilled) + "), c.check_id"
		}
	}
	return "SELECT c.check_id FROM " + from + " WHERE " + where + " ORDER BY " + order + " LIMIT ?",
		append(args, a.Limit), nil
}

// Force makes checks be asked again and returns how many: they are pending from now on, or keep what they have until
// there is a newer answer.
func (c Checks) Force(ctx context.Context, a Asking, now time.Time) (int64, error) {
	selection, args, err := a.selection()
	if err != nil {
		return 0, fmt.Errorf("ask again: %w", err)
	}
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
		return 0, fmt.Errorf("ask again: %w", err)
	}
	return res.RowsAffected()
}

// asked counts the checks that Force would make be asked again.
func asked(ctx context.Context, db sqlrow.Queryer, a Asking) ([]Backlog, error) {
	selection, args, err := a.selection()
	if err != nil {
		return nil, fmt.Errorf("ask again: %w", err)
	}
	state := "'pending'"
	if a.keeps() {
		state = "iif(state = 'pending' AND NOT " + a.ended() + ", 'pending', '" + string(AskedAgain) + "')"
	}
	rows, err := db.QueryContext(ctx, "SELECT endpoint, region, "+state+
		" AS becomes, count(*) FROM checks WHERE check_id IN ("+selection+
		") GROUP BY endpoint, region, becomes ORDER BY endpoint, region, becomes", args...)
	return sqlrow.Collect(rows, err, "count what is asked again", func(b *Backlog) error {
		return rows.Scan(&b.Endpoint, &b.Region, &b.State, &b.Checks)
	})
}

// askedByHand finds the checks that a person wanted to be asked again and that no answer has settled since, each with
// the state that it stood in, or that its last final or lost answer gave it where that is not known. One that keeps its
// result meanwhile, or waits for a score, has its own. One that goes to another endpoint now was not asked there.
const askedByHand = `SELECT check_id, endpoint, region, state, CASE WHEN again <> '' OR no_score > 0 THEN state
	WHEN stood <> '' THEN stood ->> 0 ELSE
	(SELECT CASE WHEN o.outcome = 'unanswered' THEN 'in_doubt' WHEN o.class IN ('absent', 'not_found') THEN 'absent'
			WHEN o.class = 'refused' THEN 'refused' ELSE 'given_up' END
		FROM calls k JOIN outcomes o USING (call_id) WHERE k.check_id = c.check_id AND (o.outcome = 'unanswered' OR
			o.tag = 'pay' OR o.class IN ('absent', 'not_found', 'refused', 'done')) ORDER BY k.attempt DESC
			LIMIT 1) END AS stood
	FROM checks c WHERE again <> '' OR state = 'pending' AND attempts > 0 AND EXISTS (SELECT 1 FROM calls k
		WHERE k.check_id = c.check_id AND k.attempt = c.attempts AND k.endpoint = c.endpoint AND
			(c.forced = 1 OR c.no_score = 0 AND k.reason = 'forced'))`

// TakeBack undoes what Force made and no answer has settled since: the checks stand where they stood, and are not asked
// again for that. It returns how many.
func (c Checks) TakeBack(ctx context.Context, now time.Time) (int64, error) {
	res, err := c.write.ExecContext(ctx, `UPDATE checks AS c SET state = b.stood, again = '', forced = 0, changed_at = ?,
		why = coalesce(nullif(c.stood, '') ->> 1, why), doubts = coalesce(nullif(c.stood, '') ->> 2, doubts),
		not_found = coalesce(nullif(c.stood, '') ->> 3, not_found), stood = ''
		FROM (`+askedByHand+`) b WHERE c.check_id = b.check_id AND b.stood IS NOT NULL`, sqlrow.Millis(now))
	if err != nil {
		return 0, fmt.Errorf("take back what was asked by hand: %w", err)
	}
	return res.RowsAffected()
}

// takenBack counts, by endpoint and region, how a backlog changes where TakeBack is to come first.
func takenBack(ctx context.Context, db sqlrow.Queryer) ([]Backlog, error) {
	rows, err := db.QueryContext(ctx, `WITH b AS (`+askedByHand+`)
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
// is the result. It returns how many; none, where the setting was not lowered.
func (c Checks) EndNoScore(ctx context.Context, nights int, now time.Time) (int64, error) {
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("end without a score: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	const ended = "SELECT check_id FROM checks WHERE no_score > ?1 AND state = 'pending'"
	res, err := tx.ExecContext(ctx, `UPDATE answers SET standing = 1 WHERE call_id IN (SELECT (SELECT k.call_id
		FROM calls k JOIN outcomes o USING (call_id)
		WHERE k.check_id = c.check_id AND o.class = 'done' ORDER BY k.attempt DESC LIMIT 1) FROM (`+ended+`) c)`,
		nights)
	var n int64
	if err == nil {
		n, err = res.RowsAffected()
	}
	if err == nil && n > 0 {
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
		return 0, fmt.Errorf("end without a score: %w", err)
	}
	return n, nil
}
