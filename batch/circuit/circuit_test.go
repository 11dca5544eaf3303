package circuit_test

import (
	"testing"
	"time"

	"liverecon/batch/circuit"
	"liverecon/batch/liveness"
)

// TestPauses: single calls come every half minute, and from the eighth opening on half as often each time, down to one
// in five minutes.
func TestPauses(t *testing.T) {
	for n, want := range map[int]time.Duration{1: 30 * time.Second, 8: 30 * time.Second, 9: time.Minute, 10: 2 * time.Minute,
		11: 4 * time.Minute, 12: 5 * time.Minute, 1000: 5 * time.Minute} {
		if got := circuit.PauseAfter(n); got != want {
			t.Errorf("after opening %d: %s, want %s", n, got, want)
		}
	}
}

// TestReasons: each sentence says what the last call was.
func TestReasons(t *testing.T) {
	for _, c := range []struct {
		lost    string
		answers bool
		n       int
		want    string
	}{
		{"timeout", false, 1, "not answering: 5 calls in a row failed, the last by timeout"},
		{"timeout", false, 2, "not answering: the call after the pause failed, too, the last by timeout"},
		{"ERROR", true, 1, "answering with failures: 5 calls in a row failed, the last by ERROR"},
		{liveness.CauseRepeated, true, 1, "repeating earlier answers: 5 calls in a row failed (answers that are not believed " +
			"count, since each may be paid for)"},
		{liveness.CauseStale, false, 1, "repeating earlier answers: 5 calls in a row failed (answers that are not believed " +
			"count, since each may be paid for)"},
		{liveness.CauseLeftOpen, false, 3, "not ending its connections: the call after the pause failed, too (answers that " +
			"are not believed count, since each may be paid for)"},
	} {
		if got := circuit.Reason(circuit.Trouble(c.lost, c.answers), c.n, c.lost); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
