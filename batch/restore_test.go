package batch_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/record"
)

var lostHosts = flag.Int("lost-hosts", 15, "how many hosts TestLostWork loses")

// TestLostWork loses a host at a random moment of a night, of this one or of the next, which has read another list, and goes
// on with a copy of the database from a moment before. What may have been asked in between is held; nobody is paid for twice.
func TestLostWork(t *testing.T) {
	for seed := range uint64(*lostHosts) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { newHistory(t, seed, dir).loseHost() })
		})
	}
}

// loseHost is one such history, in which the replacement may be lost as well, or the same copy be put back once more.
func (h *history) loseHost() {
	h.budget, h.byHand, h.images = 0, 0, ""
	h.vendor.SetFaults(simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ErrorFree: .05, simulator.Processing: .02,
		simulator.ResetAfter: .01, simulator.Truncated: .01, simulator.HTML502: .01, simulator.NotExist: .3}})
	h.growAt(time.Now())
	h.night(night{stopAfter: h.some(5 * time.Second)})
	h.lose(".first")
	for range h.rng.IntN(3) {
		if h.rng.IntN(2) == 0 { // of the replacement
			h.lose(".copy")
			continue
		}
		h.night(night{stopAfter: h.some(10 * time.Second)})
		h.restoreLost(".first", h.lost[0].From)
	}
	for n := 0; n < 3 || n < 8 && h.pending(); n++ { // the last night may have found that an absent ID is to be asked once more
		h.night(night{})
		time.Sleep(24 * time.Hour)
	}
	h.judgeLost(h.lost[len(h.lost)-1].Until)
}

func (h *history) some(d time.Duration) time.Duration {
	return time.Duration(1 + h.rng.Int64N(int64(d)))
}

// lose copies the database in the midst of a night, goes on, perhaps for another night, and then with the copy.
func (h *history) lose(as string) {
	h.growAt(time.Now())
	copied := make(chan time.Time, 1)
	go func() {
		time.Sleep(h.some(6 * time.Second))
		h.copyDatabase(as)
		copied <- time.Now()
	}()
	h.night(night{stopAfter: 6*time.Second + h.some(6*time.Second)})
	since := <-copied
	if h.rng.IntN(2) == 0 {
		time.Sleep(20 * time.Hour)
		h.growAt(time.Now())
		h.night(night{stopAfter: h.some(10 * time.Second)})
	}
	h.restoreLost(as, since)
}

// restoreLost takes a copy into use that lacks what was done since a moment.
func (h *history) restoreLost(as string, since time.Time) {
	h.putBack(as)
	now := time.Now()
	h.lost = append(h.lost, judge.Span{From: since, Until: now})
	worked := time.Duration(0)
	for _, n := range h.played {
		if n.From.Before(since) {
			n.From = since
		}
		worked += max(0, n.Until.Sub(n.From))
	}
	done := h.restore(batch.Restoring{By: "ann", Lag: worked, Calls: -1, From: since, Until: now, ListsBefore: now})
	h.t.Logf("%v lost: %s", worked, done.Verdict)
	time.Sleep(time.Minute)
	h.growAt(time.Now())
}

// TestLostUnderOtherSettings takes a copy into use with a configuration that is not the one that the lost calls were made
// with: slower, without an endpoint, or with it under another name. What is configured at that moment says nothing of what
// was; as many IDs are held as the copy's own calls show, or the record knows.
func TestLostUnderOtherSettings(t *testing.T) {
	without := func(j *batch.Job, endpoint string) {
		j.Endpoints = slices.DeleteFunc(slices.Clone(j.Endpoints), func(l batch.Endpoint) bool { return l.Client.Endpoint().Name == endpoint })
		maps.DeleteFunc(j.Routes, func(region, to string) bool { return to == endpoint || region == "*" })
		j.ListOptions.Route = func(region string) (string, bool) { to, ok := j.Routes[region]; return to, ok }
	}
	for name, change := range map[string]func(*batch.Job){
		"as it was": func(*batch.Job) {},
		"slower": func(j *batch.Job) {
			for i := range j.Endpoints {
				j.Endpoints[i].Rate, j.Endpoints[i].Concurrency = 1, 1
			}
		},
		"without an endpoint": func(j *batch.Job) { without(j, "ph") },
		"with none of them":   func(j *batch.Job) { without(j, "ph"); without(j, "id") },
		"another asks for its IDs, slowly": func(j *batch.Job) {
			without(j, "ph")
			j.Endpoints[0].Rate, j.Endpoints[0].Concurrency = 1, 1
			j.Routes["*"] = "id"
		},
	} {
		for _, recorded := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, a record is there: %v", name, recorded), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					h := quietHistory(t, dir, simulator.Config{Seed: 1, Latency: 30 * time.Millisecond, Balance: -1})
					h.endpoints = []string{"id", "ph"}
					h.list(1600)
					copied := make(chan time.Time, 1)
					go func() {
						time.Sleep(2 * time.Second)
						h.copyDatabase(".copy")
						copied <- time.Now()
					}()
					h.night(night{stopAfter: 5 * time.Second})
					since := <-copied
					r := batch.Restoring{By: "ann", Lag: time.Since(since), Calls: -1, From: since, Until: time.Now(), ListsBefore: time.Now()}
					if recorded {
						r.Calls, r.Runs = h.askedSince(since), 1
					}
					h.putBack(".copy")
					restored := time.Now()
					h.lost = append(h.lost, judge.Span{From: since, Until: restored})
					done := h.restoreAs(r, change)
					t.Logf("%v lost: %s", r.Lag, done.Verdict)
					time.Sleep(time.Minute)
					h.night(night{})
					h.judgeLost(restored)
				})
			})
		}
	}
}

// askedSince counts the calls that the vendor has had since a moment.
func (h *history) askedSince(since time.Time) (n int64) {
	for _, e := range h.vendor.Entries() {
		if !e.Token && e.At.After(since) {
			n++
		}
	}
	return n
}

// judgeLost asserts that nobody was paid for twice since a copy went on but under a named reason, and that what is held is
// the rest of the bound.
func (h *history) judgeLost(restored time.Time) {
	ctx := context.Background()
	s := h.open()
	defer s.Close() //nolint:errcheck // opened for reading
	reasons := h.reasonsByID()
	charged, again := int64(0), map[string]int{}
	for _, e := range h.vendor.Entries() {
		if e.Token || !e.Charged {
			continue
		}
		charged++
		if again[e.ID]++; again[e.ID] > 1 && e.At.After(restored) && !named(reasons[e.ID]) {
			h.t.Errorf("%s was paid for twice: as %s", e.ID, reasons[e.ID])
		}
	}
	if h.pending() {
		h.t.Error("IDs are pending still")
	}
	held, err := s.Checks().Held(ctx)
	if err != nil {
		h.t.Error(err)
	}
	totals, err := s.Calls().Totals(ctx)
	if err != nil {
		h.t.Error(err)
	}
	var least, most int64
	for _, n := range totals {
		switch n.Tag {
		case store.TagPay:
			least, most = least+n.Calls, most+n.Calls
		case store.TagUnknown:
			most += n.Calls
		}
	}
	for _, n := range held {
		most += n.Checks
	}
	if charged < least || charged > most {
		h.t.Errorf("charged %d, not from %d to %d with what is in doubt and held", charged, least, most)
	}
	if err := s.Books().Audit(ctx); err != nil {
		h.t.Error(err)
	}
}

// pending reports that IDs wait for being asked.
func (h *history) pending() bool {
	for _, n := range h.openByRegion() {
		if n > 0 {
			return true
		}
	}
	return false
}

// reasonsByID are those of each ID's calls in the books, in their order.
func (h *history) reasonsByID() map[string][]store.Reason {
	all := map[string][]store.Reason{}
	for _, c := range h.readBooks().Calls {
		all[c.Text] = append(all[c.Text], c.Reason)
	}
	return all
}

// named reports a reason by which an ID may be paid for once more.
func named(reasons []store.Reason) bool {
	return slices.ContainsFunc(reasons, func(r store.Reason) bool {
		return slices.Contains([]store.Reason{store.ReasonDoubt, store.ReasonUnfound, store.ReasonNoScore, store.ReasonRecheck}, r)
	})
}

// growAt adds a list whose file is of a moment.
func (h *history) growAt(at time.Time) {
	h.grow()
	for _, list := range h.lists {
		if info, err := os.Stat(list); err == nil && info.ModTime().After(time.Now().Add(time.Hour)) { // written by the system's clock
			if err := os.Chtimes(list, at, at); err != nil {
				h.t.Error(err)
			}
		}
	}
}

// copyDatabase copies the database with its log.
func (h *history) copyDatabase(suffix string) {
	for _, name := range []string{"liverecon.db", "liverecon.db-wal"} {
		text, err := os.ReadFile(filepath.Join(h.dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(h.dir, name+suffix), text, 0o600)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			h.t.Error(err)
		}
	}
}

// putBack puts a copy in the database's place.
func (h *history) putBack(suffix string) {
	for _, name := range []string{"liverecon.db", "liverecon.db-wal", "liverecon.db-shm", "liverecon.db.spill"} {
		path := filepath.Join(h.dir, name)
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			h.t.Error(err)
		}
		text, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			h.t.Error(err)
		}
	}
}

// restore previews and makes a restoration; both must hold the same.
func (h *history) restore(r batch.Restoring) *batch.Restored {
	return h.restoreAs(r, func(*batch.Job) {})
}

// restoreAs does it with another configuration.
func (h *history) restoreAs(r batch.Restoring, change func(*batch.Job)) *batch.Restored {
	s, err := store.Open(context.Background(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	}()
	r.Records = record.Paths{Database: s.Path(), Reports: h.dir}
	job := h.job(s)
	change(job)
	foretold, err := batch.PreviewRestore(context.Background(), job, &r)
	if err != nil {
		h.t.Fatal(err)
	}
	done, err := batch.Restore(context.Background(), job, &r)
	if err != nil {
		h.t.Fatal(err)
	}
	if foretold.Total.IDs != done.Total.IDs || foretold.Total.Money() != done.Total.Money() {
		h.t.Errorf("foretold %+v, held %+v", foretold.Total, done.Total)
	}
	return done
}

// TestHeldCounts: each held ID counts once as paid at most, in the caps of the month until it is released, and in those of
// the last day on which it may have been asked.
func TestHeldCounts(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 1, Latency: 10 * time.Millisecond})
		h.list(30)
		h.night(night{stopAfter: 150 * time.Millisecond})
		until := time.Now()
		done := h.restore(batch.Restoring{By: "ann", Lag: 50 * time.Millisecond, Calls: 2, From: until, Until: until, ListsBefore: until})
		held := done.Total.IDs
		if held < 2 || held >= 30 {
			t.Fatalf("%d held", held)
		}
		limit := func(calls int64, s *store.Store) error {
			caps := billing.Caps{Month: billing.Cap{Name: "calls_per_month", Calls: calls}}
			spent, err := usage.Read(ctx, s, h.job(s).Prices, time.UTC, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return spent.Meter(caps, time.Now()).Reserve("id", "ID", time.Now())
		}
		measure := func(want int64, today bool) {
			t.Helper()
			s := h.open()
			defer s.Close() //nolint:errcheck // opened for reading
			spent, err := usage.Read(ctx, s, h.job(s).Prices, time.UTC, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			meter := spent.Meter(billing.Caps{}, time.Now())
			month, day := meter.Month(), meter.Day()
			if got := month.CeilingCalls - month.FloorCalls; got != want {
				t.Errorf("the month counts %d IDs as paid at most, want %d", got, want)
			}
			if cost := decimal.NewFromInt(want).Mul(unitCost); !month.Ceiling["USD"].Sub(month.Floor["USD"]).Equal(cost) {
				t.Errorf("the month is %s, want %s more at most than at least", month, cost)
			}
			if counted := day.CeilingCalls > day.FloorCalls; counted != (today && want > 0) {
				t.Errorf("the day counts %s", day)
			}
			if most := month.CeilingCalls; most > 0 && limit(most, s) == nil || limit(most+1, s) != nil {
				t.Errorf("a cap of %d calls does not count what is held", most)
			}
		}
		measure(held, true)
		time.Sleep(24 * time.Hour)
		measure(held, false)
		time.Sleep(40 * 24 * time.Hour)
		measure(held, false) // of another month: who pays for them is still open
		sum := h.night(night{})
		want := fmt.Sprintf("PARTIAL: no call was made, %d IDs held that may have been paid for (%s at most)", held, done.Total.Money())
		if sum.ExitCode != batch.ExitPartial || sum.Verdict != want || sum.Held.IDs != held {
			t.Errorf("the verdict is %s, held %+v", sum.Verdict, sum.Held)
		}
		s, err := store.Open(ctx, filepath.Join(h.dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Restorations().Release(ctx, store.Releasing{By: "ann", At: time.Now()}); err != nil || n != held {
			t.Errorf("released %d, %v", n, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		measure(0, false)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Held.IDs != 0 {
			t.Errorf("after the release: %s", sum.Verdict)
		}
		restored, err := store.Open(ctx, filepath.Join(h.dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer restored.Close() //nolint:errcheck // nothing is written
		for at, want := range map[time.Time]int64{until: held, until.Add(40 * 24 * time.Hour): 0} {
			spent, err := usage.Read(ctx, restored, h.job(restored).Prices, time.UTC, at)
			if err != nil {
				t.Fatal(err)
			}
			month := spent.Meter(billing.Caps{}, at).Month()
			if got := month.CeilingCalls - month.FloorCalls; got != want {
				t.Errorf("in the month of %s %d released IDs count as paid at most, want %d", at, got, want)
			}
		}
	})
}
