package batch_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/batch/liveness/simulator"
	"liverecon/batch/usage"
	"liverecon/store"
)

// told represents what a night came to, in the terms that its exit code follows from.
type told struct {
	sum             batch.Summary
	refused, limits []string
	nobody, poor    []string
	found, bare     int64
	cause, failure  error
	held            bool // IDs in doubt are not repeated
}

// facts change a night by one thing each, and say how that alone ends it. The first is the strongest.
var nightFacts = []struct {
	name string
	code int
	word string
	add  func(*told)
}{
	{"a signal, with something left", batch.ExitSignal, "STOPPED", func(n *told) { n.cause, n.sum.Pending = errors.New("terminated"), 1 }},
	{"something broke", batch.ExitFailed, "FAILED", func(n *told) { n.failure = errors.New("disk gone") }},
	{"refused input", batch.ExitInput, "REFUSED INPUT", func(n *told) {
		if n.failure == nil {
			n.failure = fmt.Errorf("%w: no price", batch.ErrInput)
		}
	}},
	{"an account refused", batch.ExitRefused, "REFUSED", func(n *told) { n.refused, n.sum.Pending = []string{"sg refused us"}, 1 }},
	{"an endpoint knows nobody", batch.ExitUnanswered, "NOBODY FOUND", func(n *told) { n.nobody, n.found, n.sum.Pending = []string{"sg knows nobody"}, 0, 1 }},
	{"an endpoint knows few", batch.ExitUnanswered, "FEW FOUND", func(n *told) {
		if n.nobody == nil {
			n.nobody, n.found, n.sum.Pending = []string{"sg knows 1 of 20 IDs"}, 1, 1
		}
	}},
	{"work and no answer", batch.ExitUnanswered, "NO ANSWER", func(n *told) { n.sum.Answered, n.sum.Pending = 0, n.sum.Planned }},
	{"an endpoint gives hardly any result", batch.ExitUnanswered, "FEW RESULTS", func(n *told) { n.poor, n.sum.Pending = []string{"sg gave 1 results for 20 IDs"}, 1 }},
	{"hardly any score", batch.ExitUnanswered, "NO SCORE", func(n *told) { n.bare = 20 }},
	{"a cap", batch.ExitStopped, "STOPPED", func(n *told) { n.limits, n.sum.Pending = []string{"spend_per_run reached"}, 1 }},
	{"a list was set aside", batch.ExitRejected, "BAD LISTS", func(n *told) { n.sum.Aside = []*list.Error{{File: "a.csv"}} }},
	{"something is left", batch.ExitPartial, "PARTIAL", func(n *told) { n.sum.Pending = max(n.sum.Pending, 1) }},
	{"nothing is left", batch.ExitDone, "DONE", func(*told) {}},
}

func conclude(add ...func(*told)) batch.Summary {
	n := told{sum: batch.Summary{Planned: 3, Work: 3, Answered: 3}}
	for _, a := range add {
		a(&n)
	}
	return n.sum.Holds(n.held).KnowsNobody(n.found, n.nobody...).GivesFew(n.bare, n.poor...).Conclude(n.refused, n.limits, n.cause, n.failure)
}

// Of all that is true of a night the strongest decides, and the verdict begins with its word.
func TestExitCodes(t *testing.T) {
	for i, strong := range nightFacts {
		for _, weak := range nightFacts[i:] {
			for _, sum := range []batch.Summary{conclude(strong.add, weak.add), conclude(weak.add, strong.add)} {
				if sum.ExitCode != strong.code || !strings.HasPrefix(sum.Verdict, strong.word+": ") {
					t.Errorf("%s, and %s: exit %d, %s; want %d, %s", strong.name, weak.name, sum.ExitCode, sum.Verdict, strong.code, strong.word)
				}
			}
			if got := batch.Stronger(weak.code, strong.code); got != strong.code {
				t.Errorf("of %d and %d the stronger is %d", weak.code, strong.code, got)
			}
		}
		if want := slices.Contains([]int{0, 3}, strong.code); batch.Succeeded(strong.code) != want {
			t.Errorf("%s: success is %v", strong.name, !want)
		}
	}
}

// The corners of "there was work and no answer".
func TestNoAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		sum   batch.Summary
		cause error
		code  int
		says  string
	}{
		{"nothing was open", batch.Summary{}, nil, batch.ExitDone, "DONE: nothing to do, no call was made"},
		{"all is pending: busy answers, no connection, a parked endpoint", batch.Summary{Planned: 9, Work: 9, Pending: 9}, nil, batch.ExitUnanswered,
			"NO ANSWER: 0 of 9 answered, 0 in doubt, 9 pending; resumes next run"},
		{"all is in doubt", batch.Summary{Planned: 2, Work: 2, Waiting: 2, Doubts: 2, Paid: 0}, nil, batch.ExitUnanswered,
			"NO ANSWER: 0 of 2 answered, 2 in doubt, 0-2 paid calls (at no charge); resumes next run"},
		{"IDs in doubt are held: there was no work", batch.Summary{Planned: 2, Waiting: 2}, nil, batch.ExitPartial,
			"PARTIAL: 0 of 2 answered, 0 in doubt, 2 IDs wait for a repeat; resumes next run"},
		{"IDs of endpoints that are not configured: nobody can be asked", batch.Summary{Unrouted: 4}, nil, batch.ExitPartial,
			"PARTIAL: 0 of 0 answered, 0 in doubt, 4 IDs have no configured endpoint"},
		{"IDs are held", batch.Summary{Held: usage.HeldIDs{IDs: 1}}, nil, batch.ExitPartial, "PARTIAL: no call was made, 1 ID held that may have been paid for"},
		{"IDs are held beside a good night", batch.Summary{Planned: 2, Work: 2, Answered: 2, Held: usage.HeldIDs{IDs: 1200}}, nil, batch.ExitPartial,
			"PARTIAL: 2 of 2 answered, 0 in doubt, 1,200 IDs held that may have been paid for"},
		{"the deadline came first", batch.Summary{Planned: 9, Work: 9, Pending: 9}, batch.ErrDeadline, batch.ExitUnanswered,
			"NO ANSWER: 0 of 9 answered, 0 in doubt, deadline reached; resumes next run"},
		{"a signal came first", batch.Summary{Planned: 9, Work: 9, Pending: 9}, errors.New("terminated"), batch.ExitSignal,
			"STOPPED: 0 of 9 answered, 0 in doubt, stopped by signal; resumes next run"},
		{"what is given up has no answer either", batch.Summary{Planned: 2, Work: 2, GivenUp: 2, Paid: 2}, nil, batch.ExitUnanswered,
			"NO ANSWER: 0 of 2 answered, 2 given up, 0 in doubt, 2 paid calls (at no charge)"},
		{"one answer is an answer", batch.Summary{Planned: 9, Work: 9, Answered: 1, Pending: 8}, nil, batch.ExitPartial,
			"PARTIAL: 1 of 9 answered, 0 in doubt, 8 pending; resumes next run"},
	} {
		if sum := c.sum.Conclude(nil, nil, c.cause, nil); sum.ExitCode != c.code || sum.Verdict != c.says {
			t.Errorf("%s: exit %d, %s; want %d, %s", c.name, sum.ExitCode, sum.Verdict, c.code, c.says)
		}
	}
}

// A run that failed before its IDs were counted says what is stored, and no number that it does not know.
func TestFailedBeforeCounting(t *testing.T) {
	for _, c := range []struct {
		sum  batch.Summary
		want string
	}{
		{batch.Summary{Planned: 300, Calls: 57, Doubts: 2, Tallies: []store.Tally{{Calls: 57, Answered: 55, Pay: 55, Doubt: 2}}},
			"FAILED: disk full; 55 answers stored for 300 open IDs, 2 in doubt"},
		{batch.Summary{Planned: 1, Calls: 1, Doubts: 1}, "FAILED: disk full; 1 in doubt"},
		{batch.Summary{Planned: 300}, "FAILED: disk full"},
	} {
		got := c.sum.Failed(errors.New("disk full"))
		if got.ExitCode != batch.ExitFailed || !strings.HasPrefix(got.Verdict, c.want) || strings.Contains(got.Verdict, " of 300 answered") {
			t.Errorf("exit %d, %s; want %s", got.ExitCode, got.Verdict, c.want)
		}
	}
}

// During a week in which the vendor cannot be reached no night passes for a good one, so that an alert on the age of
// the last success fires; the first night after it ends the alert.
func TestAWeeksOutage(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		const alert = 26 * time.Hour
		sinceSuccess := func() time.Duration {
			s := h.open()
			defer s.Close() //nolint:errcheck // opened for reading
			at, err := s.Runs().LastEnd(t.Context(), 0, batch.Successes()...)
			if err != nil {
				t.Fatal(err)
			}
			return time.Since(at)
		}
		h.list(20)
		if sum := h.night(night{}); !batch.Succeeded(sum.ExitCode) || sinceSuccess() > alert {
			t.Errorf("a good night: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		h.list(60)
		for n, fault := range []simulator.Fault{simulator.Timeout, simulator.Refused, simulator.HTML502, simulator.DNS, simulator.ResetBefore, simulator.Timeout, simulator.Refused} {
			time.Sleep(24 * time.Hour)
			h.vendor.SetFaults(simulator.Faults{Down: map[string]simulator.Fault{"id": fault}})
			sum := h.night(night{})
			if sum.ExitCode != batch.ExitUnanswered || !strings.HasPrefix(sum.Verdict, "NO ANSWER: 0 of ") {
				t.Errorf("night %d, %s: exit %d, %s", n+1, fault, sum.ExitCode, sum.Verdict)
			}
			waits := fmt.Sprintf("; the oldest open ID was listed %d days ago; resumes next run", n)
			if says := strings.HasSuffix(sum.Verdict, waits); says != (n > 1) { // not before the third night
				t.Errorf("night %d: %s", n+1, sum.Verdict)
			}
			if fires := sinceSuccess() > alert; fires != (n > 0) {
				t.Errorf("night %d: the alert fires: %v, last success %v ago", n+1, fires, sinceSuccess())
			}
		}
		time.Sleep(24 * time.Hour)
		h.vendor.SetFaults(simulator.Faults{})
		if sum := h.night(night{}); !batch.Succeeded(sum.ExitCode) || sinceSuccess() > alert {
			t.Errorf("the night after: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// IDs that were paid for and given up are said, where there are any; and of those in doubt that are held nobody says
// for how long.
func TestWhatIsSaidOfTheRest(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  simulator.Fault
		policy batch.RepeatInDoubt
		code   int
		want   string
		later  string
		since  bool
	}{
		{"failures tagged PAY", simulator.ErrorPaid, batch.RepeatOnce, batch.ExitDone, "DONE: 50 of 53 answered, 3 given up (3 paid for), 0 in doubt,", "DONE: nothing to do,", false},
		{"failures that are free", simulator.ErrorFree, batch.RepeatOnce, batch.ExitPartial, "PARTIAL: 50 of 53 answered, 0 in doubt,", "NO ANSWER: 0 of 3 answered, 0 in doubt, id answering with failures since ", true},
		{"lost answers that are held", simulator.ResetAfter, batch.RepeatHold, batch.ExitPartial, "PARTIAL: 50 of 53 answered, 3 in doubt,", "PARTIAL: 0 of 3 answered, 0 in doubt, 3 IDs wait for a statement; resumes once a statement tells", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
				h.policy.RepeatInDoubt = c.policy
				bad := []string{"c01dface5eedf001", "c01dface5eedf002", "c01dface5eedf003"}
				h.list(50, bad...)
				always := map[string]simulator.Fault{}
				for _, id := range bad {
					always[id] = c.fault
				}
				h.vendor.SetFaults(simulator.Faults{Always: always})
				if sum := h.night(night{}); sum.ExitCode != c.code || !strings.HasPrefix(sum.Verdict, c.want) {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
				time.Sleep(72 * time.Hour)
				sum := h.night(night{})
				if !strings.HasPrefix(sum.Verdict, c.later) || strings.Contains(sum.Verdict, "; the oldest open ID was listed 3 days ago; ") != c.since {
					t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
				}
			})
		})
	}
}
