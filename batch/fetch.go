package batch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"liverecon/batch/billing"
	"liverecon/batch/connections"
	"liverecon/batch/pace"
	"liverecon/batch/prospect"
	"liverecon/batch/usage"
	"liverecon/store"
)

// errRetryBudget refuses an intent because the run has repeated enough.
var errRetryBudget = errors.New("retry budget used up")

// fetch runs the stage that spends money: one worker an endpoint, all through one journal.
type fetch struct {
	job     *Job
	runID   int64
	turn    int64     // of the samples it draws: another on another day
	before  time.Time // when an earlier run sent its last call
	policy  Policy
	journal journal
	log     *slog.Logger
	workers []*endpointWorker
	parked  []string // why endpoints are not asked at all

	connections connections.Answers
	// by check: its last call turned out to be in doubt, so nothing that waits to ask it again does
	doubted sync.Map
	// by check: asked for in this run because of a lost answer, and lost again; that was its repeat
	repeated sync.Map
	cancel   context.CancelCauseFunc

	mu         sync.Mutex
	fatal      error
	doubtsLeft int64 // repeats of doubts this run may still make; -1: no limit
	retried    bool  // the retry budget is used up
}

// journal keeps the account of calls: the store's, or none at all where a benchmark measures what it costs.
type journal interface {
	Begin(store.Intent) (callID int64, err error)
	Finish(callID int64, in store.Intent, r store.Result) (durable func() error)
	Seen(callID int64, transactionID string) (first int64, seen bool)
	Told(callID, first int64, body [sha256.Size]byte) (same, retold bool)
	Suspect(runID int64, why string, calls []int64) (durable func() (doubted []int64, err error))
	Err() error
	Close() error
}

// openJournal opens the journal of a run that is told to stop by the end of run. Another program's write lock is
// waited for until then: until the deadline, or for a while where there is none.
func openJournal(ctx, run context.Context, job *Job, admit store.Admission) (journal, error) {
	if job.noJournal != nil {
		return job.noJournal, nil
	}
	j := job.Store.Journal()
	j.Waits = func(since time.Time) bool {
		waiting := run.Err() == nil && (!job.Deadline.IsZero() || time.Since(since) < LockPatience)
		if waiting {
			job.Log.Warn("another program keeps the database locked: calls wait for it", "since", since)
		}
		return waiting
	}
	w, err := j.Open(ctx, admit, job.inFlight())
	if err != nil {
		return nil, err // no journal at all, rather than one that is nil
	}
	return w, nil
}

// LockPatience bounds how long a run waits for another program's write lock where nothing in flight would suffer.
const LockPatience = 10 * time.Minute

// runFetch asks the vendor for everything that is open. It returns when every call in flight has its outcome committed:
// because all is done, ctx has ended (a signal, the deadline), or the journal failed.
func runFetch(ctx context.Context, job *Job, runID int64, p *Plan, meter *billing.Meter) (*fetch, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := &fetch{job: job, runID: runID, turn: prospect.DrawTurn(time.Now()), policy: job.Policy.withDefaults(), log: job.Log,
		cancel:     cancel,
		doubtsLeft: job.inDoubtBudget(p)}
	if p.Open() == 0 {
		return f, nil // not even a token is asked for
	}
	alive := context.WithoutCancel(ctx) // a deadline that has passed ends the workers, not the reading of the database
	memories, err := job.Store.Endpoints().Memories(alive)
	if err != nil {
		return f, err
	}
	if f.before, err = job.Store.Calls().LastSent(alive); err != nil {
		return f, err
	}
	if f.journal, err = openJournal(alive, ctx, job, newSpending(meter, runID, job.RetryBudget)); err != nil {
		return f, err
	}
	for _, l := range job.Endpoints {
		memory := memories[l.name()]
		until, reason := parked(job, memory, time.Now())
		switch {
		case p.of(l.name()).Open() == 0:
		case !until.IsZero():
			f.park(l, until, reason)
		default:
			ahead, _, err := readProspect(alive, job, l.name(), runID)
			if err != nil {
				return f, errors.Join(err, f.journal.Close())
			}
			f.workers = append(f.workers, newWorker(f, l, memory, ahead))
		}
	}
	var all errgroup.Group // plain: one country's trouble is not another's
	for _, l := range f.workers {
		all.Go(func() error { return l.run(ctx) })
	}
	err = all.Wait()
	f.part(ctx)
	err = errors.Join(err, f.err(), f.journal.Close())
	return f, errors.Join(err, f.remember(alive))
}

// part ends the connections of all workers. Whether one was ahead shows as late as this, so the journal is open until
// then.
func (f *fetch) part(ctx context.Context) {
	var all sync.WaitGroup
	for _, l := range f.workers {
		all.Go(func() { l.Client.Close(ctx) })
	}
	all.Wait()
	for _, l := range f.workers {
		l.unproven.Tell(ctx, f.log, l.name(), &f.connections)
	}
}

// park leaves out an endpoint whose quota an earlier run of this day used up.
func (f *fetch) park(l Endpoint, until time.Time, reason string) {
	state := "parked until " + clockTime(until, f.job.Zone)
	f.job.Progress.endpoint(l.name()).state(state)
	f.parked = append(f.parked, l.name()+" "+state+" ("+reason+")")
	f.log.Warn("endpoint not asked", "endpoint", l.name(), "parked_until", until, "why", reason)
}

// fail stops the run: something is wrong that no other ID would survive.
func (f *fetch) fail(err error) {
	f.mu.Lock()
	if f.fatal == nil {
		f.fatal = err
	}
	f.mu.Unlock()
	f.cancel(err)
}

func (f *fetch) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fatal
}

// noMoreRetries notes that the retry budget is used up: what would be repeated waits for the next run.
func (f *fetch) noMoreRetries() {
	f.mu.Lock()
	f.retried = true
	f.mu.Unlock()
}

// spendRepeat takes one repeat of a doubt from the run's budget.
func (f *fetch) spendRepeat() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.doubtsLeft == 0 {
		return false
	}
	if f.doubtsLeft > 0 {
		f.doubtsLeft--
	}
	return true
}

// remember keeps the rate each endpoint settled at for the next night, and parks those whose quota is used up. It is
// skipped when the database has failed.
func (f *fetch) remember(ctx context.Context) error {
	if f.journal.Err() != nil {
		return nil
	}
	var err error
	for _, l := range f.workers {
		m := store.EndpointMemory{Endpoint: l.name(), Rate: l.pace.Rate(), UpdatedAt: time.Now()}
		if s := l.stop(); s != nil && s.kind == stopBusy {
			m.ParkedUntil, m.ParkedReason, m.Rate = parkUntil(f.job.BillingZone, s.at), s.reason, l.pace.RateBefore()
		}
		err = errors.Join(err, f.job.Store.Endpoints().Remember(ctx, m))
	}
	return err
}

// clockTime formats a time as the verdict shows it: with the date where that is not today.
func clockTime(t time.Time, zone *time.Location) string {
	t, now := t.In(zone), time.Now().In(zone)
	if t.Format(time.DateOnly) != now.Format(time.DateOnly) {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("15:04")
}

// stops returns why workers ended early, for some kinds of reasons; a reason that several share stands once.
func (f *fetch) stops(kinds ...stopKind) []string {
	var reasons []string
	for _, l := range f.workers {
		s := l.stop()
		for _, k := range kinds {
			if s != nil && s.kind == k && !slices.Contains(reasons, s.reason) {
				reasons = append(reasons, s.reason)
			}
		}
	}
	return reasons
}

// beyond returns how much of what caps counted, in the currencies of those that stopped a worker, made them do so
// though by what is printed they would not have; counted is what they count for the month beyond that.
func (f *fetch) beyond(counted billing.Amounts, is func(*billing.CapError) bool) billing.Amounts {
	all := billing.Amounts{}
	for _, l := range f.workers {
		l.mu.Lock()
		if l.limit != nil && is(l.limit) {
			if amount, ok := counted[l.limit.Limit.Currency]; ok {
				all[l.limit.Limit.Currency] = amount
			}
		}
		l.mu.Unlock()
	}
	return all
}

// writeTakes bounds the time that a call may take from its turn to the end of its write.
const writeTakes = 250 * time.Millisecond

// dayOver reports whether the billing day on which the caps counted a call is over. While the call's write may end
// after it, the answer is waited for, or for the end of ctx.
func (f *fetch) dayOver(ctx context.Context, admitted time.Time) bool {
	day, now := billing.DayAt(admitted, f.job.Prices.Location), time.Now()
	if now.Before(day.To.Add(-writeTakes)) {
		return now.Before(day.From) // the clock was set back
	}
	_ = pace.SleepUntil(ctx, day.To) // what ends early is unsent as well
	return true
}

// spending implements the journal's admission: spend caps and the retry budget, counted in the order of the commits by
// the one goroutine that commits.
type spending struct {
	meter   *billing.Meter
	runID   int64
	retries int64 // left; -1: no limit
}

func newSpending(m *billing.Meter, runID, retryBudget int64) *spending {
	return &spending{meter: m, runID: runID, retries: cmp.Or(retryBudget, -1)}
}

// Admit counts the call as paid before it is sent, or refuses it.
func (s *spending) Admit(in store.Intent) error {
	repeat := isRepeat(in)
	if repeat && s.retries == 0 {
		return errRetryBudget
	}
	if err := s.meter.Reserve(in.Endpoint, in.Region, in.At); err != nil {
		return fmt.Errorf("check %d: %w", in.CheckID, err)
	}
	if repeat && s.retries > 0 {
		s.retries--
	}
	return nil
}

// Doubt counts a call as doubtful whose answer may be another's.
func (s *spending) Doubt(d store.Doubted) {
	was := store.Usage{Outcome: store.Answered, Code: d.Code, Tag: d.Was}
	contract, counted := usage.Charge(s.meter.Basis(), was), usage.CountedAs(s.meter.Basis(), was)
	s.meter.DoubtAs(d.Endpoint, d.Region, d.At, contract, counted, d.RunID != s.runID)
}

// isRepeat reports a call that the retry budget is about. The first one in a run for an ID that is pending is none,
// though one of its answers was lost once.
func isRepeat(in store.Intent) bool {
	return in.Reason == store.ReasonRetry || in.Reason == store.ReasonDoubt && (in.From == store.InDoubt || in.Try > 1)
}

// Confirm keeps, releases or doubts what Admit counted. A repeat that was not sent is none.
func (s *spending) Confirm(in store.Intent, r store.Result, ok bool) {
	if (!ok || r.Outcome == store.Unsent) && isRepeat(in) && s.retries >= 0 {
		s.retries++
	}
	contract, counted := billing.Free, billing.Free
	if ok {
		u := store.Usage{Outcome: r.Outcome, Code: r.Code, Tag: r.Tag}
		contract, counted = usage.Charge(s.meter.Basis(), u), usage.CountedAs(s.meter.Basis(), u)
	}
	s.meter.ConfirmAs(in.Endpoint, in.Region, in.At, contract, counted)
}
