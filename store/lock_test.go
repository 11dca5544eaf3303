package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// locked asks for the lock and returns who has it.
func locked(t *testing.T, path string) dbfile.Holder {
	t.Helper()
	l, err := dbfile.Acquire(path, "plan")
	if err == nil {
		check(t, l.Release())
		t.Fatal("the lock was given twice")
	}
	var held *dbfile.LockedError
	if !errors.As(err, &held) || held.Path != path {
		t.Fatalf("a second lock: %v", err)
	}
	return held.Holder
}

// closedDatabase makes a database that nobody has open.
func closedDatabase(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "liverecon.db")
	s, err := store.Open(context.Background(), path)
	check(t, err)
	fill(t, s, 1)
	check(t, s.Close())
	return path
}

func TestLockNamesItsHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	l, err := dbfile.Acquire(path, "run")
	check(t, err)
	host, err := os.Hostname()
	check(t, err)
	h := locked(t, path)
	if h.PID != os.Getpid() || h.Host != host || h.Verb != "run" || time.Since(h.Since).Abs() > time.Hour {
		t.Errorf("held by %+v", h)
	}
	text := (&dbfile.LockedError{Path: path, Holder: dbfile.Holder{PID: 12, Host: "night", Verb: "run", Since: time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)}}).Error()
	for _, want := range []string{path, "liverecon run", "process 12", "night", "2026-11-21T23:00:00Z"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	check(t, l.Release())
	again, err := dbfile.Acquire(path, "run")
	check(t, err)
	check(t, again.Release())
	if left := entries(t, filepath.Dir(path)); len(left) > 0 {
		t.Errorf("a lock that nothing was done with left %v", left)
	}
}

// TestLockEndsWithItsProcess: a holder that is killed leaves nothing to clean up.
func TestLockEndsWithItsProcess(t *testing.T) {
	for name, path := range map[string]string{"before the first run": filepath.Join(t.TempDir(), "liverecon.db"), "later": closedDatabase(t)} {
		t.Run(name, func(t *testing.T) {
			other := startHelper(t, "lock", path)
			if h := locked(t, path); h.PID != other.cmd.Process.Pid || h.Verb != "run" {
				t.Errorf("held by %+v, want process %d", h, other.cmd.Process.Pid)
			}
			other.kill()
			l, err := dbfile.Acquire(path, "plan")
			check(t, err)
			check(t, l.Release())
		})
	}
}

// TestLockByAnyName: the lock is on the database, whatever it is called, and whatever becomes of the file that names its
// holder.
func TestLockByAnyName(t *testing.T) {
	path := closedDatabase(t)
	dir, elsewhere := filepath.Dir(path), t.TempDir()
	link, directory := filepath.Join(elsewhere, "link.db"), filepath.Join(elsewhere, "directory")
	check(t, os.Symlink(path, link))
	check(t, os.Symlink(dir, directory))
	t.Chdir(dir)
	l, err := dbfile.Acquire(link, "run")
	check(t, err)
	if _, err := os.Lstat(path + ".lock"); err != nil {
		t.Errorf("the holder is not named beside the database: %v", err)
	}
	names := []string{path, link, "liverecon.db", "./liverecon.db", filepath.Join("..", filepath.Base(dir), "liverecon.db"), filepath.Join(directory, "liverecon.db")}
	for _, name := range names {
		if h := locked(t, name); h.PID != os.Getpid() {
			t.Errorf("%s is held by %+v", name, h)
		}
		if h, ok, err := dbfile.CurrentHolder(name); err != nil || !ok || h.PID != os.Getpid() {
			t.Errorf("%s is said to be held by %+v, %v", name, h, ok)
		}
	}
	for _, spoil := range []func() error{
		func() error { return os.Remove(path + ".lock") },
		func() error { return os.WriteFile(path+".lock", []byte("no JSON at all"), 0o600) },
		func() error { return os.WriteFile(path+".lock", nil, 0o600) },
	} {
		check(t, spoil())
		for _, name := range names {
			if h := locked(t, name); h != (dbfile.Holder{}) {
				t.Errorf("%s is held by %+v", name, h)
			}
		}
	}
	if text := (&dbfile.LockedError{Path: path}).Error(); !strings.Contains(text, "another process") {
		t.Error(text)
	}
	check(t, os.Remove(path+".lock"))
	check(t, l.Release())
	if _, err := dbfile.Acquire(filepath.Join(path, "missing", "x.db"), "run"); err == nil {
		t.Error("locked in a missing directory")
	}
}

// TestLockLeavesSQLiteAlone: the lock keeps out who asks for it, and nobody who reads or writes by SQLite alone.
func TestLockLeavesSQLiteAlone(t *testing.T) {
	path := closedDatabase(t)
	l, err := dbfile.Acquire(path, "run")
	check(t, err)
	execSQL(t, rawDB(t, path), "INSERT INTO settings VALUES ('a program for SQL', 'writes')")
	check(t, l.Release())
}

// TestOpenTakesTheLock: there is no writing without it, and it lasts until the store is closed.
func TestOpenTakesTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	for range 2 { // made, then found
		s, err := store.Open(context.Background(), path)
		check(t, err)
		if h := locked(t, path); h.PID != os.Getpid() {
			t.Errorf("held by %+v", h)
		}
		reader, err := store.OpenReader(context.Background(), path)
		check(t, err)
		if h, ok := reader.Holder(); !ok || h.PID != os.Getpid() {
			t.Errorf("a reader sees the lock held by %+v, %v", h, ok)
		}
		if h, ok := s.Holder(); ok {
			t.Errorf("the holder sees another one: %+v", h)
		}
		check(t, s.Close())
		if h, ok := reader.Holder(); ok {
			t.Errorf("a reader sees the lock that was given back held by %+v", h)
		}
		check(t, reader.Close())
	}
}

// TestCurrentHolder asks who has the lock without trying it.
func TestCurrentHolder(t *testing.T) {
	path := closedDatabase(t)
	if h, ok, err := dbfile.CurrentHolder(path); ok || err != nil {
		t.Errorf("nobody has locked it, but %+v", h)
	}
	other := startHelper(t, "lock", path)
	if h, ok, err := dbfile.CurrentHolder(path); err != nil || !ok || h.PID != other.cmd.Process.Pid {
		t.Errorf("held by %+v, %v, want process %d", h, ok, other.cmd.Process.Pid)
	}
	other.kill()
	if h, ok, err := dbfile.CurrentHolder(path); ok || err != nil {
		t.Errorf("a dead process holds it: %+v", h)
	}
	check(t, os.WriteFile(path+".lock", []byte(`{"pid":1,"host":"another host","verb":"run"}`), 0o600))
	if h, ok, err := dbfile.CurrentHolder(path); ok || err != nil {
		t.Errorf("what a file says is taken for a lock: %+v", h)
	}
}

// TestHardLinkIsRefused: under two names SQLite would keep two logs of one file.
func TestHardLinkIsRefused(t *testing.T) {
	path := closedDatabase(t)
	snapshot := filepath.Join(filepath.Dir(path), "snapshot.db")
	check(t, os.Link(path, snapshot))
	before := entries(t, filepath.Dir(path))
	for _, name := range []string{path, snapshot} {
		_, lockErr := dbfile.Acquire(name, "run")
		_, openErr := store.Open(context.Background(), name)
		_, readErr := store.OpenReader(context.Background(), name)
		for _, err := range []error{lockErr, openErr, readErr} {
			if !errors.Is(err, dbfile.ErrLinked) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v, want ErrLinked", name, err)
			}
		}
	}
	if after := entries(t, filepath.Dir(path)); !slices.Equal(before, after) {
		t.Errorf("left %v, there was %v", after, before)
	}
	check(t, os.Remove(snapshot))
	check(t, openAt(t, path).Soundness().Check(context.Background()))
}

// TestFirstStartsAtOnce lets many first starts meet: each makes the database, or finds it, or is told that it is locked.
func TestFirstStartsAtOnce(t *testing.T) {
	ctx := context.Background()
	for round := range 5 {
		path := filepath.Join(t.TempDir(), "liverecon.db")
		var mu sync.Mutex
		var wg sync.WaitGroup
		opened := 0
		for n := range 8 {
			wg.Go(func() {
				s, err := store.Open(ctx, path)
				var held *dbfile.LockedError
				if errors.As(err, &held) {
					return
				}
				if err == nil {
					_, _, err = s.Runs().Open(ctx, fmt.Sprint(round, n), true)
					err = errors.Join(err, s.Close())
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				opened++
				mu.Unlock()
			})
		}
		wg.Wait()
		runs, err := openAt(t, path).Runs().Latest(ctx, 100)
		check(t, err)
		if opened == 0 || len(runs) != opened {
			t.Errorf("%d runs are kept of %d that were stored", len(runs), opened)
		}
	}
}

// TestFirstStartKeepsAway: what another process makes is not touched by a second first start.
func TestFirstStartKeepsAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	other := startHelper(t, "lock", path)
	if _, err := store.OpenReader(context.Background(), path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("read what is not yet there: %v", err)
	}
	if h, ok, err := dbfile.CurrentHolder(path); err != nil || !ok || h.PID != other.cmd.Process.Pid {
		t.Errorf("held by %+v, %v, want process %d", h, ok, other.cmd.Process.Pid)
	}
	before := entries(t, filepath.Dir(path))
	if _, err := store.Open(context.Background(), path); err == nil {
		t.Fatal("a second first start")
	}
	if after := entries(t, filepath.Dir(path)); !slices.Equal(before, after) {
		t.Errorf("there is %v, there was %v", after, before)
	}
	other.kill()
	fill(t, openAt(t, path), 1)
}

// TestFirstStartOverwritesNothing: a database that is put in its place while one is made stays.
func TestFirstStartOverwritesNothing(t *testing.T) {
	kept := closedDatabase(t)
	path := filepath.Join(t.TempDir(), "liverecon.db")
	l, err := dbfile.Acquire(path, "run")
	check(t, err)
	check(t, os.Rename(kept, path))
	if _, err := store.OpenLocked(context.Background(), l, nil, 0); !errors.Is(err, fs.ErrExist) {
		t.Errorf("open: %v, want that there is a file", err)
	}
	check(t, l.Release())
	if n := count(t, openAt(t, path).ReadDB(), "SELECT count(*) FROM checks"); n != 1 {
		t.Errorf("%d checks in the database that was put there", n)
	}
}

// TestDisplaced: nothing is asked any more once the database that holds what was asked is not the one that the next start
// will find.
func TestDisplaced(t *testing.T) {
	for name, displace := range map[string]func(path string) error{
		"moved away": func(path string) error { return os.Rename(path, path+".away") },
		"removed":    os.Remove,
		"replaced":   func(path string) error { return os.Rename(closedDatabase(t), path) },
		"its directory moved": func(path string) error {
			return os.Rename(filepath.Dir(path), filepath.Dir(path)+".away")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "books")
			check(t, os.Mkdir(dir, 0o700))
			s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
			check(t, err)
			runID := fill(t, s, 3)
			told := &ledger{room: 10}
			j, err := s.Journal().Open(context.Background(), told, 2)
			check(t, err)
			begin(t, j, intentFor(runID, 1, 1))
			check(t, displace(s.Path()))
			for c := int64(2); c <= 3; c++ {
				if _, err := j.Begin(intentFor(runID, c, 1)); !errors.Is(err, store.ErrJournalFailed) || !errors.Is(err, dbfile.ErrDisplaced) && c == 2 {
					t.Errorf("check %d may be sent: %v", c, err)
				}
			}
			if told.room != 9 {
				t.Errorf("the admission counts %d calls, want the one that was sent", 10-told.room)
			}
			if err := j.Err(); !errors.Is(err, dbfile.ErrDisplaced) {
				t.Errorf("the journal failed by %v", err)
			}
			closeAnyway(j.Close)
			closeAnyway(s.Close)
		})
		t.Run(name+", without a journal", func(t *testing.T) {
			s, err := store.Open(context.Background(), closedDatabase(t))
			check(t, err)
			check(t, displace(s.Path()))
			if err := s.Close(); !errors.Is(err, dbfile.ErrDisplaced) {
				t.Errorf("close: %v, want ErrDisplaced", err)
			}
		})
	}
}

// closeAnyway closes what may have lost its place on the disk.
func closeAnyway(closing func() error) { _ = closing() }
