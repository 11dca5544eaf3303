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

// use notes a price book for a run. The month under way is that of the test.
func use(t *testing.T, s *store.Store, u accounts.PriceUse) {
	t.Helper()
	now := time.Now()
	storetest.Check(t, s.Prices().Use(context.Background(), u, now.AddDate(0, 0, -1), now.AddDate(0, 0, 1)))
}

// made counts the usage of ended uses by book and tag.
func made(t *testing.T, s *store.Store) map[string]int64 {
	t.Helper()
	now := time.Now()
	all, err := s.Prices().Made(context.Background(), now.AddDate(0, 0, -1), now.AddDate(0, 0, 1))
	storetest.Check(t, err)
	counts := map[string]int64{}
	for _, u := range all {
		if u.Endpoint != "ph" || u.Region != "PH" {
			t.Errorf("usage of %s %s", u.Endpoint, u.Region)
		}
		key := u.Book + " " + u.Tag
		if u.Success {
			key += " SUCCESS"
		}
		if u.Basis != "" {
			key += " " + u.Basis
		}
		counts[key] += u.Calls
	}
	return counts
}

func wantMade(t *testing.T, s *store.Store, want map[string]int64) {
	t.Helper()
	got := made(t, s)
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%s: %d calls, want %d", k, got[k], n)
		}
		delete(got, k)
	}
	if len(got) > 0 {
		t.Errorf("and %v", got)
	}
}

// TestPricesThatCallsWereMadeUnder: each call that may be charged counts for the use of prices that it was made in, also
// where a book comes back, until somebody reprices.
func TestPricesThatCallsWereMadeUnder(t *testing.T) {
	ctx := context.Background()
	s, run := storetest.WithChecks(t, 12)
	if last, err := s.Prices().Last(ctx); err != nil || last != nil {
		t.Fatalf("before the first use: %+v, %v", last, err)
	}
	next := int64(0)
	call := func(results ...func(store.Intent) store.Result) {
		t.Helper()
		j := storetest.Journal(t, s, storetest.AdmitAll{})
		for _, result := range results {
			next++
			in := storetest.Intent(run, next, 1)
			storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, result(in))())
		}
		storetest.Check(t, j.Close())
	}
	pay := func(in store.Intent) store.Result { return storetest.Paid(in, 50) }

	call(pay) // before prices were kept: as the first book that is
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "A"})
	wantMade(t, s, nil)
	call(pay, pay, storetest.Lost, storetest.Free, storetest.Unsent)
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "B"})
	wantMade(t, s, map[string]int64{"A pay": 3, "A unknown": 1, "A free": 1})
	call(pay, storetest.Lost)
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "A"})
	wantMade(t, s, map[string]int64{"A pay": 3, "A unknown": 1, "A free": 1, "B pay": 1, "B unknown": 1})
	call(pay)
	changes := []accounts.PriceChange{
		{Month: "2026-10", Was: "USD 1.00", Became: "USD 2.00", Difference: "USD +1.00"},
		{Month: "2026-11", Was: "-", Became: "x"},
	}
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "C", Changes: changes})
	wantMade(t, s, map[string]int64{"A pay": 4, "A unknown": 1, "A free": 1, "B pay": 1, "B unknown": 1})
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "C", Reprices: true})
	wantMade(t, s, map[string]int64{"C pay": 5, "C unknown": 2, "C free": 1})
	call(pay)
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "D"})
	wantMade(t, s, map[string]int64{"C pay": 6, "C unknown": 2, "C free": 1})

	last, err := s.Prices().Last(ctx)
	if err != nil || last.Book != "D" || last.ID != 6 || last.RunID != run {
		t.Errorf("last use %+v, %v", last, err)
	}
	if n := storetest.Count(t, storetest.Raw(t, s.Path()), "SELECT count(*) FROM price_books"); n != 4 {
		t.Errorf("%d books, want 4", n)
	}
	found, err := s.Prices().Changed(ctx, time.Now().Add(-time.Hour))
	if err != nil || len(found) != 1 || found[0].ID != 4 || !slices.Equal(found[0].Changes, changes) {
		t.Errorf("changes %+v, %v", found, err)
	}
	if later, err := s.Prices().Changed(ctx, time.Now().Add(time.Hour)); err != nil || len(later) > 0 {
		t.Errorf("changes to come %+v, %v", later, err)
	}
	snap, err := snapshot.Open(ctx, s)
	storetest.Check(t, err)
	of, err := snap.Months().PriceChanges(ctx, "2026-11")
	storetest.Check(t, snap.Close())
	if err != nil || len(of) != 1 || len(of[0].Changes) != 1 || of[0].Changes[0].String() != "2026-11: x was -" {
		t.Errorf("changes of November %+v, %v", of, err)
	}
	for name, want := range map[string]bool{"ph": true, "xx": false} {
		if got, err := s.Endpoints().Called(ctx, name); err != nil || got != want {
			t.Errorf("%s was called: %v, %v", name, got, err)
		}
	}
}

// TestReadingsThatCallsWereMadeUnder: a use keeps how the contract was read, and which of its calls were free but answered
// SUCCESS. Calls made before that was kept count by the first reading that was.
func TestReadingsThatCallsWereMadeUnder(t *testing.T) {
	ctx := context.Background()
	s, run := storetest.WithChecks(t, 4)
	call := func(id int64, tag store.Tag) {
		t.Helper()
		j, in := storetest.Journal(t, s, storetest.AdmitAll{}), storetest.Intent(run, id, 1)
		result := storetest.Paid(in, 50)
		result.Tag, result.Pricing = tag, strings.ToUpper(string(tag))
		storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, result)())
		storetest.Check(t, j.Close())
	}
	call(1, store.TagFree)
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "A"})
	call(2, store.TagPay)
	changes := []accounts.PriceChange{{Month: "2026-11"}}
	for i, reading := range []string{"success", "pay-tag", "every-call"} {
		use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "A", Basis: reading, Changes: changes})
		if i == 0 {
			call(3, store.TagFree)
		}
	}
	wantMade(t, s, map[string]int64{"A free SUCCESS success": 2, "A pay success": 1})
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "B", Basis: "every-call", Changes: changes})
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "A", Basis: "success", Changes: changes})
	var what []string
	found, err := s.Prices().Changed(ctx, time.Now().Add(-time.Hour))
	for _, u := range found {
		what = append(what, u.What)
	}
	want := []string{"prices", "billing.reading", "billing.reading", "prices", "prices and billing.reading"}
	if err != nil || !slices.Equal(what, want) {
		t.Errorf("what changed: %q, %v; want %q", what, err, want)
	}
}

// TestPricesAreAppendOnly: how a call was priced when it was made cannot be changed later.
func TestPricesAreAppendOnly(t *testing.T) {
	s, run := storetest.WithCalls(t)
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "A"})
	use(t, s, accounts.PriceUse{RunID: run, Since: time.Now(), Book: "B", Changes: []accounts.PriceChange{{Month: "2026-11"}}})
	for table, column := range map[string]string{"price_books": "prices", "price_uses": "since", "price_changes": "month", "priced_usage": "calls"} {
		for _, text := range []string{"UPDATE " + table + " SET " + column + " = " + column, "DELETE FROM " + table} {
			if _, err := storetest.Raw(t, s.Path()).Exec(text); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}
