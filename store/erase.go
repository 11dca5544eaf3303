package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/held"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/mention"
	"liverecon/store/renewals"
)

// Erased replaces a text that is not kept any more.
const Erased = mention.Gone

// Traces holds what the database holds about the person behind an ID, apart from what is kept for money and statistics
// (regions, scores, calls, prices), which names nobody.
type Traces struct {
	Checks  []int64  // numbers of the checks that name the ID, or the other ID of the same row
	IDs     []string // the ID itself, those that stand beside it in a row, and how others wrote them
	Open    int64    // of the checks, those that still wait for an answer: they are given up, nobody could be asked for
	Listed  []Trace
	Answers int64 // that are kept as received
	Rejects int64 // rejected rows in which the text stands
	Remarks int64 // comments of reviewers about the checks, or in which the text stands
	// Mentions counts names of files, other columns of rows, and sentences in which the text stands.
	Mentions int64
}

// Empty reports whether there is nothing to take out.
func (t *Traces) Empty() bool { return len(t.Checks) == 0 && t.Rejects+t.Remarks+t.Mentions == 0 }

// Personal holds what names somebody: it can be looked for, explained, taken out and overwritten.
type Personal struct {
	*db
	known *mention.Survey
}

// Renewals gives the reports that are to be written again.
func (p Personal) Renewals() renewals.Log { return renewals.New(p.read, p.write) }

// Surveyed reads of many IDs at once what Traces and Erase would read all tables for, once for each.
func (p Personal) Surveyed(ctx context.Context, ids []string) (_ Personal, err error) {
	p.known, err = mention.NewSurvey(ctx, p.read, ids)
	return p, err
}

// Traces looks for an ID: by both kinds, as the other ID of a row, and in rejected rows. It reads all checks once.
func (p Personal) Traces(ctx context.Context, id string) (Traces, error) {
	t, err := traces(ctx, p.read, id, p.known)
	if err != nil {
		return Traces{}, fmt.Errorf("look for an ID: %w", err)
	}
	return t, nil
}

// traces follows the IDs that stand beside one another in a row: they are the same person's.
func traces(ctx context.Context, db sqlrow.Queryer, id string, known *mention.Survey) (Traces, error) {
	t := Traces{IDs: []string{id}}
	seen := map[int64]bool{}
	for i := 0; i < len(t.IDs); i++ { // grows while it is gone through
		found, err := checksNaming(ctx, db, t.IDs[i], known)
		if err != nil {
			return t, err
		}
		for _, c := range found {
			if seen[c.id] {
				continue
			}
			seen[c.id] = true
			if err := t.add(ctx, db, c); err != nil {
				return t, err
			}
		}
		if !known.Mentions(t.IDs[i]) {
			continue
		}
		if err := t.addSpellings(ctx, db, t.IDs[i]); err != nil {
			return t, err
		}
		var n int64
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM rejects WHERE instr(value, ?1) OR instr(detail, ?1)",
			t.IDs[i]).Scan(&n); err != nil {
			return t, err
		}
		t.Rejects += n
		if n, err = mention.Count(ctx, db, t.IDs[i]); err != nil {
			return t, err
		}
		t.Mentions += n
	}
	return t, t.addRemarks(ctx, db)
}

// addSpellings adds the ways in which others wrote an ID, but for those that are checks of their own.
func (t *Traces) addSpellings(ctx context.Context, db sqlrow.Queryer, id string) error {
	spelled, err := mention.Spellings(ctx, db, id)
	for _, s := range spelled {
		if err != nil {
			break
		}
		var others []namingCheck
		if others, err = checksNaming(ctx, db, s, nil); len(others) == 0 && !slices.Contains(t.IDs, s) {
			t.IDs = append(t.IDs, s)
		}
	}
	return err
}

// addRemarks counts the comments that are about one of the checks or name one of the IDs.
func (t *Traces) addRemarks(ctx context.Context, db sqlrow.Queryer) error {
	rows, err := db.QueryContext(ctx, "SELECT a.check_id, d.comment FROM decisions d JOIN answers a USING "+
		"(call_id) WHERE d.comment IS NOT NULL")
	type remark struct {
		check int64
		text  string
	}
	all, err := sqlrow.Collect(rows, err, "read comments", func(r *remark) error {
		return rows.Scan(&r.check, &r.text)
	})
	for _, r := range all {
		if slices.Contains(t.Checks, r.check) || slices.ContainsFunc(t.IDs, func(id string) bool {
			return strings.Contains(r.text, id)
		}) {
			t.Remarks++
		}
	}
	return err
}

// namingCheck represents a check of which something is left to take out.
type namingCheck struct {
	id          int64
	text, other string
	open        bool
}

func checksNaming(
	ctx context.Context, db sqlrow.Queryer, id string, known *mention.Survey,
) ([]namingCheck, error) {
	signature, liveness := HashID("signatureId", id), HashID("livenessId", id)
	beside, args := "other_id = ?3", []any{signature[:], liveness[:], id}
	if checks, found := known.Beside(id); found {
		list, err := json.Marshal(append([]int64{}, checks...))
		if err != nil {
			return nil, err
		}
		beside, args = "check_id IN (SELECT value FROM json_each(?3))", []any{signature[:], liveness[:], string(list)}
	}
	rows, err := db.QueryContext(ctx, `SELECT check_id, coalesce(id, ''), coalesce(other_id, ''), state IN ('pending',
		'in_doubt', 'held') FROM checks
		WHERE check_id IN (SELECT check_id FROM checks WHERE id_hash IN (?1, ?2) UNION ALL SELECT check_id FROM checks
		WHERE `+beside+` UNION ALL SELECT check_id FROM other_ids WHERE id_hash IN (?1, ?2))
		AND (id IS NOT NULL OR other_id IS NOT NULL OR reference IS NOT NULL) ORDER BY check_id`, args...)
	return sqlrow.Collect(rows, err, "read checks", func(c *namingCheck) error {
		return rows.Scan(&c.id, &c.text, &c.other, &c.open)
	})
}

// add notes a check: its IDs, where it stood, and what is kept of its answers.
func (t *Traces) add(ctx context.Context, db sqlrow.Queryer, c namingCheck) error {
	t.Checks = append(t.Checks, c.id)
	if c.open {
		t.Open++
	}
	for _, text := range []string{c.text, c.other} {
		if text != "" && !slices.Contains(t.IDs, text) {
			t.IDs = append(t.IDs, text)
		}
	}
	places, err := tracesOf(ctx, db, c.id)
	if err != nil {
		return err
	}
	t.Listed = append(t.Listed, places...)
	var kept int64
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM calls k JOIN answers a USING (call_id)
		WHERE k.check_id = ? AND (a.body IS NOT NULL OR a.message IS NOT NULL)`, c.id).Scan(&kept)
	t.Answers += kept
	return err
}

// ErrSpilled reports that outcomes wait outside the database, which may name the ID.
var ErrSpilled = errors.New("outcomes of an earlier run wait in the spill file")

// Erase takes out everything that names the person behind an ID, in one transaction, and notes that it was done.
// Checks, calls and outcomes stay, so that nothing is bought again and every amount still ties. The caller then calls
// Scrub.
func (p Personal) Erase(ctx context.Context, id string, now time.Time) (Traces, error) {
	if spilled, damaged, err := readSpill(p.spillPath()); err != nil || damaged || len(spilled) > 0 {
		return Traces{}, errors.Join(err, ErrSpilled)
	}
	var t Traces
	err := p.writing(ctx, func(tx *sql.Tx) (err error) {
		if t, err = traces(ctx, tx, id, p.known); err != nil {
			return err
		}
		for _, check := range t.Checks {
			if err := eraseCheck(ctx, tx, check, now); err != nil {
				return err
			}
		}
		mentioned := slices.DeleteFunc(slices.Clone(t.IDs), func(id string) bool { return !p.known.Mentions(id) })
		for _, text := range mentioned {
			if _, err := tx.ExecContext(ctx, "UPDATE rejects SET value = ?2, detail = '' WHERE instr(value, ?1) "+
				"OR instr(detail, ?1)", text, Erased); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "UPDATE decisions SET comment = NULL WHERE instr(comment, ?)",
				text); err != nil {
				return err
			}
		}
		if err := mention.Replace(ctx, tx, mentioned, Erased); err != nil {
			return err
		}
		n := t
		spelled, err := mention.WithFolded(t.IDs, isCheck(ctx, tx, p.known))
		for _, text := range spelled { // an older copy may hold another one without the first, which was asked for
			if err != nil {
				break
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO erasures (kind, id_hash, erased_at, checks, answers, rejects) "+
				"VALUES ('erase', ?, ?, ?, ?, ?)", hashOf("", text), sqlrow.Millis(now), len(n.Checks), n.Answers,
				n.Rejects); err != nil {
				return err
			}
			n = Traces{}
		}
		return err
	})
	if err != nil {
		return Traces{}, fmt.Errorf("erase: %w", err)
	}
	return t, nil
}

// NameCount counts what bears the name of somebody who decided.
func (p Personal) NameCount(ctx context.Context, name string) (mention.Named, error) {
	return mention.CountName(ctx, p.read, name)
}

// Answerable counts what keeps the name of somebody since it says who is answerable.
func (p Personal) Answerable(ctx context.Context, name string) ([]mention.Kept, error) {
	return mention.Answerable(ctx, p.read, name)
}

// EraseName takes out the name of somebody who decided; what was decided stays. The caller then calls Scrub.
func (p Personal) EraseName(ctx context.Context, name string) error {
	return p.writing(ctx, func(tx *sql.Tx) error { return mention.EraseName(ctx, tx, name) })
}

// Kept looks for texts in all columns, as [mention.Find] does, but for what is a check by itself.
func (p Personal) Kept(ctx context.Context, texts []string) ([]mention.Kept, error) {
	return mention.Find(ctx, p.read, texts, isCheck(ctx, p.read, nil))
}

// Whole leaves out the texts that are a part of the ID of a check: that one names somebody else.
func (p Personal) Whole(ctx context.Context, texts []string) (whole []string, err error) {
	for _, text := range texts {
		var part bool
		if err := p.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM checks WHERE instr(id, ?1) OR "+
			"instr(other_id, ?1))", text).Scan(&part); err != nil {
			return nil, fmt.Errorf("look for a text in IDs: %w", err)
		}
		if !part {
			whole = append(whole, text)
		}
	}
	return whole, nil
}

// isCheck returns a function that reports whether a text is the ID of a check.
func isCheck(ctx context.Context, db sqlrow.Queryer, known *mention.Survey) func(string) (bool, error) {
	return func(text string) (bool, error) {
		found, err := checksNaming(ctx, db, text, known)
		return len(found) > 0, err
	}
}

// IDsByReference returns the IDs of the rows in which another column holds a text, whole.
func (p Personal) IDsByReference(ctx context.Context, text string) ([]string, error) {
	rows, err := p.read.QueryContext(ctx, `SELECT id FROM checks c WHERE id IS NOT NULL AND reference IS NOT NULL
		AND EXISTS (SELECT 1 FROM json_each(c.reference) j WHERE j.value = ?) ORDER BY check_id`, text)
	return sqlrow.Collect(rows, err, "look for a reference", func(id *string) error { return rows.Scan(id) })
}

func eraseCheck(ctx context.Context, tx *sql.Tx, check int64, now time.Time) error {
	if err := held.Doubt(ctx, tx, "c.check_id = ?", check); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE checks SET id = NULL, other_id = NULL, reference = NULL, not_found = 0,
		forced = 0, why = '', no_score = 0, again = '',
		state = CASE WHEN state IN ('pending', 'in_doubt', 'held') THEN 'given_up' ELSE state END, changed_at = ?
		WHERE check_id = ?`, sqlrow.Millis(now), check)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE answers SET message = NULL, body = NULL WHERE call_id IN (SELECT "+
		"call_id FROM calls WHERE check_id = ?)", check)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE decisions SET comment = NULL WHERE comment IS NOT NULL AND call_id IN "+
		"(SELECT call_id FROM calls WHERE check_id = ?)", check)
	if err != nil {
		return err
	}
	return forgetClosedRisk(ctx, tx, "?", check)
}

// ErrInUse reports that somebody reads an older state of the database, so that its log cannot be emptied.
var ErrInUse = errors.New("the database is being read")

// Scrub rebuilds the database file and empties its log, so that no page holds what was taken out of it. It needs room
// for a second copy and takes some seconds a gigabyte.
func (p Personal) Scrub(ctx context.Context) error {
	if _, err := p.write.ExecContext(ctx, "VACUUM"); err != nil {
		return fmt.Errorf("rebuild database: %w", err)
	}
	return p.emptyLog(ctx)
}

// Holding names those of the database's own files (itself, its log, its spill file) in which one of the texts stands,
// byte for byte. It reads them wholly.
func (p Personal) Holding(texts []string) ([]string, error) {
	var found []string
	holds, err := p.fileHolds(texts)
	if holds {
		found = append(found, p.path)
	}
	for _, suffix := range []string{"-wal", dbfile.SpillSuffix} { // neither of which SQLite locks
		holds, e := mention.FileContains(p.path+suffix, texts)
		if err = errors.Join(err, e); holds {
			found = append(found, p.path+suffix)
		}
	}
	return found, err
}

// fileHolds reads the database through the descriptor that outlasts SQLite's: closing another would drop its locks.
func (p Personal) fileHolds(texts []string) (bool, error) {
	return mention.Contains(io.NewSectionReader(p.file, 0, math.MaxInt64), texts)
}
