package store_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/record"
	"liverecon/store/snapshot"
)

// bytesOf measures what a function allocates, in bytes, kept or not.
func bytesOf(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// manyLists is a database that has read so many lists of one ID each, at this moment.
func manyLists(t *testing.T, lists int, now time.Time) (s *store.Store, at record.Paths) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "l.db")
	s = openAt(t, path)
	ctx := context.Background()
	run, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	check(t, s.Runs().Close(ctx, run, 0, "DONE", nil))
	db := rawDB(t, path)
	for _, text := range []string{
		`INSERT INTO lists (list_id, run_id, path, sha256, fingerprint, bytes, read_at, rows, rejected, duplicate, known, new)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
			SELECT i, ?2, 'lists/' || i || '.csv', zeroblob(32), 'fingerprint ' || i, 20, ?3, 1, 0, 0, 0, 1 FROM n`,
		`INSERT INTO list_regions (list_id, region, duplicate, known, new) SELECT list_id, 'SG', 0, 0, 1 FROM lists WHERE ?1 + ?2 + ?3`,
		`INSERT INTO checks (id_hash, kind, id, region, endpoint, list_id, line, state, changed_at)
			SELECT CAST(printf('%016d', list_id) AS BLOB), 'livenessId', 'id' || list_id, 'SG', 'sg', list_id, 2, 'pending', ?3
			FROM lists WHERE ?1 + ?2 ORDER BY list_id`,
	} {
		execSQL(t, db, text, lists, run, now.UnixMilli())
	}
	return s, record.Paths{Database: path, Reports: t.TempDir()}
}

// A list that was read costs a later night next to nothing: opening the database, holding it against its records and
// counting where a month's IDs stand allocate at most two kilobytes for each, and no more for each where they are many.
func TestManyListsCostLittle(t *testing.T) {
	const lists = 8000
	ctx, now := context.Background(), time.Now()
	s, at := manyLists(t, lists, now)
	check(t, s.Records().Keep(ctx, at, func(error) {}))
	most := func(what string, f func()) {
		if got := bytesOf(f); got > lists*2<<10 {
			t.Errorf("%s: %d bytes a list", what, got/lists)
		}
	}
	most("records", func() { check(t, s.Records().Check(ctx, at)) })
	most("states", func() {
		snap, err := snapshot.Open(ctx, s)
		check(t, err)
		states, err := snap.Lists().States(ctx, now.Add(-time.Hour), now.Add(time.Hour))
		check(t, err)
		check(t, snap.Close())
		if len(states) != lists {
			t.Errorf("%d counts of %d lists", len(states), lists)
		}
	})
}

// Whatever lists brought, and whichever of them a period holds, each has its own checks and no others.
func TestStatesOfFewAndMany(t *testing.T) {
	ctx, now := context.Background(), time.Now()
	for _, rows := range [][]int{{0}, {1}, {3, 0, 1}, {0, 0, 2, 0}, {700, 1, 0, 2}, {1, 1, 1, 1, 1}} {
		s := open(t)
		want := map[int64]int64{}
		next := 0
		for i, n := range rows {
			var all []store.ListedRow
			for range n {
				next++
				all = append(all, rowOf(next+1, fmt.Sprintf("id%06d", next)))
			}
			_, l := take(t, s, fmt.Sprintf("%d.csv", i), all...)
			want[l.ID] = int64(n)
		}
		snap, err := snapshot.Open(ctx, s)
		check(t, err)
		states, err := snap.Lists().States(ctx, now.Add(-time.Hour), now.Add(time.Hour))
		check(t, err)
		check(t, snap.Close())
		for _, c := range states {
			want[c.ListID] -= c.Checks
		}
		for id, left := range want {
			if left != 0 {
				t.Errorf("lists of %v rows: list %d lacks %d", rows, id, left)
			}
		}
	}
}
