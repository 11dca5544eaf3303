package accounts_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// october is a reconciliation of October with one row matched, one doubt explained and one call missing.
func october(t *testing.T, s *store.Store, statement int64, theirs string) (int64, bool, error) {
	t.Helper()
	w := writeOctober(t, s, statement, theirs)
	r := accounts.Reconciliation{Month: "2026-10", MadeAt: time.Now(), Version: "test", Basis: "pay-tag", Settings: "{}", LastCall: 2, Itemised: true, Verdict: "as billed", Calls: 2, Charges: 1, Doubts: 1}
	return w.Commit(context.Background(), r, accounts.Findings{Bridge: []accounts.BridgeLine{{Currency: "USD", Step: "ours", Quantity: 1, Amount: "0.03", Priced: true}},
		Verdicts:    []accounts.Verdict{{Currency: "USD", Ours: "0.03", Over: "0", Under: "0", Priced: true, Within: true}},
		Bases:       []accounts.BasisCount{{Basis: "pay-tag", Endpoint: "ph", Region: "PH", Currency: "USD", Quantity: 1, Amount: "0.03"}, {Basis: "success", Endpoint: "ph", Region: "PH", Quantity: 1}},
		Gaps:        []accounts.BasisGap{{Basis: "pay-tag", Endpoint: "ph", Currency: "USD", OurQuantity: 1, OurAmount: "0.03", Minimum: "0", LeastAmount: "0.03", MostAmount: "0.06", TheirQuantity: 2, TheirAmount: theirs}},
		Resolutions: []accounts.Resolution{{CallID: 2, Billed: true}}})
}

func writeOctober(t *testing.T, s *store.Store, statement int64, theirs string) *accounts.ReconciliationWriter {
	t.Helper()
	ctx := context.Background()
	w, err := s.Statements().Reconcile(ctx)
	storetest.Check(t, err)
	at := closedFrom.Add(12 * time.Hour)
	for _, row := range []accounts.ReconciledRow{
		{Class: "matched", CallID: 1, StatementID: statement, Line: 2, SentAt: at, Endpoint: "ph", Region: "PH", Currency: "USD", TransactionID: "t1", OurQuantity: 1, TheirQuantity: 1, OurAmount: "0.03", TheirAmount: theirs},
		{Class: "explained by doubt", CallID: 2, StatementID: statement, Line: 3, SentAt: at, Endpoint: "ph", Region: "PH", Currency: "USD", TransactionID: "t2", TheirQuantity: 1, OurAmount: "0", TheirAmount: "0.03"},
		{Class: "ours only", CallID: 1, SentAt: at, Endpoint: "ph", Region: "PH", Currency: "USD", OurQuantity: 1, TheirAmount: "0", Note: "no price"},
	} {
		storetest.Check(t, w.Row(ctx, &row))
	}
	return w
}

func octoberStatement(t *testing.T, s *store.Store) int64 {
	t.Helper()
	got, err := importPaper(t, s, paper{name: "oct", usage: []string{"2026-10/ph", "2026-10/ph"}})
	storetest.Check(t, err)
	return got.StatementID
}

func TestReconciliationReadsBack(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	id, changed, err := october(t, s, octoberStatement(t, s), "0.03")
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	snap, err := snapshot.Open(ctx, s)
	storetest.Check(t, err)
	defer snap.Close() //nolint:errcheck // only read from
	r, err := snap.Reconciliations().Current(ctx, "2026-10")
	if err != nil || r == nil || r.ID != id || r.Verdict != "as billed" || !slices.Equal(r.Statements, []int64{1}) || r.Charges != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	counts, err := snap.Reconciliations().Classes(ctx, id)
	storetest.Check(t, err)
	want := []accounts.ClassCount{
		{Class: "explained by doubt", Endpoint: "ph", Region: "PH", Currency: "USD", Rows: 1, TheirQuantity: 1, OurAmount: "0", TheirAmount: "0.03"},
		{Class: "matched", Endpoint: "ph", Region: "PH", Currency: "USD", Rows: 1, OurQuantity: 1, TheirQuantity: 1, OurAmount: "0.03", TheirAmount: "0.03"},
		{Class: "ours only", Endpoint: "ph", Region: "PH", Currency: "USD", Rows: 1, OurQuantity: 1, OurAmount: "0", TheirAmount: "0", Unpriced: 1},
	}
	if !slices.Equal(counts, want) {
		t.Errorf("%+v, want %+v", counts, want)
	}
	var rows []string
	storetest.Check(t, snap.Reconciliations().Each(ctx, id, true, 0, 10, func(r *accounts.ReconciledRow) error {
		rows = append(rows, strings.Join([]string{r.Class, r.Code, r.OurPricing, r.TheirTransactionID, r.OurAmount, r.Note}, "|"))
		return nil
	}))
	if want := []string{"explained by doubt|||oct-2026-10/ph|0|", "ours only|SUCCESS|PAY|||no price"}; !slices.Equal(rows, want) {
		t.Errorf("%q, want %q", rows, want)
	}
	if n, err := snap.Reconciliations().Count(ctx, id, true); err != nil || n != 2 {
		t.Errorf("%d exceptions, %v", n, err)
	}
}

// TestReconcilingAgain: the same result is not kept twice; another one takes its place and leaves it in the database.
func TestReconcilingAgain(t *testing.T) {
	s, _ := inOctober(t)
	statement := octoberStatement(t, s)
	first, _, err := october(t, s, statement, "0.03")
	storetest.Check(t, err)
	again, changed, err := october(t, s, statement, "0.03")
	if err != nil || changed || again != first {
		t.Errorf("the same again: %d, %v, %v", again, changed, err)
	}
	second, changed, err := october(t, s, statement, "0.04")
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	got := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT reconciliation_id, superseded_by, (SELECT count(*) FROM reconciled r WHERE r.reconciliation_id = c.reconciliation_id) FROM reconciliations c ORDER BY 1")
	if len(got) != 2 || !strings.HasSuffix(got[0], "|3") || !strings.Contains(got[0], "|"+strings.SplitN(got[1], "|", 2)[0]+"|") || second == first {
		t.Errorf("%q", got)
	}
}

// TestResolutions: a doubt that a standing reconciliation settled is in doubt no more; billed in one month outweighs not
// billed in another; what is superseded says nothing.
func TestResolutions(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	expect := func(when, want string, doubts int64) {
		t.Helper()
		got := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT resolution FROM v_calls WHERE call_id = 2")[0]
		n, err := s.Calls().InDoubt(ctx)
		if got != want || n != doubts || err != nil {
			t.Errorf("%s: %q and %d in doubt, want %q and %d (%v)", when, got, n, want, doubts, err)
		}
	}
	settle := func(month string, resolutions ...accounts.Resolution) {
		t.Helper()
		w, err := s.Statements().Reconcile(ctx)
		storetest.Check(t, err)
		_, _, err = w.Commit(ctx, accounts.Reconciliation{Month: month, MadeAt: time.Now()}, accounts.Findings{Resolutions: resolutions})
		storetest.Check(t, err)
	}
	expect("before any statement", "", 1)
	settle("2026-10", accounts.Resolution{CallID: 2})
	expect("after October", "not billed", 0)
	settle("2026-11", accounts.Resolution{CallID: 2, Billed: true})
	expect("after November", "billed", 0)
	settle("2026-10", accounts.Resolution{CallID: 2}, accounts.Resolution{CallID: 1})
	expect("after October again", "billed", 0)
	settle("2026-11")
	expect("after November corrected", "not billed", 0)
	settle("2026-10")
	expect("after October corrected", "", 1)
	if _, err := storetest.Raw(t, s.Path()).Exec("DELETE FROM resolutions"); err == nil {
		t.Error("resolutions were deleted")
	}
}

// TestCrashWhileReconciling: at no moment does a copy of the files hold half a statement or half a reconciliation.
func TestCrashWhileReconciling(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	nothing := func(when string, want int64) {
		t.Helper()
		after := storetest.OpenAt(t, storetest.Image(t, s.Path()))
		if n := storetest.Count(t, storetest.Raw(t, after.Path()), "SELECT (SELECT count(*) FROM statements) + (SELECT count(*) FROM statement_lines) + (SELECT count(*) FROM reconciliations) + (SELECT count(*) FROM reconciled)"); n != want {
			t.Errorf("a crash %s leaves %d rows, want %d", when, n, want)
		}
	}
	in, err := s.Statements().Import(ctx)
	storetest.Check(t, err)
	for i := range 5000 {
		storetest.Check(t, in.Line(ctx, &accounts.StatementLine{Line: int64(i + 2), Kind: accounts.LineUsage, Month: "2026-10", Endpoint: "ph", Quantity: 1, Amount: "0.03", Currency: "USD"}))
	}
	nothing("while a statement is read", 0)
	storetest.Check(t, in.Abort())
	statement := octoberStatement(t, s)
	nothing("after the import", 3)
	w := writeOctober(t, s, statement, "0.03")
	nothing("while rows are kept", 3)
	storetest.Check(t, w.Abort())
	nothing("after giving up", 3)
	_, _, err = october(t, s, statement, "0.03")
	storetest.Check(t, err)
	nothing("after reconciling", 7)
}
