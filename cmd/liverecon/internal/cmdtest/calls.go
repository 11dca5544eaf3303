// Package cmdtest has what the tests of the verbs and of their packages share.
package cmdtest

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"liverecon/store"
)

// ExecSQL changes a database behind its store.
func ExecSQL(t *testing.T, file string, texts ...string) {
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

// MakeCalls stores calls by endpoint and region; every third answer is lost, the others are tagged PAY.
func MakeCalls(t *testing.T, s *store.Store, calls map[string]int) {
	t.Helper()
	ListCalls(t, s, "t", calls)
}

// ListCalls does as MakeCalls for IDs of a list of that name.
func ListCalls(t *testing.T, s *store.Store, list string, calls map[string]int) {
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
			if err := intake.Row(store.ListedRow{Line: line, Kind: "signatureId", ID: list + string(rune('a'+line)),
				Region: place[3:], Endpoint: place[:2]}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := intake.Commit(ctx, run, store.List{Path: list, Fingerprint: list, ReadAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	journal, err := s.Journal().Open(ctx, admitAll{}, 1)
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

func makeCall(t *testing.T, journal *store.JournalWriter, run int64, c store.Check, lost bool) {
	t.Helper()
	now := time.Now()
	in := store.Intent{CheckID: c.ID, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: c.Endpoint,
		Region: c.Region, At: now, From: store.Pending}
	id, err := journal.Begin(in)
	if err != nil {
		t.Fatal(err)
	}
	result := store.Result{Outcome: store.Answered, SentAt: now, EndedAt: now, Code: "SUCCESS", Pricing: "PAY",
		Tag: store.TagPay, State: store.Done, Answer: &store.Answer{Current: true}}
	if lost {
		result = store.Result{Outcome: store.Unanswered, Cause: "reset", SentAt: now, EndedAt: now,
			Tag: store.TagUnknown, State: store.InDoubt, Doubtful: true}
	}
	if err := journal.Finish(id, in, result)(); err != nil {
		t.Fatal(err)
	}
}

// admitAll represents an admission without limits.
type admitAll struct{}

func (admitAll) Admit(store.Intent) error { return nil }

func (admitAll) Confirm(store.Intent, store.Result, bool) {}

func (admitAll) Doubt(store.Doubted) {}
