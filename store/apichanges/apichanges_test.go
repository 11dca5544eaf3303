package apichanges_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/apichanges"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// TestEachAPIChangeOnce feeds random API changes over several runs and restarts, and compares with a count in memory: each is
// there once an endpoint, with exact counts, the run and the call that brought it first, and its first and last time.
func TestEachAPIChangeOnce(t *testing.T) {
	ctx := context.Background()
	type key struct {
		apichanges.Change
		endpoint string
	}
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 7))
		s := storetest.Open(t)
		want := map[key]apichanges.Known{}
		clock := time.UnixMilli(1_790_000_000_000).UTC()
		for night := range 3 {
			runID, list := storetest.Take(t, s, fmt.Sprintf("night%d-%d", seed, night), rowsOf(seed, night, 40)...)
			_ = list
			j := storetest.Journal(t, s, storetest.AdmitAll{})
			for c := int64(night*40 + 1); c <= int64(night*40+40); c++ {
				in := storetest.Intent(runID, c, 1)
				in.Endpoint = []string{"ph", "th"}[rng.IntN(2)]
				r := storetest.Paid(in, 80)
				clock = clock.Add(time.Duration(1+rng.IntN(5000)) * time.Millisecond)
				r.EndedAt = clock
				for range rng.IntN(4) {
					kinds := []apichanges.Kind{apichanges.Code, apichanges.Field, apichanges.Shape}
					r.APIChanges = append(r.APIChanges, apichanges.Change{Kind: kinds[rng.IntN(3)], Value: fmt.Sprint("v", rng.IntN(4))})
				}
				id := storetest.Begin(t, j, in)
				storetest.Check(t, j.Finish(id, in, r)())
				seen := map[apichanges.Change]bool{}
				for _, one := range r.APIChanges {
					if seen[one] {
						continue
					}
					seen[one] = true
					k := key{one, in.Endpoint}
					n, known := want[k]
					if !known {
						n = apichanges.Known{Change: one, Endpoint: in.Endpoint, FirstRun: runID, FirstSeen: clock, Example: id}
					}
					n.LastSeen = clock
					n.Answers++
					want[k] = n
				}
			}
			storetest.Check(t, j.Close())
			s = storetest.Reopen(t, s)
		}
		f, err := snapshot.Open(ctx, s)
		storetest.Check(t, err)
		got, err := f.Answers().APIChanges(ctx, time.Unix(0, 0), clock.Add(time.Second))
		storetest.Check(t, err)
		if len(got) != len(want) {
			t.Errorf("seed %d: %d API changes, want %d", seed, len(got), len(want))
		}
		for _, n := range got {
			if w := want[key{n.Change, n.Endpoint}]; n != w {
				t.Errorf("seed %d: %+v, want %+v", seed, n, w)
			}
		}
		if !slices.IsSortedFunc(got, func(a, b apichanges.Known) int { return b.FirstSeen.Compare(a.FirstSeen) }) {
			t.Errorf("seed %d: not the newest first", seed)
		}
		storetest.Check(t, f.Close())
	}
}

func rowsOf(seed uint64, night, n int) (rows []store.ListedRow) {
	for i := range n {
		rows = append(rows, storetest.Row(i+2, fmt.Sprintf("%d-%d-%d", seed, night, i)))
	}
	return rows
}

// TestAPIChangesOfAPeriod: what was seen in it, and what was first seen in a run.
func TestAPIChangesOfAPeriod(t *testing.T) {
	ctx := context.Background()
	s, runID := storetest.WithChecks(t, 3)
	j := storetest.Journal(t, s, storetest.AdmitAll{})
	at := time.UnixMilli(1_790_000_000_000).UTC()
	for c, value := range []string{"EARLY", "LATE", "EARLY"} {
		in := storetest.Intent(runID, int64(c+1), 1)
		r := storetest.Free(in)
		r.EndedAt, r.APIChanges = at.Add(time.Duration(c)*time.Hour), []apichanges.Change{{Kind: apichanges.Code, Value: value}}
		storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, r)())
	}
	storetest.Check(t, j.Close())
	f, err := snapshot.Open(ctx, s)
	storetest.Check(t, err)
	defer f.Close()
	for _, test := range []struct {
		from, to time.Duration
		want     string
	}{{-time.Hour, 0, "[]"}, {0, time.Millisecond, "[EARLY]"}, {0, time.Hour, "[EARLY]"}, {time.Hour, 2 * time.Hour, "[LATE EARLY]"}, {2 * time.Hour, 3 * time.Hour, "[EARLY]"}, {2*time.Hour + 1e6, 9 * time.Hour, "[]"}} {
		found, err := f.Answers().APIChanges(ctx, at.Add(test.from), at.Add(test.to))
		values := []string{}
		for _, n := range found {
			values = append(values, n.Value)
		}
		if fmt.Sprint(values) != test.want || err != nil {
			t.Errorf("%v to %v: %v, %v, want %s", test.from, test.to, values, err, test.want)
		}
	}
	if found, err := s.APIChanges().OfRun(ctx, runID); len(found) != 2 || err != nil {
		t.Errorf("new in the run: %+v, %v", found, err)
	}
	if found, err := s.APIChanges().OfRun(ctx, runID+1); len(found) != 0 || err != nil {
		t.Errorf("new in no run: %+v, %v", found, err)
	}
	if found, err := s.APIChanges().Latest(ctx, 1); len(found) != 1 || found[0].Value != "LATE" || err != nil {
		t.Errorf("the latest: %+v, %v", found, err)
	}
}

// TestAPIChangesAreBounded: a vendor that puts something random into every answer fills nothing; also not over restarts.
func TestAPIChangesAreBounded(t *testing.T) {
	s, runID := storetest.WithChecks(t, 300)
	for night := range 3 {
		j := storetest.Journal(t, s, storetest.AdmitAll{})
		for c := int64(night*100 + 1); c <= int64(night*100+100); c++ {
			in := storetest.Intent(runID, c, 1)
			r := storetest.Free(in)
			r.APIChanges = []apichanges.Change{{Kind: apichanges.Field, Value: fmt.Sprint("data.", c)}, {Kind: apichanges.Code, Value: "X"}}
			storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, r)())
		}
		storetest.Check(t, j.Close())
		s = storetest.Reopen(t, s)
	}
	if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT count(*) FROM novelties WHERE kind = 'field'"); n != 101 {
		t.Errorf("%d fields, want 100 and the others", n)
	}
	if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT answers FROM novelties WHERE value = '(others)'"); n != 200 {
		t.Errorf("%d others, want 200", n)
	}
	if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT answers FROM novelties WHERE kind = 'code'"); n != 300 {
		t.Errorf("%d of a code, want 300", n)
	}
}
