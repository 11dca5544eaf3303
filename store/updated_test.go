package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/store"
)

// A reader answers from a database of an older schema; the file stays as it is, and nothing stays beside it.
func TestReaderOfAnOlderDatabase(t *testing.T) {
	ctx := context.Background()
	path := old(t, 3)
	before, err := os.ReadFile(path)
	check(t, err)
	s, err := store.OpenReader(ctx, path)
	check(t, err)
	if runs, err := s.Runs().Latest(ctx, 9); err != nil || len(runs) != 1 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM v_checks WHERE state = 'done'"); n != 3 {
		t.Errorf("%d checks, want 3", n)
	}
	check(t, s.Close())
	after, err := os.ReadFile(path)
	check(t, err)
	if string(before) != string(after) {
		t.Error("the reader has changed the database")
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".liverecon.db-*"))
	check(t, err)
	if len(left) > 0 {
		t.Errorf("left beside it: %q", left)
	}
}

// What a reader that was killed has left goes with the next writer, once it is an hour old.
func TestLeftCopiesGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	stale, fresh := filepath.Join(filepath.Dir(path), ".liverecon.db-1.updated.tmp"), filepath.Join(filepath.Dir(path), ".liverecon.db-2.updated.tmp")
	for _, file := range []string{stale, fresh} {
		check(t, os.WriteFile(file, nil, 0o600))
	}
	check(t, os.Chtimes(stale, time.Time{}, time.Now().Add(-2*time.Hour)))
	openAt(t, path)
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Errorf("the one of two hours ago: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error(err)
	}
}
