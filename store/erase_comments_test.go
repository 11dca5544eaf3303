package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

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
