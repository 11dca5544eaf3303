package store_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"liverecon/store"
)

func TestLastEnd(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	if at, err := s.Runs().LastEnd(ctx, 0, 0, 3); err != nil || !at.IsZero() {
		t.Errorf("without runs: %v, %v", at, err)
	}
	for _, code := range []int{0, 3, 1} {
		run, _, err := s.Runs().Open(ctx, "test", false)
		check(t, err)
		check(t, s.Runs().Close(ctx, run, code, "", nil))
		execSQL(t, s.WriteDB(), "UPDATE runs SET ended_at = run_id * 1000 WHERE run_id = ?", run)
	}
	if at, err := s.Runs().LastEnd(ctx, 0, 0, 3); err != nil || !at.Equal(time.Unix(2, 0)) {
		t.Errorf("last success %v, %v, want that of run 2", at, err)
	}
	if at, err := s.Runs().LastEnd(ctx, 2, 0, 3); err != nil || !at.Equal(time.Unix(1, 0)) {
		t.Errorf("last success but run 2 %v, %v, want that of run 1", at, err)
	}
}

func TestCallTotals(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	execSQL(t, s.WriteDB(), `INSERT INTO usage (quarter, endpoint, region, outcome, code, pricing, tag, calls) VALUES
		(1, 'sg', 'SG', 'answered', 'SUCCESS', 'PAY', 'pay', 3), (2, 'sg', 'VN', 'answered', 'SUCCESS', 'PAY', 'pay', 4),
		(2, 'sg', 'VN', 'unanswered', '', '', 'unknown', 1), (2, 'id', 'ID', 'answered', 'ERROR', 'FREE', 'free', 2)`)
	want := []store.CallTotal{{"id", store.Answered, store.TagFree, 2}, {"sg", store.Answered, store.TagPay, 7}, {"sg", store.Unanswered, store.TagUnknown, 1}}
	if got, err := s.Calls().Totals(ctx); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("totals %v, %v, want %v", got, err, want)
	}
}

func TestOldestPending(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 4)
	execSQL(t, s.WriteDB(), "UPDATE lists SET read_at = 5000")
	execSQL(t, s.WriteDB(), "UPDATE checks SET endpoint = 'sg', state = 'in_doubt' WHERE check_id = 1")
	if got, err := s.Checks().OldestOpen(ctx); err != nil || len(got) != 2 || !got["sg"].Equal(time.Unix(5, 0)) {
		t.Errorf("oldest open %v, %v", got, err)
	}
	if got, err := s.Checks().OldestPending(ctx); err != nil || len(got) != 1 || !got["ph"].Equal(time.Unix(5, 0)) {
		t.Errorf("oldest %v, %v", got, err)
	}
}

// Of what is given up, what was paid for is counted: in all, and for the run that made a call for it.
func TestGivenUpPaid(t *testing.T) {
	ctx := context.Background()
	s, first := withChecks(t, 5)
	givenUp := func(result func(store.Intent) store.Result) func(store.Intent) store.Result {
		return func(in store.Intent) store.Result {
			r := result(in)
			if r.State = store.GivenUp; r.Answer != nil {
				r.Answer.Current = false
			}
			return r
		}
	}
	fifty := func(in store.Intent) store.Result { return paid(in, 50) }
	j := journal(t, s, admitAll{})
	answer(t, j, intentFor(first, 1, 1), givenUp(fifty))
	answer(t, j, intentFor(first, 2, 1), givenUp(lost))
	answer(t, j, intentFor(first, 3, 1), fifty)
	second, _, err := s.Runs().Open(ctx, "test", true)
	check(t, err)
	answer(t, j, intentFor(second, 4, 1), givenUp(fifty))
	answer(t, j, intentFor(second, 2, 2), givenUp(fifty))
	check(t, j.Close())
	if got, err := s.Checks().GivenUpPaid(ctx); err != nil || !reflect.DeepEqual(got, map[string]int64{"ph": 3}) {
		t.Errorf("given up and paid %v, %v", got, err)
	}
	for run, want := range map[int64]int64{first: 2, second: 2, 99: 0} { // check 2 is given up, and paid for, by the second
		if got, err := s.Checks().GivenUpPaidIn(ctx, run); err != nil || got != want {
			t.Errorf("run %d: %d, %v, want %d", run, got, err, want)
		}
	}
}
