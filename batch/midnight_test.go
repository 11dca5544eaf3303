package batch_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// No cap on a day or a month is passed at midnight: what was counted on the old day and gets its turn on the new one is
// left unsent, and asked for again under the new day's cap.
func TestCapsHoldAtMidnight(t *testing.T) {
	for _, c := range []struct {
		rate    float64
		latency time.Duration
		month   bool
	}{{5, 10 * time.Millisecond, false}, {40, 300 * time.Millisecond, false}, {5, 10 * time.Millisecond, true}, {3, 700 * time.Millisecond, false}, {20, 50 * time.Millisecond, true}} {
		for _, before := range []time.Duration{1500 * time.Millisecond, 700 * time.Millisecond, 10 * time.Millisecond} {
			t.Run(fmt.Sprintf("%v a second, %v, month %v, %v before", c.rate, c.latency, c.month, before), func(t *testing.T) {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: c.latency})
					h.rate, h.endpoints = c.rate, []string{"id", "ph"}
					h.slowDials = before == 700*time.Millisecond
					h.regional(60, "ID", "PH")
					begins := time.Date(2000, 2, 1, 0, 0, 0, 0, time.UTC)
					time.Sleep(time.Until(begins.Add(-before)))
					most := 12 + int64(c.rate*before.Seconds())
					sum, err := h.runOnce(func(j *batch.Job) {
						if limit := (billing.Cap{Name: "calls", Calls: most}); c.month {
							j.Caps.Month = limit
						} else {
							j.Caps.Day = limit
						}
					})
					if err != nil || sum.ExitCode != batch.ExitStopped && sum.ExitCode != batch.ExitDone {
						t.Errorf("exit %d, %s: %v", sum.ExitCode, sum.Verdict, err)
					}
					for day, n := range h.column("SELECT count(*) FROM outcomes WHERE outcome <> 'unsent' AND tag <> 'free' GROUP BY sent_at >= " + fmt.Sprint(begins.UnixMilli())) {
						if sent, err := strconv.ParseInt(n, 10, 64); err != nil || sent > most {
							t.Errorf("%s calls were sent on day %d under a cap of %d", n, day+1, most)
						}
					}
					s := h.open()
					defer s.Close() //nolint:errcheck // opened for reading
					if err := s.Books().Audit(t.Context()); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// A crash leaves hardly more calls in doubt than were in flight: of those whose intent is committed there is one, or as
// many as the rate lets out while one gets ready, that the vendor has not seen.
func TestFewIntentsWait(t *testing.T) {
	for _, rate := range []float64{2, 20, 100} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 10 * time.Millisecond})
				h.rate = rate
				h.list(int(10 * rate))
				path := filepath.Join(dir, "liverecon.db")
				ended, looked := make(chan struct{}), make(chan int)
				go func() {
					most := 0
					for {
						select {
						case <-ended:
							looked <- most
							return
						case <-time.After(37 * time.Millisecond):
						}
						if _, err := os.Stat(path); err == nil {
							most = max(most, h.notSeen())
						}
					}
				}()
				sum := h.night(night{})
				close(ended)
				if most := <-looked; most > 1 || sum.ExitCode != batch.ExitDone {
					t.Errorf("exit %d; up to %d calls were committed to and not sent", sum.ExitCode, most)
				}
			})
		})
	}
}

// notSeen counts the calls without an outcome whose ID the vendor has not been asked for.
func (h *history) notSeen() (n int) {
	asked := map[string]bool{}
	for _, e := range h.vendor.Entries() {
		asked[e.ID] = true
	}
	for _, id := range h.column("SELECT c.id FROM v_checks c JOIN calls k USING (check_id) WHERE NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = k.call_id)") {
		if !asked[id] {
			n++
		}
	}
	return n
}

// column reads one column of the database.
func (h *history) column(query string) (values []string) {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, "liverecon.db")+"?mode=ro")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // opened for reading
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			h.t.Fatal(err)
		}
		values = append(values, v)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return values
}

// A repeat that is left unsent, as at midnight, takes nothing of the retry budget: it is asked for again, and counts then. Nor
// does one that was never stored.
func TestUnsentRepeatsAreFree(t *testing.T) {
	book, err := billing.NewBook(nil, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	retry := store.Intent{Reason: store.ReasonRetry, Endpoint: "id", Region: "ID", At: now}
	for name, c := range map[string]struct {
		r      store.Result
		stored bool
		left   bool
	}{
		"unsent":     {store.Result{Outcome: store.Unsent}, true, true},
		"not stored": {store.Result{}, false, true},
		"answered":   {store.Result{Outcome: store.Answered, Tag: store.TagFree}, true, false},
		"lost":       {store.Result{Outcome: store.Unanswered, Tag: store.TagUnknown}, true, false},
	} {
		b := batch.NewRetryBudget(1, book, now)
		if err := b.Admit(retry); err != nil {
			t.Fatal(err)
		}
		if b.Admit(retry) == nil {
			t.Errorf("%s: two repeats at once under a budget of one", name)
		}
		b.Confirm(retry, c.r, c.stored)
		if err := b.Admit(retry); (err == nil) != c.left {
			t.Errorf("%s: the next repeat: %v", name, err)
		}
	}
	b := batch.NewRetryBudget(0, book, now)
	for range 3 { // no budget
		if err := b.Admit(retry); err != nil {
			t.Error(err)
		}
		b.Confirm(retry, store.Result{Outcome: store.Unsent}, true)
	}
	first := batch.NewRetryBudget(1, book, now)
	in := retry
	in.Reason = store.ReasonFirst
	if err := first.Admit(in); err != nil {
		t.Fatal(err)
	}
	first.Confirm(in, store.Result{Outcome: store.Unsent}, true)
	if first.Admit(retry) != nil || first.Admit(retry) == nil {
		t.Error("a first call that was not sent makes room for repeats")
	}
}
