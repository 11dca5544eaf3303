package decisions_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/decisions"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// decided is a database in which two people decided about the answer to call 1, one after the other.
func decided(t *testing.T) *store.Store {
	t.Helper()
	s, _ := storetest.WithCalls(t)
	at := time.UnixMilli(1763740802000).UTC()
	for i, d := range []decisions.Decision{
		{CallID: 1, Decision: "genuine", Reviewer: "Ana", DecidedAt: at, Comment: "looks well", Sheet: "Manual queue", Row: 6},
		{CallID: 1, Decision: "attack", Reviewer: "Ben", DecidedAt: at.Add(time.Hour), Undated: true, Sheet: "Manual queue", Row: 9},
	} {
		storetest.Check(t, s.Decisions().Add(context.Background(), decisionFile(i), []decisions.Decision{d}))
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
	storetest.Check(t, err)
	a, ok, err := snap.Decisions().Answer(ctx, 1)
	storetest.Check(t, err)
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
		storetest.Check(t, err)
		var words []string
		for _, d := range found {
			words = append(words, d.Decision.Decision)
		}
		if got := strings.Join(words, " "); got != test.want {
			t.Errorf("from %s to %s: %q, want %q", test.from, test.to, got, test.want)
		}
	}
	storetest.Check(t, snap.Close())
	if at, known, err := s.Decisions().KnownFile(ctx, sha256.Sum256([]byte{1})); err != nil || !known || at.UnixMilli() != 1763744400000 {
		t.Errorf("file 1: %v, %v, %v", at, known, err)
	}
	if _, known, err := s.Decisions().KnownFile(ctx, sha256.Sum256([]byte{7})); err != nil || known {
		t.Errorf("file 7: %v, %v", known, err)
	}
	want := []string{"1|1|genuine|Ana|looks well|0|risk.xlsx|Manual queue|6", "1|1|attack|Ben|-|1|risk.xlsx|Manual queue|9"}
	if got := storetest.Lines(t, storetest.Raw(t, s.Path()), `SELECT check_id, call_id, decision, reviewer, comment, standing, file, sheet, row FROM v_decisions ORDER BY decision_id`); !slices.Equal(got, want) {
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
	if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT (SELECT count(*) FROM decisions) * 10 + (SELECT count(*) FROM decision_files)"); n != 22 {
		t.Errorf("%d decisions and files, want 2 and 2", n)
	}
}

// TestDecisionsAreAppendOnly: only a comment can be taken out.
func TestDecisionsAreAppendOnly(t *testing.T) {
	s := decided(t)
	db := storetest.Raw(t, s.Path())
	for _, text := range []string{
		"UPDATE decisions SET decision = 'attack'", "UPDATE decisions SET comment = 'better'",
		"UPDATE decisions SET reviewer = 'Cy', comment = NULL", "DELETE FROM decisions",
	} {
		if _, err := db.Exec(text); err == nil || !strings.Contains(err.Error(), "decisions are append-only") {
			t.Errorf("%s: %v", text, err)
		}
	}
	storetest.Exec(t, db, "UPDATE decisions SET comment = NULL")
}
