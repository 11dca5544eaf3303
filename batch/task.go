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
	sampled    bool // drawn from all that is open, not taken in its turn
	tries      int  // requests in this run
	freshToken bool // repeated after IAM_FAILED already
	// lostConnection: the last try was not sent because of its connection
	lostConnection bool
	waited         time.Duration // that the vendor has asked for in this run
	backoff        *backoff.ExponentialBackOff
	ready          time.Time // not before, while it waits
	openings       int       // of the circuit, when it was let through
}

// source gives the endpoint's checks in one state, one of each region in turn: a night that is too short leaves
// something of every region, and not all of the last.
type source struct {
	worker *endpointWorker
	state  store.State
	admit  func() bool // asked before each check, and ends the source; nil: none
	queues []*regionQueue
	begun  bool
	turn   int
	then   *source // goes on where this one is empty; nil: none

	sampling bool           // a sample was drawn and is not used up
	sample   []store.Check  // what is left of it
	drawn    map[int64]bool // checks that were asked before their turn
}

func newSource(l *endpointWorker, state store.State, admit func() bool) *source {
	return &source{worker: l, state: state, admit: admit, drawn: map[int64]bool{}}
}

// before makes another source go on where this one is empty.
func (s *source) before(then *source) *source {
	s.then = then
	return s
}

// begin finds out which regions have checks.
func (s *source) begin(ctx context.Context) (err error) {
	if !s.begun {
		s.queues, err = queuesOf(ctx, s.worker, s.state)
		s.begun = err == nil
	}
	return err
}

// next returns the next check; nil when there is none.
func (s *source) next(ctx context.Context) (*task, error) {
	ctx = context.WithoutCancel(ctx)
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	for len(s.queues) > 0 {
		s.turn %= len(s.queues)
		q := s.queues[s.turn]
		if err := q.fill(ctx, s.worker.fetch.job.Store); err != nil {
			return nil, err
		}
		if len(q.page) == 0 {
			s.queues = slices.Delete(s.queues, s.turn, s.turn+1)
			continue
		}
		if s.drawn[q.page[0].ID] {
			q.next()
			continue
		}
		if s.admit != nil && !s.admit() {
			return nil, nil
		}
		s.turn++
		c := q.next()
		return &task{check: c, reason: reasonFor(c)}, nil
	}
	if s.then != nil {
		return s.then.next(ctx)
	}
	return nil, nil
}

// nextSampled returns the next check of a sample of up to n, which it draws from all that have not had their turn; nil
// when it is used up.
func (s *source) nextSampled(ctx context.Context, n int) (*task, error) {
	if !s.sampling {
		if err := s.draw(context.WithoutCancel(ctx), n); err != nil {
			return nil, err
		}
		s.sampling = true
	}
	if len(s.sample) == 0 {
		s.sampling = false
		return nil, nil
	}
	c := s.sample[0]
	s.sample = s.sample[1:]
	return &task{check: c, reason: reasonFor(c), sampled: true}, nil
}

func (s *source) draw(ctx context.Context, n int) error {
	if err := s.begin(ctx); err != nil || len(s.queues) == 0 {
		return err
	}
	var from []store.OpenAfter
	for _, q := range s.queues {
		from = append(from, store.OpenAfter{Region: q.region, After: q.handedOut()})
	}
	f := s.worker.fetch
	drawn, err := f.job.Store.Checks().Draw(ctx, s.worker.name(), from, n, f.turn)
	for _, c := range drawn {
		if !s.drawn[c.ID] && !s.queues[0].rests(c) {
			s.drawn[c.ID] = true
			s.sample = append(s.sample, c)
		}
	}
	return err
}

// regionQueue pages through the open checks of one region in the order in which they were listed.
type regionQueue struct {
	endpoint, region string
	state            store.State
	size             int // of a page
	page             []store.Check
	after            int64
	rested           time.Time // answers without a score that are younger are left alone
	policy           Policy
}

// queuesOf makes one queue for each region; together they keep about pageSize checks in memory.
func queuesOf(ctx context.Context, l *endpointWorker, state store.State) ([]*regionQueue, error) {
	regions, err := l.fetch.job.Store.Checks().OpenRegions(ctx, l.name(), state)
	var all []*regionQueue
	for _, r := range regions {
		all = append(all, &regionQueue{endpoint: l.name(), region: r, state: state,
			size:   max(pageSize/len(regions), leastPage),
			rested: time.Now().Add(-noScoreRest), policy: l.fetch.policy})
	}
	return all, err
}

// fill reads the next page once the last one is used up. It leaves none at the end of the queue.
func (q *regionQueue) fill(ctx context.Context, s *store.Store) error {
	for len(q.page) == 0 {
		page, err := s.Checks().Open(ctx, q.endpoint, q.region, q.state, q.after, q.size)
		if err != nil || len(page) == 0 {
			return err
		}
		q.after = page[len(page)-1].ID
		q.page = slices.DeleteFunc(page, q.rests)
	}
	return nil
}

// rests reports that a check's answer without a score, or its last repeat after a doubt, is too young for asking again,
// unless a person wants it.
func (q *regionQueue) rests(c store.Check) bool {
	return q.policy.rests(c, time.Now()) || c.State == store.Pending && c.NoScores > 0 && !c.Forced && c.Changed.After(q.rested)
}

// handedOut is a number up to which every check had its turn, and above which none had it.
func (q *regionQueue) handedOut() int64 {
	if len(q.page) > 0 {
		return q.page[0].ID - 1
	}
	return q.after
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
	case c.Elsewhere:
		return store.ReasonMisplaced
	case c.Unfound:
		return store.ReasonUnfound
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
