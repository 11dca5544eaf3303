package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"liverecon/store/storetest"

	"liverecon/store"
)

// TestPreviewForetells compares what a preview says of several lists with what taking them then brings.
func TestPreviewForetells(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			ctx := context.Background()
			rng := rand.New(rand.NewPCG(seed, 9))
			s, runID := withChecks(t, 30)
			p, err := store.OpenPreview(ctx, s)
			check(t, err)
			var intakes []func() store.List
			for n := range 3 {
				rows, rejects := randomList(rng)
				check(t, storetest.Preview(p, fmt.Sprintf("lists/%d", n), rows, rejects, nil))
				intakes = append(intakes, func() store.List {
					l, err := stage(t, s, rows, rejects).Commit(ctx, runID, listOf(fmt.Sprint(n)))
					check(t, err)
					return l
				})
			}
			lists, err := p.Lists(ctx)
			check(t, err)
			backlog, err := p.Backlog(ctx, store.Rules{})
			check(t, err)
			check(t, p.Close())
			for n, intake := range intakes {
				got, want := lists[n], intake()
				if got.Path != want.Path || got.Rows != want.Rows || got.Rejected != want.Rejected || got.Duplicate != want.Duplicate || got.Known != want.Known || got.New != want.New {
					t.Errorf("list %d was foretold as %+v, came as %+v", n, got, want)
				}
			}
			came, err := s.Checks().Backlog(ctx)
			if err != nil || !slices.Equal(backlog, came) {
				t.Errorf("backlog was foretold as %+v, came as %+v, %v", backlog, came, err)
			}
		})
	}
}

// TestPreviewOfARefusedList: nothing of it counts, for the lists after it neither.
func TestPreviewOfARefusedList(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 3)
	p, err := store.OpenPreview(ctx, s)
	check(t, err)
	t.Cleanup(func() { check(t, p.Close()) })
	rows := []store.ListedRow{rowOf(2, "0000000000000001"), rowOf(3, "00000000000000aa")}
	refused := errors.New("no readable text")
	if err := storetest.Preview(p, "lists/bad.csv", rows, nil, refused); !errors.Is(err, refused) {
		t.Errorf("the reader's own error: %v", err)
	}
	check(t, storetest.Preview(p, "lists/good.csv", rows, nil, nil))
	got, err := p.Lists(ctx)
	check(t, err)
	if len(got) != 1 || got[0].Path != "lists/good.csv" || got[0].Known != 1 || got[0].New != 1 {
		t.Errorf("lists %+v, want one with a known and a new row", got)
	}
	moved, err := p.Backlog(ctx, store.Rules{Routes: map[string]string{"PH": "sg"}})
	if want := []store.Backlog{{Endpoint: "sg", Region: "PH", State: store.Pending, Checks: 4}}; err != nil || !slices.Equal(moved, want) {
		t.Errorf("backlog %+v, %v, want %+v", moved, err, want)
	}
	if _, known, err := p.KnownList(ctx, listOf("list.csv").Fingerprint); err != nil || !known {
		t.Errorf("the list taken before: %v, %v", known, err)
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM checks"); n != 3 {
		t.Errorf("the preview stored %d checks", n-3)
	}
}

// TestPreviewOverNothing: before the first run there is no database.
func TestPreviewOverNothing(t *testing.T) {
	ctx := context.Background()
	p, err := store.OpenPreview(ctx, nil)
	check(t, err)
	t.Cleanup(func() { check(t, p.Close()) })
	check(t, storetest.Preview(p, "a.csv", []store.ListedRow{rowOf(2, "aa"), rowOf(3, "aa"), rowOf(4, "bb")}, []store.Reject{{}}, nil))
	got, err := p.Lists(ctx)
	if err != nil || len(got) != 1 || got[0].New != 2 || got[0].Duplicate != 1 || got[0].Rejected != 1 || got[0].Rows != 4 {
		t.Errorf("lists %+v, %v", got, err)
	}
	if _, known, err := p.KnownList(ctx, "any"); err != nil || known {
		t.Errorf("a known list: %v, %v", known, err)
	}
}

// TestPreviewOverNothingIsOverNew compares what a preview says before there is a database with what it says over a new
// one: of IDs in other case, of rows with both IDs, of guessed regions and of rows without an endpoint.
func TestPreviewOverNothingIsOverNew(t *testing.T) {
	for seed := range uint64(20) {
		ctx := context.Background()
		rng := rand.New(rand.NewPCG(seed, 11))
		over, none := openPreview(t, open(t)), openPreview(t, nil)
		for n := range 3 {
			rows, rejects := randomList(rng)
			for i := range rows {
				r := &rows[i]
				r.Guessed = rng.IntN(3) == 0
				switch id := r.ID[len(r.ID)-2:]; rng.IntN(6) { // few IDs, in all cases
				case 0:
					r.ID = "ABCDEF" + strings.ToUpper(id)
				case 1:
					r.ID = "abcDEF" + id
				case 2:
					r.ID = "abcdef" + id
				case 3:
					r.Kind, r.OtherID = "signatureId", "ddsd-"+id
				}
			}
			for _, p := range []*store.Preview{over, none} {
				check(t, storetest.Preview(p, fmt.Sprintf("lists/%d", n), rows, rejects, nil))
			}
		}
		want, err := over.Lists(ctx)
		check(t, err)
		got, err := none.Lists(ctx)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: lists %+v, %v, want %+v", seed, got, err, want)
		}
		want, err = over.Move(ctx, 10)
		check(t, err)
		if got, err = none.Move(ctx, 10); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: moved %+v, %v, want %+v", seed, got, err, want)
		}
		backlog, err := over.Backlog(ctx, store.Rules{})
		check(t, err)
		if told, err := none.Backlog(ctx, store.Rules{}); err != nil || !slices.Equal(told, backlog) {
			t.Errorf("seed %d: backlog %+v, %v, want %+v", seed, told, err, backlog)
		}
	}
}

func openPreview(t *testing.T, s *store.Store) *store.Preview {
	t.Helper()
	p, err := store.OpenPreview(context.Background(), s)
	check(t, err)
	t.Cleanup(func() { check(t, p.Close()) })
	return p
}
