package alias_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/alias"
	"liverecon/store/storetest"
)

func livenessRow(line int, id string) store.ListedRow {
	r := storetest.Row(line, id)
	r.Kind = "livenessId"
	return r
}

func bothRow(line int, signature, liveness string) store.ListedRow {
	r := storetest.Row(line, signature)
	r.OtherID = liveness
	return r
}

// TestOtherIDs: lists that were taken, and what the next one brings. Whoever was asked under one of two IDs that a row
// gave together is known under the other.
func TestOtherIDs(t *testing.T) {
	const absent = "UPDATE checks SET state = 'absent'"
	for _, test := range []struct {
		name    string
		before  []store.ListedRow
		between string
		rows    []store.ListedRow
		want    [4]int64 // duplicate, known, new, and of the first two those known by another ID
		checks  int64
	}{
		{"both, then the other one", []store.ListedRow{bothRow(2, "s1", "l1")}, "", []store.ListedRow{livenessRow(2, "l1")}, [4]int64{0, 1, 0, 1}, 1},
		{"the other one, then both", []store.ListedRow{livenessRow(2, "l1")}, "", []store.ListedRow{bothRow(2, "s1", "l1")}, [4]int64{0, 1, 0, 1}, 1},
		{"by itself, then both, then the other one", []store.ListedRow{storetest.Row(2, "s1"), bothRow(3, "s1", "l1")}, "", []store.ListedRow{livenessRow(2, "l1")}, [4]int64{0, 1, 0, 1}, 1},
		{"in one list, both first", nil, "", []store.ListedRow{bothRow(2, "s1", "l1"), livenessRow(3, "l1")}, [4]int64{1, 0, 1, 1}, 1},
		{"in one list, both last", nil, "", []store.ListedRow{livenessRow(2, "l1"), bothRow(3, "s1", "l1")}, [4]int64{1, 0, 1, 1}, 1},
		{"in one list, told last of all", nil, "", []store.ListedRow{storetest.Row(2, "s1"), livenessRow(3, "l1"), bothRow(4, "s1", "l1")}, [4]int64{2, 0, 1, 1}, 1},
		{"a second claim is another check", []store.ListedRow{bothRow(2, "s1", "l1")}, "", []store.ListedRow{bothRow(2, "s2", "l1"), livenessRow(3, "l1")}, [4]int64{0, 1, 1, 1}, 2},
		{"a second claim in one list", []store.ListedRow{livenessRow(2, "l1")}, "", []store.ListedRow{bothRow(2, "s1", "l1"), bothRow(3, "s2", "l1")}, [4]int64{0, 1, 1, 1}, 2},
		{"a second claim later", []store.ListedRow{livenessRow(2, "l1"), bothRow(3, "s1", "l1")}, "", []store.ListedRow{bothRow(2, "s2", "l1")}, [4]int64{0, 0, 1, 0}, 2},
		{"one without another", []store.ListedRow{bothRow(2, "s1", "l1")}, "", []store.ListedRow{livenessRow(2, "l2")}, [4]int64{0, 0, 1, 0}, 2},
		{"not where it was absent", []store.ListedRow{bothRow(2, "s1", "l1")}, absent, []store.ListedRow{livenessRow(2, "l1")}, [4]int64{0, 0, 1, 0}, 2},
		{"nor the other way round", []store.ListedRow{livenessRow(2, "l1")}, absent, []store.ListedRow{bothRow(2, "s1", "l1")}, [4]int64{0, 0, 1, 0}, 2},
		{"two others of one", nil, "", []store.ListedRow{bothRow(2, "s1", "l1"), bothRow(3, "s1", "l2"), livenessRow(4, "l1"), livenessRow(5, "l2")}, [4]int64{2, 0, 2, 1}, 2},
		{"an ID is known when its text is gone", []store.ListedRow{bothRow(2, "s1", "l1")}, "UPDATE checks SET id = NULL, other_id = NULL", []store.ListedRow{livenessRow(2, "l1")}, [4]int64{0, 1, 0, 1}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := context.Background()
			s := storetest.Open(t)
			if test.before != nil {
				storetest.Take(t, s, "before.csv", test.before...)
			}
			if test.between != "" {
				storetest.Exec(t, storetest.Raw(t, s.Path()), test.between)
			}
			p, err := store.OpenPreview(ctx, s)
			storetest.Check(t, err)
			storetest.Check(t, storetest.Preview(p, "next.csv", test.rows, nil, nil))
			planned, err := p.Lists(ctx)
			storetest.Check(t, err)
			storetest.Check(t, p.Close())
			_, took := storetest.Take(t, s, "next.csv", test.rows...)
			for _, l := range []store.List{planned[0], took} {
				if got := [4]int64{l.Duplicate, l.Known, l.New, l.Aliases.Rows}; got != test.want {
					t.Errorf("duplicate, known, new, by another ID: %d, want %d", got, test.want)
				}
			}
			if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT count(*) FROM checks"); n != test.checks {
				t.Errorf("%d checks, want %d", n, test.checks)
			}
			asked := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT kind, id FROM checks WHERE id IS NOT NULL")
			for _, row := range asked {
				kind, id, _ := strings.Cut(row, "|")
				hash := store.HashID(kind, id)
				if storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT count(*) FROM checks WHERE id_hash = ? AND id = ?", hash[:], id) != 1 {
					t.Errorf("%s is not found by its hash", row)
				}
			}
		})
	}
}

// TestContradictingIDs: a row that gives an ID with another one than a row before gave is named by its line, in the
// preview as when the list is taken. The first row holds; no ID of the other becomes another's, and none is lost.
func TestContradictingIDs(t *testing.T) {
	for _, test := range []struct {
		name    string
		before  []store.ListedRow
		between string
		rows    []store.ListedRow
		want    []int // lines
		new     int64
	}{
		{"two livenessIds of one", nil, "", []store.ListedRow{bothRow(2, "s1", "l1"), bothRow(3, "s1", "l2"), livenessRow(4, "l2")}, []int{3}, 2},
		{"two signatureIds of one", nil, "", []store.ListedRow{bothRow(2, "s1", "l1"), bothRow(3, "s2", "l1"), livenessRow(4, "l1")}, []int{3}, 2},
		{"a second livenessId later", []store.ListedRow{bothRow(2, "s1", "l1")}, "", []store.ListedRow{bothRow(2, "s1", "l2"), livenessRow(3, "l2")}, []int{2}, 1},
		{"a second signatureId later", []store.ListedRow{bothRow(2, "s1", "l1")}, "", []store.ListedRow{livenessRow(2, "l1"), bothRow(3, "s2", "l1")}, []int{3}, 1},
		{"of a check by its livenessId", []store.ListedRow{livenessRow(2, "l1"), bothRow(3, "s1", "l1")}, "",
			[]store.ListedRow{bothRow(2, "s2", "l1"), bothRow(3, "s1", "l2")}, []int{2, 3}, 1},
		{"of two checks", []store.ListedRow{livenessRow(2, "l1"), storetest.Row(3, "s1")}, "", []store.ListedRow{bothRow(2, "s1", "l1"), bothRow(3, "s1", "l2")}, []int{3}, 0},
		{"of two checks, later", []store.ListedRow{livenessRow(2, "l1"), storetest.Row(3, "s1"), bothRow(4, "s1", "l1")}, "",
			[]store.ListedRow{bothRow(2, "s1", "l2"), bothRow(3, "s1", "l1"), livenessRow(4, "l2")}, []int{2}, 1},
		{"when the text is gone", []store.ListedRow{bothRow(2, "s1", "l1")}, "UPDATE checks SET id = NULL, other_id = NULL",
			[]store.ListedRow{bothRow(2, "s2", "l1")}, []int{2}, 1},
		{"the same again", []store.ListedRow{bothRow(2, "s1", "l1"), livenessRow(3, "l3"), bothRow(4, "s3", "l3")}, "",
			[]store.ListedRow{bothRow(2, "s1", "l1"), bothRow(3, "s3", "l3"), bothRow(4, "s1", "l1"), livenessRow(5, "l1"), storetest.Row(6, "s3")}, nil, 0},
		{"the same again, absent", []store.ListedRow{bothRow(2, "s1", "l1")}, "UPDATE checks SET state = 'absent'",
			[]store.ListedRow{livenessRow(2, "l1"), bothRow(3, "s1", "l1")}, nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := context.Background()
			s, foretold := storetest.Open(t), storetest.Open(t)
			p, err := store.OpenPreview(ctx, foretold)
			storetest.Check(t, err)
			if test.before != nil {
				storetest.Take(t, s, "before.csv", test.before...)
				storetest.Check(t, storetest.Preview(p, "before.csv", test.before, nil, nil))
			}
			if test.between != "" {
				storetest.Exec(t, storetest.Raw(t, s.Path()), test.between)
			}
			storetest.Check(t, storetest.Preview(p, "next.csv", test.rows, nil, nil))
			planned, err := p.Lists(ctx)
			storetest.Check(t, err)
			storetest.Check(t, p.Close())
			over, err := store.OpenPreview(ctx, s)
			storetest.Check(t, err)
			storetest.Check(t, storetest.Preview(over, "next.csv", test.rows, nil, nil))
			plannedOver, err := over.Lists(ctx)
			storetest.Check(t, err)
			storetest.Check(t, over.Close())
			_, took := storetest.Take(t, s, "next.csv", test.rows...)
			all := []store.List{took, plannedOver[0]}
			if test.between == "" {
				all = append(all, planned[len(planned)-1])
			}
			for i, l := range all {
				if c := l.Aliases.Contradictions; !slices.Equal(c.Lines, test.want) || c.Pairs != int64(len(test.want)) || l.New != test.new {
					t.Errorf("%d: %+v, %d new; want lines %d, %d new", i, c, l.New, test.want, test.new)
				}
			}
		})
	}
}

// TestAnsweredByOtherID: of two IDs of one check the first was absent, and the other, asked for since, has its result. The
// first is asked again by nobody: not as one the vendor had nothing for, not where a list says that it belongs elsewhere.
// While neither has a result both are.
func TestAnsweredByOtherID(t *testing.T) {
	const absent = "UPDATE checks SET state = 'absent', not_found = 1"
	for _, test := range []struct {
		name          string
		first, second store.ListedRow
	}{
		{"the livenessId was absent", livenessRow(2, "l1"), bothRow(2, "s1", "l1")},
		{"the signatureId was absent", bothRow(2, "s1", "l1"), livenessRow(2, "l1")},
	} {
		for _, state := range []string{"done", "absent", "pending"} {
			t.Run(test.name+", "+state, func(t *testing.T) {
				ctx := context.Background()
				s := storetest.Open(t)
				storetest.Take(t, s, "first.csv", test.first)
				storetest.Exec(t, storetest.Raw(t, s.Path()), absent)
				if _, l := storetest.Take(t, s, "second.csv", test.second); l.New != 1 || l.Aliases.Contradictions.Pairs > 0 {
					t.Fatalf("the other ID is not asked for: %+v", l)
				}
				storetest.Exec(t, storetest.Raw(t, s.Path()), "UPDATE checks SET state = '"+state+"' WHERE state = 'pending'")
				elsewhere := test.first
				hash := store.HashID(elsewhere.Kind, elsewhere.ID)
				moves := []store.Move{{Hash: hash, Region: "TH", Endpoint: "th"}}
				moved, err := s.Checks().Misplaced(ctx, moves, 10)
				storetest.Check(t, err)
				p, err := store.OpenPreview(ctx, s)
				storetest.Check(t, err)
				_, err = p.Lists(ctx)
				storetest.Check(t, err)
				backlog, err := p.Backlog(ctx, store.Rules{NotFoundNights: 3})
				storetest.Check(t, err)
				storetest.Check(t, p.Close())
				reopened, err := s.Checks().Reopen(ctx, 3, time.Now())
				storetest.Check(t, err)
				var open int64
				for _, b := range backlog {
					if b.State == store.Pending {
						open += b.Checks
					}
				}
				if again := int64(1); state == "done" && (len(moved) > 0 || reopened > 0 || open > 0) ||
					state != "done" && (len(moved) != 1 || reopened != again || open < again) {
					t.Errorf("moved %v, reopened %d, foretold %d", moved, reopened, open)
				}
			})
		}
	}
}

// TestOtherIDsAreOneCheck: pairs of IDs stand in lists at random, together or one of them. Two IDs are two checks only
// where both were listed before any row gave them together; what a preview of all lists says is what comes.
func TestOtherIDsAreOneCheck(t *testing.T) {
	for seed := range uint64(30) {
		ctx := context.Background()
		rng := rand.New(rand.NewPCG(seed, 28))
		s := storetest.Open(t)
		p, err := store.OpenPreview(ctx, s)
		storetest.Check(t, err)
		var lists [][]store.ListedRow
		for n := range 5 {
			var rows []store.ListedRow
			for line := range 12 {
				id := rng.IntN(20)
				signature, liveness := fmt.Sprintf("s%d", id), fmt.Sprintf("l%d", id)
				rows = append(rows, []store.ListedRow{storetest.Row(line+2, signature), livenessRow(line+2, liveness), bothRow(line+2, signature, liveness)}[rng.IntN(3)])
			}
			lists = append(lists, rows)
			storetest.Check(t, storetest.Preview(p, fmt.Sprint(n), rows, nil, nil))
		}
		planned, err := p.Lists(ctx)
		storetest.Check(t, err)
		storetest.Check(t, p.Close())
		told, checks := map[string]bool{}, map[string]bool{}
		for n, rows := range lists {
			for _, r := range rows {
				if r.OtherID != "" {
					told[r.OtherID] = true
				}
			}
			before := len(checks)
			for _, r := range rows {
				id := r.ID
				if pair := "l" + id[1:]; told[pair] && !checks[id] && (checks["s"+id[1:]] || checks[pair]) {
					continue
				}
				checks[id] = true
			}
			_, took := storetest.Take(t, s, fmt.Sprint(n), rows...)
			if want := int64(len(checks) - before); took.New != want {
				t.Errorf("seed %d, list %d: %d new, want %d", seed, n, took.New, want)
			}
			if l := planned[n]; l.New != took.New || l.Known != took.Known || l.Duplicate != took.Duplicate || l.Aliases.Rows != took.Aliases.Rows {
				t.Errorf("seed %d, list %d was foretold as %+v, came as %+v", seed, n, l, took)
			}
		}
	}
}

// TestTwoChecksBecomeOne: both IDs of a check were listed before a row gave them together. Of the two, one is asked from
// then on, as the preview says, whichever ID came first; where both were bought that is said once.
func TestTwoChecksBecomeOne(t *testing.T) {
	signature, liveness, both := storetest.Row(2, "s1"), livenessRow(2, "l1"), bothRow(2, "s1", "l1")
	th := both
	th.Region, th.Endpoint = "TH", "th"
	const asked = ", attempts = 1 WHERE id = "
	for _, test := range []struct {
		name           string
		lists          []store.ListedRow // one row each
		between        string            // before the last list
		pending        string            // who is asked
		settled, twice int64
	}{
		{"signatureId first", []store.ListedRow{signature, liveness, both}, "", "s1", 1, 0},
		{"livenessId first", []store.ListedRow{liveness, signature, both}, "", "l1", 1, 0},
		{"for another endpoint", []store.ListedRow{signature, liveness, th}, "", "s1", 1, 0},
		{"the first has its result", []store.ListedRow{liveness, signature, both}, "UPDATE checks SET state = 'done'" + asked + "'l1'", "", 1, 0},
		{"the second has its result", []store.ListedRow{liveness, signature, both}, "UPDATE checks SET state = 'done'" + asked + "'s1'", "", 1, 0},
		{"the second was asked", []store.ListedRow{liveness, signature, both}, "UPDATE checks SET state = 'in_doubt'" + asked + "'s1'", "s1", 1, 0},
		{"the first is refused", []store.ListedRow{liveness, signature, both}, "UPDATE checks SET state = 'refused'" + asked + "'l1'", "", 1, 0},
		{"the first is absent", []store.ListedRow{liveness, signature, both}, "UPDATE checks SET state = 'absent'" + asked + "'l1'", "s1", 0, 0},
		{"a person asks for the second", []store.ListedRow{liveness, signature, both},
			"UPDATE checks SET state = 'done'" + asked + "'l1'; UPDATE checks SET forced = 1" + asked + "'s1'", "s1", 0, 0},
		{"both were bought", []store.ListedRow{liveness, signature, both}, "UPDATE checks SET state = 'done', attempts = 1", "", 0, 1},
		{"a row contradicts", []store.ListedRow{liveness, bothRow(2, "s1", "l2"), both}, "", "l1 s1", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := storetest.Open(t)
			last := len(test.lists) - 1
			for n, r := range test.lists[:last] {
				storetest.Take(t, s, fmt.Sprint(n), r)
			}
			if test.between != "" {
				storetest.Exec(t, storetest.Raw(t, s.Path()), test.between)
			}
			planned, foretold := preview(t, s, test.lists[last:])
			_, took := storetest.Take(t, s, "last", test.lists[last])
			for i, f := range []alias.Found{planned[0].Aliases, took.Aliases} {
				if f.Settled != test.settled || f.Twice != test.twice {
					t.Errorf("%d: %d settled, %d bought twice, want %d, %d", i, f.Settled, f.Twice, test.settled, test.twice)
				}
			}
			raw := storetest.Raw(t, s.Path())
			pending := storetest.Lines(t, raw, "SELECT id FROM checks WHERE state IN ('pending', 'in_doubt') ORDER BY id")
			if got := strings.Join(pending, " "); got != test.pending || foretold != int64(len(pending)) {
				t.Errorf("%q is asked, %d foretold, want %q", got, foretold, test.pending)
			}
			if n := storetest.Count(t, raw, "SELECT count(*) FROM checks WHERE state = 'given_up' AND why = ?", store.WhyOtherID); n != test.settled {
				t.Errorf("%d say that they are known by their other ID, want %d", n, test.settled)
			}
			again, stillForetold := preview(t, s, test.lists[last:])
			_, took = storetest.Take(t, s, "again", test.lists[last])
			if f := took.Aliases; f.Settled+f.Twice > 0 || again[0].Aliases.Settled+again[0].Aliases.Twice > 0 || stillForetold != foretold {
				t.Errorf("said again: %+v, %+v", f, again[0].Aliases)
			}
		})
	}
}

// preview returns what lists of one row would bring, and how many checks would be open after them.
func preview(t *testing.T, s *store.Store, rows ...[]store.ListedRow) (lists []store.List, open int64) {
	ctx := context.Background()
	p, err := store.OpenPreview(ctx, s)
	storetest.Check(t, err)
	for n, list := range rows {
		storetest.Check(t, storetest.Preview(p, fmt.Sprint(n), list, nil, nil))
	}
	lists, err = p.Lists(ctx)
	storetest.Check(t, err)
	backlog, err := p.Backlog(ctx, store.Rules{})
	storetest.Check(t, err)
	storetest.Check(t, p.Close())
	for _, b := range backlog {
		open += b.Checks
	}
	return slices.Clone(lists), open
}

// TestOrderOfLists plays the same nights with the lists of each in random orders: the same pairs of IDs are asked for in
// each night, and as many as the preview of that night says. Once a list that was read gives both IDs, no pair is bought
// again.
func TestOrderOfLists(t *testing.T) {
	const pairs = 8
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 41))
		var nights [4][][]store.ListedRow
		var asked [4][pairs]bool // whom the night has time for
		for n := range nights {
			for range 3 {
				var rows []store.ListedRow
				for line := range 4 {
					id := rng.IntN(pairs)
					s, l := fmt.Sprintf("s%d", id), fmt.Sprintf("l%d", id)
					rows = append(rows, []store.ListedRow{storetest.Row(line+2, s), livenessRow(line+2, l), bothRow(line+2, s, l)}[rng.IntN(3)])
				}
				nights[n] = append(nights[n], rows)
			}
			for id := range pairs {
				asked[n][id] = rng.IntN(3) > 0
			}
		}
		var first []string
		for order := range 3 {
			s := storetest.Open(t)
			raw := storetest.Raw(t, s.Path())
			var calls []string
			told, bought := [pairs]bool{}, [pairs]int{}
			for n, night := range nights {
				night = slices.Clone(night)
				rng.Shuffle(len(night), func(i, j int) { night[i], night[j] = night[j], night[i] })
				_, foretold := preview(t, s, night...)
				for i, rows := range night {
					storetest.Take(t, s, fmt.Sprint(n, i), rows...)
					for _, r := range rows {
						told[r.ID[1]-'0'] = told[r.ID[1]-'0'] || r.OtherID != ""
					}
				}
				open := storetest.Lines(t, raw, "SELECT id FROM checks WHERE state = 'pending' ORDER BY substr(id, 2), id")
				if foretold != int64(len(open)) {
					t.Fatalf("seed %d, order %d, night %d: %d foretold, %q asked", seed, order, n, foretold, open)
				}
				for _, id := range open {
					pair := id[1] - '0'
					if !asked[n][pair] {
						continue
					}
					if told[pair] && bought[pair] > 0 {
						t.Fatalf("seed %d, order %d, night %d: %s is bought again", seed, order, n, id)
					}
					bought[pair]++
					calls = append(calls, fmt.Sprint(n, id[1:]))
					storetest.Exec(t, raw, "UPDATE checks SET state = 'done', attempts = 1 WHERE id = ?", id)
				}
			}
			if order == 0 {
				first = calls
			} else if !slices.Equal(calls, first) {
				t.Fatalf("seed %d: %q in one order, %q in another", seed, first, calls)
			}
		}
	}
}

// TestReleasedByOtherID: an ID that was held is not asked when it is released, where the check has its result by its other
// ID, or where that is to be asked, too.
func TestReleasedByOtherID(t *testing.T) {
	const wait, known = "pending||1", "given_up|known by its other ID|0"
	for _, test := range []struct {
		name, between string
		want          []string // state, why and forced of s1 and l1
	}{
		{"its other ID has the result", "UPDATE checks SET state = iif(check_id = 1, 'held', 'done')", []string{known, "done||0"}},
		{"and the other way round", "UPDATE checks SET state = iif(check_id = 2, 'held', 'done')", []string{"done||0", known}},
		{"both were held", "UPDATE checks SET state = 'held'", []string{wait, known}},
		{"its other ID waits", "UPDATE checks SET state = iif(check_id = 2, 'held', 'pending')", []string{known, wait}}, // since the row
		{"its other ID was absent", "UPDATE checks SET state = iif(check_id = 1, 'held', 'absent')", []string{wait, "absent||0"}},
	} {
		ctx := context.Background()
		s := storetest.Open(t)
		storetest.Take(t, s, "one.csv", storetest.Row(2, "s1"), livenessRow(3, "l1"))
		storetest.Exec(t, storetest.Raw(t, s.Path()), test.between)
		storetest.Exec(t, storetest.Raw(t, s.Path()), `INSERT INTO restorations (run_id, restored_at, restored_by, epoch, left_epoch, lost_from, lost_until, lag_ms,
			lists_before, all_lists, record) SELECT max(run_id), 0, 'ann', 'b', 'a', 0, 0, 0, 0, 0, '' FROM runs`)
		storetest.Exec(t, storetest.Raw(t, s.Path()), "INSERT INTO holds (check_id, restoration_id, was) SELECT check_id, 1, 'pending' FROM checks WHERE state = 'held'")
		storetest.Take(t, s, "both.csv", bothRow(2, "s1", "l1"))
		if _, err := s.Restorations().Release(ctx, store.Releasing{By: "ann", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		got := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT state, why, forced FROM checks ORDER BY check_id")
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
