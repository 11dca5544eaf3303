package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/held"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/record"
)

// history holds what a database says of itself that a record can be held against.
type history struct {
	identity, epoch string
	marks           record.Marks
	lists           record.Lists            // the newest that were read, as many as a record has room for
	left            map[string]record.Marks // epochs that it has left, each with what its records knew then
	runs            record.Runs             // the newest, as many as a record has room for
	losses          []lossOfRun
}

// lossOfRun holds what a copy lacked when it was taken into use, which has a row among the runs.
type lossOfRun struct {
	run int64
	record.Lost
}

// everyRun numbers a run after all of them.
const everyRun = math.MaxInt64

// lost adds up what was lost up to a run.
func (h history) lost(run int64) (sum record.Lost) {
	for _, l := range h.losses {
		if l.run <= run {
			sum.Calls, sum.Runs, sum.Copies, sum.Guessed = sum.Calls+l.Calls, sum.Runs+l.Runs, sum.Copies+1,
				sum.Guessed+l.Guessed
		}
	}
	return sum
}

const marksSQL = `SELECT (SELECT value FROM settings WHERE key = 'identity'), (SELECT value FROM settings
	WHERE key = 'epoch'), (SELECT coalesce(max(run_id), 0) FROM runs), (SELECT coalesce(max(call_id), 0)
	FROM calls), (SELECT coalesce(max(list_id), 0) FROM lists),
	(SELECT coalesce(max(statement_id), 0) FROM statements), (SELECT coalesce(max(reconciliation_id), 0)
	FROM reconciliations),
	(SELECT count(sealed_at) + count(reopened_at) FROM closures), (SELECT coalesce(max(decision_id), 0) FROM decisions),
	(SELECT coalesce(max(erasure_id), 0) FROM erasures), (SELECT coalesce(max(release_id), 0) FROM releases)`

func readHistory(ctx context.Context, db sqlrow.Queryer) (h history, err error) {
	m := &h.marks
	err = db.QueryRowContext(ctx, marksSQL).Scan(&h.identity, &h.epoch, &m.Run, &m.Call, &m.List, &m.Statement,
		&m.Reconciliation, &m.Closure, &m.Decision, &m.Erasure, &m.Release)
	if err != nil {
		return h, fmt.Errorf("read how far the database has come: %w", err)
	}
	if h.lists, err = held.Lists(ctx, db, 0, record.MostLists); err != nil {
		return h, err
	}
	h.left = map[string]record.Marks{}
	if h.runs, err = newestRuns(ctx, db); err != nil {
		return h, err
	}
	rows, err := db.QueryContext(ctx, "SELECT record, run_id, lost_calls, coalesce(lost_runs, 0), lost_runs IS NULL "+
		"FROM restorations ORDER BY restoration_id")
	var texts []string
	h.losses, err = sqlrow.Collect(rows, err, "read restorations", func(l *lossOfRun) error {
		var text string
		err := rows.Scan(&text, &l.run, &l.Calls, &l.Runs, &l.Guessed)
		texts = append(texts, text)
		return err
	})
	for _, text := range texts {
		if text != "" && err == nil {
			err = json.Unmarshal([]byte(text), &h.left) // a later one adds to the earlier ones
		}
	}
	return h, err
}

// newestRuns returns as many as a record has room for, but for those of before runs had nonces.
func newestRuns(ctx context.Context, db sqlrow.Queryer) (record.Runs, error) {
	rows, err := db.QueryContext(ctx, `SELECT run_id, nonce, coalesce((SELECT call_id FROM calls k
		WHERE k.run_id <= r.run_id ORDER BY k.run_id DESC, k.call_id DESC LIMIT 1), 0)
		FROM runs r WHERE nonce <> '' ORDER BY run_id DESC LIMIT ?`, record.MostRuns)
	all, err := sqlrow.Collect(rows, err, "read runs", func(r *record.Run) error {
		return rows.Scan(&r.ID, &r.Nonce, &r.Call)
	})
	return record.NewRuns(all), err
}

// before returns the last call before the newest run; 0: none, or not known.
func (h history) before() int64 {
	if all := h.runs.All(); len(all) > 1 {
		return all[1].Call
	}
	return 0
}

// against returns what a record has to say against the database at path, nil for nothing.
func (h history) against(path string, f record.Found) error {
	switch {
	case errors.Is(f.Err, record.ErrNewer):
		return fmt.Errorf("%w: %w", f.Err, dbfile.ErrNewer)
	case f.Err != nil:
		return nil
	case f.Entry.Identity != h.identity:
		return &RecordError{Database: path, Record: f, Err: ErrReplaced}
	}
	share := h.shares(f.Entry)
	if share.diverged { // how far that history had come says nothing of this one
		return &RecordError{Database: path, Record: f, Err: ErrBehind}
	}
	gaps := share.have.Missing(f.Entry.Marks)
	if len(gaps) == 0 {
		return nil
	}
	return &RecordError{Database: path, Record: f, Gaps: gaps, Err: ErrBehind}
}

// share holds what a database has of the history that a record tells of.
type share struct {
	have     record.Marks // how far it had come in it
	lost     record.Lost  // before that
	diverged bool         // it is not of that history, or both went on after what they share
	counted  bool         // have is all that it has of it: what the record knows beyond is what it lacks
	common   record.Run   // the newest run that both have; the zero Run: nobody knows
}

// shares compares the database with a record of its identity. Runs tell histories apart. Where none of the record is
// known by its nonce, epochs and counts do: along one history neither runs nor calls become fewer, so a record that is
// ahead in the one and behind in the other tells of another.
func (h history) shares(e record.Entry) share {
	left, ok := h.left[e.Epoch]
	if ok && e.Epoch != h.epoch {
		return byCounts(left, e.Marks)
	}
	kin := record.Kin(record.Entry{Marks: h.marks, Runs: h.runs}.Line(), e.Line())
	switch {
	case kin.Known && kin.Diverged:
		s := share{have: h.marks, diverged: true, counted: kin.Common.ID > 0, common: kin.Common}
		if s.counted {
			s.have.Run, s.have.Call, s.lost = kin.Common.ID, kin.Common.Call, h.lost(kin.Common.ID)
		}
		return s
	case kin.Known:
		return share{have: h.marks, lost: h.lost(everyRun), counted: true, common: kin.Common}
	case e.Epoch != h.epoch:
		return share{have: h.marks, diverged: true}
	}
	return byCounts(h.marks, e.Marks)
}

func byCounts(have, recorded record.Marks) share {
	apart := cmp.Compare(recorded.Run, have.Run)*cmp.Compare(recorded.Call, have.Call) < 0
	return share{have: have, diverged: apart, counted: !apart}
}

// wentApart returns the last moment that is known of a run and a call which two histories share.
func wentApart(ctx context.Context, db sqlrow.Queryer, common record.Run) (time.Time, error) {
	var at sql.NullInt64
	err := db.QueryRowContext(ctx, `SELECT max(at) FROM (SELECT started_at AS at FROM runs WHERE run_id = ?
		UNION ALL SELECT intended_at FROM calls WHERE call_id = ?)`, common.ID, common.Call).Scan(&at)
	return sqlrow.FromNullMillis(at), err
}
