package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// Why an answer is suspect: the column why of v_suspects.
const (
	SuspectConnection  = "connection"  // its connection was found one response ahead
	SuspectTransaction = "transaction" // its transaction ID came to a call of another check, too
)

const insertSuspectSQL = `INSERT INTO suspects (call_id, run_id, found_at, why) VALUES (?, ?, ?, ?) ON CONFLICT ` +
	`DO NOTHING`

// suspicion represents calls whose answers may be other IDs'.
type suspicion struct {
	RunID int64
	Why   string
	Calls []int64
	At    time.Time
}

func (w *callWriter) insertSuspects(s *suspicion) error {
	for _, call := range s.Calls {
		_, err := w.suspect.Exec(call, s.RunID, sqlrow.Millis(s.At), s.Why)
		if err == nil {
			err = w.doubt(call, s.At)
		}
		if err != nil {
			return fmt.Errorf("suspect call %d: %w", call, err)
		}
	}
	return nil
}

// Doubted represents a call that counts as in doubt now, as its answer may be another's.
type Doubted struct {
	Intent
	Code string
	Was  Tag  // what its answer said
	Open bool // its check waited to be asked again for that, and is in doubt instead
}

// The statements that take back what a suspect answer said of money: it may have been said of another call. A check
// that waits to be asked again for a free answer stands as one whose answer was lost; one whose score is still to come,
// or that was called absent before its endpoint knew anybody, goes on waiting for that. ?1 is the call.
const (
	doubtTagSQL = `SELECT code, pricing, coalesce(sent_at, 0), tag FROM outcomes WHERE call_id = ?1
		AND outcome = 'answered' AND tag IN ('pay', 'free')`
	takeBackSQL   = `UPDATE outcomes SET tag = 'unknown' WHERE call_id = ?1`
	doubtCheckSQL = `UPDATE checks SET state = 'in_doubt', why = '', doubts = doubts + 1, changed_at = ?2
		WHERE state = 'pending' AND no_score = 0 AND unfound = 0 AND (check_id, attempts) = (SELECT check_id, attempt
		FROM calls WHERE call_id = ?1)`
	callOfSQL = `SELECT check_id, attempt, run_id, reason, endpoint, region, intended_at FROM calls WHERE call_id = ?1`
)

// doubt counts a call whose answer may be another's as one in doubt.
func (w *callWriter) doubt(call int64, now time.Time) error {
	var r Result
	var sentAt, at int64
	switch err := w.doubtTag.QueryRow(call).Scan(&r.Code, &r.Pricing, &sentAt, &r.Tag); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	if _, err := w.conn.ExecContext(context.Background(), takeBackSQL, call); err != nil {
		return err
	}
	var in Intent
	err := w.callOf.QueryRow(call).Scan(&in.CheckID, &in.Attempt, &in.RunID, &in.Reason, &in.Endpoint, &in.Region, &at)
	if err != nil {
		return err
	}
	in.At, r.SentAt, r.Outcome = sqlrow.FromMillis(at), sqlrow.FromMillis(sentAt), Answered
	was, is := usageOf(in, r), usageOf(in, r)
	is.tag = TagUnknown
	if err := w.addUsage(map[usageKey]int64{was: -1, is: 1}); err != nil {
		return err
	}
	if err := rollup.Recount(context.Background(), w.conn, call, in.RunID, string(r.Tag),
		string(TagUnknown)); err != nil {
		return fmt.Errorf("count call %d by its new tag: %w", call, err)
	}
	d := Doubted{Intent: in, Code: r.Code, Was: r.Tag}
	if r.Tag == TagFree {
		res, err := w.doubtCheck.Exec(call, sqlrow.Millis(now))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		d.Open = n > 0
	}
	w.doubted = append(w.doubted, d)
	return nil
}

// drainDoubted returns the calls that doubt counted since the last time, and takes out rows of usage that it left
// empty.
func (w *callWriter) drainDoubted(ctx context.Context) ([]Doubted, error) {
	doubted := w.doubted
	if w.doubted = nil; doubted == nil {
		return nil, nil
	}
	_, err := w.conn.ExecContext(ctx, "DELETE FROM usage WHERE calls = 0")
	return doubted, err
}

// suspectFirstSQL lists the call whose answer came to another check's call too, where it is answered, and later ones of
// its check that had the same transaction ID. ?1 the call that it came to, ?2 the first.
const suspectFirstSQL = `INSERT INTO suspects (call_id, run_id, found_at, why)
	SELECT first.call_id, k.run_id, ?3, 'transaction' FROM calls first CROSS JOIN outcomes o USING (call_id)
	CROSS JOIN calls k ON k.call_id = ?1
	WHERE first.call_id IN (SELECT ?2 UNION SELECT call_id FROM repeated_answers WHERE first_call = ?2)
	AND o.outcome = 'answered' AND first.check_id <> k.check_id ON CONFLICT DO NOTHING RETURNING call_id`

// suspectFirst lists as suspect the call whose transaction ID came to another check's call on another connection:
// nobody can say which of the two it answers.
func (w *callWriter) suspectFirst(call, first int64) error {
	now := time.Now()
	rows, err := w.first.Query(call, first, sqlrow.Millis(now))
	listed, err := sqlrow.Collect(rows, err, "list suspects", func(id *int64) error { return rows.Scan(id) })
	for _, id := range listed {
		err = errors.Join(err, w.doubt(id, now))
	}
	if err != nil {
		return fmt.Errorf("suspect call %d: %w", first, err)
	}
	return nil
}

// claims holds calls that came by the transaction ID of one whose outcome is still to come, by that one.
type claims map[int64][]int64

// suspectFirst lists the first holder of what a call's answer repeats, and those that the call itself turns out to be.
func (c claims) suspectFirst(w *callWriter, call int64, r *Result, open bool) error {
	if again := r.Repeats; again.FirstCall != 0 && !again.Copy {
		if open {
			c[again.FirstCall] = append(c[again.FirstCall], call)
		} else if err := w.suspectFirst(call, again.FirstCall); err != nil {
			return err
		}
	}
	for _, later := range c[call] {
		if err := w.suspectFirst(later, call); err != nil {
			return err
		}
	}
	delete(c, call)
	return nil
}

// Suspects counts the IDs that may hold another's answer.
type Suspects struct {
	IDs   int64 // that still stand so
	InRun int64 // of them, those that one run found
}

// Suspects counts the IDs that may hold another's answer; runID is the run whose finds are told apart. Its cost depends
// on how many answers were ever suspect.
func (c Calls) Suspects(ctx context.Context, runID int64) (n Suspects, err error) {
	err = c.read.QueryRowContext(ctx, "SELECT count(DISTINCT c.check_id), count(DISTINCT CASE WHEN s.run_id = ? "+
		"THEN c.check_id END) FROM "+query.OpenSuspects, runID).Scan(&n.IDs, &n.InRun)
	if err != nil {
		return n, fmt.Errorf("count suspects: %w", err)
	}
	return n, nil
}

// EachSuspect gives the calls that are listed as suspect, also those whose ID was asked again since.
func (c Calls) EachSuspect(ctx context.Context, each func(callID int64) error) error {
	rows, err := c.read.QueryContext(ctx, "SELECT call_id FROM suspects ORDER BY call_id")
	_, err = sqlrow.Collect(rows, err, "read suspects", func(id *int64) error {
		if err := rows.Scan(id); err != nil {
			return err
		}
		return each(*id)
	})
	return err
}

// Repeated returns how many answers of a run were not believed because their transaction ID stands on another call.
func (c Calls) Repeated(ctx context.Context, runID int64) (n int64, err error) {
	err = c.read.QueryRowContext(ctx, "SELECT count(*) FROM repeated_answers r CROSS JOIN calls k USING "+
		"(call_id) CROSS JOIN outcomes o USING (call_id) WHERE k.run_id = ? AND o.outcome = 'unanswered'", runID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count repeated answers: %w", err)
	}
	return n, nil
}
