package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liverecon/store"
)

// locked asks for the lock and returns who has it.
func locked(t *testing.T, path string) store.Holder {
	t.Helper()
	l, err := store.Acquire(path, "plan")
	if err == nil {
		check(t, l.Release())
		t.Fatal("the lock was given twice")
	}
	var held *store.LockedError
	if !errors.As(err, &held) || held.Path != path {
		t.Fatalf("a second lock: %v", err)
	}
	return held.Holder
}

func TestLockNamesItsHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	l, err := store.Acquire(path, "run")
	check(t, err)
	host, err := os.Hostname()
	check(t, err)
	h := locked(t, path)
	if h.PID != os.Getpid() || h.Host != host || h.Verb != "run" || time.Since(h.Since).Abs() > time.Hour {
		t.Errorf("held by %+v", h)
	}
	text := (&store.LockedError{Path: path, Holder: store.Holder{PID: 12, Host: "night", Verb: "run", Since: time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)}}).Error()
	for _, want := range []string{path, "liverecon run", "process 12", "night", "2026-11-21T23:00:00Z"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	check(t, l.Release())
	again, err := store.Acquire(path, "run")
	check(t, err)
	check(t, again.Release())
}

// TestLockEndsWithItsProcess: a holder that is killed leaves nothing to clean up.
func TestLockEndsWithItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	other := startHelper(t, "lock", path)
	if h := locked(t, path); h.PID != other.cmd.Process.Pid || h.Verb != "run" {
		t.Errorf("held by %+v, want process %d", h, other.cmd.Process.Pid)
	}
	other.kill()
	l, err := store.Acquire(path, "plan")
	check(t, err)
	check(t, l.Release())
}

// TestLockWithoutAName: the lock is what counts, not what its file says.
func TestLockWithoutAName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	l, err := store.Acquire(path, "run")
	check(t, err)
	for _, text := range []string{"", "{", "no JSON at all"} {
		check(t, os.WriteFile(path+".lock", []byte(text), 0o600))
		if h := locked(t, path); h != (store.Holder{}) {
			t.Errorf("%q names %+v", text, h)
		}
	}
	if text := (&store.LockedError{Path: path}).Error(); !strings.Contains(text, "another process") {
		t.Error(text)
	}
	check(t, l.Release())
	if _, err := store.Acquire(filepath.Join(path, "missing", "x.db"), "run"); err == nil {
		t.Error("locked in a missing directory")
	}
}

// TestCurrentHolder asks who has the lock without trying it.
func TestCurrentHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	if h, ok := store.CurrentHolder(path); ok {
		t.Errorf("nobody has locked it, but %+v", h)
	}
	other := startHelper(t, "lock", path)
	if h, ok := store.CurrentHolder(path); !ok || h.PID != other.cmd.Process.Pid {
		t.Errorf("held by %+v, %v, want process %d", h, ok, other.cmd.Process.Pid)
	}
	other.kill()
	if h, ok := store.CurrentHolder(path); ok {
		t.Errorf("a dead process holds it: %+v", h)
	}
	check(t, os.WriteFile(path+".lock", []byte(`{"pid":1,"host":"another host","verb":"run"}`), 0o600))
	if h, ok := store.CurrentHolder(path); !ok || h.Host != "another host" {
		t.Errorf("a process of another host cannot be called dead: %+v, %v", h, ok)
	}
	l, err := store.Acquire(path, "run")
	check(t, err)
	check(t, l.Release())
	if h, ok := store.CurrentHolder(path); ok {
		t.Errorf("a released lock is held by %+v", h)
	}
}
