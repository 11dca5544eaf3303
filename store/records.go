package store

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/record"
)

// ErrMidRun reports a database in which a run has no end, and of which nothing outside tells: a copy that was made in
// the midst of that run lacks what it did afterwards.
var ErrMidRun = errors.New("it was copied in the midst of a run perhaps, and no record tells what was done afterwards")

// Faults of a database that the record outside of it contradicts. The third is
// ErrLost: there is none where a record is.
var (
	ErrBehind   = errors.New("the database is behind its record")
	ErrReplaced = errors.New("another database stands in its place")
)

// RecordError reports that a database is not the one that a record tells of, or has not come as far.
type RecordError struct {
	Database string // path
	Record   record.Found
	Gaps     []record.Gap // in what it is behind; none where it is of another history
	Err      error        // ErrBehind, ErrReplaced or ErrLost
}

// Error names the record and how far it is ahead.
func (e *RecordError) Error() string {
	told := fmt.Sprintf("%s tells of %d calls, written %s", e.Record.Path, e.Record.Entry.Marks.Call,
		e.Record.Entry.WrittenAt.UTC().Format(time.RFC3339))
	switch {
	case errors.Is(e.Err, dbfile.ErrLost):
		return fmt.Sprintf("%s is not there, but its record %s: %v", e.Database, told, e.Err)
	case errors.Is(e.Err, ErrReplaced):
		return fmt.Sprintf("%s is not the database that the record %s: %v", e.Database, told, e.Err)
	case len(e.Gaps) > 0:
		g := e.Gaps[0]
		return fmt.Sprintf("%s ends with %s %d, its record %s with %d: %v", e.Database, g.Kind, g.Have, e.Record.Path,
			g.Want, e.Err)
	}
	return fmt.Sprintf("%s is not of the history that its record %s tells of, in which another copy went on: %v",
		e.Database, e.Record.Path, e.Err)
}

// Other returns the name of the database that the record tells of, "" where it is that of this one.
func (e *RecordError) Other() string {
	name := path.Base(e.Record.Entry.Database)
	if name == filepath.Base(e.Database) || e.Record.Entry.Database == "" {
		return ""
	}
	return name
}

// Unwrap returns what is wrong.
func (e *RecordError) Unwrap() error { return e.Err }

// Records keeps marks outside of the database, by which its loss or replacement is noticed.
type Records struct{ *db }

// Found returns the records of the database where they belong, with why one cannot be read.
func (r Records) Found(ctx context.Context, at record.Paths) ([]record.Found, error) {
	h, err := readHistory(ctx, r.read)
	if err != nil {
		return nil, dbfile.Classify(r.path, err)
	}
	var all []record.Found
	for _, path := range at.Paths(h.identity) {
		all = append(all, record.Look(path))
	}
	return all, nil
}

// Check returns a *RecordError, or ErrNewer, wrapped, when a record speaks against the database: a run would buy again
// what was lost. A record that is missing or cannot be read says nothing; where there is none at all a run must not be
// under way in the database, as it is in a copy that was made meanwhile: ErrMidRun, wrapped.
func (r Records) Check(ctx context.Context, at record.Paths) error {
	h, err := readHistory(ctx, r.read)
	if err != nil {
		return dbfile.Classify(r.path, err)
	}
	found := at.Find(h.identity)
	if h, err = readHistory(ctx, r.read); err != nil { // after the records, which a run may be ahead with by now
		return dbfile.Classify(r.path, err)
	}
	if err := h.speaksAgainst(ctx, r.read, r.path, found); err != nil {
		return err
	}
	told := r.anew || slices.ContainsFunc(found, func(f record.Found) bool { return f.Err == nil })
	if told {
		return nil
	}
	var unended bool
	err = r.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM runs WHERE ended_at IS NULL)").Scan(&unended)
	if err == nil && unended {
		err = fmt.Errorf("%s: %w", r.path, ErrMidRun)
	}
	return err
}

// Missed returns a *RecordError when a record tells of a database that should be at path, where none is.
func Missed(path string, at record.Paths) error {
	for _, f := range at.Find("") {
		switch {
		case f.Err == nil:
			return &RecordError{Database: path, Record: f, Err: dbfile.ErrLost}
		case errors.Is(f.Err, record.ErrNewer):
			return fmt.Errorf("%w: %w", f.Err, dbfile.ErrNewer)
		}
	}
	return nil
}

// keptRecords holds the records of an open database. The journal writes them after each commit.
type keptRecords struct {
	warn func(error)

	mu    sync.Mutex
	entry record.Entry // without what each place adds
	known record.Known // of all histories
	files []keptFile
}

type keptFile struct {
	file   *record.File
	entry  record.Entry
	failed bool // it was said once
}

// Keep opens the database's records, makes anew those that are missing or cannot be read, and writes to the disk how
// far the database has come. From then on every commit of a journal is noted in them, and Close writes them for good.
// What is wrong with a record is told to warn, once each, and fails nothing: then a loss may go unnoticed.
func (r Records) Keep(ctx context.Context, at record.Paths, warn func(error)) error {
	h, err := readHistory(ctx, r.write)
	if err != nil {
		return err
	}
	takenOut, err := erased(ctx, r.write)
	if err != nil {
		return err
	}
	found := at.Find(h.identity)
	young := h.marks == record.Marks{} || r.anew // it cannot have had any
	k := &keptRecords{warn: warn, entry: record.Entry{Identity: h.identity, Epoch: h.epoch, Marks: h.marks,
		Lists: h.lists, Runs: h.runs, Before: h.before(), Lost: h.lost(everyRun), Open: true}}
	k.known, _ = h.known(found)
	if _, err := k.know(ctx, r.write); err != nil {
		return err
	}
	for _, place := range at.Paths(h.identity) {
		i := slices.IndexFunc(found, func(f record.Found) bool { return f.Path == place })
		entry := at.Entry(place, k.entry)
		file, err := record.OpenKnowing(place, entry, k.known)
		if err == nil {
			if err = file.AddErased(takenOut); err != nil {
				err = errors.Join(err, file.Close())
			}
		}
		switch {
		case err != nil:
			warn(fmt.Errorf("a record of the database cannot be written, its loss may go unnoticed: %w", err))
			continue
		case i >= 0 && found[i].Err != nil:
			warn(fmt.Errorf("a record of the database was made anew: %w", found[i].Err))
		case i < 0 && !young:
			warn(fmt.Errorf("a record of the database was missing, and made anew: %s", place))
		}
		k.files = append(k.files, keptFile{file: file, entry: entry})
	}
	if err := r.unproven(ctx, found, young); err != nil {
		warn(err)
	}
	if h.marks == (record.Marks{}) {
		for _, f := range at.Sharing(h.identity) {
			warn(fmt.Errorf("%s is new and knows no answer, and %s is shared with %s of configuration %s, which "+
				"has made %d calls: is it meant to be another database?",
				r.path, at.Reports, path.Base(f.Entry.Database), path.Base(f.Entry.Configuration), f.Entry.Marks.Call))
		}
	}
	r.records = k
	return nil
}

// unproven reports that no record tells whether a database is the newest there was of it. A closed database that was
// copied alone is like that, and so is an older backup of it; only people know.
func (r Records) unproven(ctx context.Context, found []record.Found, young bool) error {
	if young || slices.ContainsFunc(found, func(f record.Found) bool { return f.Err == nil }) {
		return nil
	}
	last, err := lastMoment(ctx, r.write)
	if err != nil {
		return err
	}
	return fmt.Errorf("no record tells whether the database is the newest there is: what was asked after %s, its last "+
		"entry, would be paid for again; where that may be, stop and type `liverecon restored --since` that time",
		last.Format(time.RFC3339))
}

// call notes the newest call that a commit has stored.
func (k *keptRecords) call(id int64) {
	if k == nil || id == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.entry.Marks.Call = id
	k.write(time.Now(), func(*record.File) error { return nil })
}

// refresh notes how far the database has come in everything.
func (k *keptRecords) refresh(ctx context.Context, db sqlrow.Queryer, open bool) error {
	if k == nil {
		return nil
	}
	h, err := readHistory(ctx, db)
	if err != nil {
		return err
	}
	takenOut, err := erased(ctx, db)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	more, err := k.know(ctx, db)
	if err != nil {
		return err
	}
	k.entry.Identity, k.entry.Epoch, k.entry.Marks, k.entry.Lists, k.entry.Open = h.identity, h.epoch, h.marks,
		h.lists, open
	k.entry.Runs, k.entry.Before, k.entry.Lost = h.runs, h.before(), h.lost(everyRun)
	k.write(time.Now(), func(f *record.File) error {
		return errors.Join(f.Know(more), f.AddErased(takenOut), f.Sync())
	})
	return nil
}

func (k *keptRecords) write(now time.Time, then func(*record.File) error) {
	for i := range k.files {
		f := &k.files[i]
		f.entry.Identity, f.entry.Epoch, f.entry.Marks, f.entry.Open, f.entry.WrittenAt = k.entry.Identity,
			k.entry.Epoch, k.entry.Marks, k.entry.Open, now.UTC()
		f.entry.Lists, f.entry.Runs, f.entry.Lost = k.entry.Lists, k.entry.Runs, k.entry.Lost
		f.entry.Before = k.entry.Before
		err := f.file.Write(f.entry)
		if err == nil {
			err = then(f.file)
		}
		if err != nil && !f.failed {
			f.failed = true
			k.warn(fmt.Errorf("a record of the database cannot be written, its loss may go unnoticed: %w", err))
		}
	}
}

// close writes how far the database has come for good, and gives the files back.
func (k *keptRecords) close(ctx context.Context, db sqlrow.Queryer) {
	if k == nil {
		return
	}
	err := k.refresh(ctx, db, false)
	for _, f := range k.files {
		err = errors.Join(err, f.file.Close())
	}
	k.files = nil
	if err != nil {
		k.warn(fmt.Errorf("the records of the database are not up to date: %w", err))
	}
}

// NewIdentity gives the database a new identity: it is no copy of another one any more, and what records say of another
// database in its place is not held against it. It returns the records that were taken away for it; KeepRecords then
// makes new ones.
func (r Records) NewIdentity(ctx context.Context, at record.Paths) ([]string, error) {
	if _, err := r.write.ExecContext(ctx, "UPDATE settings SET value = CASE key WHEN 'identity' THEN "+
		"lower(hex(randomblob(16))) ELSE '' END WHERE key IN ('identity', 'epoch')"); err != nil {
		return nil, fmt.Errorf("renew identity: %w", err)
	}
	r.anew = true
	return r.RemoveOthers(ctx, at)
}

// RemoveOthers takes away the records in the database's places that are of another database, and returns their paths.
func (r Records) RemoveOthers(ctx context.Context, at record.Paths) ([]string, error) {
	h, err := readHistory(ctx, r.write)
	if err != nil {
		return nil, err
	}
	return at.Remove(h.identity)
}
