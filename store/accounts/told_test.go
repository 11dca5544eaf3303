package accounts_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// TestToldOfDoubts: asked again by itself is an ID only where a statement is whole for its lost call; what a later
// statement bills all the same is paid for twice, and counted as that.
func TestToldOfDoubts(t *testing.T) {
	ctx := context.Background()
	s, run := inOctober(t)
	settle := func(month string, resolutions ...accounts.Resolution) {
		t.Helper()
		w, err := s.Statements().Reconcile(ctx)
		storetest.Check(t, err)
		_, _, err = w.Commit(ctx, accounts.Reconciliation{Month: month, MadeAt: time.Now()}, accounts.Findings{Resolutions: resolutions})
		storetest.Check(t, err)
	}
	expect := func(when, want string) {
		t.Helper()
		got := ""
		for _, told := range []accounts.Told{accounts.ToldNotBilled, accounts.ToldShort, accounts.ToldBilled} {
			found, err := s.Checks().Told(ctx, told)
			storetest.Check(t, err)
			got += fmt.Sprint(len(found))
		}
		short, err := s.Statements().Short(ctx)
		storetest.Check(t, err)
		for _, n := range short {
			got += fmt.Sprintf(" %s/%s %s %d", n.Endpoint, n.Region, n.Short, n.Checks)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	expect("before any statement", "000")
	settle("2026-10", accounts.Resolution{CallID: 2, Short: "early"})
	expect("after a part of October", "010 ph/PH early 1")
	if n, err := s.Checks().NotBilled(ctx, time.Now()); n != 0 || err != nil {
		t.Errorf("%d asked again, %v", n, err)
	}
	settle("2026-11", accounts.Resolution{CallID: 2, Billed: true})
	expect("billed in November", "001")
	settle("2026-11")
	settle("2026-10", accounts.Resolution{CallID: 2})
	expect("after the whole October", "100")
	if n, err := s.Checks().NotBilled(ctx, time.Now()); n != 1 || err != nil {
		t.Errorf("%d asked again, %v", n, err)
	}
	j := storetest.Journal(t, s, storetest.AdmitAll{})
	in := octoberIntent(run, 2, 2)
	in.Reason = store.ReasonDoubt
	storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, storetest.Paid(in, 80))())
	storetest.Check(t, j.Close())
	twice := func() (n int64) {
		t.Helper()
		snap, err := snapshot.Open(ctx, s)
		storetest.Check(t, err)
		defer snap.Close()                                                                 //nolint:errcheck // only read from
		all, err := snap.Calls().UsageByReason(ctx, closedFrom, time.Now().Add(time.Hour)) // the run began today
		storetest.Check(t, err)
		for _, u := range all {
			n += u.Twice
		}
		return n
	}
	if n := twice(); n != 0 {
		t.Errorf("%d paid twice before the vendor billed it", n)
	}
	pairs := func() (all []string) {
		t.Helper()
		snap, err := snapshot.Open(ctx, s)
		storetest.Check(t, err)
		defer snap.Close() //nolint:errcheck // only read from
		standing, err := snap.Reconciliations().Current(ctx, "2026-10")
		storetest.Check(t, err)
		found, err := snap.Reconciliations().PaidTwice(ctx, standing.ID)
		storetest.Check(t, err)
		for _, p := range found {
			all = append(all, fmt.Sprint(p.Lost, " ", p.Again, " ", p.Reason, " ", p.ReconciliationID == standing.ID))
		}
		return all
	}
	if got := pairs(); got != nil {
		t.Errorf("%q paid twice before the vendor billed it", got)
	}
	settle("2026-10", accounts.Resolution{CallID: 2, Billed: true})
	if n := twice(); n != 1 {
		t.Errorf("%d paid twice", n)
	}
	last := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT max(call_id) FROM calls WHERE check_id = 2")[0]
	if got := pairs(); len(got) != 1 || got[0] != "2 "+last+" doubt true" {
		t.Errorf("%q paid twice, want call 2 and call %s", got, last)
	}
}

// A doubt that is known to be billed is asked again by hand after those that are not: it is paid for a second time.
func TestBilledDoubtsComeLast(t *testing.T) {
	ctx := context.Background()
	s, _ := inOctober(t)
	storetest.Exec(t, storetest.Raw(t, s.Path()), "UPDATE checks SET state = 'in_doubt' WHERE check_id = 5")
	w, err := s.Statements().Reconcile(ctx)
	storetest.Check(t, err)
	_, _, err = w.Commit(ctx, accounts.Reconciliation{Month: "2026-10", MadeAt: time.Now()},
		accounts.Findings{Resolutions: []accounts.Resolution{{CallID: 2, Billed: true}}})
	storetest.Check(t, err)
	for _, want := range []string{"2", ""} {
		_, err := s.Checks().Force(ctx, store.Asking{State: store.InDoubt, Limit: 1}, time.Now())
		storetest.Check(t, err)
		if got := storetest.Lines(t, storetest.Raw(t, s.Path()), "SELECT coalesce(group_concat(check_id), '') FROM checks WHERE state = 'in_doubt'"); got[0] != want {
			t.Errorf("in doubt still: %q, want %q", got, want)
		}
	}
}
