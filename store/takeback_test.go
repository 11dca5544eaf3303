package store_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"liverecon/store"
)

// TestTakeBack: what a person wanted to be asked again, and nobody has asked, stands where it stood.
func TestTakeBack(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 7)
	j := journal(t, s, admitAll{})
	stood := map[int64]store.State{}
	for id, r := range map[int64]store.Result{
		1: {Outcome: store.Answered, Class: "done", Code: "SUCCESS", Tag: store.TagPay, State: store.GivenUp, Why: store.WhyEmpty},
		2: {Outcome: store.Answered, Class: "absent", Code: "X_NOT_EXIST", Tag: store.TagFree, State: store.Absent},
		3: {Outcome: store.Answered, Class: "refused", Code: "PARAMETER_ERROR", Tag: store.TagFree, State: store.Refused},
		4: {Outcome: store.Unanswered, Cause: "timeout", Tag: store.TagUnknown, State: store.InDoubt, Doubtful: true},
		7: {Outcome: store.Answered, Class: "not_found", Code: "RESULT_NOT_FOUND", Tag: store.TagPay, State: store.GivenUp, Why: store.WhyPaidAbsent, NotFound: true},
	} {
		in := intentFor(runID, id, 1)
		r.SentAt, r.EndedAt = time.Now(), time.Now()
		check(t, j.Finish(begin(t, j, in), in, r)())
		stood[id] = r.State
	}
	done := intentFor(runID, 5, 1)
	check(t, j.Finish(begin(t, j, done), done, paid(done, 80))())
	stood[5], stood[6] = store.Done, store.Pending
	check(t, j.Close())
	only := func(id int64) [][16]byte {
		var hash []byte
		check(t, s.ReadDB().QueryRow("SELECT id_hash FROM checks WHERE check_id = ?", id).Scan(&hash))
		return [][16]byte{[16]byte(hash)}
	}
	const all = "SELECT check_id, state || ' ' || why || ' ' || doubts || ' ' || not_found || ' ' || no_score || ' ' || again || ' ' || forced FROM checks"
	before := column(t, s, all)
	for _, id := range []int64{1, 2, 3, 4, 5, 7} {
		if n, err := s.Checks().Force(ctx, store.Asking{State: stood[id], Only: only(id), Limit: 9}, time.Now()); err != nil || n.IDs != 1 {
			t.Fatalf("check %d: %d, %v", id, n, err)
		}
	}
	look, err := store.OpenPreview(ctx, s)
	check(t, err)
	open := map[store.State]int64{}
	backlog, err := look.Backlog(ctx, store.Rules{TakeBack: true})
	check(t, err)
	for _, b := range backlog {
		open[b.State] += b.Checks
	}
	check(t, look.Close())
	if n, err := s.Checks().TakeBack(ctx, time.Now()); err != nil || n != 6 {
		t.Errorf("%d taken back, %v", n, err)
	}
	now := map[store.State]int64{}
	backlog, err = s.Checks().Backlog(ctx)
	check(t, err)
	for _, b := range backlog {
		now[b.State] += b.Checks
	}
	if open[store.Pending] != 1 || open[store.InDoubt] != 1 || open[store.AskedAgain] != 0 || now[store.Pending] != 1 || now[store.InDoubt] != 1 || now[store.AskedAgain] != 0 {
		t.Errorf("open then %v, open now %v: want one pending that was never asked, one in doubt", open, now)
	}
	if after := column(t, s, all); !maps.Equal(after, before) || before[7] != "given_up "+store.WhyPaidAbsent+" 0 1 0  0" {
		t.Errorf("checks stand as\n%v\nstood as\n%v", after, before)
	}
	if n, err := s.Checks().TakeBack(ctx, time.Now()); err != nil || n != 0 {
		t.Errorf("%d taken back once more, %v", n, err)
	}
	check(t, s.Books().Audit(ctx))
}

// column reads a query's pairs of a number and a text.
func column(t *testing.T, s *store.Store, query string) map[int64]string {
	t.Helper()
	rows, err := s.ReadDB().Query(query)
	check(t, err)
	defer rows.Close() //nolint:errcheck // read to the end
	all := map[int64]string{}
	for rows.Next() {
		var key int64
		var text string
		check(t, rows.Scan(&key, &text))
		all[key] = text
	}
	check(t, rows.Err())
	return all
}
