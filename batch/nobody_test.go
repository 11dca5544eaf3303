package batch_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// wrongAccount makes the vendor know nobody, or some with a chance.
func (h *history) wrongAccount(absent float64) {
	h.vendor.SetFaults(simulator.Faults{Probability: map[simulator.Fault]float64{simulator.NotExist: absent}})
}

// states counts the checks of the database by state.
func (h *history) states() map[store.State]int64 {
	h.t.Helper()
	counts := map[store.State]int64{}
	h.raw(func(db *sql.DB) error {
		rows, err := db.Query("SELECT state, count(*) FROM checks GROUP BY state")
		if err != nil {
			return err
		}
		for rows.Next() {
			var state store.State
			var n int64
			if err := rows.Scan(&state, &n); err != nil {
				return err
			}
			counts[state] = n
		}
		return rows.Err()
	})
	return counts
}

// raw looks behind the store.
func (h *history) raw(do func(*sql.DB) error) {
	h.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(h.dir, "liverecon.db"))
	if err == nil {
		err = errors.Join(do(db), db.Close())
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// With the keys of another account nobody is found: that is no success, costs twenty calls a night, and no ID is lost by
// it. The first night with the right keys answers all.
func TestNobodyIsFound(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(300)
		h.wrongAccount(1)
		for n := range 4 {
			before := len(h.vendor.Entries())
			sum := h.night(night{})
			want := "NOBODY FOUND: 0 of 300 answered, 0 in doubt, id knows 0 of 20 IDs (are its keys, account and environment right?)"
			if n > 1 {
				want += fmt.Sprintf("; the oldest open ID was listed %d days ago", n)
			}
			if want += "; resumes next run"; sum.ExitCode != batch.ExitUnanswered || sum.Verdict != want {
				t.Errorf("night %d: exit %d, %s, want %s", n, sum.ExitCode, sum.Verdict, want)
			}
			if calls := len(h.vendor.Entries()) - before; calls != 1+20 { // one for the token
				t.Errorf("night %d: %d requests, want 21", n, calls)
			}
			if got := h.states(); got[store.Pending] != 300 || len(got) != 1 {
				t.Errorf("night %d: %v", n, got)
			}
			time.Sleep(24 * time.Hour)
		}
		h.wrongAccount(0)
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitDone || sum.Answered != 300 {
			t.Errorf("with the right keys: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		h.quiet()
		reasons := map[store.Reason]int{}
		for _, c := range h.calls() {
			if c.Attempt > 1 {
				reasons[c.Reason]++
			}
		}
		if len(reasons) != 1 || reasons[store.ReasonUnfound] == 0 {
			t.Errorf("asked again for %v, want a reason of its own", reasons)
		}
		if err := (judge.Case{Entries: h.vendor.Entries(), Books: h.readBooks(), Caps: map[store.Reason]judge.Cap{store.ReasonUnfound: {PerRun: 80}}}).Check(); err != nil {
			t.Error(err)
		}
	})
}

// What is called absent for money is not asked again by itself, whoever is found: each night asks other IDs, and a person
// decides about those.
func TestNobodyIsFoundForMoney(t *testing.T) {
	for name, c := range map[string]struct {
		ids     int64
		fault   simulator.Fault
		want    string
		recheck int
	}{
		"nobody": {300, simulator.NotExistPaid, "NOBODY FOUND: 0 of 300 answered, 20 given up (20 called absent when nobody was " +
			"found, 20 paid for), 0 in doubt, USD 0.70, id knows 0 of 20 IDs", 0},
		"a few":     {6, simulator.NotExistPaid, "DONE: 6 of 6 answered, 0 in doubt, USD 0.21", 0},
		"not found": {6, simulator.NotFoundPaid, "DONE: 6 of 6 answered, 0 in doubt, USD 0.21", 3},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				h.rechecks = c.recheck
				h.list(int(c.ids))
				h.vendor.SetFaults(simulator.Faults{Probability: map[simulator.Fault]float64{c.fault: 1}})
				for n := range 4 {
					sum := h.night(night{})
					if n == 0 && !strings.HasPrefix(sum.Verdict, c.want) {
						t.Errorf("%s, want %s", sum.Verdict, c.want)
					}
					time.Sleep(24 * time.Hour)
				}
				h.vendor.SetFaults(simulator.Faults{})
				h.list(int(c.ids) + 5)
				last := h.night(night{})
				if n := int(c.ids); n < 20 && !strings.Contains(last.Verdict, fmt.Sprintf(" answered, %d given up (%d called absent when nobody was found)", n, n)) {
					t.Errorf("somebody is found: %s", last.Verdict)
				}
				if got := h.states()[store.GivenUp]; got == 0 || got%c.ids > 0 && got != 80 {
					t.Errorf("%d are given up", got)
				}
				asked := map[string]int{}
				for _, e := range h.vendor.Entries() {
					if asked[e.ID]++; asked[e.ID] > 1 && !e.Token {
						t.Errorf("%s was asked %d times", e.ID, asked[e.ID])
					}
				}
				if err := (judge.Case{Entries: h.vendor.Entries(), Books: h.readBooks()}).Check(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func (h *history) calls() []store.CallRecord { return h.readBooks().Calls }

func (h *history) readBooks() judge.Books {
	s := h.open()
	defer s.Close() //nolint:errcheck // opened for reading
	return h.books(s)
}

// strays writes a list of IDs that the vendor does not know, and one of others; the strays are read first.
func (h *history) strays(strays, others int) map[string]simulator.Fault {
	unknown := map[string]simulator.Fault{}
	var first, second strings.Builder
	first.WriteString("signatureId,region\n")
	second.WriteString("signatureId,region\n")
	for i := range strays {
		id := fmt.Sprintf("e%015x", i)
		unknown[id] = simulator.NotExist
		fmt.Fprintf(&first, "%s,ID\n", id)
	}
	for i := range others {
		fmt.Fprintf(&second, "f%015x,ID\n", i)
	}
	h.lists = nil
	for name, text := range map[string]string{"a.csv": first.String(), "b.csv": second.String()} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	h.lists = []string{filepath.Join(h.dir, "a.csv"), filepath.Join(h.dir, "b.csv")}
	return unknown
}

// IDs that do not exist are absent, however many of them stand in front: a sample of all that is open shows that the vendor
// knows the others.
func TestStraysAreAbsent(t *testing.T) {
	for _, c := range []struct{ strays, others int }{{30, 10_000}, {30, 300}, {200, 300}, {19, 0}, {19, 3}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				h.rate = 500
				h.vendor.SetFaults(simulator.Faults{Always: h.strays(c.strays, c.others)})
				sum := h.night(night{})
				if sum.ExitCode != batch.ExitDone || sum.Answered != int64(c.strays+c.others) {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
				got := h.states() // of the others, too, the vendor may not know a few
				if got[store.Absent] < int64(c.strays) || got[store.Done] < int64(c.others)*9/10 || got[store.Absent]+got[store.Done] != int64(c.strays+c.others) {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

// A night that ends while the strays in front are being asked has no word against the endpoint either.
func TestStraysInAShortNight(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.rate = 20
		h.list(100)
		h.night(night{}) // in which nearly all were known
		time.Sleep(24 * time.Hour)
		h.vendor.SetFaults(simulator.Faults{Always: h.strays(200, 5000)})
		sum := h.night(night{deadline: 10 * time.Second})
		if sum.ExitCode != batch.ExitStopped || strings.Contains(sum.Verdict, "knows") {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.states(); got[store.Absent] < 110 {
			t.Errorf("%v", got)
		}
	})
}

// Against nights in which nearly all were known, half is enough; the word of a person is enough to believe it.
func TestNobodyAgainstEarlierNights(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.wrongAccount(0.1)
		h.list(500)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Fatalf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		time.Sleep(24 * time.Hour)
		h.wrongAccount(0.75)
		h.list(1000)
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitUnanswered || !strings.HasPrefix(sum.Verdict, "FEW FOUND: ") || !strings.Contains(sum.Verdict, "% in earlier nights; are its keys") {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		pending := h.states()[store.Pending]
		if pending < 400 {
			t.Errorf("%d pending", pending)
		}
		time.Sleep(24 * time.Hour)
		h.believe = []string{"id"}
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Answered != pending {
			t.Errorf("believed: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		// What somebody said of that night holds for others like it, and for no other.
		h.believe = nil
		time.Sleep(24 * time.Hour)
		h.list(1500)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone || !strings.HasSuffix(sum.Verdict, " IDs, as was believed of an earlier night") {
			t.Errorf("the night after: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		time.Sleep(24 * time.Hour)
		h.wrongAccount(1)
		h.list(1800)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitUnanswered || !strings.HasPrefix(sum.Verdict, "NOBODY FOUND: 0 of 300 answered") {
			t.Errorf("another account: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// At an endpoint that knows one ID in twenty, what a person believes of one night holds for those that follow, while it goes
// on knowing as many.
func TestFewAreFound(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.wrongAccount(0.95)
		listed, n := 0, 0
		night := func(code int, says string) (sum batch.Summary) {
			t.Helper()
			listed += 200
			h.list(listed)
			sum = h.night(night{})
			if n++; sum.ExitCode != code || !strings.Contains(sum.Verdict, says) {
				t.Errorf("night %d: exit %d, %s; want %d, %s", n, sum.ExitCode, sum.Verdict, code, says)
			}
			time.Sleep(24 * time.Hour)
			return sum
		}
		for range 3 { // each says what it knows, and does not call it nobody when it is somebody
			sum := night(batch.ExitUnanswered, " IDs (are its keys, account and environment right?)")
			if word := strings.HasPrefix(sum.Verdict, "NOBODY FOUND: 0 of"); word != (sum.Paid == 0) || !word && !strings.HasPrefix(sum.Verdict, "FEW FOUND: ") {
				t.Errorf("%d are paid for: %s", sum.Paid, sum.Verdict)
			}
		}
		h.believe = []string{"id"}
		night(batch.ExitDone, "")
		h.believe = nil
		for range 5 {
			if sum := night(batch.ExitDone, ""); sum.Answered != 200 {
				t.Errorf("%s", sum.Verdict)
			}
		}
		h.quiet()
		h.wrongAccount(1)
		night(batch.ExitUnanswered, "NOBODY FOUND: 0 of 200 answered")
		h.wrongAccount(0.95)
		if sum := night(batch.ExitDone, ""); sum.Answered != 400 {
			t.Errorf("%s", sum.Verdict)
		}
	})
}

// A night that asked for all is judged by all its answers, also where a sample was a little better than they are.
func TestAllAnswersCount(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.vendor.SetFaults(simulator.Faults{Always: h.strays(190, 19)})
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitUnanswered || !strings.HasPrefix(sum.Verdict, "FEW FOUND: ") {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// Where hundreds are known, a few IDs that are not are nothing to wonder at; many in a row are, over several nights too.
func TestStraysOfATrustedEndpoint(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		listed := 0
		night := func(ids int, absent float64, code int, want string) {
			t.Helper()
			listed += ids
			h.list(listed)
			h.wrongAccount(absent)
			if sum := h.night(night{}); sum.ExitCode != code || !strings.HasPrefix(sum.Verdict, want) {
				t.Errorf("exit %d, %s; want %d, %s", sum.ExitCode, sum.Verdict, code, want)
			}
			time.Sleep(12 * time.Hour)
		}
		absent := func(want int64) {
			t.Helper()
			if got := h.states()[store.Absent]; got != want {
				t.Errorf("%d are absent, want %d", got, want)
			}
		}
		exactly := "DONE: %[1]d of %[1]d answered, 0 in doubt"
		night(300, 0, batch.ExitDone, "DONE: 300 of 300 answered")
		strays := h.states()[store.Absent]
		for range 2 {
			night(1, 1, batch.ExitDone, fmt.Sprintf(exactly, 1))
			night(3, 0, batch.ExitDone, fmt.Sprintf(exactly, 3)) // and nothing is asked again
		}
		absent(strays + 2)

		night(4, 1, batch.ExitDone, fmt.Sprintf(exactly, 4))
		night(4, 1, batch.ExitDone, fmt.Sprintf(exactly, 4)+"; id knows none of its last 8 IDs, too few to tell why")
		night(4, 0, batch.ExitPartial, "PARTIAL: 4 of 4 answered, 0 in doubt, USD 0.14, 8 IDs called absent in earlier nights are asked once more")
		night(0, 0, batch.ExitDone, fmt.Sprintf(exactly, 8))
		absent(strays + 2)

		for range 3 {
			night(5, 1, batch.ExitDone, fmt.Sprintf(exactly, 5))
		}
		night(5, 1, batch.ExitUnanswered, "NOBODY FOUND: 0 of ")
		absent(strays + 2)
	})
}

// Three quarters absent, where no earlier night tells that it should be otherwise, is believed.
func TestManyAbsentAtFirst(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.wrongAccount(0.75)
		h.list(500)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// The account changes in mid-night: what was found stays, what was called absent is asked again.
func TestNobodyFromMidnight(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(100)
		h.night(night{})
		time.Sleep(24 * time.Hour)
		h.list(1000)
		timer := time.AfterFunc(3*time.Second, func() { h.wrongAccount(1) })
		defer timer.Stop()
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitUnanswered || !strings.Contains(sum.Verdict, "id knows ") {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.states(); got[store.Absent] > 10 || got[store.Done] < 200 || got[store.Pending] < 500 { // absent: in the first night
			t.Errorf("%v", got)
		}
		h.wrongAccount(0)
		time.Sleep(24 * time.Hour)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// A run that dies before it can draw the conclusion leaves it to the next.
func TestNobodyAndNoEnd(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(300)
		h.wrongAccount(1)
		h.night(night{})
		// As a crash right after the last answer would have it.
		h.raw(func(db *sql.DB) error {
			_, err := db.Exec("DELETE FROM endpoint_nights; UPDATE checks SET state = 'absent', unfound = 0 WHERE unfound = 1")
			return err
		})
		if got := h.states(); got[store.Absent] != 20 {
			t.Fatalf("%v", got)
		}
		h.wrongAccount(0)
		time.Sleep(24 * time.Hour)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Answered != 300 {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.states(); got[store.Done] < 290 || got[store.Done]+got[store.Absent] != 300 {
			t.Errorf("%v", got)
		}
	})
}

// After a night that knew nobody a few answers are enough to know that it is so still.
func TestNobodyInAShortNight(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.rate = 2
		h.list(300)
		h.wrongAccount(1)
		h.night(night{})
		time.Sleep(24 * time.Hour)
		sum := h.night(night{deadline: 3 * time.Second})
		if sum.ExitCode != batch.ExitUnanswered || !strings.Contains(sum.Verdict, "id knows 0 of ") {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.states(); got[store.Pending] != 300 {
			t.Errorf("%v", got)
		}
	})
}

// After such a night nothing but the sample is under way, also when the first answer tells nothing.
func TestNobodyIsAskedCarefully(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 500 * time.Millisecond})
		h.concurrency = 64
		h.list(300)
		h.wrongAccount(1)
		h.night(night{})
		time.Sleep(24 * time.Hour)
		var told atomic.Bool
		h.vendor.SetFaults(simulator.Faults{Script: func(_ string, id string, _ int) simulator.Fault {
			if id == "" {
				return ""
			}
			if !told.Swap(true) {
				return simulator.ErrorFree
			}
			return simulator.NotExist
		}})
		before := len(h.vendor.Entries())
		sum := h.night(night{})
		if n := len(h.vendor.Entries()) - before; n > 1+20+1 || sum.ExitCode != batch.ExitUnanswered {
			t.Errorf("%d requests, exit %d, %s", n, sum.ExitCode, sum.Verdict)
		}
	})
}

// One endpoint's account is wrong, the others are served.
func TestNobodyAtOneEndpoint(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := twoRates(t, dir, 200, 200)
		unknown := map[string]simulator.Fault{}
		for i := range 200 {
			unknown[fmt.Sprintf("e%015x", i)] = simulator.NotExist
		}
		h.vendor.SetFaults(simulator.Faults{Always: unknown})
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitUnanswered || sum.Answered != 200 || !strings.HasPrefix(sum.Verdict, "FEW FOUND: 200 of 400 answered, 0 in doubt, USD 6.965, th knows 0 of 20 IDs (are") {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// Answers to IDs that are asked again because they were not found say nothing of an endpoint.
func TestRechecksTellNothing(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		missing := map[string]simulator.Fault{}
		for i := range 30 {
			missing[fmt.Sprintf("e%015x", i)] = simulator.NotFound
		}
		h.strays(30, 400)
		h.vendor.SetFaults(simulator.Faults{Always: missing})
		h.rechecks = 3
		for n := range 3 {
			if sum := h.night(night{}); sum.ExitCode != batch.ExitDone {
				t.Errorf("night %d: exit %d, %s", n, sum.ExitCode, sum.Verdict)
			}
			time.Sleep(24 * time.Hour)
		}
		if got := h.states(); got[store.Absent] < 30 || got[store.Absent] > 40 {
			t.Errorf("%v", got)
		}
	})
}

// Small nights of a wrong account add up: each is said, and when there are enough of them what all of them called absent is
// asked again.
func TestNobodyInSmallNights(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.wrongAccount(1)
		for n, want := range []string{
			"DONE: 8 of 8 answered, 0 in doubt; id knows none of its last 8 IDs, too few to tell why",
			"DONE: 8 of 8 answered, 0 in doubt; id knows none of its last 16 IDs, too few to tell why",
			"NOBODY FOUND: 0 of 8 answered, 0 in doubt, id knows 0 of 24 IDs in 3 nights (are its keys, account and environment right?); resumes next run",
			"NOBODY FOUND: 0 of 32 answered, 0 in doubt, id knows 0 of 20 IDs (are its keys, account and environment right?); resumes next run",
		} {
			h.list(8 * (n + 1))
			sum := h.night(night{})
			if got, _, _ := strings.Cut(sum.Verdict, "; the oldest open ID"); !strings.HasPrefix(want, got) || len(got) < 60 {
				t.Errorf("night %d: %s, want %s", n, sum.Verdict, want)
			}
			time.Sleep(24 * time.Hour)
		}
		if got := h.states(); got[store.Pending] != 32 || len(got) != 1 {
			t.Errorf("%v", got)
		}
		h.wrongAccount(0)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Answered != 32 {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		h.quiet()
	})
}

// The keys are mended before enough small nights have come together: what those called absent is asked once more, for a
// reason with a name, and what is absent then is so for good.
func TestSmallNightsAreAskedOnceMore(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		stray := "c01dface5eedf001"
		h.list(5, stray)
		h.wrongAccount(1)
		h.night(night{})
		time.Sleep(24 * time.Hour)
		h.list(9, stray)
		h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{stray: simulator.NotExist}})
		sum := h.night(night{})
		want := "PARTIAL: 4 of 4 answered, 0 in doubt, USD 0.14, 6 IDs called absent in earlier nights are asked once more; resumes next run"
		if sum.ExitCode != batch.ExitPartial || sum.Verdict != want {
			t.Errorf("exit %d, %s, want %s", sum.ExitCode, sum.Verdict, want)
		}
		time.Sleep(12 * time.Hour)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Answered != 6 {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		reasons := map[store.Reason]int{}
		for _, c := range h.calls() {
			if c.Attempt > 1 {
				reasons[c.Reason]++
			}
		}
		if got := h.states(); got[store.Done] != 9 || got[store.Absent] != 1 || len(reasons) != 1 || reasons[store.ReasonUnfound] != 6 {
			t.Errorf("%v, asked again for %v", got, reasons)
		}
		for range 2 { // the stray is not asked for ever
			time.Sleep(24 * time.Hour)
			if sum = h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Calls > 0 {
				t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
			}
		}
	})
}

// A first night that is killed before it could tell anything leaves nothing final either.
func TestSmallNightsAndNoEnd(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(15)
		h.wrongAccount(1)
		h.night(night{})
		h.raw(func(db *sql.DB) error { // as a crash right after the last answer would have it
			_, err := db.Exec("DELETE FROM endpoint_nights; DELETE FROM unconfirmed; UPDATE checks SET why = ''")
			return err
		})
		time.Sleep(24 * time.Hour)
		h.wrongAccount(0)
		h.list(40)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitPartial || sum.Answered != 25 || sum.Pending != 15 {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		time.Sleep(24 * time.Hour)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Answered != 15 {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.states(); got[store.Done] < 38 {
			t.Errorf("%v", got)
		}
	})
}

// Where few IDs exist a person says so: what earlier nights called absent is final with that.
func TestSmallNightsAreBelieved(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.wrongAccount(1)
		h.list(12)
		h.night(night{})
		time.Sleep(24 * time.Hour)
		h.believe = []string{"id"}
		h.list(24)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Verdict != "DONE: 12 of 12 answered, 0 in doubt" {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		h.believe = nil
		time.Sleep(24 * time.Hour)
		h.wrongAccount(0)
		h.list(26)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Answered != 2 {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.states(); got[store.Absent] != 24 || got[store.Done] != 2 {
			t.Errorf("%v", got)
		}
	})
}
