// Package circuit says when an endpoint whose calls fail is left alone, for how long, and why in words.
package circuit

import (
	"fmt"
	"time"

	"liverecon/batch/liveness"
)

// How the circuit of an endpoint opens and is tried again.
const (
	Failures = 5                // in a row that open the circuit
	Pause    = 30 * time.Second // until a single call is let through
	Openings = 8                // without a success between them, after which the endpoint is left for tonight

	// Until a deadline an endpoint is not left: it may be down for maintenance. From then on single calls come more and
	// more rarely, as each may be paid for, up to this far apart.
	furthest = 5 * time.Minute
)

// PauseAfter returns how long nothing is asked after the nth opening of the circuit in a row.
func PauseAfter(n int) time.Duration { return min(furthest, Pause<<max(0, min(n-Openings, 8))) }

// NotBelieved reports whether calls fail by answers that are there and not believed: the vendor lives, and each is paid
// for.
func NotBelieved(lost string) bool {
	switch lost {
	case liveness.CauseRepeated, liveness.CauseStale, liveness.CauseLeftOpen, liveness.CauseUnasked:
		return true
	}
	return false
}

// Trouble returns what an endpoint is said to be whose last call failed by lost, with an answer or without.
func Trouble(lost string, answers bool) string {
	switch {
	case lost == liveness.CauseRepeated, lost == liveness.CauseStale:
		return "repeating earlier answers"
	case lost == liveness.CauseLeftOpen:
		return "not ending its connections"
	case lost == liveness.CauseUnasked:
		return "sending what nobody asked for"
	case answers:
		return "answering with failures"
	}
	return "not answering"
}

// Reason describes why a circuit opened for the nth time since the last success; lost is what the last call failed by.
// Answers that are not believed count with those that do not come: the vendor lives, but each may be paid for.
func Reason(trouble string, n int, lost string) string {
	why := fmt.Sprintf("%s: %d calls in a row failed", trouble, Failures)
	if n > 1 {
		why = trouble + ": the call after the pause failed, too"
	}
	if NotBelieved(lost) {
		return why + " (answers that are not believed count, since each may be paid for)"
	}
	return why + ", the last by " + lost
}
