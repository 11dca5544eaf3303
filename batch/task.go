package batch

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"

	"liverecon/store"
)

// pageSize is how many checks are read at a time.
const pageSize = 1000

// task is one check on its way through a run. One goroutine at a time has it.
type task struct {
	check      store.Check
	reason     store.Reason
	tries      int  // requests in this run
	freshToken bool // repeated after IAM_FAILED already
	backoff    *backoff.ExponentialBackOff
	ready      time.Time // not before, while it waits
}

// source pages through the endpoint's checks in one state. admit, when given, is asked before each and ends the source.
func (l *lane) source(state store.State, admit func() bool) func(context.Context) (*task, error) {
	var page []store.Check
	var after int64
	return func(ctx context.Context) (*task, error) {
		if len(page) == 0 {
			var err error
			if page, err = l.fetch.job.Store.OpenChecks(context.WithoutCancel(ctx), l.name(), state, after, pageSize); err != nil || len(page) == 0 {
				return nil, err
			}
		}
		if admit != nil && !admit() {
			return nil, nil
		}
		c := page[0]
		page, after = page[1:], c.ID
		return &task{check: c, reason: reasonFor(c)}, nil
	}
}

func reasonFor(c store.Check) store.Reason {
	switch {
	case c.Forced:
		return store.ReasonForced
	case c.State == store.InDoubt:
		return store.ReasonDoubt
	case c.Rechecks > 0:
		return store.ReasonRecheck
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
