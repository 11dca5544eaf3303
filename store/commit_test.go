package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
)

// gate holds up the writing goroutine at its next sync of the log.
type gate struct {
	reached chan struct{}
	release chan struct{}
}

// hold shuts the gate for one sync; those after it get the codes given, then all is well again.
func (d *disk) hold(after ...int32) *gate {
	g := &gate{make(chan struct{}), make(chan struct{})}
	first := true
	d.fail(func(op, name string) int32 {
		if op != "sync" || name != "liverecon.db-wal" {
			return sqlite3.SQLITE_OK
		}
		if first {
			first = false
			close(g.reached)
			<-g.release
			return sqlite3.SQLITE_OK
		}
		if len(after) == 0 {
			return sqlite3.SQLITE_OK
		}
		rc := after[0]
		after = after[1:]
		return rc
	})
	return g
}

// catch lets an event run into the gate. The function it returns opens the gate and waits for the event, which succeeds.
func (g *gate) catch(t *testing.T, event func() error) (open func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- event() }()
	select {
	case <-g.reached:
	case err := <-done:
		close(g.release)
		t.Fatalf("an event was acknowledged without a sync of the log: %v", err)
	}
	return func() {
		close(g.release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// queued waits until n events stand in the journal's queue.
func queued(j *store.JournalWriter, n int) {
	for j.Queued() < n {
		time.Sleep(time.Millisecond)
	}
}

// TestGroupCommit holds one commit up until 63 others wait behind it: they share the next.
func TestGroupCommit(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(t, dir)
	s := openAt(t, filepath.Join(dir, "liverecon.db"))
	runID := fill(t, s, 64)
	j := journal(t, s, admitAll{})
	before := d.synced("-wal")
	g := d.hold()
	ask := func(c int64) error {
		_, err := j.Begin(intentFor(runID, c, 1))
		return err
	}
	open := g.catch(t, func() error { return ask(1) })
	var wg sync.WaitGroup
	for c := int64(2); c <= 64; c++ {
		wg.Go(func() {
			if err := ask(c); err != nil {
				t.Error(err)
			}
		})
	}
	queued(j, 63)
	open()
	wg.Wait()
	if n := d.synced("-wal") - before; n != 2 {
		t.Errorf("%d syncs for 64 intents, want 2", n)
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM calls"); n != 64 {
		t.Errorf("%d calls stored", n)
	}
}

// TestImpossibleOutcomesStopTheJournal: what the protocol excludes is never stored, and nothing is sent after it.
func TestImpossibleOutcomesStopTheJournal(t *testing.T) {
	for name, callID := range map[string]int64{"second outcome": 1, "outcome without intent": 4711} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s, runID := withChecks(t, 3)
			j := journal(t, s, admitAll{})
			in, other := intentFor(runID, 1, 1), intentFor(runID, 2, 1)
			first, inFlight := begin(t, j, in), begin(t, j, other)
			check(t, j.Finish(first, in, paid(in, 80))())
			if err := j.Finish(callID, in, lost(in))(); !errors.Is(err, store.ErrJournalFailed) {
				t.Fatalf("%s: %v", name, err)
			}
			if !errors.Is(j.Err(), store.ErrJournalFailed) {
				t.Errorf("journal's state: %v", j.Err())
			}
			if _, err := j.Begin(intentFor(runID, 3, 1)); !errors.Is(err, store.ErrJournalFailed) {
				t.Errorf("an intent afterwards: %v", err)
			}
			if err := j.Finish(inFlight, other, paid(other, 60))(); !errors.Is(err, store.ErrJournalFailed) {
				t.Errorf("an outcome afterwards: %v", err)
			}
			check(t, j.Close())
			found, err := s.Journal().Recover(ctx)
			if err != nil || found.Spilled != 1 || found.Orphaned != 0 {
				t.Errorf("recovered %+v, %v, want the one call in flight", found, err)
			}
			want := []string{"1|answered", "2|answered"}
			if got := lines(t, s.ReadDB(), "SELECT call_id, outcome FROM outcomes"); !slices.Equal(got, want) {
				t.Errorf("outcomes %q, want %q", got, want)
			}
			check(t, s.Books().AuditRun(ctx, runID))
			check(t, s.Books().Audit(ctx))
		})
	}
}
