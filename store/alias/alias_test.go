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
				if got := [4]int64{l.Duplicate, l.Known, l.New, l.OtherKnown}; got != test.want {
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
				if c := l.Contradictions; !slices.Equal(c.Lines, test.want) || c.Pairs != int64(len(test.want)) || l.New != test.new {
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
				if _, l := storetest.Take(t, s, "second.csv", test.second); l.New != 1 || l.Contradictions.Pairs > 0 {
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
			if l := planned[n]; l.New != took.New || l.Known != took.Known || l.Duplicate != took.Duplicate || l.OtherKnown != took.OtherKnown {
				t.Errorf("seed %d, list %d was foretold as %+v, came as %+v", seed, n, l, took)
			}
		}
	}
}
