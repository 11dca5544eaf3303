package batch

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/errgroup"

	"liverecon/batch/billing"
	"liverecon/batch/circuit"
	"liverecon/batch/connections"
	"liverecon/batch/liveness"
	"liverecon/batch/pace"
	"liverecon/batch/prospect"
	"liverecon/batch/queue"
	"liverecon/store"
	"liverecon/store/panics"
)

// Endpoint describes one endpoint of a run: its client and its own limits, so that a slow or refused country never
// holds up another.
type Endpoint struct {
	Client      *liveness.Client
	Rate        float64 // most calls in any one second
	Concurrency int     // most calls in flight
}

func (l Endpoint) name() string { return l.Client.Endpoint().Name }

const (
	// maxWaiting bounds the retries kept in memory: above it no new ID is begun.
	maxWaiting = 4 * queue.Page

	retryBase = 500 * time.Millisecond
	retryMax  = 30 * time.Second
)

// worker runs one endpoint's calls. The dispatcher goroutine starts one goroutine a call; the group bounds them.
type endpointWorker struct {
	Endpoint
	fetch   *fetch
	pace    *pace.Pace
	breaker *gobreaker.TwoStepCircuitBreaker[any]
	// plain: a context-cancelling group would put every call in flight in doubt on the first error
	group     errgroup.Group
	semaphore chan struct{} // one for each call that may be in flight
	lead      *pace.Lead
	wake      chan struct{} // a call has ended
	meter     *endpointMeter
	cancel    context.CancelFunc // ends the worker: calls that wait for their turn are taken back, those in flight finish

	mu        sync.Mutex
	waiting   taskHeap
	inFlight  int
	proven    bool          // the canary came back well
	staggered int           // calls still to be started apart from each other
	stagger   time.Duration // how far
	capped    bool          // a spend cap has no room until a call in flight is settled
	openings  int           // of the circuit since the last success
	opened    time.Time     // the first of them
	alive     bool          // an answer came tonight that is no failure
	yield     prospect.Yield
	lost      string // the cause of the last call that failed, or its code
	answers   bool   // and that was an answer
	why       string // for people; "" where lost says it all
	scout     prospect.Scout
	askedAll  bool // that was pending, or to be asked once more
	unproven  connections.Unproven
	stopped   *stop
	limit     *billing.CapError // that stopped it; nil: none
}

// stop describes why a worker ended before its work did.
type stop struct {
	kind   stopKind
	reason string
	at     time.Time
}

type stopKind int

const (
	stopRefused stopKind = iota // the vendor refuses us
	stopNobody                  // it knows nobody
	stopPoor                    // it gives hardly any result
	stopDown                    // unreachable
	stopBusy                    // busy for so long that it is the quota
	stopCap                     // a spend cap or the retry budget
)

func newWorker(f *fetch, l Endpoint, memory store.EndpointMemory, p prospect.Prospect) *endpointWorker {
	n := &endpointWorker{Endpoint: l, fetch: f, pace: pace.New(l.Rate, memory.Rate, f.before),
		semaphore: make(chan struct{}, l.Concurrency), lead: pace.NewLead(l.Concurrency),
		wake: make(chan struct{}, 1), meter: f.job.Progress.endpoint(l.name()),
		scout: prospect.NewScout(p, f.job.believes(l.name()))}
	n.group.SetLimit(2 * l.Concurrency) // as many again wait for their outcome's commit
	n.breaker = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name: l.name(), Timeout: circuit.Pause, MaxRequests: 1,
		ReadyToTrip:   func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= circuit.Failures },
		IsExcluded:    func(err error) bool { return errors.Is(err, errNeutral) },
		OnStateChange: func(_ string, _, to gobreaker.State) { n.circuit(to) },
	})
	return n
}

// run asks for everything this endpoint has open: first the pending IDs, with their retries mixed in, and those that
// are asked once more; then, at the end, the IDs in doubt as far as the policy allows.
func (l *endpointWorker) run(run context.Context) (err error) {
	defer panics.Into(&err)
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(run)
	defer l.cancel()
	err = l.dispatch(ctx, queue.New(l.queue(), store.Pending, nil).Before(queue.New(l.queue(), store.AskedAgain, nil)))
	l.askedAll = err == nil && ctx.Err() == nil // nobody looks before the workers have ended
	if err == nil && l.fetch.policy.RepeatInDoubt != RepeatHold {
		err = l.dispatch(ctx, queue.New(l.queue(), store.InDoubt, l.fetch.spendRepeat))
	}
	l.noteSilence()
	l.Client.Close(run) // before anything is counted: connections may turn out to be ahead
	l.meter.state("done")
	if s := l.stop(); s != nil {
		l.meter.state(s.reason)
	}
	return err
}

// queue returns where this worker's checks come from.
func (l *endpointWorker) queue() queue.Endpoint {
	rests := func(c store.Check, begun time.Time) bool {
		_, repeated := l.fetch.repeated.Load(c.ID)
		return repeated || l.fetch.policy.leavesAlone(c, begun)
	}
	return queue.Endpoint{Store: l.fetch.job.Store, Name: l.name(), Turn: l.fetch.turn, Rests: rests}
}

// dispatch starts calls until the source is empty, nothing waits and nothing is in flight, or the worker has to stop.
// Calls in flight are always waited for.
func (l *endpointWorker) dispatch(ctx context.Context, source *queue.Source) error {
	//nolint:errcheck // the goroutines return nil: an item's failure is data, a system's goes to fetch.fail
	defer l.group.Wait()
	var next *task
	empty := false
	for ctx.Err() == nil {
		idle := false
		if source.State == store.Pending {
			l.look()
		}
		if next == nil {
			next, idle = l.due(empty)
		}
		if next == nil && !empty && l.roomForNew() {
			var err error
			if next, empty, err = l.take(ctx, source); err != nil {
				return fmt.Errorf("endpoint %s: %w", l.name(), err)
			}
			if next == nil {
				continue
			}
		}
		switch {
		case next != nil && l.start(ctx, next):
			next = nil
		case next != nil:
			l.rest(ctx, time.Now().Add(circuit.Pause/30)) // the circuit is open, or its probe is under way
		case idle:
			return nil
		default:
			l.rest(ctx, l.nextDue())
		}
	}
	return nil
}

// look does the dispatcher's part: it begins a sample where one is needed, and judges one whose calls have all ended.
func (l *endpointWorker) look() {
	l.mu.Lock()
	l.scout.Suspect()
	nobody := len(l.waiting) == 0 && l.inFlight == 0 && l.scout.Judge()
	sentence := l.scout.Sentence(l.name())
	l.mu.Unlock()
	if nobody {
		l.stopFor(stopNobody, "%s", sentence)
	}
}

// take takes the next check from the source: from a sample while one is taken. empty says that there is no further one.
func (l *endpointWorker) take(ctx context.Context, source *queue.Source) (t *task, empty bool, err error) {
	l.mu.Lock()
	left, sampling := l.scout.Sampling()
	l.mu.Unlock()
	if !sampling || source.State != store.Pending {
		next, err := source.Next(ctx)
		return taskOf(next, false), next == nil, err
	}
	drawn, err := source.NextSampled(ctx, left)
	if drawn == nil {
		l.mu.Lock()
		l.scout.Drawn()
		l.mu.Unlock()
	}
	return taskOf(drawn, true), false, err
}

// due takes the first retry whose time has come. idle says that nothing is left to wait for.
func (l *endpointWorker) due(sourceEmpty bool) (t *task, idle bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) > 0 && !l.waiting[0].ready.After(time.Now()) && l.mayStart() {
		if t := heap.Pop(&l.waiting).(*task); !l.fetch.takesBack(t) {
			return t, false
		}
	}
	return nil, sourceEmpty && len(l.waiting) == 0 && l.inFlight == 0
}

// mayStart holds back everything but one call until the canary came back well (a wrong key, URL or price costs one
// call), and while a cap has room for calls in flight only.
func (l *endpointWorker) mayStart() bool { return l.proven && !l.capped || l.inFlight == 0 }

func (l *endpointWorker) roomForNew() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mayStart() && len(l.waiting) < maxWaiting && l.scout.Draws()
}

// nextDue returns when the first retry may start; an hour from now when only the end of a call can bring work.
func (l *endpointWorker) nextDue() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) > 0 && l.mayStart() {
		return l.waiting[0].ready
	}
	return time.Now().Add(time.Hour)
}

// rest waits for a call to end, a point in time, or the end of the run.
func (l *endpointWorker) rest(ctx context.Context, until time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-l.wake:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// start runs one task, unless the circuit breaker holds it back. The call's slot is free for another ID as soon as its
// outcome is handed over; its goroutine stays until the outcome is durable.
func (l *endpointWorker) start(ctx context.Context, t *task) bool {
	l.mu.Lock()
	t.openings = l.openings // before it is let through: the circuit may open at once
	l.mu.Unlock()
	done, err := l.breaker.Allow()
	if err != nil {
		return false
	}
	l.semaphore <- struct{}{}
	l.rampUp(ctx)
	l.mu.Lock()
	l.inFlight++
	l.mu.Unlock()
	l.group.Go(func() error {
		durable, health := l.askSafely(ctx, t)
		done(health)
		l.mu.Lock()
		l.inFlight--
		l.alive = l.alive || health == nil
		l.mu.Unlock()
		<-l.semaphore
		l.nudge()
		if durable != nil {
			if err := durable(); err != nil {
				l.fetch.fail(err)
			}
		}
		return nil
	})
	return true
}

// rampUp spreads the first calls after the canary over the time it took, so that full concurrency does not arrive at
// the vendor, and its outcomes at the journal, in one burst after the other.
func (l *endpointWorker) rampUp(ctx context.Context) {
	l.mu.Lock()
	wait := time.Duration(0)
	if l.staggered > 0 {
		l.staggered--
		wait = l.stagger
	}
	l.mu.Unlock()
	_ = pace.SleepUntil(ctx, time.Now().Add(wait)) // once the run has ended the task itself notices
}

func (l *endpointWorker) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// retryLater makes a task wait for its backoff with full jitter (a uniform draw from zero to a limit that doubles), at
// least as long as the vendor asked for.
func (l *endpointWorker) retryLater(t *task, retryAfter time.Duration) {
	if t.backoff == nil {
		t.backoff = backoff.NewExponentialBackOff()
		// A randomization factor of 1 draws from 0 to twice the interval.
		t.backoff.InitialInterval, t.backoff.MaxInterval, t.backoff.Multiplier, t.backoff.RandomizationFactor = retryBase/2, retryMax/2, 2, 1
		t.backoff.Reset()
	}
	l.wait(t, time.Now().Add(max(retryAfter, t.backoff.NextBackOff())))
}

// wait makes a task wait until it is ready.
func (l *endpointWorker) wait(t *task, ready time.Time) {
	t.ready = ready
	l.mu.Lock()
	defer l.mu.Unlock()
	heap.Push(&l.waiting, t)
}

func (l *endpointWorker) stop() *stop {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopped
}

func (l *endpointWorker) stoppedFor(kind stopKind) bool {
	s := l.stop()
	return s != nil && s.kind == kind
}

// stoppedBy reports whether a cap has refused the worker a call.
func (l *endpointWorker) stoppedBy(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit != nil && l.limit.Cap == name
}

// stopFor ends the worker; the first reason counts.
func (l *endpointWorker) stopFor(kind stopKind, format string, args ...any) {
	l.mu.Lock()
	if l.stopped == nil {
		l.stopped = &stop{kind: kind, reason: fmt.Sprintf(format, args...), at: time.Now()}
		l.fetch.log.Warn("endpoint stopped", "endpoint", l.name(), "why", l.stopped.reason)
	}
	l.mu.Unlock()
	l.cancel()
}

// circuit follows the breaker. It is called with the breaker's own lock held.
func (l *endpointWorker) circuit(to gobreaker.State) {
	switch to {
	case gobreaker.StateOpen:
		l.mu.Lock()
		if l.openings++; l.openings == 1 {
			l.opened = time.Now()
		}
		n, trouble, since, lost, why := l.openings, l.trouble(), l.opened, l.lost, l.because()
		l.mu.Unlock()
		pause := circuit.PauseAfter(n)
		l.meter.pause(trouble + ", next try in " + pause.String())
		l.fetch.log.Warn("endpoint paused", "endpoint", l.name(), "seconds", pause.Seconds(), "why",
			circuit.Reason(trouble, n, lost)+why)
		if n >= circuit.Openings && (l.fetch.job.Deadline.IsZero() || circuit.NotBelieved(lost)) {
			l.stopFor(stopDown, "%s %s since %s%s", l.name(), trouble, clockTime(since, l.fetch.job.Zone), why)
		}
		l.pace.Rest(pause)
	case gobreaker.StateClosed:
		l.mu.Lock()
		paused := l.openings
		l.openings = 0
		l.mu.Unlock()
		l.meter.state("")
		l.fetch.log.Info("endpoint goes on", "endpoint", l.name(), "pauses", paused)
	}
}

// trouble returns what an open circuit is said to be. The worker's mutex is held.
func (l *endpointWorker) trouble() string { return circuit.Trouble(l.lost, l.answers) }

// because describes why the last call failed, in parentheses, where that is known. The worker's mutex is held.
func (l *endpointWorker) because() string {
	if l.why == "" {
		return ""
	}
	return " (" + l.why + ")"
}

// noteSilence tells, of a worker whose IDs had all their tries before it was left, and whose circuit is open, what
// would have been said a try later: whether the last tries come to one opening more or less is chance. The same goes
// for one that was down for so long when the deadline came that without one it would have been left.
func (l *endpointWorker) noteSilence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped == nil && l.openings > 0 && (!l.alive || l.openings >= circuit.Openings) {
		l.stopped = &stop{kind: stopDown, reason: fmt.Sprintf("%s %s since %s%s", l.name(), l.trouble(),
			clockTime(l.opened, l.fetch.job.Zone), l.because()), at: time.Now()}
	}
}
