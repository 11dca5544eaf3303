package store_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"liverecon/store"
	"liverecon/store/dbfile"
	"liverecon/store/record"
)

// placesOf are the records of a store: beside it and in a directory of reports, which is made.
func placesOf(t *testing.T, s *store.Store) record.Paths {
	t.Helper()
	reports := filepath.Join(filepath.Dir(s.Path()), "reports")
	check(t, os.MkdirAll(reports, 0o700))
	return record.Paths{Database: s.Path(), Reports: reports}
}

// warnings collects what is told of records.
type warnings []string

func (w *warnings) warn(err error) { *w = append(*w, err.Error()) }

func keep(t *testing.T, s *store.Store) *warnings {
	t.Helper()
	var told warnings
	check(t, s.Records().Keep(context.Background(), placesOf(t, s), told.warn))
	return &told
}

// TestRecordsFollow: after each commit, both records know the newest call, and at the end that the database was closed.
func TestRecordsFollow(t *testing.T) {
	s, runID := withChecks(t, 5)
	at := placesOf(t, s)
	keep(t, s)
	j := journal(t, s, admitAll{})
	for c := int64(1); c <= 5; c++ {
		in := intentFor(runID, c, 1)
		id := begin(t, j, in)
		found, err := s.Records().Found(context.Background(), at)
		check(t, err)
		for _, f := range found {
			if f.Err != nil || f.Entry.Marks.Call != id || f.Entry.Marks.Run != runID || f.Entry.Marks.List != 1 || !f.Entry.Open {
				t.Errorf("call %d: %+v", id, f)
			}
		}
		check(t, j.Finish(id, in, paid(in, 80))())
	}
	check(t, j.Close())
	check(t, s.Close())
	again := openAt(t, s.Path())
	found, err := again.Records().Found(context.Background(), at)
	check(t, err)
	for _, f := range found {
		if f.Err != nil || f.Entry.Marks.Call != 5 || f.Entry.Open {
			t.Errorf("at the end: %+v", f)
		}
	}
}

// TestLostLog kills a program and loses the log: the record shows it, in either place.
func TestLostLog(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 20)
	keep(t, s)
	drive(t, journal(t, s, admitAll{}), runID, 2, 10, nil)
	for _, lost := range []string{"liverecon.db-wal", "the record beside", "nothing"} {
		dir := t.TempDir()
		check(t, os.CopyFS(dir, os.DirFS(filepath.Dir(s.Path()))))
		path := filepath.Join(dir, "liverecon.db")
		if lost != "nothing" {
			check(t, os.Remove(path+"-wal"))
		}
		if lost == "the record beside" {
			check(t, os.Remove(path+".record"))
		}
		copied, err := store.Open(ctx, path)
		if lost != "nothing" && errors.Is(err, dbfile.ErrLost) {
			continue // the whole database was in the log
		}
		check(t, err)
		err = copied.Records().Check(ctx, placesOf(t, copied))
		if (lost != "nothing") != errors.Is(err, store.ErrBehind) {
			t.Errorf("%s: %v", lost, err)
		}
		var told *store.RecordError
		if lost != "nothing" && (!errors.As(err, &told) || !strings.Contains(err.Error(), "liverecon.db ends with call ") || !strings.HasSuffix(err.Error(), "with 20: the database is behind its record")) {
			t.Errorf("%s: %v", lost, err)
		}
		check(t, copied.Close())
	}
}

// TestRecordsMadeAnew: a record that is missing or cannot be read is a warning once, and there again; for a database that
// cannot have had any it is none.
func TestRecordsMadeAnew(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	reopen := func() []string {
		s, err := store.Open(ctx, path)
		check(t, err)
		check(t, s.Records().Check(ctx, placesOf(t, s)))
		told := keep(t, s)
		if len(lines(t, s.ReadDB(), "SELECT 1 FROM runs")) == 0 {
			fill(t, s, 1)
		}
		check(t, s.Close())
		return *told
	}
	if told := reopen(); len(told) > 0 {
		t.Errorf("a new database: %q", told)
	}
	if told := reopen(); len(told) > 0 {
		t.Errorf("as it was left: %q", told)
	}
	check(t, os.Remove(path+".record"))
	if told := reopen(); len(told) != 1 || !strings.HasSuffix(told[0], "was missing, and made anew: "+path+".record") {
		t.Errorf("without one: %q", told)
	}
	check(t, os.WriteFile(path+".record", []byte("torn"), 0o600))
	if told := reopen(); len(told) != 1 || !strings.Contains(told[0], path+".record: the record cannot be read") {
		t.Errorf("with one that is torn: %q", told)
	}
	reports := filepath.Join(filepath.Dir(path), "reports")
	check(t, os.RemoveAll(reports))
	if told := reopen(); len(told) != 1 || !strings.Contains(told[0], reports) {
		t.Errorf("without the one under reports: %q", told)
	}
	execSQL(t, rawDB(t, path), "UPDATE runs SET ended_at = started_at, exit_code = 0, verdict = 'DONE'")
	check(t, errors.Join(os.Remove(path+".record"), os.RemoveAll(reports)))
	if told := reopen(); len(told) != 3 || !strings.HasPrefix(told[2], "no record tells whether the database is the newest there is: what was asked after 20") {
		t.Errorf("without any: %q", told)
	}
	if told := reopen(); len(told) > 0 {
		t.Errorf("afterwards: %q", told)
	}
}

// TestRecordsCannotBeWritten: that fails no commit and no closing, and is said once.
func TestRecordsCannotBeWritten(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "liverecon.db"))
	check(t, err)
	runID := fill(t, s, 10)
	at := placesOf(t, s)
	at.Reports = filepath.Join(at.Reports, "not", "mounted")
	var told warnings
	check(t, s.Records().Keep(ctx, at, told.warn))
	if len(told) != 3 || !strings.Contains(told[1], "cannot be written, its loss may go unnoticed") { // besides, there was none
		t.Errorf("told %q", told)
	}
	s.BreakRecords()
	j, err := s.Journal().Open(ctx, admitAll{}, 4)
	check(t, err)
	drive(t, j, runID, 1, 10, nil)
	check(t, j.Close())
	check(t, s.Close())
	if len(told) != 5 || !strings.Contains(told[3], "cannot be written") { // and, at the end, that they are not up to date
		t.Errorf("told %q", told)
	}
}

// TestAnotherDatabase stands where the record tells of one: refused, until it has a new identity.
func TestAnotherDatabase(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 1)
	keep(t, s)
	at := placesOf(t, s)
	if err := store.Missed(s.Path(), at); !errors.Is(err, dbfile.ErrLost) {
		t.Errorf("no database where a record is: %v", err)
	}
	check(t, s.Close())
	check(t, os.Remove(s.Path()))
	other := openAt(t, s.Path())
	if err := other.Records().Check(ctx, at); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("another one: %v", err)
	}
	removed, err := other.Records().NewIdentity(ctx, at)
	check(t, err)
	if len(removed) != 2 {
		t.Errorf("removed %q", removed)
	}
	check(t, other.Records().Check(ctx, at))
	if told := *keep(t, other); len(told) > 0 {
		t.Errorf("told %q", told)
	}
	if err := store.Missed(filepath.Join(filepath.Dir(s.Path()), "new.db"), record.Paths{Database: filepath.Join(t.TempDir(), "new.db"), Reports: at.Reports}); err != nil {
		t.Errorf("a first database beside: %v", err)
	}
}

// TestHistories: an older copy goes on in an epoch of its own. What was written in the epoch before, after the copy was
// made, is then behind, and so is every other copy.
func TestHistories(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 4)
	at := placesOf(t, s)
	left := `{"": {"call": 3}}`
	execSQL(t, s.WriteDB(), "INSERT INTO restorations VALUES (1, ?1, 5000, 'ann', 'e1', '', ?2, 1000, 2000, 1000, 5000, 0, NULL, 0, NULL)", runID, left)
	execSQL(t, s.WriteDB(), "UPDATE settings SET value = 'e1' WHERE key = 'epoch'")
	for name, c := range map[string]struct {
		entry record.Entry
		want  error
	}{
		"as far as the epoch was when it was left": {record.Entry{Marks: record.Marks{Call: 3}}, nil},
		"further: the old host goes on":            {record.Entry{Marks: record.Marks{Call: 4}}, store.ErrBehind},
		"an epoch that is not known":               {record.Entry{Epoch: "e2"}, store.ErrBehind},
		"its own epoch":                            {record.Entry{Epoch: "e1", Marks: record.Marks{Run: runID, List: 1}}, nil},
		"its own epoch, further":                   {record.Entry{Epoch: "e1", Marks: record.Marks{Run: runID + 1}}, store.ErrBehind},
	} {
		c.entry.Identity = lines(t, s.ReadDB(), "SELECT value FROM settings WHERE key = 'identity'")[0]
		check(t, os.RemoveAll(at.Database+".record"))
		f, err := record.Open(at.Database+".record", at.Entry(at.Database+".record", c.entry))
		check(t, err)
		check(t, f.Close())
		if err := s.Records().Check(ctx, at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestRecordsOverMigrations: the first migration that knows records makes them without a word, a later one leaves them.
func TestRecordsOverMigrations(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	later := migrationsBefore(t, "00999").(fstest.MapFS)
	later["migrations/00999_later.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE later (n INTEGER) STRICT;\n")}
	older, err := store.OpenWith(ctx, path, migrationsBefore(t, "00009"))
	check(t, err)
	listing(t, older, func() { fill(t, older, 2) })
	check(t, older.Close())
	for _, files := range []fs.FS{store.Migrations(), later} {
		s, err := store.OpenWith(ctx, path, files)
		check(t, err)
		if s.Migrated == "" {
			t.Error("not migrated")
		}
		check(t, s.Records().Check(ctx, placesOf(t, s)))
		if told := *keep(t, s); len(told) > 0 {
			t.Errorf("told %q", told)
		}
		check(t, s.Close())
	}
}

// TestCopiedInMidRun: a database in which a run has no end, and of which no record tells, may lack what that run did after it
// was copied; with either record, or once the run has ended, it is whole.
func TestCopiedInMidRun(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 1)
	at := placesOf(t, s)
	keep(t, s)
	check(t, s.Records().Check(ctx, at))
	copied := openAt(t, image(t, s.Path()))
	alone := placesOf(t, copied)
	if err := copied.Records().Check(ctx, alone); !errors.Is(err, store.ErrMidRun) {
		t.Errorf("of a copy from a run's midst: %v", err)
	}
	check(t, s.Runs().Close(ctx, run, 0, "DONE", nil))
	check(t, openAt(t, image(t, s.Path())).Records().Check(ctx, alone))
}
