package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
)

// spilled makes a database with three calls in flight whose outcomes stand in its spill file.
func spilled(t *testing.T) (path string, runID int64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "liverecon.db")
	s, err := store.Open(context.Background(), path)
	check(t, err)
	runID = fill(t, s, 3)
	j, err := s.Journal().Open(context.Background(), admitAll{}, 8)
	check(t, err)
	var ids []int64
	for c := int64(1); c <= 3; c++ {
		ids = append(ids, begin(t, j, intentFor(runID, c, 1)))
	}
	check(t, j.Exec("CREATE TEMP TRIGGER outcomes_full BEFORE INSERT ON outcomes BEGIN SELECT RAISE(ABORT, 'no outcome is taken'); END"))
	for c := int64(1); c <= 3; c++ {
		in := intentFor(runID, c, 1)
		r := paid(in, 12.5)
		r.Answer.Body = `{"note":"<html> & \"quotes\" \u0000 ` + "\u2028ä" + `"}`
		if err := j.Finish(ids[c-1], in, r)(); !errors.Is(err, store.ErrJournalFailed) {
			t.Fatalf("outcome %d: %v", c, err)
		}
	}
	check(t, j.Close())
	check(t, s.Close())
	return path, runID
}

// TestDamagedSpill imports what is whole of a spill file, up to the damage, and keeps a file that has any.
func TestDamagedSpill(t *testing.T) {
	path, runID := spilled(t)
	text, err := os.ReadFile(path + ".spill")
	check(t, err)
	records := bytes.TrimRight(text, "\x00")
	third := bytes.LastIndexByte(records[:len(records)-1], '\n') + 1
	middle := bytes.IndexByte(records, '\n') + 1 + 30
	flipped := slices.Clone(text)
	flipped[middle] ^= 1
	tests := map[string]struct {
		text     []byte
		imported int
		damaged  bool
	}{
		"whole":                    {text, 3, false},
		"without the spare room":   {records, 3, false},
		"torn in the last record":  {append(slices.Clone(records[:third+40]), make([]byte, 4096)...), 2, true},
		"cut in the last record":   {records[:len(records)-40], 2, true},
		"last line break missing":  {append(slices.Clone(records[:len(records)-1]), make([]byte, 64)...), 2, true},
		"a bit flipped in between": {flipped, 1, true},
		"zeros":                    {make([]byte, 9*4096), 0, false},
		"empty":                    {nil, 0, false},
		"something else":           {[]byte("livenessId,region\nabc,PH\n"), 0, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			copied := image(t, path)
			check(t, os.WriteFile(copied+".spill", test.text, 0o600))
			s := openAt(t, copied)
			found, err := s.Journal().Recover(ctx)
			want := store.Recovery{Spilled: test.imported, Orphaned: 3 - test.imported, Damaged: test.damaged, Kept: found.Kept}
			if err != nil || found != want {
				t.Errorf("recovered %+v, %v, want %+v", found, err, want)
			}
			if test.damaged {
				kept, err := os.ReadFile(found.Kept)
				if err != nil || !bytes.Equal(kept, test.text) {
					t.Errorf("kept in %q: %v, the same %v", found.Kept, err, bytes.Equal(kept, test.text))
				}
			} else if found.Kept != "" {
				t.Errorf("kept in %q", found.Kept)
			}
			if _, err := os.Stat(copied + ".spill"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the spill file is still there: %v", err)
			}
			check(t, s.Books().AuditRun(ctx, runID))
			check(t, s.Books().Audit(ctx))
		})
	}
}

// TestSpilledOutcomeIsWhole compares what came by way of the spill file with what was spilled.
func TestSpilledOutcomeIsWhole(t *testing.T) {
	path, _ := spilled(t)
	s := openAt(t, path)
	_, err := s.Journal().Recover(context.Background())
	check(t, err)
	want := []string{`1|answered|200|PAY|pay|180|12.5|1|done|{"note":"<html> & \"quotes\" \u0000 ` + "\u2028ä" + `"}`}
	got := lines(t, s.ReadDB(), `SELECT call_id, outcome, http_status, pricing, tag, ended_at - sent_at, score, standing, state, body
		FROM outcomes JOIN answers USING (call_id) JOIN checks USING (check_id) WHERE call_id = 1`)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestSpillOfACrashedImporter: the importer ended between its commit and the removal of the file.
func TestSpillOfACrashedImporter(t *testing.T) {
	ctx := context.Background()
	path, runID := spilled(t)
	text, err := os.ReadFile(path + ".spill")
	check(t, err)
	s := openAt(t, path)
	for n, want := range []store.Recovery{{Spilled: 3}, {}} {
		check(t, os.WriteFile(path+".spill", text, 0o600))
		found, err := s.Journal().Recover(ctx)
		if err != nil || found != want {
			t.Errorf("import %d: %+v, %v, want %+v", n+1, found, err, want)
		}
	}
	check(t, s.Books().AuditRun(ctx, runID))
	check(t, s.Books().Audit(ctx))
}

// TestJournalKeepsItsHandsOffASpill: outcomes of paid calls are not overwritten because a caller forgot to recover.
func TestJournalKeepsItsHandsOffASpill(t *testing.T) {
	ctx := context.Background()
	path, _ := spilled(t)
	s := openAt(t, path)
	if _, err := s.Journal().Open(ctx, admitAll{}, 8); err == nil || !strings.Contains(err.Error(), "3 outcomes") {
		t.Fatalf("a journal over a full spill file: %v", err)
	}
	if found, err := s.Journal().Recover(ctx); err != nil || found.Spilled != 3 {
		t.Errorf("recovered %+v, %v", found, err)
	}
	check(t, journal(t, s, admitAll{}).Close())
}

// TestSpillRoom: the file has its room, on disk, before the first call.
func TestSpillRoom(t *testing.T) {
	s, _ := withChecks(t, 1)
	journal(t, s, admitAll{})
	text, err := os.ReadFile(s.Path() + ".spill")
	check(t, err)
	if int64(len(text)) != store.SpillRoom(64) || len(bytes.Trim(text, "\x00")) != 0 {
		t.Errorf("%d bytes, want %d zeros", len(text), store.SpillRoom(64))
	}
}

// TestSpillRoomIsEnough fails the one commit that holds the most: an outcome and the next intent of every worker.
func TestSpillRoomIsEnough(t *testing.T) {
	const workers = 64
	dir := t.TempDir()
	d := newDisk(t, dir)
	path := filepath.Join(dir, "liverecon.db")
	s := openAt(t, path)
	runID := fill(t, s, 2*workers+1)
	j := journal(t, s, admitAll{})
	var wg sync.WaitGroup
	ids := map[int64]int64{}
	for c := int64(1); c <= workers; c++ {
		ids[c] = begin(t, j, intentFor(runID, c, 1))
	}
	g := d.hold(sqlite3.SQLITE_IOERR_FSYNC)
	open := g.catch(t, func() error { _, err := j.Begin(intentFor(runID, 2*workers+1, 1)); return err })
	refused := func(err error) {
		if !errors.Is(err, store.ErrJournalFailed) {
			t.Errorf("an event of the failed commit: %v", err)
		}
	}
	for c := int64(1); c <= workers; c++ {
		in := intentFor(runID, c, 1)
		r := paid(in, 80)
		r.Answer.Body = `{"note":"` + strings.Repeat(`<">`, 340) + `"}` // 1 KiB, of what JSON has to escape
		durable := j.Finish(ids[c], in, r)
		wg.Go(func() {
			_, err := j.Begin(intentFor(runID, workers+c, 1))
			refused(err)
			refused(durable())
		})
	}
	queued(j, 2*workers)
	open()
	wg.Wait()
	d.fail(nil)
	text, err := os.ReadFile(path + ".spill")
	check(t, err)
	if n := bytes.Count(text, []byte("\n")); n != 2*workers || int64(len(text)) != store.SpillRoom(workers) {
		t.Errorf("%d records in %d bytes, want %d in the room of %d", n, len(text), 2*workers, store.SpillRoom(workers))
	}
}

// TestSpillSyncFails: what a sync of the spill file has lost is said to be lost, and no later sync is believed.
func TestSpillSyncFails(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(t, dir)
	s := openAt(t, filepath.Join(dir, "liverecon.db"))
	runID := fill(t, s, 3)
	j := journal(t, s, admitAll{})
	ids := map[int64]int64{}
	for c := int64(1); c <= 3; c++ {
		ids[c] = begin(t, j, intentFor(runID, c, 1))
	}
	later := j.FailSpillSync(syscall.EIO)
	d.fail(failAt("write", "liverecon.db-wal", sqlite3.SQLITE_FULL))
	for c := int64(1); c <= 3; c++ {
		in := intentFor(runID, c, 1)
		if err := j.Finish(ids[c], in, paid(in, 80))(); !errors.Is(err, store.ErrJournalFailed) || !errors.Is(err, syscall.EIO) {
			t.Errorf("outcome %d, which is nowhere: %v", c, err)
		}
	}
	d.fail(nil)
	if *later != 0 {
		t.Errorf("%d syncs after the one that failed", *later)
	}
}

// TestSpillOfNewer: a spill file that an older copy of the database meets holds outcomes of calls, and finds, that the copy
// does not know. They were paid for: the file stays, under another name, and the copy goes on.
func TestSpillOfNewer(t *testing.T) {
	ctx := context.Background()
	path, _ := spilled(t)
	text, err := os.ReadFile(path + ".spill")
	check(t, err)
	older := filepath.Join(t.TempDir(), "liverecon.db")
	s := openAt(t, older)
	fill(t, s, 3)
	run, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	j := journal(t, s, admitAll{})
	begin(t, j, intentFor(run, 1, 1)) // the same numbers, given a second time
	check(t, j.Close())
	check(t, os.WriteFile(older+".spill", text, 0o600))
	found, err := s.Journal().Recover(ctx)
	check(t, err)
	if found.Strange != 3 || found.Spilled != 0 || found.Orphaned != 1 {
		t.Errorf("found %+v", found)
	}
	kept, err := os.ReadFile(found.Kept)
	check(t, err)
	if !bytes.Equal(kept, text) || filepath.Dir(found.Kept) != filepath.Dir(older) {
		t.Errorf("kept %d bytes of %d in %s", len(kept), len(text), found.Kept)
	}
	if got := lines(t, s.ReadDB(), "SELECT state FROM checks WHERE check_id = 1"); got[0] != "in_doubt" {
		t.Errorf("the check is %s", got)
	}
	again, err := s.Journal().Recover(ctx)
	check(t, err)
	if again != (store.Recovery{}) {
		t.Errorf("a second time %+v", again)
	}
	check(t, s.Books().Audit(ctx))
}
