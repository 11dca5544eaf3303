package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/dbfile"
)

// old makes a database of the schema before answers were told apart, with one answered call for each of n checks.
func old(tb testing.TB, n int) (path string) {
	tb.Helper()
	ctx := context.Background()
	path = filepath.Join(tb.TempDir(), "liverecon.db")
	s, err := store.OpenWith(ctx, path, migrationsBefore(tb, "00009"))
	check(tb, err)
	run, _, err := s.Runs().Open(ctx, "test", true)
	check(tb, err)
	numbered := fmt.Sprintf("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", n)
	for _, text := range []string{
		fmt.Sprintf("INSERT INTO lists VALUES (1, %d, 'old.csv', zeroblob(32), 'old', 1, 1, %d, 0, 0, 0, %d)", run, n, n),
		fmt.Sprintf("INSERT INTO list_regions VALUES (1, 'PH', 0, 0, %d)", n),
		"INSERT INTO checks (check_id, id_hash, kind, id, region, endpoint, list_id, line, state, attempts, changed_at) " + numbered +
			"SELECT i, CAST(printf('%016d', i) AS BLOB), 'signatureId', printf('%016x', i), 'PH', 'ph', 1, i + 1, 'done', 1, 1 FROM n",
		"INSERT INTO calls (call_id, check_id, attempt, run_id, reason, endpoint, region, intended_at) " + numbered +
			fmt.Sprintf("SELECT i, i, 1, %d, 'first', 'ph', 'PH', 1 FROM n", run),
		"INSERT INTO outcomes (call_id, outcome, sent_at, ended_at, http_status, code, class, pricing, tag, transaction_id, body_sha256) " + numbered +
			"SELECT i, 'answered', 1, 1, 200, 'SUCCESS', 'done', 'PAY', 'pay', lower(hex(randomblob(8))), randomblob(32) FROM n",
	} {
		execSQL(tb, s.WriteDB(), text)
	}
	check(tb, s.Close())
	return path
}

// announced opens a database and recovers, and returns what was announced meanwhile.
func announced(tb testing.TB, path string) (all []string) {
	tb.Helper()
	ctx := context.Background()
	lock, err := dbfile.Acquire(path, "test")
	check(tb, err)
	s, err := store.OpenLocked(ctx, lock, func(what string, rows int64) func() {
		all = append(all, fmt.Sprintf("%s: %d", what, rows))
		began := time.Now()
		return func() {
			all = append(all, what+" ended")
			tb.Logf("%s, %d rows: %v", what, rows, time.Since(began))
		}
	}, 0)
	check(tb, err)
	_, err = s.Journal().Recover(ctx)
	check(tb, err)
	check(tb, s.Close())
	check(tb, lock.Release())
	return all
}

// TestLongWorkIsAnnounced: what an old and large database needs before it can be used is said before and after; where there
// is nothing to do, or little, nothing is.
func TestLongWorkIsAnnounced(t *testing.T) {
	path := old(t, 50_000)
	want := []string{
		fmt.Sprintf("database copied and brought from schema 8 to %d: 100000", newest(t)), fmt.Sprintf("database copied and brought from schema 8 to %d ended", newest(t)),
		"transaction IDs indexed: 50000", "transaction IDs indexed ended",
	}
	if got := announced(t, path); !slices.Equal(got, want) {
		t.Errorf("announced %q, want %q", got, want)
	}
	if got := announced(t, path); got != nil {
		t.Errorf("announced %q where nothing is left to do", got)
	}
	if got := announced(t, old(t, 1000)); len(got) != 2 {
		t.Errorf("announced %q of a small database", got)
	}
	if got := announced(t, filepath.Join(t.TempDir(), "new.db")); got != nil {
		t.Errorf("announced %q of a new database", got)
	}
}

// newest is the version of the program's schema.
func newest(tb testing.TB) (version int64) {
	tb.Helper()
	s := openAt(tb, filepath.Join(tb.TempDir(), "newest.db"))
	check(tb, s.ReadDB().QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&version))
	return version
}

// BenchmarkUpgrade brings a database of as many calls from the schema before answers were told apart to the present one,
// with the copy that is made before, and indexes its transaction IDs.
func BenchmarkUpgrade(b *testing.B) {
	const calls = 1_000_000
	for b.Loop() {
		b.StopTimer()
		path := old(b, calls)
		b.StartTimer()
		announced(b, path)
	}
	perSecond(b, calls*b.N, "calls")
}

// TestOneCopyOfAMigration: migrations that were cut short leave a copy each; the one that goes through leaves its own, and
// those of other schemas, and of other databases beside it.
func TestOneCopyOfAMigration(t *testing.T) {
	path := old(t, 10)
	kept := []string{path + ".before-migration-7-20260101T000000.000000000Z", path + "2.before-migration-8-20260101T000000.000000000Z"}
	cut := []string{path + ".before-migration-8-20260102T000000.000000000Z", path + ".before-migration-8-20260103T000000.000000000Z"}
	for _, file := range slices.Concat(kept, cut) {
		check(t, os.WriteFile(file, []byte("a copy"), 0o600))
	}
	announced(t, path)
	copies, err := filepath.Glob(path + "*.before-migration-*")
	check(t, err)
	for _, file := range copies {
		if slices.Contains(cut, file) {
			t.Errorf("%s is there still", filepath.Base(file))
		}
	}
	if len(copies) != len(kept)+1 {
		t.Errorf("copies: %q, want %q and a new one", copies, kept)
	}
}

// TestCopiesCutShort: a start that is cut short while it copies the database finds what the one before has left of its
// copy, so that there is one beginning at most; a copy that is whole stays until there is another.
func TestCopiesCutShort(t *testing.T) {
	path := old(t, 10)
	whole := path + ".before-migration-8-20260101T000000.000000000Z"
	begun := path + ".before-migration-8-unfinished"
	for _, file := range []string{whole, begun, begun + "-journal"} {
		check(t, os.WriteFile(file, []byte("a copy"), 0o600))
	}
	ctx, cancel := context.WithCancel(context.Background())
	lock, err := dbfile.Acquire(path, "test")
	check(t, err)
	_, err = store.OpenLocked(ctx, lock, func(string, int64) func() {
		cancel() // before the first page is copied
		return func() {}
	}, 0)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cut short: %v", err)
	}
	check(t, lock.Release())
	if copies, err := filepath.Glob(path + ".before-migration-*"); err != nil || !slices.Equal(copies, []string{whole}) {
		t.Errorf("after a start that was cut short: %q, %v, want %q", copies, err, whole)
	}
	announced(t, path)
	copies, err := filepath.Glob(path + ".before-migration-*")
	if err != nil || len(copies) != 1 || copies[0] == whole || copies[0] == begun {
		t.Errorf("after one that went through: %q, %v, want its own copy alone", copies, err)
	}
}
