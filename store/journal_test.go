package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"liverecon/store"
)

// ledger is an admission with a cap that notes what it was told. The journal calls it from one goroutine; the tests read
// it after that has replied.
type ledger struct {
	room  int // intents it still admits
	mu    sync.Mutex
	notes []string
}

var errCap = errors.New("spending cap reached")

func (l *ledger) Admit(in store.Intent) error {
	if l.room == 0 {
		l.note("refuse %d.%d", in.CheckID, in.Attempt)
		return errCap
	}
	l.room--
	l.note("admit %d.%d", in.CheckID, in.Attempt)
	return nil
}

func (l *ledger) Settle(in store.Intent, r store.Result, ok bool) {
	if !ok {
		l.room++
	}
	l.note("settle %d.%d %s %v", in.CheckID, in.Attempt, r.Outcome, ok)
}

func (l *ledger) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}

func (l *ledger) have(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.notes, want) {
		t.Errorf("admission was told %q, want %q", l.notes, want)
	}
}

func begin(t *testing.T, j *store.Journal, in store.Intent) int64 {
	t.Helper()
	id, err := j.Begin(in)
	check(t, err)
	return id
}

// TestDurableBeforeReturn looks at the file through another connection right after each step.
func TestDurableBeforeReturn(t *testing.T) {
	s, runID := withChecks(t, 20)
	other := rawDB(t, s.Path())
	told := &ledger{room: 100}
	j := journal(t, s, told)
	for check64 := int64(1); check64 <= 20; check64++ {
		in := intentFor(runID, check64, 1)
		id := begin(t, j, in)
		if n := count(t, other, "SELECT count(*) FROM calls WHERE call_id = ? AND check_id = ? AND attempt = 1", id, check64); n != 1 {
			t.Fatalf("check %d: Begin returned before its intent was stored", check64)
		}
		check(t, j.Finish(id, in, paid(in, 77))())
		if n := count(t, other, "SELECT count(*) FROM outcomes JOIN answers USING (call_id) JOIN checks c USING (check_id) WHERE call_id = ? AND c.state = 'done'", id); n != 1 {
			t.Fatalf("check %d: Finish returned before its outcome was stored", check64)
		}
		if last := told.notes[len(told.notes)-1]; last != fmt.Sprintf("settle %d.1 answered true", check64) {
			t.Fatalf("check %d: Finish returned before the admission was told: %s", check64, last)
		}
	}
}

// TestResultIsStoredWhole reads every field of a call back.
func TestResultIsStoredWhole(t *testing.T) {
	s, runID := withChecks(t, 1)
	j := journal(t, s, admitAll{})
	at := time.Date(2026, 11, 21, 16, 59, 59, 987_000_000, time.UTC)
	in := intentFor(runID, 1, 1)
	in.At = at
	id := begin(t, j, in)
	r := paid(in, 49.5)
	r.Answer.AttackType, r.Answer.AttackSubType, r.Answer.Oddities, r.Answer.CapturedAt = "2", "mask", "sdkVersion", at.Add(-time.Hour)
	check(t, j.Finish(id, in, r)())
	db := s.ReadDB()
	millis := at.UnixMilli()
	want := []string{fmt.Sprintf("1|1|1|%d|first|ph|PH|%d", runID, millis)}
	if got := lines(t, db, "SELECT * FROM calls"); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
	want = []string{fmt.Sprintf("1|answered||%d|%d|200|SUCCESS|done|PAY|pay|0000000000000101|%x", millis, millis+180, r.BodySHA256)}
	if got := lines(t, db, "SELECT * FROM outcomes"); !slices.Equal(got, want) {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	want = []string{fmt.Sprintf("1|1|%d|%d|PH|ph|1|49.5|49.5|2|mask|sdkVersion|OK|%s", millis+180, millis-3_600_000, r.Answer.Body)}
	if got := lines(t, db, "SELECT * FROM answers"); !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	want = []string{fmt.Sprintf("%d|ph|PH|answered|SUCCESS|PAY|pay|1", millis/900_000)}
	if got := lines(t, db, "SELECT * FROM usage"); !slices.Equal(got, want) {
		t.Errorf("usage %q, want %q", got, want)
	}
	want = []string{fmt.Sprintf("done|1|0|%d", millis+180)}
	if got := lines(t, db, "SELECT state, attempts, doubts, changed_at FROM checks"); !slices.Equal(got, want) {
		t.Errorf("checks %q, want %q", got, want)
	}
}

// TestOneIntentAnAttempt races two journals on one file for the same attempts.
func TestOneIntentAnAttempt(t *testing.T) {
	const checks = 60
	s, runID := withChecks(t, checks)
	link := filepath.Join(t.TempDir(), "link.db")
	check(t, os.Symlink(s.Path(), link)) // one database, two spill files
	journals := []*store.Journal{journal(t, s, admitAll{}), journal(t, openAt(t, link), admitAll{})}
	var mu sync.Mutex
	began := map[int64]int{}
	conflicts := 0
	var wg sync.WaitGroup
	for _, j := range journals {
		for worker := range 4 {
			wg.Go(func() {
				for c := int64(worker + 1); c <= checks; c += 4 {
					in := intentFor(runID, c, 1)
					id, err := j.Begin(in)
					var conflict *store.ConflictError
					if errors.As(err, &conflict) && conflict.CheckID == c && conflict.Attempt == 1 {
						mu.Lock()
						conflicts++
						mu.Unlock()
						continue
					}
					if err == nil {
						err = j.Finish(id, in, paid(in, 80))()
					}
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					began[c]++
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	for c, n := range began {
		if n != 1 {
			t.Errorf("check %d was asked %d times", c, n)
		}
	}
	if len(began) != checks || conflicts != checks {
		t.Errorf("%d of %d checks asked, %d conflicts", len(began), checks, conflicts)
	}
	check(t, s.AuditRun(context.Background(), runID))
	check(t, s.AuditBooks(context.Background()))
}

// TestTwoJournalsNumberTheirCalls: what the other one stored in between is no conflict.
func TestTwoJournalsNumberTheirCalls(t *testing.T) {
	s, runID := withChecks(t, 6)
	link := filepath.Join(t.TempDir(), "link.db")
	check(t, os.Symlink(s.Path(), link))
	one, other := journal(t, s, admitAll{}), journal(t, openAt(t, link), admitAll{})
	for c := int64(1); c <= 6; c += 2 {
		if first, second := begin(t, one, intentFor(runID, c, 1)), begin(t, other, intentFor(runID, c+1, 1)); first != c || second != c+1 {
			t.Errorf("calls of checks %d and %d are numbered %d and %d", c, c+1, first, second)
		}
	}
}

// TestConflictIsOneIntentsTrouble: its neighbours in the same commit are stored, and the admission gets its room back.
func TestConflictIsOneIntentsTrouble(t *testing.T) {
	s, runID := withChecks(t, 2)
	told := &ledger{room: 10}
	j := journal(t, s, told)
	begin(t, j, intentFor(runID, 1, 1))
	_, err := j.Begin(intentFor(runID, 1, 1))
	var conflict *store.ConflictError
	if !errors.As(err, &conflict) || conflict.Unwrap() == nil || err.Error() == "" {
		t.Fatalf("the same attempt twice: %v", err)
	}
	begin(t, j, intentFor(runID, 2, 1))
	if j.Err() != nil {
		t.Errorf("journal failed: %v", j.Err())
	}
	told.have(t, "admit 1.1", "admit 1.1", "settle 1.1  false", "admit 2.1")
}

// TestCapHoldsAcrossWorkers: the admission is asked in the one writer, so the cap is exact with any number of workers.
func TestCapHoldsAcrossWorkers(t *testing.T) {
	const limit = 137
	s, runID := withChecks(t, 640)
	told := &ledger{room: limit}
	j := journal(t, s, told)
	var mu sync.Mutex
	begun, refused := 0, 0
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for n := range 10 {
				in := intentFor(runID, int64(w*10+n+1), 1)
				id, err := j.Begin(in)
				mu.Lock()
				if errors.Is(err, errCap) {
					refused++
				} else if err == nil {
					begun++
				}
				mu.Unlock()
				if err == nil {
					err = j.Finish(id, in, paid(in, 80))()
				}
				if err != nil && !errors.Is(err, errCap) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	stored := count(t, s.ReadDB(), "SELECT count(*) FROM calls")
	if begun != limit || refused != 640-limit || stored != limit {
		t.Errorf("%d begun, %d refused, %d stored with a cap of %d", begun, refused, stored, limit)
	}
}

// gate holds up the writing goroutine at its next sync of the log.
type gate struct {
	reached chan struct{}
	release chan struct{}
}

// hold shuts the gate for one sync; those after it get the codes given, then all is well again.
func (d *disk) hold(after ...int32) *gate {
	g := &gate{make(chan struct{}), make(chan struct{})}
	first := true
	d.fail(func(op, name string) int32 {
		if op != "sync" || name != "liverecon.db-wal" {
			return sqlite3.SQLITE_OK
		}
		if first {
			first = false
			close(g.reached)
			<-g.release
			return sqlite3.SQLITE_OK
		}
		if len(after) == 0 {
			return sqlite3.SQLITE_OK
		}
		rc := after[0]
		after = after[1:]
		return rc
	})
	return g
}

// catch lets an event run into the gate. The function it returns opens the gate and waits for the event, which succeeds.
func (g *gate) catch(t *testing.T, event func() error) (open func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- event() }()
	select {
	case <-g.reached:
	case err := <-done:
		close(g.release)
		t.Fatalf("an event was acknowledged without a sync of the log: %v", err)
	}
	return func() {
		close(g.release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// queued waits until n events stand in the journal's queue.
func queued(j *store.Journal, n int) {
	for j.Queued() < n {
		time.Sleep(time.Millisecond)
	}
}

// TestGroupCommit holds one commit up until 63 others wait behind it: they share the next.
func TestGroupCommit(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(t, dir)
	s := openAt(t, filepath.Join(dir, "liverecon.db"))
	runID := fill(t, s, 64)
	j := journal(t, s, admitAll{})
	before := d.synced("-wal")
	g := d.hold()
	ask := func(c int64) error {
		_, err := j.Begin(intentFor(runID, c, 1))
		return err
	}
	open := g.catch(t, func() error { return ask(1) })
	var wg sync.WaitGroup
	for c := int64(2); c <= 64; c++ {
		wg.Go(func() {
			if err := ask(c); err != nil {
				t.Error(err)
			}
		})
	}
	queued(j, 63)
	open()
	wg.Wait()
	if n := d.synced("-wal") - before; n != 2 {
		t.Errorf("%d syncs for 64 intents, want 2", n)
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM calls"); n != 64 {
		t.Errorf("%d calls stored", n)
	}
}

// TestImpossibleOutcomesStopTheJournal: what the protocol excludes is never stored, and nothing is sent after it.
func TestImpossibleOutcomesStopTheJournal(t *testing.T) {
	for name, callID := range map[string]int64{"second outcome": 1, "outcome without intent": 4711} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s, runID := withChecks(t, 3)
			j := journal(t, s, admitAll{})
			in, other := intentFor(runID, 1, 1), intentFor(runID, 2, 1)
			first, inFlight := begin(t, j, in), begin(t, j, other)
			check(t, j.Finish(first, in, paid(in, 80))())
			if err := j.Finish(callID, in, lost(in))(); !errors.Is(err, store.ErrJournalFailed) {
				t.Fatalf("%s: %v", name, err)
			}
			if !errors.Is(j.Err(), store.ErrJournalFailed) {
				t.Errorf("journal's state: %v", j.Err())
			}
			if _, err := j.Begin(intentFor(runID, 3, 1)); !errors.Is(err, store.ErrJournalFailed) {
				t.Errorf("an intent afterwards: %v", err)
			}
			if err := j.Finish(inFlight, other, paid(other, 60))(); !errors.Is(err, store.ErrJournalFailed) {
				t.Errorf("an outcome afterwards: %v", err)
			}
			check(t, j.Close())
			found, err := s.Recover(ctx)
			if err != nil || found.Spilled != 1 || found.Orphaned != 0 {
				t.Errorf("recovered %+v, %v, want the one call in flight", found, err)
			}
			want := []string{"1|answered", "2|answered"}
			if got := lines(t, s.ReadDB(), "SELECT call_id, outcome FROM outcomes"); !slices.Equal(got, want) {
				t.Errorf("outcomes %q, want %q", got, want)
			}
			check(t, s.AuditRun(ctx, runID))
			check(t, s.AuditBooks(ctx))
		})
	}
}

func TestAdmissionOrder(t *testing.T) {
	s, runID := withChecks(t, 3)
	told := &ledger{room: 2}
	j := journal(t, s, told)
	one, two := intentFor(runID, 1, 1), intentFor(runID, 2, 1)
	first := begin(t, j, one)
	second := begin(t, j, two)
	check(t, j.Finish(second, two, unsent(two))())
	if _, err := j.Begin(intentFor(runID, 3, 1)); !errors.Is(err, errCap) {
		t.Errorf("beyond the cap: %v", err)
	}
	check(t, j.Finish(first, one, lost(one))())
	told.have(t, "admit 1.1", "admit 2.1", "settle 2.1 unsent true", "refuse 3.1", "settle 1.1 unanswered true")
}

// fate is what becomes of an attempt in the long test, and whether its check is through with it.
func fate(rng *rand.Rand, in store.Intent) (store.Result, bool) {
	switch n := rng.IntN(10); {
	case n < 6:
		return paid(in, float64(rng.IntN(1001))/10), true
	case n < 8:
		return free(in), false
	case n < 9:
		return lost(in), false
	default:
		return unsent(in), false
	}
}

// TestBooksBalance runs 64,000 calls of every kind through 64 workers and audits what they left.
func TestBooksBalance(t *testing.T) {
	const workers, each = 64, 1000
	ctx := context.Background()
	dir := t.TempDir()
	newDisk(t, dir).forget() // syncs are counted elsewhere, and slow
	s := openAt(t, filepath.Join(dir, "liverecon.db"))
	runID := fill(t, s, workers*each)
	j := journal(t, s, admitAll{})
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(7, uint64(w)))
			checkID, attempt := int64(w*each+1), 1
			for range each {
				in := intentFor(runID, checkID, attempt)
				in.At = in.At.Add(time.Duration(rng.IntN(100)) * time.Minute)
				id, err := j.Begin(in)
				r, through := fate(rng, in)
				if err == nil {
					err = j.Finish(id, in, r)()
				}
				if err != nil {
					t.Error(err)
					return
				}
				if attempt++; through {
					checkID, attempt = checkID+1, 1
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM outcomes"); n != workers*each {
		t.Errorf("%d outcomes", n)
	}
	check(t, s.AuditRun(ctx, runID))
	check(t, s.AuditBooks(ctx))
	recounted := lines(t, s.ReadDB(), `SELECT coalesce(sent_at, intended_at) / 900000, endpoint, region, outcome, code, pricing, tag, count(*)
		FROM calls JOIN outcomes USING (call_id) GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`)
	if usage := lines(t, s.ReadDB(), "SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5, 6, 7"); !slices.Equal(usage, recounted) {
		t.Errorf("usage says\n%q\na recount\n%q", usage, recounted)
	}
	tallies, err := s.Tallies(ctx, runID)
	check(t, err)
	total := tallies[0]
	if len(tallies) != 1 || total.Calls != workers*each || total.Answered+total.Unsent+total.Unanswered != total.Calls ||
		total.Pay+total.Free+total.Unknown != total.Answered || total.Doubt != total.Unanswered+total.Unknown {
		t.Errorf("tallies %+v do not add up", tallies)
	}
	if doubts, err := s.Doubts(ctx); err != nil || doubts != total.Doubt {
		t.Errorf("%d doubts, %v, want %d", doubts, err, total.Doubt)
	}
}

// TestRecoverTwice gives intents without an outcome theirs, once.
func TestRecoverTwice(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 5)
	j := journal(t, s, admitAll{})
	done := intentFor(runID, 1, 1)
	check(t, j.Finish(begin(t, j, done), done, paid(done, 80))())
	for c := int64(2); c <= 4; c++ {
		begin(t, j, intentFor(runID, c, 1))
	}
	check(t, j.Close())
	for n, want := range []store.Recovery{{Orphaned: 3}, {}} {
		found, err := s.Recover(ctx)
		if err != nil || found != want {
			t.Errorf("recovery %d found %+v, %v, want %+v", n+1, found, err, want)
		}
	}
	want := []string{"1|done|0", "2|in_doubt|1", "3|in_doubt|1", "4|in_doubt|1", "5|pending|0"}
	if got := lines(t, s.ReadDB(), "SELECT check_id, state, doubts FROM checks"); !slices.Equal(got, want) {
		t.Errorf("checks %q, want %q", got, want)
	}
	check(t, s.AuditRun(ctx, runID))
	check(t, s.AuditBooks(ctx))
	again := journal(t, s, admitAll{})
	begin(t, again, intentFor(runID, 5, 1))
	check(t, again.Close())
	if found, err := s.Recover(ctx); err != nil || found != (store.Recovery{Orphaned: 1}) {
		t.Errorf("a later crash: %+v, %v", found, err)
	}
}

// TestRepeatReplacesTheResult: the last standing answer is the check's, the earlier ones stay on record.
func TestRepeatReplacesTheResult(t *testing.T) {
	s, runID := withChecks(t, 1)
	j := journal(t, s, admitAll{})
	for attempt, score := range []float64{10, 90} {
		in := intentFor(runID, 1, attempt+1)
		in.Reason = store.ReasonForced
		check(t, j.Finish(begin(t, j, in), in, paid(in, score))())
	}
	last := intentFor(runID, 1, 3)
	check(t, j.Finish(begin(t, j, last), last, func() store.Result { r := free(last); r.State = store.Done; return r }())())
	want := []string{"1|0|10", "2|1|90", "3|0|-"}
	if got := lines(t, s.ReadDB(), "SELECT call_id, standing, score FROM answers ORDER BY call_id"); !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	check(t, s.AuditBooks(context.Background()))
}

func TestCloseJournalTwice(t *testing.T) {
	s, _ := withChecks(t, 1)
	j := journal(t, s, admitAll{})
	check(t, j.Close())
	check(t, j.Close())
	if _, err := os.Stat(s.Path() + ".spill"); !os.IsNotExist(err) {
		t.Errorf("an unused spill file is left: %v", err)
	}
}
