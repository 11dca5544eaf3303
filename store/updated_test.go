package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/held"
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
	p, err := store.OpenPreview(ctx, s)
	check(t, err)
	check(t, p.List("a.csv", held.Rule{}, false, func(row func(store.ListedRow) error, _ func(store.Reject) error) error {
		return row(store.ListedRow{Line: 2, Kind: "signatureId", ID: "f302f5d2454a85c2", Region: "PH", Endpoint: "ph"})
	}))
	_, err = p.Lists(ctx)
	check(t, err)
	_, err = p.Move(ctx, 9) // which reads tables that the older schema lacks
	check(t, errors.Join(err, p.Close()))
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

// What became of the calls of a run that was cut short shows to a reader, by the spill file where that knows, although
// nothing is written; while somebody has the lock they are in flight.
func TestReaderOfARunThatWasCutShort(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	runID, _ := take(t, s, "list.csv", rowOf(2, "aa"), rowOf(3, "bb"))
	j := journal(t, s, admitAll{})
	var intents []store.Intent
	for _, id := range []string{"aa", "bb"} {
		stories, err := s.Personal().Explain(ctx, id)
		check(t, err)
		in := intentFor(runID, stories[0].ID, 1)
		begin(t, j, in)
		intents = append(intents, in)
	}
	path := s.Path()
	busy, err := store.OpenReader(ctx, path)
	check(t, err)
	if interrupted, err := busy.Interrupted(ctx); err != nil || interrupted {
		t.Errorf("while the run goes on: interrupted %v, %v", interrupted, err)
	}
	check(t, busy.Close())
	check(t, s.Close())
	reader, err := store.OpenReader(ctx, path)
	check(t, err)
	if interrupted, err := reader.Interrupted(ctx); err != nil || !interrupted {
		t.Errorf("when it was cut short: interrupted %v, %v", interrupted, err)
	}
	if n := count(t, reader.ReadDB(), "SELECT count(*) FROM outcomes"); n != 0 {
		t.Errorf("%d outcomes before", n)
	}
	check(t, reader.ReadRecovered(ctx))
	if n := count(t, reader.ReadDB(), "SELECT count(*) FROM outcomes WHERE cause = 'crash'"); n != int64(len(intents)) {
		t.Errorf("%d calls in doubt, want %d", n, len(intents))
	}
	if interrupted, err := reader.Interrupted(ctx); err != nil || interrupted {
		t.Errorf("of the copy: interrupted %v, %v", interrupted, err)
	}
	check(t, reader.Close())
	again, err := store.OpenReader(ctx, path)
	check(t, err)
	defer func() { check(t, again.Close()) }()
	if n := count(t, again.ReadDB(), "SELECT count(*) FROM outcomes"); n != 0 {
		t.Errorf("the reader has written %d outcomes", n)
	}
}
