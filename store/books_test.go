package store_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"liverecon/store"
)

// fate represents what becomes of an attempt in the long test, and whether its check is through with it.
func fate(rng *rand.Rand, in store.Intent) (store.Result, bool) {
	switch n := rng.IntN(10); {
	case n < 6:
		return paid(in, float64(rng.IntN(1001))/10), true
	case n < 8:
		return free(in), false
	case n < 9:
		return lost(in), false
	default:
		return unsent(in), false
	}
}

// TestBooksBalance runs 64,000 calls of every kind through 64 workers and audits what they left.
func TestBooksBalance(t *testing.T) {
	const workers, each = 64, 400
	ctx := context.Background()
	dir := t.TempDir()
	newDisk(t, dir).forget() // syncs are counted elsewhere, and slow
	s := openAt(t, filepath.Join(dir, "liverecon.db"))
	runID := fill(t, s, workers*each)
	j := journal(t, s, admitAll{})
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(7, uint64(w)))
			checkID, attempt := int64(w*each+1), 1
			for range each {
				in := intentFor(runID, checkID, attempt)
				in.At = in.At.Add(time.Duration(rng.IntN(100)) * time.Minute)
				id, err := j.Begin(in)
				r, through := fate(rng, in)
				if err == nil {
					err = j.Finish(id, in, r)()
				}
				if err != nil {
					t.Error(err)
					return
				}
				if attempt++; through {
					checkID, attempt = checkID+1, 1
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM outcomes"); n != workers*each {
		t.Errorf("%d outcomes", n)
	}
	check(t, s.Books().AuditRun(ctx, runID))
	check(t, s.Books().Audit(ctx))
	recounted := lines(t, s.ReadDB(), `SELECT coalesce(sent_at, intended_at) / 900000, endpoint, region, outcome, code, pricing, tag, count(*)
		FROM calls JOIN outcomes USING (call_id) GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`)
	if usage := lines(t, s.ReadDB(), "SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5, 6, 7"); !slices.Equal(usage, recounted) {
		t.Errorf("usage says\n%q\na recount\n%q", usage, recounted)
	}
	tallies, err := s.Calls().Tallies(ctx, runID)
	check(t, err)
	total := tallies[0]
	if len(tallies) != 1 || total.Calls != workers*each || total.Answered+total.Unsent+total.Unanswered != total.Calls ||
		total.Pay+total.Free+total.Unknown != total.Answered || total.Doubt != total.Unanswered+total.Unknown {
		t.Errorf("tallies %+v do not add up", tallies)
	}
	if doubts, err := s.Calls().InDoubt(ctx); err != nil || doubts != total.Doubt {
		t.Errorf("%d doubts, %v, want %d", doubts, err, total.Doubt)
	}
}

// TestRecoverTwice gives intents without an outcome theirs, once.
func TestRecoverTwice(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 5)
	j := journal(t, s, admitAll{})
	done := intentFor(runID, 1, 1)
	check(t, j.Finish(begin(t, j, done), done, paid(done, 80))())
	for c := int64(2); c <= 4; c++ {
		begin(t, j, intentFor(runID, c, 1))
	}
	check(t, j.Close())
	for n, want := range []store.Recovery{{Orphaned: 3}, {}} {
		found, err := s.Journal().Recover(ctx)
		if err != nil || found != want {
			t.Errorf("recovery %d found %+v, %v, want %+v", n+1, found, err, want)
		}
	}
	want := []string{"1|done|0", "2|in_doubt|1", "3|in_doubt|1", "4|in_doubt|1", "5|pending|0"}
	if got := lines(t, s.ReadDB(), "SELECT check_id, state, doubts FROM checks"); !slices.Equal(got, want) {
		t.Errorf("checks %q, want %q", got, want)
	}
	check(t, s.Books().AuditRun(ctx, runID))
	check(t, s.Books().Audit(ctx))
	again := journal(t, s, admitAll{})
	begin(t, again, intentFor(runID, 5, 1))
	check(t, again.Close())
	if found, err := s.Journal().Recover(ctx); err != nil || found != (store.Recovery{Orphaned: 1}) {
		t.Errorf("a later crash: %+v, %v", found, err)
	}
}

// TestRepeatReplacesTheResult: the last standing answer is the check's, the earlier ones stay on record.
func TestRepeatReplacesTheResult(t *testing.T) {
	s, runID := withChecks(t, 1)
	j := journal(t, s, admitAll{})
	for attempt, score := range []float64{10, 90} {
		in := intentFor(runID, 1, attempt+1)
		in.Reason = store.ReasonForced
		check(t, j.Finish(begin(t, j, in), in, paid(in, score))())
	}
	last := intentFor(runID, 1, 3)
	check(t, j.Finish(begin(t, j, last), last, func() store.Result { r := free(last); r.State = store.Done; return r }())())
	want := []string{"1|0|10", "2|1|90", "3|0|-"}
	if got := lines(t, s.ReadDB(), "SELECT call_id, standing, score FROM answers ORDER BY call_id"); !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	check(t, s.Books().Audit(context.Background()))
}
