package batch_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
)

// A vendor that is down for an hour, by a gateway that says so or by pages in place of answers, is asked again until the
// deadline, one call at a time and more and more rarely; where nobody has set one, it is left for the night.
func TestMaintenance(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    simulator.Fault
		down     time.Duration
		deadline time.Duration
		code     int
		says     string
		answered int64 // at least
		doubts   int64 // at most
	}{
		{"an hour of pages, the deadline far", simulator.HTML200, time.Hour, 3 * time.Hour, batch.ExitDone, "DONE: 300 of 300 answered", 300, 30},
		{"an hour of 502, the deadline far", simulator.HTML502, time.Hour, 3 * time.Hour, batch.ExitDone, "DONE: 300 of 300 answered", 300, 30},
		{"many wait for their turn", simulator.HTML200, time.Hour, 3 * time.Hour, batch.ExitDone, "DONE: 300 of 300 answered", 300, 30},
		{"no deadline", simulator.HTML502, time.Hour, 0, batch.ExitPartial, "id not answering since 00:00 (HTTP 502 and no answer of the API); resumes next run", 100, 15},
		{"down until the deadline", simulator.HTML502, 3 * time.Hour, time.Hour, batch.ExitStopped, "id not answering since 00:00 (HTTP 502 and no answer of the API), deadline reached; resumes next run", 100, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 100 * time.Millisecond})
				defer h.vendor.CloseConnections()
				h.rate, h.policy.RepeatInDoubt = 20, batch.RepeatAlways
				if strings.HasPrefix(c.name, "many") {
					h.concurrency = 64
				}
				h.list(300)
				defer time.AfterFunc(10*time.Second, func() { h.vendor.SetFaults(simulator.Faults{Down: map[string]simulator.Fault{"id": c.fault}}) }).Stop()
				defer time.AfterFunc(10*time.Second+c.down, func() { h.vendor.SetFaults(simulator.Faults{}) }).Stop()
				sum := h.night(night{deadline: c.deadline})
				if sum.ExitCode != c.code || !strings.Contains(sum.Verdict, c.says) || sum.Answered < c.answered || sum.Doubts > c.doubts {
					t.Errorf("exit %d, %d answered, %d in doubt: %s", sum.ExitCode, sum.Answered, sum.Doubts, sum.Verdict)
				}
			})
		})
	}
}
