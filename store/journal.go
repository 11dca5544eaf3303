package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/panics"
)

// The protocol of one paid call:
//
//  1. Begin commits the intent. Until it returned without an error nothing may be sent.
//  2. The caller sends at most one request.
//  3. Finish commits the outcome together with the result it brought. Events are committed in the order they are handed
//     over, so an intent handed over later is never durable before that outcome: the next ID's intent may share its commit.
//
// One goroutine writes. It takes one event, drains what is queued behind it, commits once and releases all waiters:
// with many workers a commit's fsync is shared, with one worker nothing lingers.
//
// A commit that fails is itself in doubt: its events may or may not be on disk. From then on Begin refuses everything,
// so nothing more is sent; intents of the failed commit are noted in the spill file as unsent, outcomes as they are.
// The next start imports the spill (see Recover).

// maxBatch bounds the events of one commit, and with them the time a waiter can be held up.
const maxBatch = 512

// ErrJournalFailed reports every event that could not be committed to the database.
var ErrJournalFailed = errors.New("journal failed")

// Admission decides about every intent and learns every result, in the order they are committed, from the one writing
// goroutine. Admit's error refuses the intent: it is not stored and Begin returns it. Confirm is told what became of an
// admitted intent; ok is false for one whose commit failed, which was never sent. Doubt is told of a settled call whose
// answer turned out to be perhaps another's.
type Admission interface {
	Admit(Intent) error
	Confirm(in Intent, r Result, ok bool)
	Doubt(Doubted)
}

// JournalWriter represents the one writer of calls and outcomes.
type JournalWriter struct {
	db     *db
	conn   *sql.Conn
	calls  *callWriter
	known  *transactions
	admit  Admission
	waits  func(since time.Time) bool // see Journal
	events chan *event
	done   chan struct{}
	spill  *spill
	pool   sync.Pool // of *event, each with its reply channel
	failed error     // set by the writing goroutine, read by it alone

	// Of the writing goroutine, too.
	last    int64              // the highest call there is
	open    map[int64]struct{} // this journal's calls without an outcome
	claims  claims
	foreign int64         // the first call that somebody else wrote meanwhile, 0 for none
	partial bool          // calls that others left have no outcome: the mark of transactions has to stay
	doubted []Doubted     // by the present batch
	looked  time.Time     // at the length of the log
	every   time.Duration // how often that is done
	pages   int           // that the log may have before it is copied into the file

	mu     sync.Mutex
	cause  error // what failed, for Err
	closed bool
}

type event struct {
	callID   int64
	intent   Intent
	result   *Result // nil: an intent, or a suspicion
	suspects *suspicion
	doubted  []Doubted // of a suspicion: calls that count as in doubt by it
	admitted bool      // an intent that the admission counts on
	err      error
	replied  chan struct{}
}

// Journal opens the writer of calls, and brings in what an earlier one left.
type Journal struct {
	*db
	// Waits is asked each time another program has kept the database locked for ten seconds, since when it does: true,
	// and the journal tries again before it fails. What is in flight suffers nothing: outcomes that came wait with it.
	// nil: it does not.
	Waits func(since time.Time) bool
}

// Open starts the writing goroutine. Close ends it. The spill file is set up with room for inFlight outcomes, so
// that a disk that fills up later cannot take them.
func (j Journal) Open(ctx context.Context, admit Admission, inFlight int) (*JournalWriter, error) {
	conn, err := j.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	w := &JournalWriter{db: j.db, conn: conn, admit: admit, waits: j.Waits, events: make(chan *event, maxBatch),
		done: make(chan struct{}), open: map[int64]struct{}{}, claims: claims{},
		every: checkpointEvery, pages: checkpointPages}
	err = j.records.refresh(ctx, j.write, true)
	if err == nil {
		err = w.start(ctx, inFlight)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open journal: %w", err), conn.Close())
	}
	go w.loop()
	return w, nil
}

func (j *JournalWriter) start(ctx context.Context, inFlight int) error {
	err := setAutoCheckpoint(ctx, j.conn, 0)
	if err == nil { // what waits longer is the caller's to decide
		_, err = j.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d; %s", busyTimeout.Milliseconds(),
			sqlrow.LargeCache))
	}
	if err != nil {
		return err
	}
	if j.calls, err = prepareCalls(ctx, j.conn); err != nil {
		return err
	}
	if j.known, err = (Journal{db: j.db}).newTransactions(ctx); err != nil {
		return errors.Join(err, j.calls.close())
	}
	if err = j.calls.last.QueryRowContext(ctx).Scan(&j.last); err == nil {
		j.partial = j.known.mark < j.last
		j.spill, err = createSpill(j.db.spillPath(), inFlight)
	}
	if err != nil {
		return errors.Join(err, j.calls.close(), j.known.close())
	}
	return nil
}

// Begin stores an intent and returns its call's number once the intent is durable. An error means that nothing may be
// sent: the admission's own, a *ConflictError, or ErrJournalFailed.
func (j *JournalWriter) Begin(in Intent) (int64, error) {
	e := j.await(j.hand(event{intent: in}))
	return e.callID, e.err
}

// Finish hands over the outcome of a call; durable waits for its commit. When durable returns nil the outcome is in the
// database; ErrJournalFailed means that it is safe in the spill file if that was possible at all, and that no other
// call may be made. Whatever Begin stores after Finish has returned is committed with that outcome or after it.
func (j *JournalWriter) Finish(callID int64, in Intent, r Result) (durable func() error) {
	e := j.hand(event{callID: callID, intent: in, result: &r})
	return func() error { return j.await(e).err }
}

// Seen reports whether a transaction ID stands on another call than this one, whose answer bears it, and on which; an
// empty one never does. One that is new stands on this call from now on. It may be called from any goroutine. What
// cannot be looked up is taken for new: the commit of the outcome looks again.
func (j *JournalWriter) Seen(callID int64, transactionID string) (first int64, seen bool) {
	first, seen, err := j.known.claim(context.Background(), callID, transactionID)
	return first, seen && err == nil
}

// Suspect lists calls of a run whose answers may be other IDs', for a reason of SuspectConnection's kind; durable waits
// for the commit, and returns the checks that waited to be asked again and are in doubt from then on. The outcomes of
// the calls have been handed over before.
func (j *JournalWriter) Suspect(runID int64, why string, calls []int64) (durable func() (checks []int64, err error)) {
	e := j.hand(event{suspects: &suspicion{RunID: runID, Why: why, Calls: calls, At: time.Now()}})
	return func() ([]int64, error) {
		e := j.await(e)
		var checks []int64
		for _, d := range e.doubted {
			if d.Open {
				checks = append(checks, d.CheckID)
			}
		}
		return checks, e.err
	}
}

// Err describes why the journal failed, nil while it works.
func (j *JournalWriter) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.cause
}

// Close waits for the queued events, ends the writing goroutine and removes an unused spill file. No event may be
// posted after it.
func (j *JournalWriter) Close() error {
	j.mu.Lock()
	already := j.closed
	j.closed = true
	j.mu.Unlock()
	if already {
		return nil
	}
	close(j.events)
	<-j.done
	err := errors.Join(j.calls.close(), j.known.close())
	if j.db.Stopped() == nil {
		err = errors.Join(err, setAutoCheckpoint(context.Background(), j.conn, checkpointPages), j.restore())
	}
	return errors.Join(err, j.conn.Close(), j.spill.close())
}

// restore leaves the connection as the others of the pool are.
func (j *JournalWriter) restore() error {
	_, err := j.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA busy_timeout = %d; %s",
		j.db.patience.Milliseconds(), sqlrow.SmallCache))
	return err
}

// hand queues an event; await takes the writer's reply to it.
func (j *JournalWriter) hand(fields event) *event {
	e, ok := j.pool.Get().(*event)
	if !ok {
		e = &event{replied: make(chan struct{}, 1)}
	}
	fields.replied = e.replied
	*e = fields
	j.events <- e
	return e
}

func (j *JournalWriter) await(e *event) event {
	<-e.replied
	reply := *e
	j.pool.Put(e)
	return reply
}

func (j *JournalWriter) loop() {
	defer close(j.done)
	batch := make([]*event, 0, maxBatch)
	for e := range j.events {
		batch = j.drain(append(batch[:0], e))
		if j.failed == nil {
			if err := j.commit(batch); err != nil {
				j.fail(err, batch)
			} else if err := j.checkpoint(); err != nil {
				j.fail(err, nil)
			}
		} else {
			j.refuse(batch)
		}
		for _, e := range batch {
			e.replied <- struct{}{}
		}
	}
}

// drain takes what is queued already; it never waits.
func (j *JournalWriter) drain(batch []*event) []*event {
	for len(batch) < maxBatch {
		select {
		case e, ok := <-j.events:
			if !ok {
				return batch
			}
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

// commit stores a batch in one transaction. An error leaves every event of the batch in doubt.
func (j *JournalWriter) commit(batch []*event) (err error) {
	defer panics.Into(&err)     // what is to be stored goes to the spill file
	ctx := context.Background() // a commit is never abandoned half-way
	if err := j.begin(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err = j.apply(ctx, batch)
	if err == nil {
		_, err = j.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		// SQLite has rolled back by itself after a full disk; then this one has nothing to do and its error says so.
		_, rollback := j.conn.ExecContext(ctx, "ROLLBACK")
		_ = rollback
		return err
	}
	if err := j.db.inPlace(); err != nil { // what the next start will open does not hold it
		return err
	}
	j.confirm(batch)
	j.known.committed(batch)
	j.known.done()
	j.known.begin(j.mayMoveTo())
	j.db.records.call(newestCall(batch))
	return nil
}

// begin takes the database's write lock, however long another program has it, while it is to be waited for.
func (j *JournalWriter) begin(ctx context.Context) error {
	began := time.Now()
	for {
		_, err := j.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
		if !dbfile.IsBusy(err) || j.waits == nil || !j.waits(began) {
			return err
		}
	}
}

// newestCall returns the highest number of the calls that a batch began, 0 when it began none.
func newestCall(batch []*event) (id int64) {
	for _, e := range batch {
		if e.admitted {
			id = max(id, e.callID)
		}
	}
	return id
}

// checkpoint keeps the log from growing. What was committed is safe in it, but after an error nothing more is sent.
func (j *JournalWriter) checkpoint() error {
	if time.Since(j.looked) < j.every {
		return nil
	}
	j.looked = time.Now()
	err := checkpoint(context.Background(), j.conn, j.pages)
	if errors.Is(err, errBusy) {
		return nil
	}
	return err
}

func (j *JournalWriter) apply(ctx context.Context, batch []*event) (err error) {
	defer panics.Into(&err) // before the transaction is rolled back
	if slices.ContainsFunc(batch, func(e *event) bool { return e.result != nil && e.result.TransactionID != "" }) {
		if err := j.lookForOthers(ctx); err != nil {
			return err
		}
	}
	counts := make(map[usageKey]int64, 4)
	for _, e := range batch {
		var err error
		switch {
		case e.suspects != nil:
			had := len(j.calls.doubted)
			err = j.calls.insertSuspects(e.suspects)
			e.doubted = slices.Clone(j.calls.doubted[had:])
		case e.result == nil:
			err = j.applyIntent(e)
		default:
			err = j.applyResult(ctx, e, counts)
		}
		if err != nil {
			return fmt.Errorf("call %d of check %d: %w", e.callID, e.intent.CheckID, err)
		}
	}
	err = errors.Join(j.calls.addUsage(counts), j.calls.changes.Write(), j.known.move(ctx, j.conn))
	if err == nil {
		j.doubted, err = j.calls.drainDoubted(ctx)
	}
	return err
}

// lookForOthers notices calls that another process has written.
func (j *JournalWriter) lookForOthers(ctx context.Context) error {
	var last int64
	err := j.calls.last.QueryRowContext(ctx).Scan(&last)
	if err == nil {
		j.othersUpTo(last)
	}
	return err
}

// othersUpTo notes that calls up to a number are there; those after the last known one are another process's.
func (j *JournalWriter) othersUpTo(last int64) {
	if last <= j.last {
		return
	}
	if j.foreign == 0 {
		j.foreign = j.last + 1
	}
	j.last, j.partial = last, true
}

// applyResult stores an outcome. It turns an answer that was another call's into one that is not believed: the caller
// asked before it believed it, but this is where it becomes part of the books.
func (j *JournalWriter) applyResult(ctx context.Context, e *event, counts map[usageKey]int64) error {
	first, seen, err := j.known.claim(ctx, e.callID, e.result.TransactionID)
	if err == nil && !seen && j.foreign > 0 {
		first, seen, err = othersHave(ctx, j.conn, j.foreign, e)
	}
	if err != nil {
		return err
	}
	if seen {
		if e.result, err = e.result.repeated(ctx, j.conn, e.callID, e.intent, first); err != nil {
			return err
		}
	}
	delete(j.open, e.callID)
	if err := j.calls.insertResult(e.callID, e.intent, e.result); err != nil {
		return err
	}
	_, open := j.open[e.result.Repeats.FirstCall]
	if err := j.claims.suspectFirst(j.calls, e.callID, e.result, open); err != nil {
		return err
	}
	counts[usageOf(e.intent, *e.result)]++
	j.calls.countChanges(e.callID, e.intent, *e.result)
	return nil
}

// othersHave looks for a transaction ID among the calls that another process may have written. It reads them all.
func othersHave(ctx context.Context, db sqlrow.Queryer, from int64, e *event) (first int64, seen bool, err error) {
	if e.result.TransactionID == "" {
		return 0, false, nil
	}
	err = db.QueryRowContext(ctx, "SELECT call_id FROM outcomes WHERE call_id >= ? AND call_id <> ? AND "+
		"transaction_id = ? LIMIT 1", from, e.callID, e.result.TransactionID).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return first, err == nil, err
}

// mayMoveTo returns the last call before the first one without an outcome; 0 while others have left some.
func (j *JournalWriter) mayMoveTo() int64 {
	if j.partial {
		return 0
	}
	to := j.last
	for id := range j.open {
		to = min(to, id-1)
	}
	return to
}

// applyIntent refuses a single intent by e.err; an error it returns is the whole batch's.
func (j *JournalWriter) applyIntent(e *event) error {
	if e.err = j.admit.Admit(e.intent); e.err != nil {
		return nil
	}
	var err error
	e.callID, err = j.calls.insertIntent(e.intent)
	if dbfile.IsConstraint(err) {
		j.admit.Confirm(e.intent, Result{}, false)
		e.err = &ConflictError{CheckID: e.intent.CheckID, Attempt: e.intent.Attempt, Err: err}
		return nil
	}
	e.admitted = true
	if err == nil {
		j.othersUpTo(e.callID - 1)
		j.last = e.callID
		j.open[e.callID] = struct{}{}
	}
	return err
}

func (j *JournalWriter) confirm(batch []*event) {
	for _, e := range batch {
		if e.result != nil {
			j.admit.Confirm(e.intent, *e.result, true)
		}
	}
	for _, in := range j.doubted {
		j.admit.Doubt(in)
	}
}

// fail marks the journal as failed and takes care of the batch whose commit is in doubt.
func (j *JournalWriter) fail(cause error, batch []*event) {
	j.failed = fmt.Errorf("%w: %w", ErrJournalFailed, cause)
	j.mu.Lock()
	j.cause = j.failed
	j.mu.Unlock()
	j.refuse(batch)
}

// refuse answers a batch after the failure: outcomes, and the intents whose commit is in doubt, go to the spill file.
func (j *JournalWriter) refuse(batch []*event) {
	for _, e := range batch {
		if e.err != nil {
			continue // refused by the admission before the commit failed
		}
		e.err = j.failed
		switch {
		case e.suspects != nil:
			e.err = errors.Join(e.err, j.spill.add(spillRecord{Suspects: e.suspects}))
		case e.result != nil:
			e.err = errors.Join(e.err, j.spill.append(e.intent, *e.result))
		case e.admitted:
			j.admit.Confirm(e.intent, Result{}, false)
			e.err = errors.Join(e.err, j.spill.append(e.intent, unsentBy(e.intent, "journal_failed")))
		}
	}
}

// unsentBy returns the result of an intent that was never acted on.
func unsentBy(in Intent, cause string) Result {
	return Result{Outcome: Unsent, Cause: cause, EndedAt: in.At, Tag: TagNone, State: in.From}
}

// ConflictError reports that the attempt has an intent already: another process works on the same database, or a bug
// asked twice. Nothing was sent for this intent.
type ConflictError struct {
	CheckID int64
	Attempt int
	Err     error
}

// Error names the check and the attempt.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("attempt %d of check %d has an intent already: %v", e.Attempt, e.CheckID, e.Err)
}

// Unwrap gives SQLite's own error.
func (e *ConflictError) Unwrap() error { return e.Err }
