package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/decisions"
)

// TestErasedComments takes out what reviewers wrote about a person, and what they wrote elsewhere that names one.
func TestErasedComments(t *testing.T) {
	ctx := context.Background()
	s := personal(t)
	at := time.Now()
	check(t, s.Decisions().Add(ctx, decisions.File{Name: "risk.xlsx", ImportedAt: at}, []decisions.Decision{
		{CallID: 1, Decision: "attack", Reviewer: "Ana", DecidedAt: at, Comment: "same face as " + erasedLiveness, Sheet: "Manual queue", Row: 6},
		{CallID: 2, Decision: "attack", Reviewer: "Ana", DecidedAt: at, Comment: "known to us", Sheet: "Manual queue", Row: 7},
		{CallID: 1, Decision: "unclear", Reviewer: "Ben", DecidedAt: at, Comment: "nobody is named", Sheet: "Manual queue", Row: 6},
	}))
	found, err := s.Personal().Traces(ctx, erasedSignature)
	check(t, err)
	if found.Remarks != 2 {
		t.Errorf("%d comments found, want 2", found.Remarks)
	}
	_, err = s.Personal().Erase(ctx, erasedSignature, at)
	check(t, err)
	check(t, s.Personal().Scrub(ctx))
	want := []string{"attack|-", "attack|-", "unclear|nobody is named"}
	if got := lines(t, s.ReadDB(), "SELECT decision, comment FROM decisions ORDER BY decision_id"); !slices.Equal(got, want) {
		t.Errorf("decisions %q, want %q", got, want)
	}
	if holding, err := s.Personal().Holding([]string{erasedSignature, erasedLiveness, "known to us"}); err != nil || len(holding) > 0 {
		t.Errorf("texts stand in %v, %v", holding, err)
	}
	_, err = s.Personal().Purge(ctx, at.Add(time.Hour), at.Add(time.Hour))
	check(t, err)
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM decisions WHERE comment IS NOT NULL"); n != 0 {
		t.Errorf("%d comments outlive a purge", n)
	}
}

// TestErasedMentions takes an ID out of where it stands beside others: another person's row, names of files, verdicts.
func TestErasedMentions(t *testing.T) {
	ctx := context.Background()
	s := personal(t)
	before := rowOf(2, "0000000000000009")
	before.Reference = `{"retry of":"` + erasedSignature + `","customer":"C-9"}`
	run, _ := take(t, s, "of_"+erasedSignature+".csv", before)
	check(t, s.Runs().Close(ctx, run, 5, "1 list set aside ("+erasedLiveness+".csv)", nil))
	found, err := s.Personal().Traces(ctx, erasedSignature)
	check(t, err)
	if found.Mentions != 4 { // the person's own other column is one
		t.Errorf("%d mentions found, want 4", found.Mentions)
	}
	_, err = s.Personal().Erase(ctx, erasedSignature, time.Now())
	check(t, err)
	check(t, s.Personal().Scrub(ctx))
	if holding, err := s.Personal().Holding([]string{erasedSignature, erasedLiveness}); err != nil || len(holding) > 0 {
		t.Errorf("the ID still stands in %v, %v", holding, err)
	}
	want := []string{`{"retry of":"(erased)","customer":"C-9"}`, "of_(erased).csv", "1 list set aside ((erased).csv)"}
	if got := lines(t, s.ReadDB(), `SELECT reference FROM checks WHERE reference IS NOT NULL UNION ALL
		SELECT substr(path, instr(path, 'of_')) FROM lists WHERE instr(path, 'of_') UNION ALL SELECT verdict FROM runs WHERE verdict LIKE '1 list%'`); !slices.Equal(got, want) {
		t.Errorf("what mentions it became %q, want %q", got, want)
	}
	if left, err := s.Personal().Traces(ctx, erasedSignature); err != nil || !left.Empty() {
		t.Errorf("traces left: %+v, %v", left, err)
	}
}

// TestErasedSpellings takes an ID out as others wrote it, in other case, without dashes or with them; what is a check of
// its own stays.
func TestErasedSpellings(t *testing.T) {
	ctx := context.Background()
	for _, spelled := range []string{strings.ToUpper(erasedSignature), "F302f5d2454a85C2", "f302-f5d2-454a-85c2",
		strings.ToUpper(erasedLiveness), strings.ReplaceAll(erasedLiveness, "-", "")} {
		s := personal(t)
		before := rowOf(2, "0000000000000009")
		before.Reference = `{"retry of":"` + spelled + `"}`
		run, _ := take(t, s, "of_"+spelled+".csv", before)
		check(t, s.Runs().Close(ctx, run, 5, "1 list set aside ("+spelled+".csv)", nil))
		execSQL(t, s.WriteDB(), "UPDATE rejects SET value = ? WHERE line = 4", spelled+";Lemuria")
		_, err := s.Personal().Erase(ctx, erasedSignature, time.Now())
		check(t, err)
		check(t, s.Personal().Scrub(ctx))
		if holding, err := s.Personal().Holding([]string{erasedSignature, erasedLiveness, spelled}); err != nil || len(holding) > 0 {
			t.Errorf("%s still stands in %v, %v", spelled, holding, err)
		}
	}

	s := personal(t)
	other := strings.ToUpper(erasedSignature)
	run, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	in, err := s.Lists().Begin(ctx)
	check(t, err)
	in.Distinguish(true, false)
	check(t, in.Row(rowOf(2, other)))
	_, err = in.Commit(ctx, run, listOf("capitals.csv"))
	check(t, err)
	check(t, s.Runs().Close(ctx, run, 0, "of "+other, nil))
	_, err = s.Personal().Erase(ctx, erasedSignature, time.Now())
	check(t, err)
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM checks WHERE id = ?", other); n != 1 {
		t.Errorf("%d checks of %s, want that it stays", n, other)
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM runs WHERE verdict = ?", "of "+other); n != 1 {
		t.Error("what was said of a check of its own is gone")
	}
}

// TestErasedStaysOut: a list that is read after an erasure and names the ID still, in its own name, in a row that is
// rejected, beside another ID and in another column, brings nothing of it back; it is not asked again.
func TestErasedStaysOut(t *testing.T) {
	ctx := context.Background()
	s := personal(t)
	_, err := s.Personal().Erase(ctx, erasedSignature, time.Now())
	check(t, err)
	check(t, s.Personal().Scrub(ctx))
	again, beside := rowOf(2, erasedSignature), rowOf(3, "0000000000000009")
	again.OtherID, beside.Reference = erasedLiveness, `{"retry of":"`+erasedSignature+`"}`
	run, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	in, err := s.Lists().Begin(ctx)
	check(t, err)
	check(t, in.Row(again))
	check(t, in.Row(beside))
	check(t, in.Reject(store.Reject{Line: 4, Column: "id", Reason: "too_many_fields", Value: erasedSignature + ";Lemuria",
		Detail: "of " + strings.ToUpper(erasedLiveness)}))
	l, err := in.Commit(ctx, run, listOf("ids_"+erasedSignature+".csv"))
	check(t, err)
	if l.New != 1 || l.Known != 1 || strings.Contains(l.Path, erasedSignature) {
		t.Errorf("took %+v", l)
	}
	check(t, s.Runs().Close(ctx, run, 0, "DONE", nil))
	check(t, s.Personal().Scrub(ctx))
	ids := []string{erasedSignature, erasedLiveness, strings.ToUpper(erasedLiveness)}
	if holding, err := s.Personal().Holding(ids); err != nil || len(holding) > 0 {
		t.Errorf("it stands again in %v, %v", holding, err)
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM rejects WHERE value = ? AND line = 4", store.Erased+";Lemuria"); n != 1 {
		t.Errorf("%d rejected rows with what is left", n)
	}
}
