package batch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/judge"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
	"liverecon/store/apichanges"
)

// foretell returns what a plan says of the only endpoint; then the night is played, and has to make as many calls, and spend
// as much at most.
func (h *history) foretell(again ...store.Asking) (batch.EndpointPlan, batch.Summary) {
	h.t.Helper()
	s := h.open()
	job := h.job(s)
	job.Again = again
	plan, err := batch.Preview(h.t.Context(), job)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.again = again
	sum := h.night(night{})
	h.again = nil
	l := plan.Endpoints[0]
	if sum.Calls != l.Pending+l.Repeats || sum.Planned != plan.Open() || sum.Spent.Ceiling.String() != l.CostAtMost.String() {
		h.t.Errorf("planned %d calls of %d IDs for %s, made %d of %d for %s: %s", l.Pending+l.Repeats, plan.Open(), l.CostAtMost, sum.Calls, sum.Planned,
			sum.Spent.Ceiling, sum.Verdict)
	}
	return l, sum
}

// reasons are those of an ID's calls, in their order.
func (h *history) reasons(id string) (all []store.Reason) {
	for _, c := range h.callsFor(id) {
		all = append(all, c.Reason)
	}
	return all
}

// A score that is not there yet is asked for on later nights, not twice in one, each time for a reason of its own; a plan
// says so before. It comes on the third night.
func TestScoreComesLater(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.ScoreLater}}})
		h.policy.NoScoreNights = 2
		h.list(20, faultyID)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitPartial || sum.NoScore != 1 || !strings.Contains(sum.Verdict, "20 of 21 answered, 0 in doubt, USD 0.735, 1 ID has no score yet; resumes next run") {
			t.Errorf("exit %d: %s", sum.ExitCode, sum.Verdict)
		}
		time.Sleep(time.Hour)
		l, sum := h.foretell()
		if l.Resting != 1 || l.NoScore != 0 || sum.ExitCode != batch.ExitPartial || sum.Verdict != "PARTIAL: 0 of 1 answered, 0 in doubt, 1 ID has no score yet; resumes next run" {
			t.Errorf("a second run of the night, %+v: exit %d, %s", l, sum.ExitCode, sum.Verdict)
		}
		time.Sleep(20 * time.Hour)
		l, sum = h.foretell()
		if l.Resting != 0 || l.NoScore != 1 || sum.ExitCode != batch.ExitPartial || sum.Verdict != "PARTIAL: 0 of 1 answered, 0 in doubt, USD 0.035, 1 ID has no score yet; resumes next run" {
			t.Errorf("the second night, %+v: exit %d, %s", l, sum.ExitCode, sum.Verdict)
		}
		time.Sleep(24 * time.Hour)
		if _, sum = h.foretell(); sum.ExitCode != batch.ExitDone || sum.NoScore != 0 {
			t.Errorf("the third night: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.reasons(faultyID); !slices.Equal(got, []store.Reason{"first", "no_score", "no_score"}) {
			t.Errorf("asked for %v", got)
		}
		h.quiet()
	})
}

// A vendor that gives all calls for an ID one transaction ID is believed about that ID: its score comes under the ID that the
// answer without it had. The transaction is at most one charge, whether the vendor takes two or not: what it says of the
// second is in doubt, and its transaction ID stays on the first. Where the first was free, the second is the charge. What
// says the same as the first, byte for byte, is believed where nothing else can have come.
func TestScoreUnderTheSameTransaction(t *testing.T) {
	for _, c := range []struct {
		fault simulator.Fault
		basis simulator.Basis
		way   way
		calls []string
	}{
		{simulator.ScoreLater, simulator.PerCall, plain, []string{"answered SUCCESS PAY pay 1", "answered SUCCESS PAY unknown 0", "answered SUCCESS PAY unknown 0"}},
		{simulator.ScoreLater, simulator.PerID, plain, []string{"answered SUCCESS PAY pay 1", "answered SUCCESS PAY unknown 0", "answered SUCCESS PAY unknown 0"}},
		{simulator.RetryLater, simulator.PerCall, oneCall, []string{"answered RETRY_LATER FREE free 1", "answered RETRY_LATER FREE free 1", "answered SUCCESS PAY pay 1"}},
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, OneTransaction: true, Billing: c.basis, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: c.fault}}})
			h.perID, h.way = c.basis == simulator.PerID, c.way
			h.policy.NoScoreNights, h.policy.MaxTries = 2, 2
			h.list(20, faultyID)
			for range 2 {
				if sum := h.night(night{}); sum.Waiting != 0 {
					t.Errorf("an ID is in doubt: %s", sum.Verdict)
				}
				if time.Sleep(24 * time.Hour); c.fault == simulator.RetryLater {
					h.vendor.SetFaults(simulator.Faults{})
				}
			}
			h.night(night{})
			h.quiet()
			books := h.readBooks()
			if err := (judge.Case{Entries: h.vendor.Entries(), Books: books, PerID: h.perID}).Check(); err != nil {
				t.Error(err)
			}
			var got []string
			for _, k := range h.callsFor(faultyID) {
				got = append(got, fmt.Sprint(k.Outcome, " ", k.Code, " ", k.Pricing, " ", k.Tag, " ", min(len(k.TransactionID), 1)))
				if k.Current != (len(got) == len(c.calls)) || k.Outcome == store.Answered && k.State != store.Done {
					t.Errorf("%s: %+v", c.fault, k)
				}
			}
			if !slices.Equal(got, c.calls) {
				t.Errorf("%s: %q, want %q", c.fault, got, c.calls)
			}
		})
	}
}

// An ID that never gets a score is done without one after its last night; how many there are is the setting's. A setting
// that was lowered ends what had more, without a call.
func TestScoreNeverComes(t *testing.T) {
	for _, nights := range []int{0, 1, 2} {
		t.Run(fmt.Sprint(nights), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.ScoreNull}}})
				h.policy.NoScoreNights = nights
				h.list(20, faultyID)
				for n := range nights {
					if sum := h.night(night{}); sum.ExitCode != batch.ExitPartial || sum.NoScore != 1 {
						t.Errorf("night %d: exit %d, %s", n+1, sum.ExitCode, sum.Verdict)
					}
					time.Sleep(24 * time.Hour)
				}
				if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.NoScore != 0 || sum.Calls == 0 || !strings.Contains(sum.Verdict, ", 1 ID is done without a score") {
					t.Errorf("the last night: exit %d, %s", sum.ExitCode, sum.Verdict)
				}
				h.quiet()
			})
		})
	}
	t.Run("lowered", func(t *testing.T) {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.ScoreNull}}})
			h.policy.NoScoreNights = 5
			h.list(20, faultyID)
			for range 3 {
				h.night(night{})
				time.Sleep(24 * time.Hour)
			}
			h.policy.NoScoreNights = 2
			if l, sum := h.foretell(); l.Open() != 0 || sum.ExitCode != batch.ExitDone || sum.Calls != 0 ||
				sum.Verdict != "DONE: nothing to do, no call was made, 1 ID is done without a score" {
				t.Errorf("planned %+v; exit %d, %s", l, sum.ExitCode, sum.Verdict)
			}
			if calls := h.callsFor(faultyID); calls[2].State != store.Done || !calls[2].Current {
				t.Errorf("the last answer is not the result: %+v", calls[2])
			}
		})
	})
}

// A number outside of 0-100 is all that the vendor says about an ID: it is done without a score at once, the change of the
// API is named, and no later night asks again. A person can.
func TestScoreOutOfRange(t *testing.T) {
	for _, fault := range []simulator.Fault{simulator.ScoreOver, simulator.ScoreNegative} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: fault}}})
			h.policy.NoScoreNights = 2
			h.list(20, faultyID)
			sum := h.night(night{})
			if sum.ExitCode != batch.ExitDone || sum.NoScore != 0 || sum.Scoreless != 1 || !strings.Contains(sum.Verdict, "21 of 21 answered") || !strings.Contains(sum.Verdict, ", 1 ID is done without a score") {
				t.Errorf("%s: exit %d, %s", fault, sum.ExitCode, sum.Verdict)
			}
			if !slices.ContainsFunc(sum.New, func(k apichanges.Known) bool { return strings.Contains(k.Value, "livenessScore outside 0-100") }) {
				t.Errorf("%s: the change is not named: %+v", fault, sum.New)
			}
			for range 3 {
				time.Sleep(24 * time.Hour)
				if sum = h.night(night{}); sum.Calls != 0 || sum.Scoreless != 0 {
					t.Errorf("%s: a later night: %+v", fault, sum.Verdict)
				}
			}
			if calls := h.callsFor(faultyID); len(calls) != 1 || calls[0].State != store.Done || !calls[0].Current {
				t.Errorf("%s: %+v", fault, calls)
			}
			h.vendor.SetFaults(simulator.Faults{})
			if _, sum = h.foretell(store.Asking{State: store.Done, NoScore: true, Limit: 9}); sum.Calls != 1 || sum.Scoreless != 0 {
				t.Errorf("%s: by hand: %s", fault, sum.Verdict)
			}
			h.quiet()
		})
	}
}

// A plan after the setting was lowered counts what is asked again by hand as the run does: what waited for a score is done
// without one first, and is asked as what has its result.
func TestPlanOfLoweredNights(t *testing.T) {
	for _, c := range []struct {
		asking store.Asking
		listed bool // its IDs are those of the list
		asked  bool // what waits for a score was asked for by hand already, and no run came to it
		calls  int64
	}{
		{store.Asking{State: store.Done, NoScore: true, Limit: 9}, false, false, 4},
		{store.Asking{State: store.Done, NoScore: true, Limit: 3}, false, false, 3},
		{store.Asking{State: store.Done, NoScore: true, Limit: 4}, false, true, 4},
		{store.Asking{State: store.Done, Limit: 20}, true, false, 18},
		{store.Asking{State: store.InDoubt, Limit: 9}, false, false, 0},
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond})
			without := []string{"c01dface5eedf001", "c01dface5eedf002", "c01dface5eedf003", "c01dface5eedf004"}
			h.list(26, without...)
			always := map[string]simulator.Fault{}
			for _, id := range without {
				always[id] = simulator.ScoreNull
			}
			h.vendor.SetFaults(simulator.Faults{Always: always})
			h.policy.NoScoreNights = 2
			h.night(night{})
			if c.asked {
				s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
				if err != nil {
					t.Fatal(err)
				}
				n, err := s.Checks().Force(t.Context(), c.asking, time.Now())
				if err = errors.Join(err, s.Close()); n.IDs != 4 || err != nil {
					t.Fatal(n, err)
				}
			}
			time.Sleep(24 * time.Hour)
			h.policy.NoScoreNights = 0
			if c.listed {
				for _, id := range h.listed() {
					c.asking.Only = append(c.asking.Only, store.HashID("signatureId", id))
				}
			}
			if l, sum := h.foretell(c.asking); sum.Calls != c.calls {
				t.Errorf("%+v: planned %+v; %s", c.asking, l, sum.Verdict)
			}
		})
	}
}

// An ID that the plan ends without a score, and that gets its score when it is asked by hand in the same run, has one.
func TestEndedAndScored(t *testing.T) {
	for fault, want := range map[simulator.Fault]int64{"": 0, simulator.ScoreNull: 1} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.ScoreNull}}})
			h.policy.NoScoreNights = 2
			h.list(20, faultyID)
			h.night(night{})
			time.Sleep(24 * time.Hour)
			h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{faultyID: fault}})
			h.policy.NoScoreNights = 0
			_, sum := h.foretell(store.Asking{State: store.Done, NoScore: true, Limit: 9})
			if sum.Calls != 1 || sum.Scoreless != want || strings.Contains(sum.Verdict, "done without a score") != (want > 0) {
				t.Errorf("then %q: %d without a score, %s", fault, sum.Scoreless, sum.Verdict)
			}
			_, sum = h.foretell(store.Asking{State: store.Done, NoScore: true, Limit: 9})
			if said := "1 ID asked once more still has no score"; strings.Contains(sum.Verdict, said) != (want > 0) || sum.Calls != want {
				t.Errorf("and once more %q: %d calls, %s", fault, sum.Calls, sum.Verdict)
			}
		})
	}
}

// An ID whose answer had no score and that only fails since is asked on so many nights, too, and then done without one.
func TestScoreNeverAsked(t *testing.T) {
	for _, fault := range []simulator.Fault{simulator.ErrorFree, simulator.RetryLater} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.ScoreNull}}})
			h.policy.NoScoreNights = 2
			h.list(20, faultyID)
			h.night(night{})
			h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{faultyID: fault}})
			var sum batch.Summary
			for range h.policy.NoScoreNights {
				time.Sleep(24 * time.Hour)
				sum = h.night(night{})
			}
			if sum.ExitCode == batch.ExitPartial || sum.Pending != 0 || sum.NoScore != 0 || !strings.Contains(sum.Verdict, ", 1 ID is done without a score") {
				t.Errorf("%s: exit %d, %s", fault, sum.ExitCode, sum.Verdict)
			}
			if first := h.callsFor(faultyID)[0]; first.State != store.Done || !first.Current {
				t.Errorf("%s: the answer without a score is not the result: %+v", fault, first)
			}
			h.quiet()
		})
	}
}

// Whatever an ID that has its result is answered when it is asked once more: only a better answer is one, what was paid for
// another is said, and the result stays.
func TestNothingBetter(t *testing.T) {
	for fault, clause := range map[simulator.Fault]string{
		simulator.NotExist:        "1 ID keeps its earlier answer",
		simulator.NotFound:        "1 ID keeps its earlier answer",
		simulator.ParamError:      "1 ID keeps its earlier answer",
		simulator.ScoreNull:       "1 ID keeps its earlier answer (1 paid for)",
		simulator.DataEmpty:       "1 ID keeps its earlier answer (1 paid for)",
		simulator.ErrorPaid:       "1 ID keeps its earlier answer (1 paid for)",
		simulator.UnknownCodePaid: "1 ID keeps its earlier answer (1 paid for)",
		simulator.ResetAfter:      "1 ID keeps its earlier answer",
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond})
			h.list(20)
			h.night(night{})
			id := h.listed()[0]
			h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: fault}})
			sum := h.nightAgain(store.Asking{State: store.Done, Limit: 1, Only: [][16]byte{store.HashID("signatureId", id), store.HashID("livenessId", id)}})
			if sum.ExitCode != batch.ExitUnanswered || !strings.HasPrefix(sum.Verdict, "NO ANSWER: 0 of 1 answered, ") || !says(sum.Verdict, clause) {
				t.Errorf("%s: exit %d, %s", fault, sum.ExitCode, sum.Verdict)
			}
			if first := h.callsFor(id)[0]; first.State != store.Done || !first.Current {
				t.Errorf("%s: the result is gone: %+v", fault, first)
			}
			h.quiet()
		})
	}
}

// What a person asked for once more and a cap left does not make later nights fail: all IDs have their results.
func TestAskedAgainUnderACap(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond})
		h.list(20)
		h.night(night{})
		var only [][16]byte
		for _, id := range h.listed() {
			only = append(only, store.HashID("signatureId", id), store.HashID("livenessId", id))
		}
		again := store.Asking{State: store.Done, Limit: 9, Only: only}
		h.budget = 5
		if sum := h.nightAgain(again); sum.ExitCode != batch.ExitStopped || !says(sum.Verdict, "4 IDs with a result still to be asked once more") {
			t.Errorf("the night itself: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		time.Sleep(24 * time.Hour)
		h.vendor.SetFaults(simulator.Faults{Down: map[string]simulator.Fault{"id": simulator.Refused}})
		if sum := h.night(night{}); sum.ExitCode != batch.ExitPartial || !says(sum.Verdict, "4 IDs with a result still to be asked once more") {
			t.Errorf("a later night: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		h.list(30)
		time.Sleep(24 * time.Hour)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitUnanswered {
			t.Errorf("with IDs of its own: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// A night in which every answer comes without a score has answers where these may only have come too early: there are few
// of them, and something is in them. Otherwise it has none, and no later run of the same night that finds nobody to ask
// passes for a good one. The next day's is another night.
func TestOnlyEarlyAnswers(t *testing.T) {
	for _, c := range []struct {
		name           string
		fault          simulator.Fault
		ids, nights    int
		first, second  int
		says, saysThen string
	}{
		{"a few without a score", simulator.ScoreNull, 19, 2, batch.ExitPartial, batch.ExitPartial, "PARTIAL: 0 of 19 answered, 0 in doubt, USD 0.665, 19 IDs have no score yet; resumes next run",
			"PARTIAL: 0 of 19 answered, 0 in doubt, 19 IDs have no score yet; resumes next run"},
		{"many without a score", simulator.ScoreNull, 20, 2, batch.ExitUnanswered, batch.ExitUnanswered, "NO ANSWER: 0 of 20 answered, 0 in doubt, USD 0.70, 20 IDs have no score yet; resumes next run",
			"NO ANSWER: 0 of 20 answered, 0 in doubt, 20 IDs have no score yet, the run that ended at 00:00 came to NO ANSWER; resumes next run"},
		{"a few with null in every field", simulator.DataNulls, 3, 2, batch.ExitUnanswered, batch.ExitUnanswered, "NO ANSWER: 0 of 3 answered, 0 in doubt, USD 0.105, 3 IDs have no score yet; resumes next run",
			"NO ANSWER: 0 of 3 answered, 0 in doubt, 3 IDs have no score yet, the run that ended at 00:00 came to NO ANSWER; resumes next run"},
		{"null in every field, and nothing is waited for", simulator.DataNulls, 20, 0, batch.ExitUnanswered, batch.ExitUnanswered,
			"NO ANSWER: 0 of 20 answered, 20 given up (20 empty results, 20 paid for), 0 in doubt, USD 0.70, id gave 0 results for 20 IDs: the last said SUCCESS (\"OK\")",
			"NO ANSWER: nothing to do, no call was made, the run that ended at 00:00 came to NO ANSWER"},
		{"many with a score that is none", simulator.ScoreOver, 20, 2, batch.ExitUnanswered, batch.ExitUnanswered,
			"NO SCORE: 20 of 20 answered, 0 in doubt, USD 0.70, 20 IDs are done without a score; new from the vendor: type \"data.livenessScore outside 0-100\" (id)",
			"NO ANSWER: nothing to do, no call was made, the run that ended at 00:00 came to NO SCORE"},
		{"a few with a score that is none", simulator.ScoreOver, 19, 2, batch.ExitDone, batch.ExitDone,
			"DONE: 19 of 19 answered, 0 in doubt, USD 0.665, 19 IDs are done without a score; new from the vendor: type \"data.livenessScore outside 0-100\" (id)",
			"DONE: nothing to do, no call was made"},
		{"scores", simulator.Score50, 30, 0, batch.ExitDone, batch.ExitDone, "DONE: 30 of 30 answered, 0 in doubt, USD 1.05", "DONE: nothing to do, no call was made"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Probability: map[simulator.Fault]float64{c.fault: 1}}})
				h.policy.NoScoreNights = c.nights
				h.list(c.ids)
				if sum := h.night(night{}); sum.ExitCode != c.first || sum.Verdict != c.says {
					t.Errorf("exit %d: %s; want %d, %s", sum.ExitCode, sum.Verdict, c.first, c.says)
				}
				for range 3 {
					time.Sleep(time.Hour)
					if sum := h.night(night{}); sum.ExitCode != c.second || sum.Verdict != c.saysThen {
						t.Errorf("once more: exit %d: %s; want %d, %s", sum.ExitCode, sum.Verdict, c.second, c.saysThen)
					}
				}
				time.Sleep(21 * time.Hour)
				h.vendor.SetFaults(simulator.Faults{})
				if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Answered != sum.Planned {
					t.Errorf("the next day: exit %d: %s", sum.ExitCode, sum.Verdict)
				}
			})
		})
	}
}

// A run that finds nobody to ask because the only calls of its night were lost, and are left alone for a while, is no
// success either.
func TestOnlyLostAnswers(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ResetAfter: 1}}})
		h.policy.RepeatAfter = 6 * time.Hour
		h.list(3)
		for run := range 3 {
			before := len(h.vendor.Entries())
			if sum := h.night(night{}); sum.ExitCode != batch.ExitUnanswered {
				t.Errorf("run %d: exit %d: %s", run, sum.ExitCode, sum.Verdict)
			}
			if calls := len(h.vendor.Entries()) - before; (calls > 0) != (run == 0) {
				t.Errorf("run %d made %d calls", run, calls)
			}
			time.Sleep(time.Hour)
		}
	})
}

// A SUCCESS with nothing in it is paid for, and no result: the ID is given up, and only a person asks for it again.
func TestEmptyResult(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.DataEmpty}}})
		h.policy.NoScoreNights = 2
		h.list(20, faultyID)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Empty != 1 || sum.Paid != 21 || !strings.Contains(sum.Verdict, "20 of 21 answered, 1 given up (1 empty result, 1 paid for), 0 in doubt, USD 0.735") {
			t.Errorf("exit %d: %s", sum.ExitCode, sum.Verdict)
		}
		h.quiet()
		h.vendor.SetFaults(simulator.Faults{})
		if _, sum := h.foretell(store.Asking{State: store.GivenUp, Limit: 5}); sum.ExitCode != batch.ExitDone || sum.Answered != 1 {
			t.Errorf("asked again: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.reasons(faultyID); !slices.Equal(got, []store.Reason{"first", "forced"}) {
			t.Errorf("asked for %v", got)
		}
	})
}

// Results are asked for again by list or ID, or because they have no score, within a number and for a reason of its own. An
// ID keeps what it has when the call brings nothing better.
func TestResultsAskedAgain(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		always := map[string]simulator.Fault{faultyID: simulator.ScoreNull}
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: always}})
		h.list(20, faultyID)
		h.night(night{})
		ids := h.listed()
		hashes := func(ids []string) (all [][16]byte) {
			for _, id := range ids {
				all = append(all, store.HashID("signatureId", id), store.HashID("livenessId", id))
			}
			return all
		}
		l, sum := h.foretell(store.Asking{State: store.Done, NoScore: true, Limit: 5})
		if l.Again != 1 || sum.ExitCode != batch.ExitDone || sum.Verdict != "DONE: 1 of 1 answered, 0 in doubt, USD 0.035, 1 ID asked once more still has no score" {
			t.Errorf("without a score, as before, %+v: exit %d, %s", l, sum.ExitCode, sum.Verdict)
		}
		h.vendor.SetFaults(simulator.Faults{})
		if _, sum = h.foretell(store.Asking{State: store.Done, Limit: 3, Only: hashes(ids)}); sum.ExitCode != batch.ExitDone || sum.Calls != 3 {
			t.Errorf("three of the list: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		// The vendor knows nothing of two any more, and loses the third answer.
		h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{ids[0]: simulator.NotFound, ids[1]: simulator.ScoreNull, ids[2]: simulator.ResetAfter, ids[3]: simulator.RetryLater}})
		sum = h.nightAgain(store.Asking{State: store.Done, Limit: 4, Only: hashes(ids[:4])})
		if sum.ExitCode != batch.ExitUnanswered || sum.Pending != 1 || sum.Waiting != 0 ||
			!strings.Contains(sum.Verdict, "0 of 4 answered, 1 in doubt, 3 IDs keep their earlier answer (1 paid for), ") {
			t.Errorf("nothing better: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		for _, id := range ids[:4] {
			calls := h.callsFor(id)
			if calls[0].State != store.Done || !slices.ContainsFunc(calls, func(c store.CallRecord) bool { return c.Current && c.Code == "SUCCESS" && c.RunID < sum.RunID }) {
				t.Errorf("%s lost its result: %+v", id, calls)
			}
		}
		// One was busy all the time: it is asked again next night, under the same reason; the others are not.
		h.vendor.SetFaults(simulator.Faults{})
		time.Sleep(24 * time.Hour)
		if _, sum = h.foretell(); sum.ExitCode != batch.ExitDone || sum.Calls != 1 {
			t.Errorf("the next night: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if got := h.reasons(ids[3]); got[len(got)-1] != store.ReasonRefresh {
			t.Errorf("asked for %v", got)
		}
		h.quiet()
		// A night of nothing but lost answers has no answer.
		h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{ids[0]: simulator.ResetAfter, ids[1]: simulator.ResetAfter}})
		sum = h.nightAgain(store.Asking{State: store.Done, Limit: 2, Only: hashes(ids[:2])})
		if sum.ExitCode != batch.ExitUnanswered || !strings.HasPrefix(sum.Verdict, "NO ANSWER: 0 of 2 answered, 2 in doubt, 2 IDs keep their earlier answer, ") {
			t.Errorf("both lost: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// Images are of results alone: those of an answer that does not stand are left where they are.
func TestImagesOfResultsAskedAgain(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond})
		h.images = batch.DownloadAll
		h.list(5)
		h.night(night{})
		id := h.listed()[0]
		only := [][16]byte{store.HashID("signatureId", id), store.HashID("livenessId", id)}
		images := len(h.imageRows())
		h.vendor.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: simulator.ScoreNull}}) // no better than what stands
		h.nightAgain(store.Asking{State: store.Done, Limit: 1, Only: only})
		if n := len(h.imageRows()); n != images || images == 0 {
			t.Errorf("%d images after an answer that does not stand, %d before", n, images)
		}
		h.vendor.SetFaults(simulator.Faults{})
		h.nightAgain(store.Asking{State: store.Done, Limit: 1, Only: only})
		if n := len(h.imageRows()); n <= images {
			t.Errorf("%d images after one that does, %d before", n, images)
		}
	})
}

// A vendor that answers a repeated question with the bytes it gave before is not believed: they may be the first answer once
// more, in front of one that costs something. What the call costs is in doubt, and the verdict says why. The ID is given up
// in the end.
func TestVendorRepeatsTransactions(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.RetryLater}}})
		h.list(20, faultyID)
		s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		play := func() batch.Summary {
			job := h.job(s)
			job.Endpoints[0].Client = h.clientOver("id", roundTrip(func(r *http.Request) (*http.Response, error) { return sameTransaction(h.vendor.Transport(), r) }))
			sum, err := batch.Run(t.Context(), job)
			if err != nil {
				t.Error(err)
			}
			return sum
		}
		sum := play()
		if sum.Repeated != 2 || sum.Doubts != 2 || sum.Suspects != 0 || !strings.Contains(sum.Verdict, "20 of 21 answered, 2 in doubt, 1 ID waits for a repeat, USD 0.70-0.77, 2 answers repeated a transaction ID; resumes next run") {
			t.Errorf("%d repeated, exit %d: %s", sum.Repeated, sum.ExitCode, sum.Verdict)
		}
		want := []string{"answered RETRY_LATER free", "unanswered repeated unknown", "unanswered repeated unknown"}
		for i, c := range h.callsFor(faultyID) {
			if i < len(want) && describe(c) != want[i] {
				t.Errorf("call %d: %s, want %s", i, describe(c), want[i])
			}
		}
		for range 4 {
			time.Sleep(24 * time.Hour)
			sum = play()
		}
		if calls := h.callsFor(faultyID); calls[0].State != store.GivenUp || len(calls) != 6 {
			t.Errorf("in the end: %s after %d calls, %s", calls[0].State, len(calls), sum.Verdict)
		}
		if err := s.Books().Audit(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// An ID that the vendor wants left alone for hours is left to the next run, and the log says that it waits.
func TestNobodyWaitsForHours(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.RetryLater}}})
		h.list(20, faultyID)
		s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		job := h.job(s)
		job.Log = slog.New(slog.NewTextHandler(&log, nil))
		job.Endpoints[0].Client = h.clientOver("id", roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := h.vendor.Transport().RoundTrip(r)
			if err == nil && resp.Header.Get("Retry-After") != "" {
				resp.Header.Set("Retry-After", "86400")
			}
			return resp, err
		}))
		began := time.Now()
		sum, err := batch.Run(t.Context(), job)
		if took := time.Since(began); err != nil || took > 12*time.Minute || sum.ExitCode != batch.ExitPartial || sum.Answered != 20 || sum.Pending != 1 {
			t.Errorf("after %v, %v: exit %d, %s", took, err, sum.ExitCode, sum.Verdict)
		}
		if !strings.Contains(log.String(), `msg="an ID waits as the vendor wants it" endpoint=id`) {
			t.Errorf("nobody says that it waits:\n%s", log.String())
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// sameTransaction is a vendor's answer under a transaction ID that depends on the ID asked for alone, its fields in one
// order.
func sameTransaction(vendor http.RoundTripper, r *http.Request) (*http.Response, error) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(asked))
	resp, err := vendor.RoundTrip(r)
	if err != nil || !bytes.Contains(asked, []byte(faultyID)) {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var envelope map[string]any // the simulator changes the order of fields from try to try
	if err := json.Unmarshal(body, &envelope); err != nil {
		return nil, err
	}
	envelope["transactionId"] = faultyID
	if body, err = json.Marshal(envelope); err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// nightAgain plays a night in which a person asks for something again.
func (h *history) nightAgain(again ...store.Asking) batch.Summary {
	h.again = again
	defer func() { h.again = nil }()
	return h.night(night{})
}

// listed are the IDs that have their result, in the order in which they were asked.
func (h *history) listed() (ids []string) {
	s := h.open()
	defer s.Close() //nolint:errcheck // opened for reading
	for _, c := range h.books(s).Calls {
		if c.Text != faultyID && c.Code == "SUCCESS" {
			ids = append(ids, c.Text)
		}
	}
	return ids
}
