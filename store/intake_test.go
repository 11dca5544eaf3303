package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"liverecon/store"
)

// place is a row of a list in the reference model.
type place struct {
	list int64
	line int
}

// books is the reference: what intake must come to, by plain maps.
type books struct {
	first   map[string]place // by kind and ID
	region  map[string]string
	repeats map[string]bool // "ID at list:line in region"
}

// chain represents what one list brings, in all or in one region.
type chain struct{ rejected, duplicate, known, new int64 }

func (c chain) rows() int64 { return c.rejected + c.duplicate + c.known + c.new }

// take counts a list row by row and keeps what it brings. A row without an endpoint is rejected where its ID has no
// place from any row that has one.
func (b *books) take(list int64, rows []store.ListedRow, rejects []store.Reject) (total chain, regions map[string]chain) {
	regions = map[string]chain{}
	placed, seen := maps.Clone(b.region), map[string]bool{}
	for _, r := range rows {
		placed[r.Kind+" "+r.ID] = r.Region
	}
	unplaced := map[int]bool{}
	for _, r := range rejects {
		if u := r.Unplaced; u != nil && placed[u.Kind+" "+u.ID] != "" {
			rows, unplaced[u.Line] = append(rows, *u), true
			continue
		}
		total.rejected++
	}
	slices.SortStableFunc(rows, func(r, o store.ListedRow) int { return r.Line - o.Line })
	for _, r := range rows {
		id := r.Kind + " " + r.ID
		in := regions[r.Region]
		first, stands := b.first[id]
		switch {
		case !stands && !unplaced[r.Line]:
			b.first[id], b.region[id] = place{list, r.Line}, r.Region
			in.new, total.new = in.new+1, total.new+1
		case seen[id] || !stands || first.list == list:
			in.duplicate, total.duplicate = in.duplicate+1, total.duplicate+1
		default:
			in.known, total.known = in.known+1, total.known+1
		}
		if stands || unplaced[r.Line] {
			b.repeats[fmt.Sprintf("%s at %d:%d in %s", id, list, r.Line, r.Region)] = true
		}
		seen[id] = true
		regions[r.Region] = in
	}
	return total, regions
}

// randomList draws rows from a pool of IDs so small that they meet again, within the list and across lists.
func randomList(rng *rand.Rand) (rows []store.ListedRow, rejects []store.Reject) {
	for line := 2; line < 2+rng.IntN(120); line++ {
		if rng.IntN(8) == 0 {
			rejects = append(rejects, store.Reject{Line: line, Column: "region", Reason: "unknown region", Detail: "XX is no country", Value: "XX"})
			continue
		}
		r := rowOf(line, fmt.Sprintf("%016x", rng.IntN(150)))
		r.Kind = []string{"signatureId", "livenessId"}[rng.IntN(2)]
		r.Region = []string{"PH", "VN", "MX"}[rng.IntN(3)]
		r.Reference = fmt.Sprintf(`{"line":%d}`, line)
		if rng.IntN(6) == 0 {
			r.Endpoint = ""
			rejects = append(rejects, store.Reject{Line: line, Column: "region", Reason: "no_endpoint", Value: r.Region, Unplaced: &r})
			continue
		}
		rows = append(rows, r)
	}
	return rows, rejects
}

// stage begins an intake with rows and rejects in it.
func stage(t *testing.T, s *store.Store, rows []store.ListedRow, rejects []store.Reject) *store.Intake {
	t.Helper()
	in, err := s.Lists().Begin(context.Background())
	check(t, err)
	for _, r := range rows {
		check(t, in.Row(r))
	}
	for _, r := range rejects {
		check(t, in.Reject(r))
	}
	return in
}

// TestIntakeAgainstReference compares random lists, aborted ones and erased IDs among them, with the plain maps.
func TestIntakeAgainstReference(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			ctx := context.Background()
			rng := rand.New(rand.NewPCG(seed, 4))
			s := open(t)
			runID, _, err := s.Runs().Open(ctx, "test", true)
			check(t, err)
			b := &books{map[string]place{}, map[string]string{}, map[string]bool{}}
			for n := range 10 {
				rows, rejects := randomList(rng)
				in := stage(t, s, rows, rejects)
				in.Distinguish(false, true)
				if rng.IntN(5) == 0 {
					check(t, in.Abort())
					continue
				}
				l, err := in.Commit(ctx, runID, listOf(fmt.Sprint(n)))
				check(t, err)
				total, regions := b.take(l.ID, rows, rejects)
				if got := (chain{l.Rejected, l.Duplicate, l.Known, l.New}); got != total || l.Rows != total.rows() {
					t.Errorf("list %d: %+v of %d rows, want %+v", n, got, l.Rows, total)
				}
				compareRegions(t, s, l.ID, regions)
				execSQL(t, s.WriteDB(), "UPDATE checks SET id = NULL, other_id = NULL, reference = NULL WHERE check_id % 7 = ?", n%7)
			}
			compareBooks(t, s, b)
			check(t, s.Books().AuditRun(ctx, runID))
			check(t, s.Books().Audit(ctx))
		})
	}
}

func compareRegions(t *testing.T, s *store.Store, list int64, regions map[string]chain) {
	t.Helper()
	var want []string
	for _, region := range slices.Sorted(maps.Keys(regions)) {
		c := regions[region]
		want = append(want, fmt.Sprintf("%s|%d|%d|%d", region, c.duplicate, c.known, c.new))
	}
	if got := lines(t, s.ReadDB(), "SELECT region, duplicate, known, new FROM list_regions WHERE list_id = ? ORDER BY region", list); !slices.Equal(got, want) {
		t.Errorf("list %d by region %q, want %q", list, got, want)
	}
}

// compareBooks looks every ID up by its hash, for its text may be erased.
func compareBooks(t *testing.T, s *store.Store, b *books) {
	t.Helper()
	byHash := map[string]string{}
	for id := range b.first {
		kind, text, _ := strings.Cut(id, " ")
		hash := store.HashID(kind, text)
		byHash[fmt.Sprintf("%x", hash[:])] = id
	}
	stored := lines(t, s.ReadDB(), "SELECT id_hash, list_id || ':' || line || ' ' || region, coalesce(reference, '-') FROM checks")
	if len(stored) != len(b.first) {
		t.Errorf("%d checks, want %d", len(stored), len(b.first))
	}
	for _, line := range stored {
		cells := strings.SplitN(line, "|", 3)
		id := byHash[cells[0]]
		first := b.first[id]
		if want := fmt.Sprintf("%d:%d %s", first.list, first.line, b.region[id]); cells[1] != want {
			t.Errorf("%q is taken from %s, want its first place %s", id, cells[1], want)
		}
		if want := fmt.Sprintf(`{"line":%d}`, first.line); cells[2] != "-" && cells[2] != want {
			t.Errorf("%q has reference %s, want its first row's %s", id, cells[2], want)
		}
	}
	repeats := lines(t, s.ReadDB(), "SELECT id_hash, ' at ' || r.list_id || ':' || r.line || ' in ' || r.region FROM list_repeats r JOIN checks USING (check_id)")
	if len(repeats) != len(b.repeats) {
		t.Errorf("%d repeats, want %d", len(repeats), len(b.repeats))
	}
	for _, line := range repeats {
		hash, at, _ := strings.Cut(line, "|")
		if !b.repeats[byHash[hash]+at] {
			t.Errorf("%s%s is no repeat", byHash[hash], at)
		}
	}
}

// TestGrownList: a list that comes again with more rows brings only those.
func TestGrownList(t *testing.T) {
	s, _ := withChecks(t, 5)
	var rows []store.ListedRow
	for n := range 8 {
		rows = append(rows, rowOf(n+2, fmt.Sprintf("%016x", n+1)))
	}
	_, l := take(t, s, "grown.csv", rows...)
	if l.Rows != 8 || l.Known != 5 || l.New != 3 || l.Duplicate != 0 {
		t.Errorf("%+v, want 5 known and 3 new of 8 rows", l)
	}
}

// TestListKeepsNotes: what was said of a list when it was read stands beside it; where it is taken back, nothing does.
func TestListKeepsNotes(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 1)
	for n, want := range [][]string{{"1 row is hidden", "above it, and no rows"}, nil} {
		l := listOf(fmt.Sprintf("%d.csv", n))
		l.Notes = want
		l, err := stage(t, s, []store.ListedRow{rowOf(2, fmt.Sprintf("%016x", n+10))}, nil).Commit(ctx, runID, l)
		check(t, err)
		if got := lines(t, s.ReadDB(), "SELECT note FROM list_notes WHERE list_id = ? ORDER BY number", l.ID); !slices.Equal(got, want) {
			t.Errorf("notes %q, want %q", got, want)
		}
	}
}

func TestEmptyAndRejectedLists(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 2)
	rejects := []store.Reject{{Line: 9, Column: "livenessId", Reason: "no ID", Value: ""}, {Line: 3, Column: "region", Reason: "unknown region", Detail: "d", Value: "XX"}}
	l, err := stage(t, s, nil, rejects).Commit(ctx, runID, listOf("bad.csv"))
	check(t, err)
	if l.Rows != 2 || l.Rejected != 2 || l.New != 0 {
		t.Errorf("%+v, want 2 rejected rows", l)
	}
	var got []store.Reject
	check(t, s.Lists().EachReject(ctx, runID, func(r store.Reject) error { got = append(got, r); return nil }))
	want := []store.Reject{{"lists/bad.csv", 3, "region", "unknown region", "d", "XX", nil}, {"lists/bad.csv", 9, "livenessId", "no ID", "", "", nil}}
	if !slices.Equal(got, want) {
		t.Errorf("rejects %+v, want %+v", got, want)
	}
	stop := errors.New("enough")
	if err := s.Lists().EachReject(ctx, runID, func(store.Reject) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the reader's own error: %v", err)
	}
	if l, err = stage(t, s, nil, nil).Commit(ctx, runID, listOf("empty.csv")); err != nil || l.Rows != 0 {
		t.Errorf("an empty list: %+v, %v", l, err)
	}
	check(t, s.Books().AuditRun(ctx, runID))
}

// TestSameListTwice: the fingerprint is the wall, and a refused list leaves nothing.
func TestSameListTwice(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 2)
	before := everything(t, s)
	look, err := s.Lists().LookUp(ctx)
	check(t, err)
	if _, known, err := look.Known(ctx, listOf("list.csv").Fingerprint); err != nil || !known {
		t.Errorf("the list is known: %v, %v", known, err)
	}
	if _, known, err := look.Known(ctx, listOf("other.csv").Fingerprint); err != nil || known {
		t.Errorf("the other list is known: %v, %v", known, err)
	}
	check(t, look.Close())
	_, err = stage(t, s, []store.ListedRow{rowOf(2, "00000000000000ff")}, nil).Commit(ctx, runID, listOf("list.csv"))
	if err == nil || !strings.Contains(err.Error(), "list.csv") {
		t.Errorf("the same fingerprint twice: %v", err)
	}
	check(t, stage(t, s, []store.ListedRow{rowOf(2, "00000000000000fe")}, []store.Reject{{Line: 3}}).Abort())
	if after := everything(t, s); !slices.Equal(before, after) {
		t.Errorf("refused and aborted lists left\n%q, before\n%q", after, before)
	}
	if lists, err := s.Lists().OfRun(ctx, 0); err != nil || len(lists) != 1 || lists[0].SHA256 != listOf("list.csv").SHA256 {
		t.Errorf("lists %+v, %v", lists, err)
	}
}

// everything is the content of all tables that an intake writes.
func everything(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	for _, table := range []string{"lists", "list_regions", "list_repeats", "rejects", "checks"} {
		all = append(all, lines(t, s.ReadDB(), "SELECT '"+table+"', * FROM "+table)...)
	}
	return all
}

// TestSecondIDIsKept: the ID that is not asked is kept for the reports.
func TestSecondIDIsKept(t *testing.T) {
	s := open(t)
	r := rowOf(2, "f302f5d2454a85c2")
	r.OtherID, r.Reference = "ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1", `{"customer":"C-1"}`
	take(t, s, "both.csv", r)
	want := []string{`signatureId|f302f5d2454a85c2|ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1|{"customer":"C-1"}|PH|ph|2|pending`}
	if got := lines(t, s.ReadDB(), "SELECT kind, id, other_id, reference, region, endpoint, line, state FROM checks"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestUntoldLists: what lists brought is to be said until a verdict has said it, over any number of runs that ended
// without a word; not by the run that read them, which knows.
func TestUntoldLists(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	untold := func(run int64, want ...string) {
		t.Helper()
		lists, err := s.Lists().Untold(ctx, run)
		check(t, err)
		var got []string
		for _, l := range lists {
			got = append(got, fmt.Sprintf("%s of %d", filepath.Base(l.Path), l.RunID))
		}
		if !slices.Equal(got, want) {
			t.Errorf("run %d: untold %q, want %q", run, got, want)
		}
	}
	untold(1)
	first, _ := take(t, s, "a.csv", rowOf(2, "00000000000000aa"))
	second, _ := take(t, s, "b.csv", rowOf(2, "00000000000000bb"))
	a, b := fmt.Sprintf("a.csv of %d", first), fmt.Sprintf("b.csv of %d", second)
	untold(first)
	untold(second, a)
	untold(second+1, a, b)
	check(t, s.Lists().Told(ctx, second))
	untold(second + 1)
	take(t, s, "c.csv", rowOf(2, "00000000000000cc"))
	untold(second+2, fmt.Sprintf("c.csv of %d", second+1))
}
