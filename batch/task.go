package batch

import (
	"context"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"liverecon/store"
)

const (
	// pageSize is how many checks of an endpoint are read ahead.
	pageSize = 1000
	// leastPage is how many of one region, however many regions there are.
	leastPage = 20

	// noScoreRest is how long an ID is left alone whose answer had no score: long enough that a second run of the same
	// night does not ask, or pay, for it again, and never the next night's.
	noScoreRest = 12 * time.Hour
)

// task is one check on its way through a run. One goroutine at a time has it.
type task struct {
	check      store.Check
	reason     store.Reason
	tries      int  // requests in this run
	freshToken bool // repeated after IAM_FAILED already
	// lostConnection: the last try was not sent because of its connection
	lostConnection bool
	backoff        *backoff.ExponentialBackOff
	ready          time.Time // not before, while it waits
}

// source gives the endpoint's checks in one state, one of each region in turn: a night that is too short leaves something
// of every region, and not all of the last. admit, when given, is asked before each and ends the source.
func (l *lane) source(state store.State, admit func() bool) func(context.Context) (*task, error) {
	var queues []*regionQueue
	begun, turn := false, 0
	return func(ctx context.Context) (*task, error) {
		ctx = context.WithoutCancel(ctx)
		if !begun {
			var err error
			if queues, err = l.queues(ctx, state); err != nil {
				return nil, err
			}
			begun = true
		}
		for len(queues) > 0 {
			turn %= len(queues)
			if err := queues[turn].fill(ctx, l.fetch.job.Store); err != nil {
				return nil, err
			}
			if len(queues[turn].page) == 0 {
				queues = slices.Delete(queues, turn, turn+1)
				continue
			}
			if admit != nil && !admit() {
				return nil, nil
			}
			c := queues[turn].next()
			turn++
			return &task{check: c, reason: reasonFor(c)}, nil
		}
		return nil, nil
	}
}

// inTurn gives what one source has, then what the next one has.
func inTurn(sources ...func(context.Context) (*task, error)) func(context.Context) (*task, error) {
	return func(ctx context.Context) (*task, error) {
		for len(sources) > 0 {
			if t, err := sources[0](ctx); t != nil || err != nil {
				return t, err
			}
			sources = sources[1:]
		}
		return nil, nil
	}
}

// regionQueue pages through the open checks of one region in the order in which they were listed.
type regionQueue struct {
	endpoint, region string
	state            store.State
	size             int // of a page
	page             []store.Check
	after            int64
	rested           time.Time // answers without a score that are younger are left alone
}

// queues makes one queue for each region; together they keep about pageSize checks in memory.
func (l *lane) queues(ctx context.Context, state store.State) ([]*regionQueue, error) {
	regions, err := l.fetch.job.Store.OpenRegions(ctx, l.name(), state)
	var all []*regionQueue
	for _, r := range regions {
		all = append(all, &regionQueue{endpoint: l.name(), region: r, state: state, size: max(pageSize/len(regions), leastPage),
			rested: time.Now().Add(-noScoreRest)})
	}
	return all, err
}

// fill reads the next page once the last one is used up. It leaves none at the end of the queue.
func (q *regionQueue) fill(ctx context.Context, s *store.Store) error {
	for len(q.page) == 0 {
		page, err := s.OpenChecks(ctx, q.endpoint, q.region, q.state, q.after, q.size)
		if err != nil || len(page) == 0 {
			return err
		}
		q.after = page[len(page)-1].ID
		q.page = slices.DeleteFunc(page, q.rests)
	}
	return nil
}

// rests reports that a check's answer without a score is too young for asking again.
func (q *regionQueue) rests(c store.Check) bool {
	return c.State == store.Pending && c.NoScores > 0 && c.Changed.After(q.rested)
}

func (q *regionQueue) next() store.Check {
	c := q.page[0]
	q.page = q.page[1:]
	return c
}

func reasonFor(c store.Check) store.Reason {
	switch {
	case c.Forced:
		return store.ReasonForced
	case c.Again != "":
		return c.Again
	case c.State == store.InDoubt:
		return store.ReasonDoubt
	case c.NoScores > 0:
		return store.ReasonNoScore
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
