package batch_test

import (
	"strings"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/usage"
	"liverecon/store"
	"liverecon/store/apichanges"
)

// clauses list what a verdict can say beside its ending: what makes each true, and the words. Each is looked for where
// it is true and where it is not; what ends a night beside it takes none away.
var clauses = []struct {
	says string
	add  func(*told)
}{
	{"1 given up", func(n *told) { n.sum.GivenUp = 1 }},
	{"2 given up (1 empty result, 2 paid for)", func(n *told) { n.sum.GivenUp, n.sum.Empty, n.sum.GivenUpPaid = 2, 1, 2 }},
	{"7 in doubt", func(n *told) { n.sum.Doubts, n.sum.Waiting = 7, 7 }},
	{"2 IDs wait for a repeat", func(n *told) { n.sum.Doubts, n.sum.Waiting = 3, 2 }},
	{"2 IDs in doubt not before 2000-01-02 03:04", func(n *told) {
		n.sum.Waiting, n.sum.Resting, n.sum.RestUntil = 2, 2, time.Date(2000, 1, 2, 3, 4, 0, 0, time.UTC)
	}},
	{"resumes next run, 1 ID in doubt not before 2000-01-02 03:04", func(n *told) {
		n.sum.Waiting, n.sum.Resting, n.sum.RestUntil = 2, 1, time.Date(2000, 1, 2, 3, 4, 0, 0, time.UTC)
	}},
	{"2 IDs billed without an answer", func(n *told) { n.sum.Waiting, n.sum.Billed, n.held = 2, 2, true }},
	{"3 IDs wait for a statement", func(n *told) { n.sum.Waiting, n.sum.Billed, n.held = 5, 2, true }},
	{"1 ID keeps its earlier answer", func(n *told) { n.sum.Kept = 1 }},
	{"3 IDs keep their earlier answer (2 paid for)", func(n *told) { n.sum.Kept, n.sum.KeptPaid = 3, 2 }},
	{"1 ID is done without a score", func(n *told) { n.sum.Scoreless = 1 }},
	{"2 IDs asked once more still have no score", func(n *told) { n.sum.StillNoScore = 2 }},
	{"2 IDs with a result still to be asked once more", func(n *told) { n.sum.AskedAgain, n.sum.Pending = 2, 2 }},
	{"5 paid calls (at no charge)", func(n *told) { n.sum.Paid = 5 }},
	{"5-8 paid calls (at no charge)", func(n *told) { n.sum.Paid, n.sum.Doubts, n.sum.Waiting = 5, 3, 3 }},
	{"5 paid calls (no price set)", func(n *told) {
		n.sum.Paid, n.sum.Spent = 5, billing.Range{FloorCalls: 5, CeilingCalls: 5, Unpriced: 5}
	}},
	{"4 IDs have no configured endpoint", func(n *told) { n.sum.Unrouted = 4 }},
	{"1 ID has no score yet", func(n *told) { n.sum.NoScore, n.sum.Pending = 1, 1 }},
	{"2 IDs called absent in earlier nights are asked once more", func(n *told) { n.sum.Reopened, n.sum.Pending = 2, 2 }},
	{"1,200 IDs held that may have been paid for", func(n *told) { n.sum.Held = usage.HeldIDs{IDs: 1200} }},
	{"1 answer repeated a transaction ID", func(n *told) { n.sum.Repeated = 1 }},
	{"3 IDs may hold another's answer", func(n *told) { n.sum.Suspects = 3 }},
	{"9 rows rejected", func(n *told) { n.sum.Rejected = 9 }},
	{"9 rows rejected (8 of 10 in bad.csv)", func(n *told) {
		n.sum.Rejected, n.sum.TooMany = 9, []store.List{{Path: "in/bad.csv", Rows: 10, Rejected: 8}}
	}},
	{"1 list set aside (gone.csv)", func(n *told) { n.sum.Aside = []*list.Error{{File: "in/gone.csv"}} }},
	{"2 lists set aside (gone.csv and 1 more)", func(n *told) {
		n.sum.Aside = []*list.Error{{File: "in/gone.csv"}, {File: "in/other.csv"}}
	}},
	{"new from the vendor: code FROG (id)", func(n *told) {
		n.sum.New = []apichanges.Known{{Endpoint: "id", Change: apichanges.Change{Kind: apichanges.Code, Value: "FROG"}}}
	}},
	{"spend_per_run reached", func(n *told) { n.limits, n.sum.Pending = []string{"spend_per_run reached"}, 1 }},
	{"sg refused us", func(n *told) { n.refused, n.sum.Pending = []string{"sg refused us"}, 1 }},
	{"sg knows 0 of 20 IDs", func(n *told) { n.nobody, n.sum.Pending = []string{"sg knows 0 of 20 IDs"}, 20 }},
	{"deadline reached", func(n *told) { n.cause, n.sum.Pending = batch.ErrDeadline, 1 }},
	{"6 pending", func(n *told) { n.sum.Pending = 6 }},
	{"resumes next run", func(n *told) { n.sum.Pending = 1 }},
}

// TestVerdictOfRestingDoubts: however many nights the budget of repeats makes of them, IDs that no run repeats yet have
// their time said, and a night that could do nothing for them is none that others are likened to.
func TestVerdictOfRestingDoubts(t *testing.T) {
	for _, c := range []struct {
		resting int64
		ends    string
	}{
		{0, "; resumes next run, about 3 more nights like this one"},
		{7, "; resumes next run, about 3 more nights like this one, 7 IDs in doubt not before 2000-01-02 03:04"},
		{9, "; resumes, 9 IDs in doubt not before 2000-01-02 03:04"},
	} {
		sum := conclude(func(n *told) {
			n.sum.Repeats, n.sum.Waiting, n.sum.Resting = 3, 9, c.resting
			n.sum.RestUntil = time.Date(2000, 1, 2, 3, 4, 0, 0, time.UTC)
		})
		if !strings.HasSuffix(sum.Verdict, c.ends) {
			t.Errorf("of 9 IDs %d rest, and the verdict is %q, which has not %q at its end", c.resting, sum.Verdict, c.ends)
		}
	}
}

func TestClausesOfTheVerdict(t *testing.T) {
	plain := conclude()
	if plain.Verdict != "DONE: 3 of 3 answered, 0 in doubt" {
		t.Errorf("nothing is to be said, and it says: %s", plain.Verdict)
	}
	for _, c := range clauses {
		if strings.Contains(plain.Verdict, c.says) {
			t.Errorf("%q is said of a night in which it is not so", c.says)
		}
		if sum := conclude(c.add); !says(sum.Verdict, c.says) {
			t.Errorf("%q is not said: %s", c.says, sum.Verdict)
		}
		for _, beside := range nightFacts {
			sum := conclude(beside.add, c.add)
			first, rest, _ := strings.Cut(sum.Verdict, ": ")
			if first == "FAILED" || first == "REFUSED INPUT" || strings.HasPrefix(rest, "stopped by signal") { // say what broke instead
				continue
			}
			if alone := conclude(beside.add); !says(sum.Verdict, c.says) && !overruled(c.says, alone) {
				t.Errorf("%q is not said beside %q: %s", c.says, beside.name, sum.Verdict)
			}
		}
	}
}

// says reports whether a sentence has a clause, whole.
func says(verdict, clause string) bool {
	for at := strings.Index(verdict, clause); at >= 0; {
		end := at + len(clause)
		if strings.HasSuffix(verdict[:at], ", ") || strings.HasSuffix(verdict[:at], "; ") || strings.HasSuffix(verdict[:at], ": ") {
			if end == len(verdict) || verdict[end] == ',' || verdict[end] == ';' {
				return true
			}
		}
		next := strings.Index(verdict[end:], clause)
		if next < 0 {
			return false
		}
		at = end + next
	}
	return false
}

// overruled reports whether a night that is ended by something else takes a clause's ground away: the bare number of
// what is pending is said where no reason is, and what nobody is left for does not resume.
func overruled(clause string, sum batch.Summary) bool {
	return strings.HasSuffix(clause, " pending") && (sum.Pending > 0 || sum.ExitCode != batch.ExitDone) ||
		strings.HasSuffix(clause, " asked once more") && sum.ExitCode == batch.ExitUnanswered
}
