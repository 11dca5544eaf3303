package store_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
)

// noScoreYet is a paid answer that waits for its score.
func noScoreYet(in store.Intent, id string) store.Result {
	r := withID(paid(in, 0), id)
	r.State, r.Why, r.NoScores, r.Answer = store.Pending, store.WhyNoScore, 1, &store.Answer{}
	return r
}

// TestToldAgain: a transaction ID that comes again for the same ID is the same transaction: its answer is stored, and what was
// or may have been charged is charged once. Where another ID's call bears it, too, all of them are suspect.
func TestToldAgain(t *testing.T) {
	ctx := context.Background()
	const x, y = "196eb0c777789e01", "196eb0c777789e02"
	for _, spilled := range []bool{false, true} {
		s, run := withChecks(t, 3)
		j := journal(t, s, admitAll{})
		ask := func(check int64, attempt int, id string, result func(store.Intent, string) store.Result) {
			in := intentFor(run, check, attempt)
			call := begin(t, j, in)
			r := result(in, id)
			if first, seen := j.Seen(call, id); seen {
				if same, retold := j.Told(call, first, r.BodySHA256); same != (first == check) || retold {
					t.Errorf("call %d of check %d: %s is of call %d", call, check, id, first)
				}
			}
			if err := j.Finish(call, in, r)(); err != nil && !spilled {
				t.Fatal(err)
			}
		}
		whole := func(in store.Intent, id string) store.Result { return withID(paid(in, 80), id) }
		free := func(in store.Intent, id string) store.Result {
			r := noScoreYet(in, id)
			r.Code, r.Pricing, r.Tag = "RETRY_LATER", "FREE", store.TagFree
			return r
		}
		ask(1, 1, x, noScoreYet)
		ask(2, 1, y, free)
		if spilled {
			var calls []int64
			for c := range int64(2) {
				calls = append(calls, begin(t, j, intentFor(run, c+1, 2)))
			}
			check(t, j.Exec("PRAGMA query_only = ON"))
			for c, id := range []string{x, y} {
				in := intentFor(run, int64(c+1), 2)
				if err := j.Finish(calls[c], in, whole(in, id))(); err == nil {
					t.Fatal("the journal did not fail")
				}
			}
			check(t, j.Exec("PRAGMA query_only = OFF"))
			check(t, j.Close())
			if found, err := s.Journal().Recover(ctx); err != nil || found.Spilled != 2 {
				t.Fatalf("recovered %+v, %v", found, err)
			}
			j = journal(t, s, admitAll{})
		} else {
			ask(1, 2, x, whole)
			ask(2, 2, y, whole)
		}
		want := []string{
			"1|1|answered|pay|" + x + "|done|", "2|2|answered|free|" + y + "|done|",
			"3|1|answered|unknown||done|" + x, "4|2|answered|pay|" + y + "|done|" + y,
		}
		const query = "SELECT call_id, check_id, outcome, tag, o.transaction_id, state, coalesce(r.transaction_id, '') FROM calls JOIN outcomes o USING (call_id) JOIN checks USING (check_id) LEFT JOIN repeated_answers r USING (call_id) ORDER BY call_id"
		if got := lines(t, s.ReadDB(), query); !slices.Equal(got, want) {
			t.Errorf("spilled %v: calls %q, want %q", spilled, got, want)
		}
		if n, err := s.Calls().Repeated(ctx, run); err != nil || n != 0 {
			t.Errorf("%d answers were not believed, %v", n, err)
		}
		check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC}))
		check(t, s.Books().AuditRun(ctx, run))
		check(t, s.Books().Audit(ctx))

		spilled = false
		ask(3, 1, x, whole)
		if got := lines(t, s.ReadDB(), "SELECT outcome, state, cause FROM calls JOIN outcomes USING (call_id) JOIN checks USING (check_id) WHERE check_id = 3"); !slices.Equal(got, []string{"unanswered|in_doubt|repeated"}) {
			t.Errorf("another ID's call: %q", got)
		}
		if got := lines(t, s.ReadDB(), "SELECT call_id FROM suspects ORDER BY call_id"); !slices.Equal(got, []string{"1", "3"}) {
			t.Errorf("suspects %q", got)
		}
		check(t, j.Close())
		check(t, s.Books().Audit(ctx))
	}
}

// TestRetold is the table of what becomes of an answer whose transaction ID stands on an earlier call: whose that was, what
// both were tagged, whether both say the same, and whether anything else can have come. No charge is hidden: what is not
// believed is in doubt.
func TestRetold(t *testing.T) {
	ctx := context.Background()
	const x = "196eb0c777789e01"
	pay, free := store.TagPay, store.TagFree
	for _, c := range []struct {
		check         int64 // that is asked second; the first one is 1
		first, second store.Tag
		same, alone   bool // the body; the connection had no other call, and ended
		want          string
	}{
		{1, pay, pay, true, false, "unanswered repeated unknown"},
		{1, pay, free, true, false, "unanswered repeated unknown"},
		{1, free, free, true, false, "unanswered repeated unknown"},
		{1, free, pay, true, false, "unanswered repeated unknown"},
		{1, pay, pay, true, true, "answered  unknown"},
		{1, pay, free, true, true, "answered  free"},
		{1, free, free, true, true, "answered  free " + x},
		{1, free, pay, true, true, "answered  pay " + x},
		{1, pay, pay, false, false, "answered  unknown"},
		{1, pay, free, false, false, "answered  free"},
		{1, free, free, false, false, "answered  free " + x},
		{1, free, pay, false, false, "answered  pay " + x},
		{2, pay, pay, true, false, "unanswered repeated unknown"},
		{2, free, free, true, true, "unanswered repeated unknown"},
		{2, pay, free, false, false, "unanswered repeated unknown"},
		{2, free, pay, false, true, "unanswered repeated unknown"},
	} {
		s, run := withChecks(t, 3)
		j := journal(t, s, admitAll{})
		ask := func(id int64, tag store.Tag, body string, alone bool) int64 {
			attempt := 1 + int(count(t, s.ReadDB(), fmt.Sprint("SELECT count(*) FROM calls WHERE check_id = ", id)))
			in := intentFor(run, id, attempt)
			r := noScoreYet(in, x)
			r.Tag, r.BodySHA256, r.Alone = tag, sha256.Sum256([]byte(body)), alone
			if r.Pricing = " Pay "; tag == free {
				r.Code, r.Pricing, r.NoScores, r.Why = "RETRY_LATER", "Free ", 0, ""
			}
			call := begin(t, j, in)
			check(t, j.Finish(call, in, r)())
			return call
		}
		first := ask(1, c.first, "first", false)
		second := ask(c.check, c.second, map[bool]string{true: "first", false: "second"}[c.same], c.alone)
		got := lines(t, s.ReadDB(), fmt.Sprint("SELECT trim(outcome || ' ' || cause || ' ' || tag || ' ' || transaction_id) FROM outcomes WHERE call_id = ", second))
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("%+v: %q", c, got)
		}
		var suspects []string
		if c.check != 1 {
			suspects = []string{fmt.Sprint(first)}
		}
		if got := lines(t, s.ReadDB(), "SELECT call_id FROM suspects"); !slices.Equal(got, suspects) {
			t.Errorf("%+v: suspects %q", c, got)
		}
		check(t, j.Close())
		check(t, s.Books().Audit(ctx))
	}
}
