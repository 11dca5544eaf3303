package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/panics"
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

func (l *ledger) Doubt(d store.Doubted) { l.note("doubt %d.%d, was %s", d.CheckID, d.Attempt, d.Was) }

func (l *ledger) Confirm(in store.Intent, r store.Result, ok bool) {
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
	r.Answer.AttackType, r.Answer.AttackSubType, r.Answer.Repairs, r.Answer.CapturedAt = "2", "mask", "sdkVersion", at.Add(-time.Hour)
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
	want = []string{fmt.Sprintf("1|1|%d|%d|PH|ph|1|49.5|49.5|2|mask|sdkVersion|OK|%s|||-", millis+180, millis-3_600_000, r.Answer.Body)}
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
	journals := []*store.JournalWriter{journal(t, s, admitAll{}), journal(t, openUnlocked(t, link), admitAll{})}
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
	check(t, s.Books().AuditRun(context.Background(), runID))
	check(t, s.Books().Audit(context.Background()))
}

// TestTwoJournalsNumberTheirCalls: what the other one stored in between is no conflict.
func TestTwoJournalsNumberTheirCalls(t *testing.T) {
	s, runID := withChecks(t, 6)
	link := filepath.Join(t.TempDir(), "link.db")
	check(t, os.Symlink(s.Path(), link))
	one, other := journal(t, s, admitAll{}), journal(t, openUnlocked(t, link), admitAll{})
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

func TestCloseJournalTwice(t *testing.T) {
	s, _ := withChecks(t, 1)
	j := journal(t, s, admitAll{})
	check(t, j.Close())
	check(t, j.Close())
	if _, err := os.Stat(s.Path() + ".spill"); !os.IsNotExist(err) {
		t.Errorf("an unused spill file is left: %v", err)
	}
}

// faulty is an admission that panics.
type faulty struct {
	admitAll
	admit, settle bool
}

func (f faulty) Admit(store.Intent) error {
	if f.admit {
		panic("no room to count")
	}
	return nil
}

func (f faulty) Confirm(_ store.Intent, _ store.Result, ok bool) {
	if f.settle && ok {
		panic("nothing reserved")
	}
}

// A panic in the writing goroutine is the journal's failure, not the program's end: nothing more is sent, the outcome is
// stored or spilled, and the next start goes on.
func TestPanicFailsTheJournal(t *testing.T) {
	for name, c := range map[string]faulty{"while admitting": {admit: true}, "while settling": {settle: true}} {
		t.Run(name, func(t *testing.T) {
			s, run := withChecks(t, 2)
			j := journal(t, s, c)
			in := intentFor(run, 1, 1)
			id, err := j.Begin(in)
			if !c.admit {
				check(t, err)
				err = j.Finish(id, in, paid(in, 80))()
			}
			var caught *panics.Error
			if !errors.Is(err, store.ErrJournalFailed) || !errors.As(err, &caught) || !errors.As(j.Err(), &caught) {
				t.Fatalf("%v; the journal's own error is %v", err, j.Err())
			}
			if _, err := j.Begin(intentFor(run, 2, 1)); !errors.Is(err, store.ErrJournalFailed) {
				t.Errorf("an intent after it: %v", err)
			}
			check(t, j.Close())
			_, err = s.Journal().Recover(t.Context())
			check(t, err)
			check(t, s.Books().Audit(t.Context()))
			if got, want := lines(t, s.ReadDB(), "SELECT count(*) FROM outcomes WHERE outcome = 'answered'"), map[bool]string{true: "0", false: "1"}[c.admit]; got[0] != want {
				t.Errorf("%s answers are stored, want %s", got[0], want)
			}
		})
	}
}
