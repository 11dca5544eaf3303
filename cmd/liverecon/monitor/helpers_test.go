package monitor

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"liverecon/cmd/liverecon/clean"
	"liverecon/store"
)

// execSQL changes a database behind its store.
func execSQL(t *testing.T, file string, texts ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	for _, text := range texts {
		if err == nil {
			_, err = db.Exec(text)
		}
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// makeCalls stores calls by endpoint and region; every third answer is lost, the others are tagged PAY.
func makeCalls(t *testing.T, s *store.Store, calls map[string]int) {
	t.Helper()
	listCalls(t, s, "t", calls)
}

// listCalls is makeCalls for IDs of a list of that name.
func listCalls(t *testing.T, s *store.Store, list string, calls map[string]int) {
	t.Helper()
	ctx := context.Background()
	run, _, err := s.Runs().Open(ctx, "test", true)
	if err != nil {
		t.Fatal(err)
	}
	intake, err := s.Lists().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	line := 1
	for place, n := range calls {
		for range n {
			line++
			if err := intake.Row(store.ListedRow{Line: line, Kind: "signatureId", ID: list + string(rune('a'+line)), Region: place[3:], Endpoint: place[:2]}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := intake.Commit(ctx, run, store.List{Path: list, Fingerprint: list, ReadAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	journal, err := s.OpenJournal(ctx, admitAll{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for place := range calls {
		checks, err := s.Checks().Open(ctx, place[:2], place[3:], store.Pending, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range checks {
			makeCall(t, journal, run, c, i%3 == 2)
		}
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
}

func makeCall(t *testing.T, journal *store.Journal, run int64, c store.Check, lost bool) {
	t.Helper()
	now := time.Now()
	in := store.Intent{CheckID: c.ID, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: c.Endpoint, Region: c.Region, At: now, From: store.Pending}
	id, err := journal.Begin(in)
	if err != nil {
		t.Fatal(err)
	}
	result := store.Result{Outcome: store.Answered, SentAt: now, EndedAt: now, Code: "SUCCESS", Pricing: "PAY", Tag: store.TagPay, State: store.Done, Answer: &store.Answer{Standing: true}}
	if lost {
		result = store.Result{Outcome: store.Unanswered, Cause: "reset", SentAt: now, EndedAt: now, Tag: store.TagUnknown, State: store.InDoubt, Doubtful: true}
	}
	if err := journal.Finish(id, in, result)(); err != nil {
		t.Fatal(err)
	}
}

// admitAll is an admission without limits.
type admitAll struct{}

func (admitAll) Admit(store.Intent) error { return nil }

func (admitAll) Settle(store.Intent, store.Result, bool) {}

// hostile is what a vendor, a list or a reviewer may write.
const hostile = "a\x1b[2J\x1b]0;owned\a\r\nliverecon: error: forged\u009b31m\u202egnp.exe\u2066x\u2028y\x7f\xff\tz"

// harmless reports what of a printed text could do something to a terminal, or pretends to be a line of ours.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if r != '\n' && r != '\t' && clean.Hidden(r) {
			t.Errorf("%s: %U at %d of %q", what, r, i, text)
			return
		}
	}
	if strings.Contains(text, "\nliverecon: error: forged") || strings.Contains(text, "\xff") {
		t.Errorf("%s: a forged line, or bytes that are no text: %q", what, text)
	}
}
