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
	if at, err := s.LastEnd(ctx, 0, 0, 3); err != nil || !at.IsZero() {
		t.Errorf("without runs: %v, %v", at, err)
	}
	for _, code := range []int{0, 3, 1} {
		run, _, err := s.OpenRun(ctx, "test", false)
		check(t, err)
		check(t, s.CloseRun(ctx, run, code, "", nil))
		execSQL(t, s.WriteDB(), "UPDATE runs SET ended_at = run_id * 1000 WHERE run_id = ?", run)
	}
	if at, err := s.LastEnd(ctx, 0, 0, 3); err != nil || !at.Equal(time.Unix(2, 0)) {
		t.Errorf("last success %v, %v, want that of run 2", at, err)
	}
	if at, err := s.LastEnd(ctx, 2, 0, 3); err != nil || !at.Equal(time.Unix(1, 0)) {
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
	if got, err := s.CallTotals(ctx); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("totals %v, %v, want %v", got, err, want)
	}
}

func TestOldestPending(t *testing.T) {
	ctx := context.Background()
	s, _ := withChecks(t, 4)
	execSQL(t, s.WriteDB(), "UPDATE lists SET read_at = 5000")
	execSQL(t, s.WriteDB(), "UPDATE checks SET endpoint = 'sg', state = 'in_doubt' WHERE check_id = 1")
	if got, err := s.OldestPending(ctx); err != nil || len(got) != 1 || !got["ph"].Equal(time.Unix(5, 0)) {
		t.Errorf("oldest %v, %v", got, err)
	}
}
