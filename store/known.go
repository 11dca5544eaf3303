package store

import (
	"context"

	"liverecon/store/held"
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
	if have.Lists, err = held.Lists(ctx, db, 0, held.EveryList); err != nil {
		return have, err
	}
	if have.IDs, err = held.ListedIDs(ctx, db); err != nil {
		return have, err
	}
	return have, held.AddHistories(ctx, db, ids, &have)
}

// known returns what records tell of all histories of the database. lines is false when none of them was written by a
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
	l.Runs = 1 + int64(len(lack.Runs))
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
