package store_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// migrationsBefore are the program's migrations up to and without one.
func migrationsBefore(t testing.TB, first string) fs.FS {
	t.Helper()
	older := fstest.MapFS{}
	files, err := fs.Glob(store.Migrations(), "migrations/*.sql")
	check(t, err)
	for _, name := range files {
		if filepath.Base(name) < first {
			text, err := fs.ReadFile(store.Migrations(), name)
			check(t, err)
			older[name] = &fstest.MapFile{Data: text}
		}
	}
	return older
}

// listing makes an older database take a list as it did: without what a later schema has of other IDs and of guesses.
func listing(t testing.TB, older *store.Store, take func()) {
	t.Helper()
	execSQL(t, older.WriteDB(), "CREATE TABLE other_ids (id_hash BLOB, check_id INTEGER); CREATE TABLE folds (small BLOB)")
	guessing(t, older, take)
	execSQL(t, older.WriteDB(), "DROP TABLE other_ids; DROP TABLE folds")
}

// guessing does so without what a later schema has of guesses alone.
func guessing(t testing.TB, older *store.Store, take func()) {
	t.Helper()
	execSQL(t, older.WriteDB(), "ALTER TABLE checks ADD COLUMN guessed INTEGER")
	take()
	for _, view := range []string{"twins", "seen_others", "seen_checks", "list_rows"} { // that the intake has left
		execSQL(t, older.WriteDB(), "DROP VIEW temp."+view)
	}
	execSQL(t, older.WriteDB(), "ALTER TABLE checks DROP COLUMN guessed")
}

// TestHeldIsLearnt brings a database with rows up to the state held: its rows stay, every connection knows the new rule,
// and still refuses what is no state.
func TestHeldIsLearnt(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	older, err := store.OpenWith(ctx, path, migrationsBefore(t, "00009"))
	check(t, err)
	listing(t, older, func() { fill(t, older, 3) })
	_, err = older.WriteDB().Exec("UPDATE checks SET state = 'held'")
	if err == nil || !strings.Contains(err.Error(), "CHECK") {
		t.Fatalf("the older schema takes held: %v", err)
	}
	const columns = "SELECT check_id, id_hash, kind, id, other_id, reference, region, endpoint, list_id, line, state, attempts, doubts, rechecks, not_found, forced, changed_at FROM checks"
	before := lines(t, older.ReadDB(), columns)
	check(t, older.Close())

	s := openAt(t, path)
	if s.Migrated == "" {
		t.Error("no copy was made before")
	}
	check(t, s.Soundness().Check(ctx))
	if got := lines(t, s.ReadDB(), columns); strings.Join(got, "\n") != strings.Join(before, "\n") {
		t.Errorf("checks are %q, were %q", got, before)
	}
	if got := lines(t, s.ReadDB(), "PRAGMA integrity_check"); strings.Join(got, "") != "ok" {
		t.Errorf("integrity: %q", got)
	}
	for name, text := range map[string]string{"the store's": s.Path(), "another": s.Path()} {
		db := s.WriteDB()
		if name == "another" {
			db = rawDB(t, text)
		}
		execSQL(t, db, "UPDATE checks SET state = 'held' WHERE check_id = 1")
		if _, err := db.Exec("UPDATE checks SET state = 'heald' WHERE check_id = 1"); err == nil || !strings.Contains(err.Error(), "CHECK") {
			t.Errorf("%s connection takes a state that is none: %v", name, err)
		}
	}
	if info, err := os.Stat(s.Migrated); err != nil || info.Size() == 0 {
		t.Errorf("the copy: %v", err)
	}
}

// TestIdentity: a database has one from its making or its migration on, no two have the same, and it stays.
func TestIdentity(t *testing.T) {
	ctx := context.Background()
	seen := map[string]bool{}
	for range 3 {
		path := filepath.Join(t.TempDir(), "liverecon.db")
		s, err := store.Open(ctx, path)
		check(t, err)
		first := lines(t, s.ReadDB(), "SELECT value FROM settings WHERE key = 'identity'")
		check(t, s.Close())
		again := lines(t, openAt(t, path).ReadDB(), "SELECT value FROM settings WHERE key = 'identity'")
		if len(first) != 1 || len(first[0]) != 32 || seen[first[0]] || again[0] != first[0] {
			t.Errorf("identity %q, then %q", first, again)
		}
		seen[first[0]] = true
	}
}

// TestLostCallsBefore: a database that was restored before lost calls were counted learns them from what it kept of its
// records.
func TestLostCallsBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	older, err := store.OpenWith(t.Context(), path, migrationsBefore(t, "00022"))
	check(t, err)
	listing(t, older, func() { fill(t, older, 4) })
	db := older.WriteDB()
	calls := count(t, db, "SELECT coalesce(max(call_id), 0) FROM calls")
	run, _, err := older.Runs().Open(t.Context(), "test", true)
	check(t, err)
	for id, c := range map[int]struct {
		left   string
		record string
	}{
		1: {"", fmt.Sprintf(`{"": {"call": %d}, "e": {"call": 99}}`, calls+3)},
		2: {"e1", fmt.Sprintf(`{"e1": {"call": %d}}`, calls)},
		3: {"e2", ""},
	} {
		execSQL(t, db, "INSERT INTO restorations VALUES (?1, ?4, 5000, 'ann', 'e' || ?1, ?2, ?3, ?1 * 1000, ?1 * 1000, 1000, 5000, 0, NULL)", id, c.left, c.record, run)
	}
	check(t, older.Close())
	got, err := openAt(t, path).Checks().LostCalls(t.Context())
	check(t, err)
	if len(got) != 1 || got[0].Calls != 3 || got[0].LostFrom.UnixMilli() != 1000 {
		t.Errorf("lost %+v, want 3 calls of the first restoration", got)
	}
}

// TestReleasedBefore: a database in which IDs were released or erased before that was counted learns how many.
func TestReleasedBefore(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	older, err := store.OpenWith(ctx, path, migrationsBefore(t, "00017"))
	check(t, err)
	listing(t, older, func() { fill(t, older, 4) })
	db := older.WriteDB()
	execSQL(t, db, "INSERT INTO restorations VALUES (1, (SELECT max(run_id) FROM runs), 5000, 'ann', 'e', '', '', 1000, 2000, 1000, 5000, 0, NULL)")
	execSQL(t, db, "INSERT INTO releases VALUES (1, 6000, 'ann', 'all', 1)")
	execSQL(t, db, "INSERT INTO holds SELECT check_id, 1, 'pending', CASE check_id WHEN 1 THEN 1 END FROM checks WHERE check_id <= 3")
	execSQL(t, db, "UPDATE checks SET state = 'held' WHERE check_id = 3; UPDATE checks SET state = 'given_up' WHERE check_id = 2")
	check(t, older.Close())
	released, err := openAt(t, path).Checks().Released(ctx)
	check(t, err)
	if len(released) != 1 || released[0].Checks != 2 {
		t.Errorf("released %+v", released)
	}
}

// TestLostLines: charges of the time that was lost bound what was paid for then, those too that were given to calls in doubt.
func TestLostLines(t *testing.T) {
	ctx := context.Background()
	s, run := withChecks(t, 1)
	db := s.WriteDB()
	execSQL(t, db, "INSERT INTO restorations VALUES (1, ?, 9000000, 'ann', 'e', '', '', 1000000, 2000000, 1000, 5000, 0, NULL, 0, NULL)", run)
	execSQL(t, db, "INSERT INTO statements (statement_id, path, sha256, fingerprint, imported_at, additional, lines, ignored) VALUES (1, 's.csv', x'00', x'00', 1, 0, 7, 0)")
	execSQL(t, db, "INSERT INTO reconciliations VALUES (1, '2026-11', 1, '', '', '0', '0', '', 1, 1, 1, '', '', '', 0, 7, 0, 0, 0, x'00', NULL, NULL)")
	for i, l := range []struct {
		class string
		at    int
		note  string
	}{
		{"explained by doubt", 1500000, "lost"}, {"theirs only", 2060000, ""}, {"quantity differs", 0, "lost"},
		{"explained by doubt", 1200000, ""}, {"explained by doubt", 100000, ""}, {"matched", 1500000, ""}, {"duplicate", 1500000, ""},
	} {
		execSQL(t, db, `INSERT INTO statement_lines (statement_id, line, kind, month, charged_at, quantity, amount, currency)
			VALUES (1, ?, 'usage', '2026-11', ?, 1, '0.05', 'USD')`, i+1, l.at)
		execSQL(t, db, `INSERT INTO reconciled (reconciliation_id, row, class, statement_id, line, endpoint, region, currency,
			transaction_id, our_quantity, their_quantity, their_amount, note) VALUES (1, ?1, ?2, 1, ?1, 'ph', 'PH', 'USD', '', 0, 1, '0.05', ?3)`,
			i+1, l.class, l.note)
	}
	snap, err := snapshot.Open(ctx, s)
	check(t, err)
	defer snap.Close() //nolint:errcheck // nothing is written
	n, doubtful, err := snap.Reconciliations().LostLines(ctx, 1, func(note string, beyond int64) int64 {
		if note == "lost" {
			return beyond
		}
		return 0
	})
	check(t, err)
	if n != 2 || doubtful != 1 {
		t.Errorf("%d charges that only the statement has, and %d given to doubts, fall into the time that was lost; want 2 and 1", n, doubtful)
	}
}

// TestLostTimes: as many calls may have been made in a lost time as IDs are or were held for it, or as a record knew of. What a
// later restoration of the same time holds stands for the calls that were known before.
func TestLostTimes(t *testing.T) {
	s, run := withChecks(t, 3)
	db := s.WriteDB()
	for i, r := range []struct{ from, until, calls int }{{1000, 2000, 5}, {1000, 1500, 0}, {8000, 9000, 1}, {20000, 21000, 0}} {
		execSQL(t, db, "INSERT INTO restorations VALUES (?1, ?2, 5000, 'ann', 'e' || ?1, '', '', ?3, ?4, 1000, 5000, 0, NULL, ?5, NULL)", i+1, run, r.from, r.until, r.calls)
	}
	execSQL(t, db, "UPDATE checks SET state = 'held'")
	execSQL(t, db, "INSERT INTO holds VALUES (1, 2, 'pending', NULL), (2, 3, 'pending', NULL), (3, 3, 'pending', NULL)")
	execSQL(t, db, "INSERT INTO lost_doubts VALUES (1, 'ph', 'PH', 2), (3, 'ph', 'PH', 4)")
	snap, err := snapshot.Open(t.Context(), s)
	check(t, err)
	defer snap.Close() //nolint:errcheck // nothing is written
	got, err := snap.Reconciliations().LostTimes(t.Context())
	check(t, err)
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	want := []accounts.LostTime{{From: at(1000), Until: at(2000), Calls: 5}, {From: at(8000), Until: at(9000), Calls: 6}, {From: at(20000), Until: at(21000)}}
	if !slices.EqualFunc(got, want, func(a, b accounts.LostTime) bool {
		return a.From.Equal(b.From) && a.Until.Equal(b.Until) && a.Calls == b.Calls
	}) {
		t.Errorf("lost are %+v, want %+v", got, want)
	}
}
