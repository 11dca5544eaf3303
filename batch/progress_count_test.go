package batch

import (
	"testing"

	"liverecon/store"
)

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
