// Package byhand finds the checks that a person wants to be asked again.
package byhand

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"liverecon/store/accounts"
	"liverecon/store/alias"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
)

// Choice describes which checks are meant: those of one state, or the suspect ones, and of these perhaps only some.
type Choice struct {
	Checks  string     // table of the checks, "" for that of the database
	State   string     // "" for whatever is suspect
	Reason  string     // that their calls will bear
	Keeps   bool       // they keep what they have until there is a newer answer
	NoScore bool       // only those without a score, and those that wait for theirs
	Only    [][16]byte // only these, by hash, the first ones first; nil: all
	Limit   int64      // most checks, those included that wait for an earlier choice of the kind
	// Pending checks that had this many answers without a score are taken for done; 0: none
	EndedFrom int
}

// Ended returns the condition that a pending check is taken for done.
func (c Choice) Ended() string {
	return fmt.Sprintf("(state = 'pending' AND %d > 0 AND no_score >= %[1]d)", c.EndedFrom)
}

// Most sets how often an ID without a score is asked, and may be paid for, where nobody names it.
const Most = 3

// Counts describes what a choice comes to.
type Counts struct {
	IDs      int64 // that are asked again by it
	Waiting  int64 // for an earlier choice of the kind, which no run has come to yet
	TooOften int64 // without a score that were asked as often as an ID is that nobody names
}

// Count counts.
func Count(ctx context.Context, db sqlrow.Queryer, c Choice) (n Counts, err error) {
	text, args := c.waiting()
	if err = db.QueryRowContext(ctx, text, args...).Scan(&n.Waiting); err == nil {
		text, args = c.Selection()
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM ("+text+")", args...).Scan(&n.IDs)
	}
	if err == nil && c.NoScore && c.Only == nil {
		from, _, _ := c.among()
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM "+from+" WHERE "+open+" AND "+c.withoutScore()+" AND "+
			tooOften).Scan(&n.TooOften)
	}
	if err != nil {
		return n, fmt.Errorf("count what is asked again: %w", err)
	}
	return n, nil
}

// Scoreless counts those of some checks that are done without a score.
func Scoreless(ctx context.Context, db sqlrow.Queryer, checks []int64) (n int64, err error) {
	if len(checks) == 0 {
		return 0, nil
	}
	numbers, err := json.Marshal(checks)
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT count(*) FROM json_each(?) j CROSS JOIN answers a
			ON a.check_id = j.value AND a.standing = 1 WHERE a.score IS NULL`, string(numbers)).Scan(&n)
	}
	if err != nil {
		return 0, fmt.Errorf("count results without a score: %w", err)
	}
	return n, nil
}

// open holds the condition that a check c can be asked, and does not wait for that.
const open = "c.id IS NOT NULL AND c.again = ''"

// withoutScore returns the condition that a check c is done without a score, or waits for one.
func (c Choice) withoutScore() string {
	return `c.check_id IN (SELECT d.check_id FROM answers n INDEXED BY answers_suspected
		CROSS JOIN checks d USING (check_id)
		WHERE n.standing = 1 AND (n.score < 60 OR n.score IS NULL OR n.attack_type <> '') AND n.score IS NULL
		AND d.state = 'done'
		UNION ALL SELECT check_id FROM checks
		WHERE no_score > 0 AND state = 'pending' AND (forced = 0 OR ` + c.Ended() + `))`
}

// tooOften holds the condition that a check c was asked by hand as often as it is without being named.
var tooOften = fmt.Sprintf(`(SELECT count(*) FROM calls k CROSS JOIN outcomes o USING (call_id)
	WHERE k.check_id = c.check_id AND k.reason = 'forced' AND o.tag IN ('pay', 'unknown')) >= %d`, Most)

// among returns the table of the checks c that may be meant, by which order they stand in it, and its arguments.
func (c Choice) among() (from, order string, args []any) {
	checks := cmp.Or(c.Checks, "checks") + " c"
	if c.Only == nil {
		return checks, "c.check_id", nil
	}
	hashes := make([]string, len(c.Only))
	for i, hash := range c.Only {
		hashes[i] = `"` + hex.EncodeToString(hash[:]) + `"`
	}
	// Under whichever of its IDs a check is named, it is one.
	return `(SELECT coalesce((SELECT check_id FROM checks WHERE id_hash = unhex(value)),
		(SELECT check_id FROM other_ids WHERE id_hash = unhex(value))) AS found, min(key) AS place
		FROM json_each(?) GROUP BY found) j CROSS JOIN ` + checks + ` ON c.check_id = j.found`, "j.place",
		[]any{"[" + strings.Join(hashes, ",") + "]"}
}

// waiting returns the query that counts the checks that wait for an earlier choice of the kind.
func (c Choice) waiting() (text string, args []any) {
	from, _, args := c.among()
	text = "SELECT count(*) FROM " + from + " WHERE "
	switch {
	case !c.Keeps:
		return text + "c.check_id IN (SELECT check_id FROM (" + Unsettled + ") WHERE state = 'pending' AND stood = ?)",
			append(args, c.State)
	case c.NoScore:
		text += "c.state = 'pending' AND c.forced = 1 AND c.no_score > 0 AND NOT " + c.Ended() + " OR "
	}
	return text + "c.again <> '' AND c.again = ?", append(args, c.Reason)
}

// Selection returns the query for the checks, at most Limit of them: the oldest first, or in the order of Only. Erased
// IDs cannot be asked and are left out.
func (c Choice) Selection() (text string, args []any) {
	from, order, args := c.among()
	where := open + " AND NOT (c.why = '" + alias.Why + "' AND " + alias.Stands("c.id_hash") + ")"
	switch {
	case c.State == "":
		where += " AND c.check_id IN (SELECT k.check_id FROM " + query.OpenSuspects + ")"
	case c.NoScore:
		where += " AND " + c.withoutScore()
		if c.Only == nil {
			where += " AND NOT " + tooOften
			// Those first that were not asked for the longest time.
			order = c.Ended() + ", iif(" + c.Ended() + ", 0, c.changed_at), c.check_id"
		}
	case c.State == "done":
		where += " AND (c.state = 'done' OR " + c.Ended() + ")"
	default:
		where, args = where+" AND c.state = ?", append(args, c.State)
		if c.State == "in_doubt" && c.Only == nil { // what is known to be billed is paid again: the others come first
			order = "(" + accounts.ToldSQL(accounts.ToldBilled) + "), c.check_id"
		}
	}
	waiting, more := c.waiting()
	return "SELECT c.check_id FROM " + from + " WHERE " + where + " ORDER BY " + order +
		" LIMIT max(0, ? - (" + waiting + "))", append(append(args, c.Limit), more...)
}

// Unsettled finds the checks that a person wanted to be asked again and that no answer has settled since, each with
// the state that it stood in, or that its last final or lost answer gave it where that is not known. One that keeps its
// result meanwhile, or waits for a score, has its own. One that goes to another endpoint now was not asked there.
const Unsettled = `SELECT check_id, endpoint, region, state, CASE WHEN again <> '' OR no_score > 0 THEN state
	WHEN stood <> '' THEN stood ->> 0 ELSE
	(SELECT CASE WHEN o.outcome = 'unanswered' THEN 'in_doubt' WHEN o.class IN ('absent', 'not_found') THEN 'absent'
			WHEN o.class = 'refused' THEN 'refused' ELSE 'given_up' END
		FROM calls k JOIN outcomes o USING (call_id) WHERE k.check_id = c.check_id AND (o.outcome = 'unanswered' OR
			o.tag = 'pay' OR o.class IN ('absent', 'not_found', 'refused', 'done')) ORDER BY k.attempt DESC
			LIMIT 1) END AS stood
	FROM checks c WHERE again <> '' OR state = 'pending' AND attempts > 0 AND EXISTS (SELECT 1 FROM calls k
		WHERE k.check_id = c.check_id AND k.attempt = c.attempts AND k.endpoint = c.endpoint AND
			(c.forced = 1 OR c.no_score = 0 AND k.reason = 'forced'))`
