package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/mention"
	"liverecon/store/snapshot"
)

const (
	erasedSignature = "f302f5d2454a85c2"
	erasedLiveness  = "ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1"
)

// personal is a database in which one person stands in every way there is: asked for by signature ID with the other ID
// beside it, again in a later list by the other ID alone, in a rejected row, in answers as received.
func personal(t *testing.T) *store.Store {
	t.Helper()
	ctx := context.Background()
	s := open(t)
	both := rowOf(3, erasedSignature)
	both.OtherID, both.Reference = erasedLiveness, `{"customer":"C-`+erasedSignature+`"}`
	first, _ := take(t, s, "one.csv", rowOf(2, "0000000000000001"), both, rowOf(4, erasedSignature))
	j := journal(t, s, admitAll{})
	for _, id := range []string{"0000000000000001", erasedSignature} {
		stories, err := s.Personal().Explain(ctx, id)
		check(t, err)
		in := intentFor(first, stories[0].ID, 1)
		r := paid(in, 12)
		r.Answer.Body = `{"asked":"` + id + `"}`
		check(t, j.Finish(begin(t, j, in), in, r)())
	}
	second, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	list, err := s.Lists().Begin(ctx)
	check(t, err)
	execSQL(t, s.WriteDB(), "DELETE FROM other_ids") // as of a time when the other ID was not known for one
	alone := rowOf(2, erasedLiveness)
	alone.Kind = "livenessId"
	check(t, list.Row(alone))
	check(t, list.Reject(store.Reject{Line: 3, Column: "region", Reason: "unknown region", Detail: "of " + erasedSignature, Value: erasedSignature + ";Atlantis"}))
	check(t, list.Reject(store.Reject{Line: 4, Column: "region", Reason: "unknown region", Value: "Lemuria"}))
	_, err = list.Commit(ctx, second, listOf("two.csv"))
	check(t, err)
	return s
}

func TestErase(t *testing.T) {
	ctx, now := context.Background(), time.Now()
	s := personal(t)
	money := moneyOf(t, s)
	found, err := s.Personal().Traces(ctx, erasedSignature)
	check(t, err)
	if found.Open != 1 || len(found.Checks) != 2 || found.Answers != 1 || found.Rejects != 1 || len(found.Listed) != 3 ||
		!slices.Equal(found.IDs, []string{erasedSignature, erasedLiveness}) {
		t.Fatalf("traces: %+v", found)
	}
	if byOther, err := s.Personal().Traces(ctx, erasedLiveness); err != nil || len(byOther.Checks) != 2 || len(byOther.IDs) != 2 {
		t.Errorf("traces by the other ID: %+v, %v", byOther, err)
	}
	erased, err := s.Personal().Erase(ctx, erasedSignature, now)
	check(t, err)
	if !reflect.DeepEqual(erased, found) {
		t.Errorf("erased %+v, announced %+v", erased, found)
	}
	check(t, s.Personal().Scrub(ctx))
	if holding, err := s.Personal().Holding(found.IDs); err != nil || len(holding) > 0 {
		t.Errorf("the ID still stands in %v, %v", holding, err)
	}
	if left, err := s.Personal().Traces(ctx, erasedSignature); err != nil || !left.Empty() {
		t.Errorf("traces left: %+v, %v", left, err)
	}
	if !reflect.DeepEqual(moneyOf(t, s), money) {
		t.Error("money changed with the person")
	}
	check(t, s.Books().Audit(ctx))
	stateOfErased(t, s)
}

// stateOfErased looks at what an erased ID is to later nights.
func stateOfErased(t *testing.T, s *store.Store) {
	t.Helper()
	stories, err := s.Personal().Explain(context.Background(), erasedLiveness)
	check(t, err)
	if len(stories) != 1 || stories[0].Text != "" || stories[0].State != store.GivenUp {
		t.Errorf("an ID erased before it was asked for: %+v", stories)
	}
	if _, l := take(t, s, "three.csv", rowOf(2, erasedSignature)); l.Known != 1 || l.New != 0 {
		t.Errorf("an erased ID that is listed again is to be known, not bought again: %+v", l)
	}
	other, err := s.Personal().Explain(context.Background(), "0000000000000001")
	check(t, err)
	if len(other) != 1 || other[0].Text == "" {
		t.Error("somebody else was erased, too")
	}
}

// moneyOf is every row that an amount may rest on.
func moneyOf(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	check(t, s.Calls().Each(context.Background(), func(c store.CallRecord) error {
		c.Text, c.State = "", ""
		all = append(all, fmt.Sprintf("%+v", c))
		return nil
	}))
	return all
}

// TestHoldingSees makes sure that the search can fail: before it is scrubbed, the ID is in the file or its log.
func TestHoldingSees(t *testing.T) {
	s := personal(t)
	holding, err := s.Personal().Holding([]string{erasedLiveness})
	check(t, err)
	if len(holding) == 0 {
		t.Error("an ID that is there was not found")
	}
}

func TestContainsAcrossReads(t *testing.T) {
	text := strings.Repeat("x", 1<<20-3) + "needle" + strings.Repeat("y", 100)
	for want, texts := range map[bool][]string{true: {"absent", "needle"}, false: {"needles", ""}} {
		if got, err := mention.Contains(strings.NewReader(text), texts); err != nil || got != want {
			t.Errorf("%q: %v, %v", texts, got, err)
		}
	}
}

// TestScrubBesideReader: a log that a reader still needs cannot be emptied, and that is said.
func TestScrubBesideReader(t *testing.T) {
	t.Parallel() // it waits for SQLite's busy timeout
	ctx := context.Background()
	s := personal(t)
	snap, err := snapshot.Open(ctx, s)
	check(t, err)
	if _, err := snap.Scores().Count(ctx, time.Unix(0, 0), time.Now(), 50, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Personal().Erase(ctx, erasedSignature, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := s.Personal().Scrub(ctx); !errors.Is(err, store.ErrInUse) {
		t.Errorf("scrubbed beside a reader: %v", err)
	}
	check(t, snap.Close())
	check(t, s.Personal().Scrub(ctx))
}

func TestPurge(t *testing.T) {
	ctx := context.Background()
	s := personal(t)
	money := moneyOf(t, s)
	if p, err := s.Personal().Purge(ctx, time.Now().Add(-time.Hour), time.Now()); err != nil || p != (store.Purged{}) {
		t.Fatalf("nothing is an hour old: %+v, %v", p, err)
	}
	later := time.Now().Add(time.Hour)
	want := store.Purged{Lists: 2, Checks: 2, Answers: 2, Rejects: 2}
	if p, err := s.Personal().Purgeable(ctx, later); err != nil || p != want {
		t.Errorf("purgeable: %+v, %v", p, err)
	}
	if p, err := s.Personal().Purge(ctx, later, later); err != nil || p != want {
		t.Errorf("purged: %+v, %v", p, err)
	}
	if open, err := s.Checks().Open(ctx, "ph", "PH", store.Pending, 0, 10); err != nil || len(open) != 1 || open[0].Text != erasedLiveness {
		t.Errorf("an open check keeps its ID until it is answered: %+v, %v", open, err)
	}
	if p, err := s.Personal().Purge(ctx, later, later); err != nil || p != (store.Purged{}) {
		t.Errorf("a second purge took %+v, %v", p, err)
	}
	if !reflect.DeepEqual(moneyOf(t, s), money) {
		t.Error("money changed with the purge")
	}
	check(t, s.Books().Audit(ctx))
	check(t, s.Personal().Scrub(ctx))
	if holding, err := s.Personal().Holding([]string{erasedSignature}); err != nil || len(holding) > 0 {
		t.Errorf("purged texts stand in %v, %v", holding, err)
	}
}
