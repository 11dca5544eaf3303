package batch

import (
	"time"

	"github.com/cenkalti/backoff/v5"

	"liverecon/store"
)

// noScoreRest sets how long an ID is left alone whose answer had no score: long enough that a second run of the same
// night does not ask, or pay, for it again, and never the next night's.
const noScoreRest = 12 * time.Hour

// task describes one check on its way through a run. One goroutine at a time has it.
type task struct {
	check      store.Check
	reason     store.Reason
	sampled    bool // drawn from all that is open, not taken in its turn
	tries      int  // requests in this run
	freshToken bool // repeated after IAM_FAILED already
	// lostConnection: the last try was not sent because of its connection
	lostConnection bool
	waited         time.Duration // that the vendor has asked for in this run
	backoff        *backoff.ExponentialBackOff
	ready          time.Time    // not before, while it waits
	openings       int          // of the circuit, when it was let through
	repeats        store.Repeat // whose transaction ID the last answer bears
}

// taskOf makes a task of a check; nil of none.
func taskOf(c *store.Check, sampled bool) *task {
	if c == nil {
		return nil
	}
	return &task{check: *c, reason: reasonFor(*c), sampled: sampled}
}

func reasonFor(c store.Check) store.Reason {
	switch {
	case c.Forced:
		return store.ReasonForced
	case c.Again != "":
		return c.Again
	case c.State == store.InDoubt:
		return store.ReasonDoubt
	case c.NoScores > 0: // its last answer says so, whatever it was asked for then
		return store.ReasonNoScore
	case c.Elsewhere:
		return store.ReasonMisplaced
	case c.Unfound:
		return store.ReasonUnfound
	case c.Rechecks > 0:
		return store.ReasonRecheck
	case c.Doubts > 0: // of which a statement may tell yet that it was billed
		return store.ReasonDoubt
	case c.Attempts > 0:
		return store.ReasonResume
	}
	return store.ReasonFirst
}

// taskHeap orders waiting tasks by the time they are ready.
type taskHeap []*task

func (h taskHeap) Len() int           { return len(h) }
func (h taskHeap) Less(i, j int) bool { return h[i].ready.Before(h[j].ready) }
func (h taskHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any)        { *h = append(*h, x.(*task)) }
func (h *taskHeap) Pop() any {
	old := *h
	last := len(old) - 1
	t := old[last]
	old[last] = nil
	*h = old[:last]
	return t
}
