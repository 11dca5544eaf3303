package accounts_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

var (
	closedFrom = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	closedTo   = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
)

// inOctober is a database with a call paid and one in doubt in October 2026, in a run that has ended.
func inOctober(t *testing.T) (s *store.Store, runID int64) {
	t.Helper()
	s, runID = storetest.WithChecks(t, 6)
	j := storetest.Journal(t, s, storetest.AdmitAll{})
	for c, result := range []func(store.Intent) store.Result{func(in store.Intent) store.Result { return storetest.Paid(in, 80) }, storetest.Lost} {
		in := octoberIntent(runID, int64(c+1), 1)
		storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, result(in))())
	}
	storetest.Check(t, j.Close())
	storetest.Check(t, s.Runs().Close(context.Background(), runID, 0, "DONE", nil))
	return s, runID
}

func octoberIntent(runID, check int64, attempt int) store.Intent {
	in := storetest.Intent(runID, check, attempt)
	in.At = closedFrom.Add(12 * time.Hour)
	return in
}

func closeOctober(t *testing.T, s *store.Store) accounts.Closure {
	t.Helper()
	ctx := context.Background()
	c, err := s.Months().Begin(ctx, accounts.Closure{Month: "2026-10", ClosedAt: time.Now(), ClosedBy: "A. Lim", Version: "test", Settings: "{}"}, closedFrom, closedTo)
	storetest.Check(t, err)
	storetest.Check(t, s.Months().Seal(ctx, c.ID, time.Now(), []accounts.ClosedFile{{Kind: "finance", Name: "finance_2026-10.xlsx", Content: []byte("finance")}, {Kind: "risk", Name: "risk_2026-10.xlsx", Content: []byte("risk")}}))
	return c
}

func TestClosureKeepsItsFiles(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	closeOctober(t, s)
	f, closed, err := s.Months().File(ctx, "2026-10", "finance")
	if err != nil || !closed || !bytes.Equal(f.Content, []byte("finance")) || f.Name != "finance_2026-10.xlsx" {
		t.Errorf("%+v, %v, %v", f, closed, err)
	}
	if _, closed, err := s.Months().File(ctx, "2026-11", "finance"); err != nil || closed {
		t.Errorf("an open month: %v, %v", closed, err)
	}
	if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT sum(calls) FROM closed_usage"); n != 2 {
		t.Errorf("%d calls are frozen, want 2", n)
	}
	var again *accounts.ClosedError
	if _, err := s.Months().Begin(ctx, accounts.Closure{Month: "2026-10"}, closedFrom, closedTo); !errors.As(err, &again) {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := importPaper(t, s, paper{name: "late", usage: []string{"2026-10/ph"}}); err != nil {
		t.Errorf("a statement of a closed month is not taken: %v", err)
	}
	w, err := s.Statements().Reconcile(ctx)
	storetest.Check(t, err)
	if _, _, err := w.Commit(ctx, accounts.Reconciliation{Month: "2026-10"}, accounts.Findings{}); !errors.As(err, &again) {
		t.Errorf("a closed month was reconciled: %v", err)
	}
}

// TestClosureContentHash: the same facts give the same hash, others another one.
func TestClosureContentHash(t *testing.T) {
	hash := func(settings string) []byte {
		s, _ := inOctober(t)
		c, err := s.Months().Begin(context.Background(), accounts.Closure{Month: "2026-10", ClosedAt: time.Now(), ClosedBy: "A", Settings: settings}, closedFrom, closedTo)
		storetest.Check(t, err)
		return c.ContentSHA256
	}
	if !bytes.Equal(hash("{}"), hash("{}")) || bytes.Equal(hash("{}"), hash(`{"reading":"success"}`)) {
		t.Error("the content's hash does not tell what it should")
	}
}

func TestReopen(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	if _, err := s.Months().Reopen(ctx, "2026-10", "A. Lim", "why", time.Now()); !errors.Is(err, accounts.ErrNotClosed) {
		t.Errorf("an open month: %v", err)
	}
	closeOctober(t, s)
	_, err := s.Months().Reopen(ctx, "2026-10", "B. Tan", "corrected invoice", time.Now())
	storetest.Check(t, err)
	closeOctober(t, s)
	all, err := s.Months().Closures(ctx)
	storetest.Check(t, err)
	if len(all) != 2 || all[0].Reason != "corrected invoice" || all[0].ReopenedBy != "B. Tan" || !all[1].ReopenedAt.IsZero() {
		t.Errorf("%+v", all)
	}
	if _, err := storetest.Raw(t, s.Path()).Exec("UPDATE closures SET reason = 'another' WHERE closure_id = 1"); err == nil {
		t.Error("a reason was changed")
	}
}

// TestUnsealedClosureClosesNothing: what a crash leaves between the two steps is dropped.
func TestUnsealedClosureClosesNothing(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	_, err := s.Months().Begin(ctx, accounts.Closure{Month: "2026-10", ClosedAt: time.Now(), ClosedBy: "A", Settings: "{}"}, closedFrom, closedTo)
	storetest.Check(t, err)
	after := storetest.OpenAt(t, storetest.Image(t, s.Path()))
	if _, closed, err := after.Months().File(ctx, "2026-10", "risk"); err != nil || closed {
		t.Errorf("closed: %v, %v", closed, err)
	}
	storetest.Check(t, after.Months().DropUnsealed(ctx))
	if n := storetest.Count(t, storetest.Raw(t, after.Path()), "SELECT (SELECT count(*) FROM closures) + (SELECT count(*) FROM closed_usage)"); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	closeOctober(t, after)
}

// TestCloseWaitsForRuns: a call that may still get its outcome keeps its month open.
func TestCloseWaitsForRuns(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	_, _, err := s.Runs().Open(ctx, "test", true)
	storetest.Check(t, err)
	if _, err := s.Months().Begin(ctx, accounts.Closure{Month: "2026-10", Settings: "{}"}, closedFrom, closedTo); !errors.Is(err, accounts.ErrRunning) {
		t.Errorf("closed while a run goes on: %v", err)
	}
}

// TestErasureTakesOutKeptRisk: the kept risk workbook may name the person, the finance workbook names nobody.
func TestErasureTakesOutKeptRisk(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	closeOctober(t, s)
	answered := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT id FROM checks WHERE check_id = 1")[0]
	if _, err := s.Personal().Erase(ctx, answered, time.Now()); err != nil {
		t.Fatal(err)
	}
	risk, closed, err := s.Months().File(ctx, "2026-10", "risk")
	if err != nil || !closed || risk.Content != nil {
		t.Errorf("risk: %q, %v, %v", risk.Content, closed, err)
	}
	finance, _, err := s.Months().File(ctx, "2026-10", "finance")
	if err != nil || finance.Content == nil {
		t.Errorf("finance: %v", err)
	}
}

// TestCorrections: those that an open month bears are made anew, those of a closed one stay whatever is found.
func TestCorrections(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	october := closeOctober(t, s)
	late := accounts.CorrectionRow{ClosureID: october.ID, Month: "2026-10", BorneBy: "2026-11", Kind: accounts.LateCall, CallID: 1, Endpoint: "ph", Region: "PH", Currency: "USD",
		Quantity: 1, Amount: "0.03", Most: "0.03", Right: "0.03", Theirs: "0", Class: "ours only"}
	doubt := late
	doubt.CallID, doubt.Kind, doubt.Quantity, doubt.Amount, doubt.Right = 2, accounts.DoubtNotBilled, 0, "0", "0"
	read := func(month string) []accounts.CorrectionRow {
		snap, err := snapshot.Open(ctx, s)
		storetest.Check(t, err)
		rows, err := snap.Months().Borne(ctx, month)
		storetest.Check(t, err)
		kept, err := snap.Months().Kept(ctx, october.ID)
		storetest.Check(t, err)
		storetest.Check(t, snap.Close())
		return append(rows, kept...)
	}
	storetest.Check(t, s.Months().ReplaceCorrections(ctx, time.Now(), october.ID, []accounts.CorrectionRow{late}))
	storetest.Check(t, s.Months().ReplaceCorrections(ctx, time.Now(), october.ID, []accounts.CorrectionRow{late, doubt}))
	if got := read("2026-11"); !slices.Equal(got, []accounts.CorrectionRow{late, doubt}) {
		t.Errorf("%+v", got)
	}
	c, err := s.Months().Begin(ctx, accounts.Closure{Month: "2026-11", ClosedAt: time.Now(), Settings: "{}"}, closedTo, closedTo.AddDate(0, 1, 0))
	storetest.Check(t, err)
	storetest.Check(t, s.Months().Seal(ctx, c.ID, time.Now(), nil))
	storetest.Check(t, s.Months().ReplaceCorrections(ctx, time.Now(), october.ID, nil))
	if got := read("2026-11"); !slices.Equal(got, []accounts.CorrectionRow{late, doubt, late, doubt}) {
		t.Errorf("November is closed, and what it bears is not as it was: %+v", got)
	}
}
