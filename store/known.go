package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/record"
)

// readKnown reads what a database knows of all its histories: its own runs and lists, and those that its restorations
// have counted as lost.
func readKnown(ctx context.Context, db sqlrow.Queryer) (have record.Known, err error) {
	rows, err := db.QueryContext(ctx, `SELECT r.run_id, r.nonce, r.started_at, coalesce(r.ended_at, r.started_at),
		coalesce((SELECT max(call_id) FROM calls k WHERE k.run_id = r.run_id), 0) FROM runs r ORDER BY r.run_id`)
	var last int64
	ids := map[int64]string{}
	_, err = sqlrow.Collect(rows, err, "read runs", func(*struct{}) error {
		var run record.KnownRun
		var call int64
		if err := rows.Scan(&run.ID, &run.Nonce, &run.From, &run.Until, &call); err != nil {
			return err
		}
		before := last
		last = max(last, call)
		if run.Calls = last - before; run.Nonce == "" {
			run.Nonce, run.Calls = record.Unnumbered, last
		}
		ids[run.ID] = run.Nonce
		have.Add(run)
		return nil
	})
	if err != nil {
		return have, err
	}
	if have.Lists, err = listMarks(ctx, db, 0, everyList); err != nil {
		return have, err
	}
	return have, readLost(ctx, db, ids, &have)
}

// readLost adds what restorations have counted as lost; nonces are those of the database's runs.
func readLost(ctx context.Context, db sqlrow.Queryer, nonces map[int64]string, have *record.Known) error {
	rows, err := db.QueryContext(ctx, `SELECT r.run_id, max(0, r.lost_calls - coalesce(h.calls, 0)),
		r.lost_runs IS NULL, coalesce(h.held, (SELECT count(*) FROM holds WHERE restoration_id = r.restoration_id)),
		coalesce(h.runs, '[]'), coalesce(h.lists, '')
		FROM restorations r LEFT JOIN lost_histories h USING (restoration_id)`)
	_, err = sqlrow.Collect(rows, err, "read restorations", func(*struct{}) error {
		run := record.KnownRun{Restoration: true}
		var text string
		var lists record.Lists
		if err := rows.Scan(&run.ID, &run.Lost, &run.Guessed, &run.Held, &text, &lists); err != nil {
			return err
		}
		var lost []record.KnownRun
		if err := json.Unmarshal([]byte(text), &lost); err != nil {
			return fmt.Errorf("lost histories: %w", err)
		}
		for _, r := range lost {
			have.Add(r)
			run.Lacked = append(run.Lacked, r.Nonce)
		}
		run.Nonce = nonces[run.ID]
		have.Add(run)
		have.Lists += lists.Beyond(have.Lists)
		return nil
	})
	return err
}

// known is what records tell of all histories of the database. lines is false when none of them was written by a
// version that keeps it: what such a record tells of the newest runs of its history is then all there is. What one says
// of an epoch that the database has left, no further than it had come then, is no news.
func (h history) known(found []record.Found) (k record.Known, lines bool) {
	for _, f := range found {
		if f.Err != nil || f.Entry.Identity != h.identity {
			continue
		}
		lines = lines || len(f.Known.Runs) > 0
		k.Merge(f.Known)
		if left, ok := h.left[f.Entry.Epoch]; !ok || len(left.Missing(f.Entry.Marks)) > 0 {
			k.Merge(f.Entry.Told())
		}
	}
	return k, lines
}

// lacks compares the database with what its records know of all histories; ok is false when they do not tell.
func (h history) lacks(ctx context.Context, db sqlrow.Queryer, found []record.Found) (l record.Lack, ok bool, err error) {
	known, ok := h.known(found)
	if !ok {
		return l, false, nil
	}
	have, err := readKnown(ctx, db)
	return known.Lack(have), true, err
}

// speaksAgainst returns what records have to say against the database at path, nil for nothing. None of them may be
// ahead of it in its own history, and no run of any other history may be known that it neither has nor counts as lost.
func (h history) speaksAgainst(ctx context.Context, db sqlrow.Queryer, path string, found []record.Found) error {
	for _, f := range found {
		if err := h.against(path, f); err != nil {
			return err
		}
	}
	lack, told, err := h.lacks(ctx, db, found)
	if err != nil || !told || len(lack.Runs) == 0 {
		return err
	}
	return &RecordError{Database: path, Record: h.ofAll(found), Err: ErrBehind}
}

// ofAll returns the record that keeps most of what is known.
func (h history) ofAll(found []record.Found) (one record.Found) {
	for _, f := range found {
		if f.Err == nil && f.Entry.Identity == h.identity && len(f.Known.Runs) > len(one.Known.Runs) {
			one = f
		}
	}
	return one
}

// by returns the loss as all histories together tell: what a record knows of one of them is a part of it.
func (l Loss) by(lack record.Lack) Loss {
	l.Calls, l.Counted, l.Again, l.Ahead = lack.Calls, !lack.Guessed, lack.Again, lack.Ahead
	l.Runs, l.Lists = 1+int64(len(lack.Runs)), lack.Lists.Count()
	if lack.From.IsZero() {
		return l
	}
	if l.Other || l.From.IsZero() || lack.From.Before(l.From) {
		l.From = lack.From
	}
	if l.Other {
		l.Until = lack.Until
	} else if lack.Until.After(l.Until) {
		l.Until = lack.Until
	}
	return l
}

// keepLost keeps with a restoration which runs and lists it counts as lost. calls are those that they made, held the IDs
// of the copy that are held for them.
func keepLost(ctx context.Context, conn *sql.Conn, restoration int64, lost record.Lack, held []HeldPlace) error {
	var ids int64
	for _, h := range held {
		ids += h.Checks
	}
	text, err := json.Marshal(append([]record.KnownRun{}, lost.Runs...))
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "INSERT INTO main.lost_histories (restoration_id, runs, lists, calls, held) "+
		"VALUES (?, ?, ?, ?, ?)", restoration, string(text), string(lost.Lists), lost.Calls, ids)
	return err
}

// know adds to the records what the database has come to know since.
func (k *keptRecords) know(ctx context.Context, db sqlrow.Queryer) (more record.Known, err error) {
	have, err := readKnown(ctx, db)
	if err != nil {
		return more, err
	}
	more = have.Beyond(k.known)
	k.known.Merge(more)
	return more, nil
}
