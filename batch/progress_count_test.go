package batch

import (
	"testing"

	"liverecon/store"
)

// TestStillNoScore: what was done without a score before, and was asked by hand, is counted where it still has none: by its
// new answer, or by one that was lost where it was asked for the score. What this run has made done so first is not.
func TestStillNoScore(t *testing.T) {
	score := 50.0
	bare, scored, lost := &store.Answer{Current: true}, &store.Answer{Current: true, Score: &score}, (*store.Answer)(nil)
	for _, c := range []struct {
		from   store.State
		reason store.Reason
		check  int64
		answer *store.Answer
		kept   bool
		want   int64
	}{
		{store.Done, store.ReasonForced, 1, bare, false, 1},
		{store.Done, store.ReasonRefresh, 1, bare, false, 1},
		{store.Done, store.ReasonForced, 1, lost, true, 1},
		{store.Done, store.ReasonRefresh, 1, lost, true, 0}, // it may have one
		{store.Done, store.ReasonForced, 1, scored, false, 0},
		{store.Done, store.ReasonForced, 1, lost, false, 0}, // it is asked again
		{store.Done, store.ReasonForced, 7, bare, false, 0},
		{store.Pending, store.ReasonFirst, 1, bare, false, 0},
	} {
		l := endpointMeter{ended: []int64{7}}
		l.count(store.Intent{From: c.from, Reason: c.reason, CheckID: c.check},
			store.Result{Outcome: store.Answered, State: store.Done, Answer: c.answer}, decision{kept: c.kept})
		if l.at.StillNoScore != c.want {
			t.Errorf("%+v: counted %d times", c, l.at.StillNoScore)
		}
	}
}

// TestScorelessOnce: an ID that was done without a score before, in this run too, is not made so by one more such answer.
func TestScorelessOnce(t *testing.T) {
	for from, want := range map[store.State]int64{store.Pending: 1, store.InDoubt: 1, store.Done: 0} {
		var l endpointMeter
		l.count(store.Intent{From: from}, store.Result{Outcome: store.Answered, Tag: store.TagPay, State: store.Done,
			Answer: &store.Answer{Current: true}}, decision{})
		if l.at.Scoreless != want {
			t.Errorf("from %s: counted %d times, want %d", from, l.at.Scoreless, want)
		}
	}
}
