package store_test

import (
	"context"
	"testing"
	"time"

	"liverecon/store"
)

// TestTakeBack: what a person wanted to be asked again, and nobody has asked, stands where it stood.
func TestTakeBack(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 6)
	j := journal(t, s, admitAll{})
	stood := map[int64]store.State{}
	for id, r := range map[int64]store.Result{
		1: {Outcome: store.Answered, Class: "done", Code: "SUCCESS", Tag: store.TagPay, State: store.GivenUp, Why: store.WhyEmpty},
		2: {Outcome: store.Answered, Class: "absent", Code: "X_NOT_EXIST", Tag: store.TagFree, State: store.Absent},
		3: {Outcome: store.Answered, Class: "refused", Code: "PARAMETER_ERROR", Tag: store.TagFree, State: store.Refused},
		4: {Outcome: store.Unanswered, Cause: "timeout", Tag: store.TagUnknown, State: store.InDoubt},
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
	for id := int64(1); id <= 5; id++ {
		if n, err := s.Checks().Force(ctx, store.Asking{State: stood[id], Only: only(id), Limit: 9}, time.Now()); err != nil || n != 1 {
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
	if n, err := s.Checks().TakeBack(ctx, time.Now()); err != nil || n != 5 {
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
	for id, want := range stood {
		var got store.State
		check(t, s.ReadDB().QueryRow("SELECT state FROM checks WHERE check_id = ?", id).Scan(&got))
		if got != want {
			t.Errorf("check %d is %s, stood as %s", id, got, want)
		}
	}
	if n, err := s.Checks().TakeBack(ctx, time.Now()); err != nil || n != 0 {
		t.Errorf("%d taken back once more, %v", n, err)
	}
	check(t, s.Books().Audit(ctx))
}
