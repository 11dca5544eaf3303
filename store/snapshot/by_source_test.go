package snapshot_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// TestUsageBySource: calls by source come to what is counted of them, with words that hold separators, with calls that
// have no outcome, up to a call, and with some counted apart.
func TestUsageBySource(t *testing.T) {
	ctx := context.Background()
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var checks []storetest.Laid
	for i := range 4_500 { // three slices
		score := 90.0
		checks = append(checks, storetest.Laid{AnsweredAt: first.Add(time.Duration(i) * 20 * time.Second),
			Region: []string{"PH", "ID"}[i%2], Score: &score, List: fmt.Sprint("l", i/1_500)})
	}
	path := filepath.Join(t.TempDir(), "liverecon.db")
	storetest.Check(t, storetest.Lay(ctx, path, time.UTC, checks))
	s, db := storetest.OpenAt(t, path), storetest.Raw(t, path)
	storetest.Exec(t, db, "UPDATE checks SET reference = iif(check_id % 3, '{\"campaign\":\"c' || (check_id % 3) || '\"}', NULL)")
	storetest.Exec(t, db, "DROP TRIGGER outcomes_no_update")
	storetest.Exec(t, db, `UPDATE outcomes SET pricing = iif(call_id = 41, 'x', ''), code = iif(call_id = 41, 'y',
		'x' || char(31) || 'y') WHERE call_id IN (41, 42)`)
	storetest.Exec(t, db, "DELETE FROM usage")
	storetest.Exec(t, db, `INSERT INTO usage SELECT sent_at / 900000, endpoint, region, outcome, code, pricing, tag, count(*)
		FROM calls JOIN outcomes USING (call_id) GROUP BY 1, 2, 3, 4, 5, 6, 7`)
	storetest.Exec(t, db, `INSERT INTO calls SELECT 9001, 7, 2, max(run_id), 'forced', 'sg', 'PH', max(intended_at) FROM calls`)
	snap, err := snapshot.Open(ctx, s)
	storetest.Check(t, err)
	defer snap.Close() //nolint:errcheck // read only
	from, to := first.Add(time.Hour), first.Add(48*time.Hour)
	want, err := snap.Calls().Usage(ctx, from, to)
	storetest.Check(t, err)
	found, err := snap.Calls().UsageBySource(ctx, snapshot.SourceQuestion{From: from, To: to,
		Kept: func(reference []byte) string { return string(reference) }, Apart: []int64{1, 300, 301}})
	storetest.Check(t, err)
	sums, apart, lists, kept := map[store.Usage]int64{}, int64(0), map[int64]int64{}, map[string]int64{}
	for _, u := range found {
		k := u.Usage
		k.Calls = 0
		sums[k] += u.Calls
		apart += u.Apart
		lists[u.ListID] += u.Calls
		kept[u.Kept] += u.Calls
	}
	for _, u := range want {
		k := u
		if k.Calls = 0; sums[k] != u.Calls {
			t.Errorf("%+v: %d by source", u, sums[k])
		}
		delete(sums, k)
	}
	if len(sums) > 0 {
		t.Errorf("by source alone: %v", sums)
	}
	if apart != 2 { // the first was sent before
		t.Errorf("%d calls are apart, want 2", apart)
	}
	if lists[1] != 1_500-181+1 || lists[2] != 1_500 || lists[3] != 1_500 { // the call without an outcome is of check 7
		t.Errorf("by list: %v", lists)
	}
	if len(kept) != 3 || kept[""] == 0 {
		t.Errorf("by what is kept: %v", kept)
	}
	found, err = snap.Calls().UsageBySource(ctx, snapshot.SourceQuestion{From: from, To: to, LastCall: 200, Apart: []int64{300}})
	storetest.Check(t, err)
	var calls int64
	for _, u := range found {
		calls += u.Calls
	}
	if calls != 200-181 || slices.ContainsFunc(found, func(u *snapshot.SourceUsage) bool { return u.Apart > 0 }) {
		t.Errorf("%d calls up to the 200th", calls)
	}
}
