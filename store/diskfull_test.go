package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// vendor is the far end in these tests: it knows every request that was sent and what became of it.
type vendor struct {
	mu      sync.Mutex
	sent    map[string]store.Outcome // by check and attempt
	refused int                      // intents the journal did not let through
}

func key(in store.Intent) string { return fmt.Sprintf("%d.%d", in.CheckID, in.Attempt) }

// work sends until the journal fails, and then asks some more.
func (v *vendor) work(t *testing.T, j *store.JournalWriter, runID, first, last int64) {
	failed := false
	for c := first; c <= last; c++ {
		in := intentFor(runID, c, 1)
		id, err := j.Begin(in)
		if errors.Is(err, store.ErrJournalFailed) {
			failed = true
			v.mu.Lock()
			v.refused++
			v.mu.Unlock()
			continue
		}
		if err != nil || failed {
			t.Errorf("check %d may be sent after a failure, %v", c, err)
			return
		}
		r := paid(in, 80)
		if c%3 == 0 {
			r = lost(in)
		}
		v.mu.Lock()
		v.sent[key(in)] = r.Outcome
		v.mu.Unlock()
		if err := j.Finish(id, in, r)(); errors.Is(err, store.ErrJournalFailed) {
			failed = true
		} else if err != nil || failed {
			t.Errorf("outcome of check %d after a failure: %v", c, err)
			return
		}
	}
}

// audit recovers a database and compares it with what was sent, call by call.
func (v *vendor) audit(t *testing.T, path string, runID int64) store.Recovery {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	check(t, err)
	defer func() { check(t, s.Close()) }()
	found, err := s.Journal().Recover(ctx)
	check(t, err)
	have := map[string]store.Outcome{}
	for _, line := range lines(t, s.ReadDB(), "SELECT check_id || '.' || attempt, outcome FROM calls JOIN outcomes USING (call_id) WHERE outcome <> 'unsent'") {
		name, outcome, _ := strings.Cut(line, "|")
		have[name] = store.Outcome(outcome)
	}
	if !maps.Equal(have, v.sent) {
		t.Errorf("%d calls on record, %d sent, and they differ", len(have), len(v.sent))
	}
	if found.Orphaned != 0 {
		t.Errorf("%d calls in doubt that need not be", found.Orphaned)
	}
	check(t, s.Soundness().Check(ctx))
	check(t, s.Books().AuditRun(ctx, runID))
	check(t, s.Books().Audit(ctx))
	if again, err := s.Journal().Recover(ctx); err != nil || again != (store.Recovery{}) {
		t.Errorf("recovering again: %+v, %v", again, err)
	}
	if _, err := os.Stat(path + ".spill"); !os.IsNotExist(err) {
		t.Errorf("the spill file is left: %v", err)
	}
	return found
}

// TestDiskFull fills the disk in the middle of 64 workers, in every way a disk can be full.
func TestDiskFull(t *testing.T) {
	full := map[string]func(*testing.T, *disk, *store.JournalWriter){
		"the file may not grow": func(t *testing.T, _ *disk, j *store.JournalWriter) { check(t, j.Exec("PRAGMA max_page_count = 1")) }, // means: as many as now
		"the log may not grow": func(_ *testing.T, d *disk, _ *store.JournalWriter) {
			d.fail(failAt("write", "liverecon.db-wal", sqlite3.SQLITE_FULL))
		},
		"the log cannot be synced": func(_ *testing.T, d *disk, _ *store.JournalWriter) {
			d.fail(failAt("sync", "liverecon.db-wal", sqlite3.SQLITE_IOERR_FSYNC))
		},
	}
	for name, fill := range full {
		t.Run(name, func(t *testing.T) {
			v, err := sendUntil(t, fill)
			if !errors.Is(err, store.ErrJournalFailed) || v.refused == 0 {
				t.Errorf("the journal did not fail: %d sent, %d refused, %v", len(v.sent), v.refused, err)
			}
			if dbfile.IsFull(err) != strings.Contains(name, "grow") {
				t.Errorf("%s: the error says that the disk is full: %v (%v)", name, dbfile.IsFull(err), err)
			}
		})
	}
}

// TestCheckpointWithoutRoom: the log holds what the database file cannot take, so the calls go on.
func TestCheckpointWithoutRoom(t *testing.T) {
	v, err := sendUntil(t, func(t *testing.T, d *disk, j *store.JournalWriter) {
		d.fail(failAt("write", "liverecon.db", sqlite3.SQLITE_FULL))
		j.Checkpoint(1)
	})
	if err != nil || v.refused != 0 {
		t.Errorf("%d sent, %d refused, %v", len(v.sent), v.refused, err)
	}
}

func failAt(op, name string, rc int32) func(op, name string) int32 {
	return func(o, n string) int32 {
		if o == op && n == name {
			return rc
		}
		return sqlite3.SQLITE_OK
	}
}

// sendUntil sends with 64 workers, calls fullNow in the middle, and audits what a crash and what a clean end leave.
func sendUntil(t *testing.T, fullNow func(*testing.T, *disk, *store.JournalWriter)) (v *vendor, failure error) {
	t.Helper()
	const workers, each, before = 64, 60, 20
	dir := t.TempDir()
	d := newDisk(t, dir)
	path := filepath.Join(dir, "liverecon.db")
	s, err := store.Open(context.Background(), path)
	check(t, err)
	runID := fill(t, s, workers*each)
	j, err := s.Journal().Open(context.Background(), admitAll{}, workers)
	check(t, err)
	v = &vendor{sent: map[string]store.Outcome{}}
	var wg, started sync.WaitGroup
	for w := range int64(workers) {
		started.Add(1)
		wg.Go(func() {
			v.work(t, j, runID, w*each+1, w*each+before)
			started.Done()
			v.work(t, j, runID, w*each+before+1, w*each+each)
		})
	}
	started.Wait() // every worker has made some of its calls, and goes on
	fullNow(t, d, j)
	wg.Wait()
	failure = j.Err()
	if info, err := os.Stat(path + ".spill"); err != nil || info.Size() != store.SpillRoom(workers) {
		t.Errorf("the spill file outgrew its room: %v", err)
	}
	crashed := image(t, path)
	d.fail(nil)
	check(t, j.Close())
	check(t, s.Close())
	for end, path := range map[string]string{"crash": crashed, "clean end": path} {
		found := v.audit(t, path, runID)
		if found.Spilled > workers {
			t.Errorf("%s: %d outcomes imported, more than were in flight", end, found.Spilled)
		}
	}
	return v, failure
}

// TestIntentsOfTheFailedCommit forces both fates of a commit whose sync failed: after a crash its frames are found in the
// log, after a clean end they are not.
func TestIntentsOfTheFailedCommit(t *testing.T) {
	const inFlight, waiting = 10, 12
	dir := t.TempDir()
	d := newDisk(t, dir)
	path := filepath.Join(dir, "liverecon.db")
	s, err := store.Open(context.Background(), path)
	check(t, err)
	runID := fill(t, s, 1+inFlight+waiting)
	told := &ledger{room: 100}
	j, err := s.Journal().Open(context.Background(), told, 64)
	check(t, err)
	v := &vendor{sent: map[string]store.Outcome{}}
	ids := map[int64]int64{}
	for c := int64(2); c <= 1+inFlight; c++ {
		ids[c] = begin(t, j, intentFor(runID, c, 1))
		v.sent[key(intentFor(runID, c, 1))] = store.Answered
	}
	var wg sync.WaitGroup
	g := d.hold(sqlite3.SQLITE_IOERR_FSYNC)
	open := g.catch(t, func() error { _, err := j.Begin(intentFor(runID, 1, 1)); return err })
	for c := int64(2); c <= 1+inFlight+waiting; c++ {
		wg.Go(func() {
			in := intentFor(runID, c, 1)
			var err error
			if id, sent := ids[c]; sent {
				err = j.Finish(id, in, paid(in, 80))()
			} else {
				_, err = j.Begin(in)
			}
			if !errors.Is(err, store.ErrJournalFailed) {
				t.Errorf("check %d: %v", c, err)
			}
		})
	}
	queued(j, inFlight+waiting)
	open()
	wg.Wait()
	one := intentFor(runID, 1, 1)
	v.sent[key(one)] = store.Unanswered
	if err := j.Finish(inFlight+1, one, lost(one))(); !errors.Is(err, store.ErrJournalFailed) {
		t.Errorf("the call in flight: %v", err)
	}
	if told.room != 100-1-inFlight {
		t.Errorf("the admission counts %d calls, want those that can have been sent", 100-told.room)
	}
	crashed := image(t, path)
	d.fail(nil)
	check(t, j.Close())
	check(t, s.Close())

	if found := v.audit(t, crashed, runID); found.Spilled != waiting+1 {
		t.Errorf("after a crash %+v, want the intents that were stored, as unsent, and the call in flight", found)
	}
	if found := v.audit(t, path, runID); found.Spilled != inFlight+1 {
		t.Errorf("after a clean end %+v, want the outcomes, the intents being gone", found)
	}
	for path, want := range map[string]int64{crashed: waiting, path: 0} {
		got := count(t, rawDB(t, path), "SELECT count(*) FROM outcomes JOIN calls USING (call_id) JOIN checks USING (check_id) WHERE outcome = 'unsent' AND cause = 'journal_failed' AND state = 'pending'")
		if got != want {
			t.Errorf("%d unsent calls, want %d", got, want)
		}
	}
}
