package batch_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// unaskedCase represents what a fault of a connection must come to, by when it is sent: right behind the answer, while
// the connection is idle, and while the next call is under way. It says how many calls of others have no answer for it,
// and why, and whether IDs are suspect. Wrong answers are none: that is the judge's business.
type unaskedCase struct {
	fault                  simulator.Fault
	behind, idle, underWay string
}

var unaskedCases = []unaskedCase{
	// A copy is known for what it is.
	{simulator.Copy, "", "", "1 repeated"},
	// Of other bytes nobody knows whether they are the answer that was due before.
	{simulator.CopyToken, "1 unasked, suspects", "suspects", "1 repeated"},
	{simulator.StrayPage, "1 unasked, suspects", "suspects", "1 no_envelope, suspects"},
	{simulator.StrayEmpty, "1 unasked, suspects", "suspects", "1 no_envelope, suspects"},
	{simulator.Stray204, "1 unasked, suspects", "suspects", "1 no_envelope, suspects"},
	{simulator.StrayPart, "1 unasked, suspects", "suspects", "1 no_envelope, suspects"},
	{simulator.StrayByte, "1 unasked, suspects", "suspects", "1 malformed, suspects"},
	// An empty line behind an answer is HTTP's own noise; in front of one it could hide an answer that is ahead.
	{simulator.StrayLine, "", "", ""},
	// What nothing can tell from an answer: from then on each ID has its predecessor's, until that shows.
	{simulator.StrayNew, "1 unasked, suspects", "suspects", "suspects"},
	{simulator.HangUp, "", "", "1 reset"},
}

// moments are those of each kind, where a call takes 3 ms and the next one goes out after 10 ms: all for what looks
// like an answer, one of each kind for the rest.
func (c unaskedCase) moments() map[simulator.Fault]string {
	all := map[simulator.Fault]string{c.fault.After(0): c.behind, c.fault.AtNext(): c.underWay}
	idle, underWay := []time.Duration{2}, []time.Duration{8}
	if c.fault == simulator.Copy || c.fault == simulator.StrayNew {
		idle, underWay = []time.Duration{1, 2, 4}, []time.Duration{8, 50}
		all[c.fault.AtAsked()] = c.underWay
	}
	for _, ms := range idle {
		all[c.fault.After(ms*time.Millisecond)] = c.idle
	}
	for _, ms := range underWay {
		all[c.fault.After(ms*time.Millisecond)] = c.underWay
	}
	if c.fault == simulator.HangUp { // it ends before a byte of the call has left
		all[c.fault.AtNext()] = c.idle
	}
	return all
}

// TestUnasked lets each thing that a connection can carry unasked be carried at each moment, once in a night: no ID
// gets another's answer without being listed, at most one call has no answer for it, and the next night finds nothing
// lost.
func TestUnasked(t *testing.T) {
	for _, c := range unaskedCases {
		for fault, want := range c.moments() {
			t.Run(string(fault), func(t *testing.T) { playUnasked(t, plain, fault, want) })
		}
	}
	for _, c := range unaskedCases {
		if c.fault != simulator.Copy && c.fault != simulator.StrayNew && c.fault != simulator.StrayByte {
			continue // TLS makes no difference to what it carries
		}
		for fault, want := range c.moments() {
			t.Run("under TLS/"+string(fault), func(t *testing.T) { playUnasked(t, secure, fault, want) })
		}
	}
}

// TestTokensCopies: a token's answer that comes instead of those to several calls is no call's: none is named as the
// one whose transaction it bears.
func TestTokensCopies(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 3 * time.Millisecond, Patience: 10 * time.Second,
			Faults: simulator.Faults{Script: func(_, id string, _ int) simulator.Fault {
				if id != "" && id[len(id)-1]%3 == 0 {
					return simulator.CopyToken.AtNext()
				}
				return ""
			}}})
		h.way, h.concurrency, h.policy.RepeatInDoubt = plain, 1, batch.RepeatHold
		h.list(30)
		h.night(night{})
		calls, repeated := map[int64]store.CallRecord{}, 0
		for _, k := range h.readBooks().Calls {
			calls[k.CallID] = k
		}
		for _, k := range calls {
			if k.Cause == store.CauseRepeated {
				repeated++
			}
			if r := k.Repeats; r.TransactionID != "" && calls[r.FirstCall].TransactionID != r.TransactionID {
				t.Errorf("call %d bears %s, said to be call %d's, which has %q", k.CallID, r.TransactionID, r.FirstCall,
					calls[r.FirstCall].TransactionID)
			}
		}
		if repeated < 2 {
			t.Errorf("%d calls got a token's answer", repeated)
		}
	})
}

// TestUnaskedOneCall: where a connection is for one call, only what comes with its answer can be taken for something,
// and is not.
func TestUnaskedOneCall(t *testing.T) {
	for _, c := range unaskedCases {
		for fault := range c.moments() {
			want := ""
			if fault == c.fault.After(0) && !slices.Contains([]simulator.Fault{simulator.StrayLine, simulator.HangUp}, c.fault) {
				want = "1 unasked"
			}
			t.Run(string(fault), func(t *testing.T) { playUnasked(t, oneCall, fault, want) })
		}
	}
}

func playUnasked(t *testing.T, w way, fault simulator.Fault, want string) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 3 * time.Millisecond, Patience: 10 * time.Second,
			Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: fault}}})
		h.way, h.concurrency = w, 1
		h.policy.RepeatInDoubt = batch.RepeatHold
		h.list(20, faultyID)
		sum := h.night(night{})
		if got := h.consequences(); got != want {
			t.Errorf("%q, want %q: %s", got, want, sum.Verdict)
		}
		if sent := len(h.vendor.Unasked()); w != oneCall && sent != 1 && !strings.HasPrefix(string(fault), string(simulator.HangUp)) {
			t.Errorf("%d things were sent unasked", sent)
		}
		before := h.consequences()
		h.vendor.SetFaults(simulator.Faults{})
		h.policy.RepeatInDoubt = batch.RepeatAlways
		time.Sleep(24 * time.Hour)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone || h.consequences() != before {
			t.Errorf("the clean night after it: %q, then %q: %s", before, h.consequences(), sum.Verdict)
		}
	})
}

// consequences lists which calls have no answer and whether any is suspect. A call that never left is asked again at
// once.
func (h *history) consequences() string {
	s := h.open()
	defer s.Close() //nolint:errcheck // opened for reading
	books := h.books(s)
	lost := map[string]int{}
	for _, c := range books.Calls {
		if c.Outcome == store.Unanswered {
			lost[c.Cause]++
		}
	}
	var all []string
	for _, cause := range slices.Sorted(maps.Keys(lost)) {
		all = append(all, fmt.Sprint(lost[cause], " ", cause))
	}
	if len(books.Suspects) > 0 {
		all = append(all, "suspects")
	}
	return strings.Join(all, ", ")
}

// TestCopiesOfOthers lets answers of one connection come again on others, many in a night. None is taken for another
// ID's.
func TestCopiesOfOthers(t *testing.T) {
	moments := []simulator.Fault{simulator.CopyOther.AtNext(), simulator.CopyOther.AtAsked()}
	for _, ms := range []time.Duration{0, 1, 2, 4, 8, 50} {
		moments = append(moments, simulator.CopyOther.After(ms*time.Millisecond))
	}
	for _, fault := range moments {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 30 * time.Millisecond, Patience: 10 * time.Second,
					Faults: simulator.Faults{Probability: map[simulator.Fault]float64{fault: .1}}})
				h.way = plain
				h.list(100)
				sum := h.night(night{})
				if sent := len(h.vendor.Unasked()); sent < 5 {
					t.Errorf("%d copies were sent", sent)
				}
				if sum.Repeated > 0 && sum.Suspects == 0 { // who had it first
					t.Errorf("%d repeated, %d suspects: %s", sum.Repeated, sum.Suspects, sum.Verdict)
				}
				h.vendor.SetFaults(simulator.Faults{})
				h.policy.RepeatInDoubt = batch.RepeatAlways
				time.Sleep(24 * time.Hour)
				if sum := h.night(night{}); sum.ExitCode != batch.ExitDone {
					t.Errorf("the clean night after it: %s", sum.Verdict)
				}
			})
		})
	}
}

// TestCopiesOfTokens lets every token's answer come twice: no ID gets it.
func TestCopiesOfTokens(t *testing.T) {
	for _, ms := range []time.Duration{0, 1, 2, 4, 8, 50} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			fault := simulator.Copy.After(ms * time.Millisecond)
			h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 30 * time.Millisecond, TokenLife: time.Minute,
				Faults: simulator.Faults{TokenProbability: map[simulator.Fault]float64{fault: 1}}})
			h.way, h.rate = plain, 1
			h.list(150)
			if sum := h.night(night{revokeAfter: 40 * time.Second}); sum.ExitCode != batch.ExitDone || h.consequences() != "" {
				t.Errorf("%s: %q, %s", fault, h.consequences(), sum.Verdict)
			}
			tokens := 0
			for _, e := range h.vendor.Entries() {
				if e.Token {
					tokens++
				}
			}
			if tokens < 3 || ms == 0 && len(h.vendor.Unasked()) != tokens {
				t.Errorf("%s: %d tokens, %d copies", fault, tokens, len(h.vendor.Unasked()))
			}
		})
	}
}
