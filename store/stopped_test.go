package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// watched fails the first operation of a kind on a file, and writes down what is asked of the database from then on.
type watched struct {
	mu    sync.Mutex
	after []string
	first bool
}

func (w *watched) fail(op, name string, rc int32) func(op, name string) int32 {
	return func(o, n string) int32 {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch {
		case w.first && strings.HasPrefix(n, "liverecon.db"):
			w.after = append(w.after, o+" "+n)
		case o == op && n == name:
			w.first = true
			return rc
		}
		return sqlite3.SQLITE_OK
	}
}

// TestNothingFollowsAFailedSync: once the system did not keep what it was told to, no byte of the database and of its
// log is written or synced any more, by whoever asks for it, nor when it is closed; and whoever asks is told.
func TestNothingFollowsAFailedSync(t *testing.T) {
	ctx := context.Background()
	threshold := 50.0
	write := func(s *store.Store) error {
		threshold++ // a page that does not change is not written
		return s.Runs().SaveSettings(ctx, threshold, true)
	}
	for name, c := range map[string]struct {
		op, file string
		rc       int32
		do       func(*testing.T, *store.Store, *store.JournalWriter) error
	}{
		"a commit of the journal": {"sync", "liverecon.db-wal", sqlite3.SQLITE_IOERR_FSYNC, func(_ *testing.T, _ *store.Store, j *store.JournalWriter) error {
			_, err := j.Begin(intentFor(1, 1, 1))
			return err
		}},
		"a write of the journal": {"write", "liverecon.db-wal", sqlite3.SQLITE_IOERR_WRITE, func(_ *testing.T, _ *store.Store, j *store.JournalWriter) error {
			_, err := j.Begin(intentFor(1, 1, 1))
			return err
		}},
		"a checkpoint of the journal": {"sync", "liverecon.db", sqlite3.SQLITE_IOERR_FSYNC, func(t *testing.T, _ *store.Store, j *store.JournalWriter) error {
			j.Checkpoint(1)
			begin(t, j, intentFor(1, 1, 1))
			_, err := j.Begin(intentFor(1, 2, 1))
			return err
		}},
		"another commit": {"sync", "liverecon.db-wal", sqlite3.SQLITE_IOERR_FSYNC, func(_ *testing.T, s *store.Store, _ *store.JournalWriter) error { return write(s) }},
		"the checkpoint before the end": {"sync", "liverecon.db", sqlite3.SQLITE_IOERR_FSYNC, func(_ *testing.T, s *store.Store, j *store.JournalWriter) error {
			return errors.Join(j.Close(), write(s), s.Close())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d, w := newDisk(t, dir), &watched{}
			s := openAt(t, filepath.Join(dir, "liverecon.db"))
			fill(t, s, 3)
			j, err := s.Journal().Open(ctx, admitAll{}, 4)
			check(t, err)
			d.fail(w.fail(c.op, c.file, c.rc))
			if err := c.do(t, s, j); !dbfile.IsIO(err) || !w.first {
				t.Fatalf("%v", err)
			}
			if s.Stopped() == nil {
				t.Error("the store has not stopped")
			}
			if !slices.Equal(entries(t, dir), []string{"liverecon.db"}) { // else it is closed
				if err := write(s); !errors.Is(err, store.ErrStopped) && !strings.Contains(err.Error(), "closed") {
					t.Errorf("a later write: %v", err)
				}
			}
			if _, err := s.Runs().Latest(ctx, 1); err != nil && !strings.Contains(err.Error(), "closed") {
				t.Errorf("it cannot be read any more: %v", err)
			}
			check(t, errors.Join(j.Close(), s.Close()))
			if len(w.after) > 0 {
				t.Errorf("after the failure: %q", w.after)
			}
		})
	}
}
