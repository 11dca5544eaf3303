package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/decisions"
	"liverecon/store/snapshot"
)

// decided is a database in which two people decided about the answer to call 1, one after the other.
func decided(t *testing.T) *store.Store {
	t.Helper()
	s, _ := withCalls(t)
	at := time.UnixMilli(1763740802000).UTC()
	for i, d := range []decisions.Decision{
		{CallID: 1, Decision: "genuine", Reviewer: "Ana", DecidedAt: at, Comment: "looks well", Sheet: "Manual queue", Row: 6},
		{CallID: 1, Decision: "attack", Reviewer: "Ben", DecidedAt: at.Add(time.Hour), Undated: true, Sheet: "Manual queue", Row: 9},
	} {
		check(t, s.Decisions().Add(context.Background(), decisionFile(i), []decisions.Decision{d}))
	}
	return s
}

func decisionFile(n int) decisions.File {
	return decisions.File{Name: "risk.xlsx", SHA256: sha256.Sum256([]byte{byte(n)}), ImportedAt: time.UnixMilli(1763744400000)}
}

// TestDecisions reads back what was decided: all of it beside the answer, the last of it in the reports of the answer's time.
func TestDecisions(t *testing.T) {
	ctx := context.Background()
	s := decided(t)
	snap, err := snapshot.Open(ctx, s)
	check(t, err)
	a, ok, err := snap.Decisions().Answer(ctx, 1)
	check(t, err)
	if !ok || len(a.Decisions) != 2 || a.Decisions[0].Comment != "looks well" || a.Decisions[1].Reviewer != "Ben" || !a.Decisions[1].Undated || *a.Score != 50 || a.ID == "" {
		t.Errorf("answer 1: %+v, %v", a, ok)
	}
	if _, ok, err := snap.Decisions().Answer(ctx, 3); ok || err != nil {
		t.Errorf("a lost answer was found: %v, %v", ok, err)
	}
	for _, test := range []struct {
		from, to time.Time
		want     string
	}{{a.AnsweredAt, a.AnsweredAt.Add(time.Second), "attack"}, {a.AnsweredAt.Add(-time.Hour), a.AnsweredAt, ""}, {a.AnsweredAt.Add(time.Second), a.AnsweredAt.Add(time.Hour), ""}} {
		found, err := snap.Decisions().Current(ctx, test.from, test.to)
		check(t, err)
		var words []string
		for _, d := range found {
			words = append(words, d.Decision.Decision)
		}
		if got := strings.Join(words, " "); got != test.want {
			t.Errorf("from %s to %s: %q, want %q", test.from, test.to, got, test.want)
		}
	}
	check(t, snap.Close())
	if at, known, err := s.Decisions().KnownFile(ctx, sha256.Sum256([]byte{1})); err != nil || !known || at.UnixMilli() != 1763744400000 {
		t.Errorf("file 1: %v, %v, %v", at, known, err)
	}
	if _, known, err := s.Decisions().KnownFile(ctx, sha256.Sum256([]byte{7})); err != nil || known {
		t.Errorf("file 7: %v, %v", known, err)
	}
	want := []string{"1|1|genuine|Ana|looks well|0|risk.xlsx|Manual queue|6", "1|1|attack|Ben|-|1|risk.xlsx|Manual queue|9"}
	if got := lines(t, s.ReadDB(), `SELECT check_id, call_id, decision, reviewer, comment, standing, file, sheet, row FROM v_decisions ORDER BY decision_id`); !slices.Equal(got, want) {
		t.Errorf("view:\n%q, want\n%q", got, want)
	}
}

// TestDecisionsAllOrNone stores nothing of a file one of whose decisions cannot be stored.
func TestDecisionsAllOrNone(t *testing.T) {
	s := decided(t)
	good := decisions.Decision{CallID: 2, Decision: "unclear", Reviewer: "Ana", DecidedAt: time.Now(), Sheet: "Manual queue", Row: 7}
	for name, change := range map[string]func(*decisions.Decision){
		"no answer": func(d *decisions.Decision) { d.CallID = 99 }, "no such word": func(d *decisions.Decision) { d.Decision = "maybe" }, "no reviewer": func(d *decisions.Decision) { d.Reviewer = "" },
	} {
		bad := good
		change(&bad)
		if err := s.Decisions().Add(context.Background(), decisionFile(3), []decisions.Decision{good, bad}); err == nil {
			t.Errorf("%s: stored", name)
		}
	}
	if n := count(t, s.ReadDB(), "SELECT (SELECT count(*) FROM decisions) * 10 + (SELECT count(*) FROM decision_files)"); n != 22 {
		t.Errorf("%d decisions and files, want 2 and 2", n)
	}
}

// TestDecisionsAreAppendOnly: only a comment can be taken out.
func TestDecisionsAreAppendOnly(t *testing.T) {
	s := decided(t)
	for name, db := range map[string]*sql.DB{"the store's": s.WriteDB(), "another": rawDB(t, s.Path())} {
		for _, text := range []string{"UPDATE decisions SET decision = 'attack'", "UPDATE decisions SET comment = 'better'", "UPDATE decisions SET reviewer = 'Cy', comment = NULL", "DELETE FROM decisions"} {
			if _, err := db.Exec(text); err == nil || !strings.Contains(err.Error(), "decisions are append-only") {
				t.Errorf("%s connection, %s: %v", name, text, err)
			}
		}
	}
	execSQL(t, s.WriteDB(), "UPDATE decisions SET comment = NULL")
}

// TestErasedComments takes out what reviewers wrote about a person, and what they wrote elsewhere that names one.
func TestErasedComments(t *testing.T) {
	ctx := context.Background()
	s := personal(t)
	at := time.Now()
	check(t, s.Decisions().Add(ctx, decisionFile(1), []decisions.Decision{
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
