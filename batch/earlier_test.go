package batch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
)

// TestCopiesOfEarlier lets the answer that an ID had before come once more in front of the one to its next call, which may
// cost something and comes a moment later, or when the next request goes out; with a transaction ID for each call, or
// for each ID. No charge is hidden by it, and no ID keeps what was said of it before.
func TestCopiesOfEarlier(t *testing.T) {
	type faults = []simulator.Fault
	moments := map[way]faults{oneCall: {simulator.CopyEarlier}, plain: {simulator.CopyEarlier.After(0),
		simulator.CopyEarlier.After(4 * time.Millisecond), simulator.CopyEarlier.AtNext(), simulator.CopyEarlier.AtAsked()}}
	for _, one := range []bool{false, true} {
		for w := range moments {
			for first, moments := range map[simulator.Fault]faults{simulator.RetryLater: moments[w], simulator.ScoreNull: moments[w][:1],
				simulator.NotFound: moments[w][len(moments[w])-1:]} {
				for _, fault := range moments {
					t.Run(fmt.Sprintf("%v, %d, %s, %s", one, w, first, fault), func(t *testing.T) {
						t.Parallel()
						dir := t.TempDir()
						synctest.Test(t, func(t *testing.T) { playEarlier(t, dir, one, w, first, fault) })
					})
				}
			}
		}
	}
}

func playEarlier(t *testing.T, dir string, one bool, w way, first, fault simulator.Fault) {
	h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 30 * time.Millisecond, Patience: 10 * time.Second,
		OneTransaction: one, Faults: simulator.Faults{Script: func(_, id string, attempt int) simulator.Fault {
			switch {
			case id == "" || id[len(id)-1]%2 == 0:
				return ""
			case attempt == 1:
				return first
			case attempt == 2:
				return fault
			}
			return ""
		}}})
	h.way, h.rechecks = w, 2
	h.policy.RepeatInDoubt, h.policy.NoScoreNights = batch.RepeatHold, 2
	h.list(24)
	sent := 0
	for range 2 {
		h.night(night{})
		sent = len(h.vendor.Unasked())
		time.Sleep(24 * time.Hour)
	}
	if sent < 5 {
		t.Errorf("%d copies were sent", sent)
	}
	h.vendor.SetFaults(simulator.Faults{})
	h.policy.RepeatInDoubt = batch.RepeatAlways
	var sum batch.Summary
	for n := 0; n < 3 && (n == 0 || sum.ExitCode != batch.ExitDone); n++ {
		sum = h.night(night{})
		time.Sleep(24 * time.Hour)
	}
	if sum.ExitCode != batch.ExitDone {
		t.Errorf("the clean nights after it: %s", sum.Verdict)
	}
}
