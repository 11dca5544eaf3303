package batch_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// A job that is restarted as soon as it ends with work left (a container's restart policy) pays for the same doubt
// twice, not once a start: an ID that was lost again when it was repeated is left alone for a while.
func TestRestartedAtOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy batch.RepeatInDoubt
		after  time.Duration // fetch.repeat_after
		apart  time.Duration // from one start to the next
		starts int
		calls  int // for the ID that always is lost
		state  store.State
		ends   string // of the last verdict
	}{
		{"restarted eight times at once", batch.RepeatOnce, time.Hour, time.Second, 8, 2, store.InDoubt,
			"; resumes, 1 ID in doubt not before 01:01"},
		{"the same without a budget", batch.RepeatAlways, time.Hour, time.Second, 8, 2, store.InDoubt,
			"; resumes, 1 ID in doubt not before 01:01"},
		{"later than that", batch.RepeatOnce, time.Hour, 61 * time.Minute, 3, 4, store.InDoubt,
			"; resumes, 1 ID in doubt not before 03:03"},
		{"it may be", batch.RepeatOnce, 0, time.Second, 8, 5, store.GivenUp,
			"DONE: nothing to do, no call was made"},
		{"never", batch.RepeatHold, time.Hour, 24 * time.Hour, 3, 1, store.InDoubt,
			"1 ID waits for a statement; resumes once a statement tells"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond,
					Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.ResetAfter}}})
				defer h.vendor.CloseConnections()
				h.policy.RepeatInDoubt, h.policy.RepeatAfter = c.policy, c.after
				h.list(20, faultyID)
				sum := h.night(night{})
				for range c.starts - 1 {
					time.Sleep(c.apart)
					_, sum = h.foretell()
				}
				if !strings.HasSuffix(sum.Verdict, c.ends) {
					t.Errorf("it says %q, and not at its end %q", sum.Verdict, c.ends)
				}
				calls := h.callsFor(faultyID)
				if len(calls) != c.calls || calls[0].State != c.state {
					t.Errorf("%d calls, state %s, want %d, %s", len(calls), calls[0].State, c.calls, c.state)
				}
			})
		})
	}
}
