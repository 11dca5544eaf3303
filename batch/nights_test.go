package batch_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

func TestMoreNights(t *testing.T) {
	type shares = []batch.Share
	for _, c := range []struct {
		name   string
		shares shares
		want   int64
	}{
		{"nothing is left", shares{{Done: 10}}, 0},
		{"nothing was done", shares{{Left: 5}}, 0},
		{"a part of a night is one", shares{{Done: 10, Left: 1}}, 1},
		{"exactly two", shares{{Done: 10, Left: 20}}, 2},
		{"the slowest counts", shares{{Done: 100, Left: 50}, {Done: 10, Left: 35}}, 4},
		{"one that was not reached for a cap waits for the others", shares{{Done: 100, Capped: true}, {Left: 250, Capped: true}}, 3},
		{"what a finished one used of the cap is free for the others", shares{{Done: 200}, {Done: 100, Left: 300, Capped: true}}, 1},
		{"a cap beside a quota", shares{{Done: 10, Left: 45}, {Done: 100, Left: 50, Capped: true}}, 5},
	} {
		if got := batch.MoreNights(c.shares...); got != c.want {
			t.Errorf("%s: %d nights, want %d", c.name, got, c.want)
		}
	}
}

// twoRates is a history of a fast and a slow endpoint under one cap on calls.
func twoRates(t *testing.T, dir string, fast, slow int) *history {
	h := quietHistory(t, dir, simulator.Config{Seed: 5, Latency: 20 * time.Millisecond})
	h.endpoints = []string{"sg", "th"}
	var text strings.Builder
	text.WriteString("signatureId,region\n")
	for i := range max(fast, slow) {
		if i < fast {
			fmt.Fprintf(&text, "f%015x,SG\n", i)
		}
		if i < slow {
			fmt.Fprintf(&text, "e%015x,TH\n", i)
		}
	}
	name := filepath.Join(dir, "ids.csv")
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	h.lists = []string{name}
	return h
}

// capped is the job with the two rates and a cap on calls.
func (h *history) capped(s *store.Store, limit billing.Cap) *batch.Job {
	job := h.job(s)
	job.Endpoints[0].Rate, job.Endpoints[1].Rate = 50, 5
	if limit.Name == "spend_per_month" {
		job.Caps.Month = limit
	} else {
		job.Caps.Run = limit
	}
	return job
}

// Under a cap that a fast and a slow endpoint share, plan, verdict and status agree on what the night leaves, and the next
// night, which has the whole cap for the slow one, bears them out. A cap on the month tells nothing about tomorrow.
func TestNightsUnderASharedCap(t *testing.T) {
	for name, want := range map[string]struct{ more, left int64 }{"calls_per_run": {1, 300}, "spend_per_month": {0, 300}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := twoRates(t, dir, 200, 400)
				s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close() //nolint:errcheck // looked at no more
				limit := billing.Cap{Name: name, Calls: 300}
				job := h.capped(s, limit)
				plan, err := batch.Preview(t.Context(), job)
				if err != nil {
					t.Fatal(err)
				}
				if got := plan.Endpoints[1].Left; plan.Endpoints[0].Left != 0 || got < want.left-10 || got > want.left+10 || plan.MoreNights(job) != want.more {
					t.Errorf("plan: %d and %d left, %d more nights; want 0, about %d, %d", plan.Endpoints[0].Left, got, plan.MoreNights(job), want.left, want.more)
				}
				sum, err := batch.Run(t.Context(), job)
				resumes := "; resumes next run, about 1 more night like this one"
				if name == "spend_per_month" {
					resumes = "; resumes when the next month begins"
				}
				if err != nil || sum.Nights != want.more || sum.ExitCode != batch.ExitStopped || !strings.HasSuffix(sum.Verdict, resumes) {
					t.Errorf("run: %d more nights, want %d: %s, %v", sum.Nights, want.more, sum.Verdict, err)
				}
				if got, err := s.Runs().NightsAfter(t.Context(), sum.RunID); err != nil || got != want.more {
					t.Errorf("remembered: %d more nights, %v, want %d", got, err, want.more)
				}
				if got, err := s.Runs().NightsAfter(t.Context(), sum.RunID+1); err != nil || got != 0 {
					t.Errorf("of another run: %d more nights, %v, want 0", got, err)
				}
				time.Sleep(24 * time.Hour)
				if name == "calls_per_run" {
					if sum, err = batch.Run(t.Context(), h.capped(s, limit)); err != nil || sum.ExitCode != batch.ExitDone {
						t.Errorf("the next night: %s, %v", sum.Verdict, err)
					}
				}
			})
		})
	}
}

// TestCapAhead: from the fourteenth night on the verdict says that the month's cap is likely to be reached, and about when,
// until it is; under a cap that the month stays below it says nothing.
func TestCapAhead(t *testing.T) {
	for limit, warned := range map[string]bool{"USD 5": false, "USD 1.75": true} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			h := quietHistory(t, dir, simulator.Config{Seed: 5, Latency: 20 * time.Millisecond})
			for night := range 20 {
				h.seed = uint64(night) // other IDs
				h.list(2)
				s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
				if err != nil {
					t.Fatal(err)
				}
				job := h.job(s)
				if job.Caps.Month, err = billing.ParseCap("spend_per_month", limit); err != nil {
					t.Fatal(err)
				}
				sum, err := batch.Run(t.Context(), job)
				if err = errors.Join(err, s.Close()); err != nil {
					t.Fatal(err)
				}
				said := strings.Contains(sum.Verdict, "; spend_per_month of "+limit+" is likely to be reached about 26 January") ||
					strings.Contains(sum.Verdict, "; spend_per_month of "+limit+" is likely to be reached about 27 January")
				if want := warned && night >= 13; said != want || !want && strings.Contains(sum.Verdict, "spend_per_month") {
					t.Errorf("night %d under %s: %s", night+1, limit, sum.Verdict)
				}
				time.Sleep(24 * time.Hour)
			}
		})
	}
}

// More IDs are in doubt than a run may ask for again: the verdict says how many, and how many nights they need; the plan
// says which part of them is tonight's. The nights that follow bear it out.
func TestNightsOfRepeats(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 6, Latency: 50 * time.Millisecond, Faults: simulator.Faults{Probability: map[simulator.Fault]float64{simulator.ResetAfter: .1}}})
		h.policy.RepeatInDoubt = batch.RepeatHold
		h.list(100)
		sum := h.night(night{})
		waiting := sum.Waiting
		if waiting < 7 || sum.Nights != 0 || strings.Contains(sum.Verdict, "wait") {
			t.Fatalf("%d IDs in doubt, all from this run: %s", waiting, sum.Verdict)
		}
		h.policy.RepeatInDoubt = batch.RepeatOnce
		h.vendor.SetFaults(simulator.Faults{})
		for nights := (waiting + 2) / 3; nights > 0; nights-- { // three repeats each
			time.Sleep(24 * time.Hour)
			h.planRepeats(min(3, waiting), waiting, nights-1)
			sum = h.night(night{})
			if waiting = max(0, waiting-3); sum.Waiting != waiting {
				t.Fatalf("%d IDs wait, want %d: %s", sum.Waiting, waiting, sum.Verdict)
			}
			word := fmt.Sprintf("0 in doubt, %d IDs wait for a repeat, ", waiting)
			rest := "; resumes next run"
			switch nights {
			case 1:
				word, rest = "0 in doubt, ", "0.10"
			case 2:
				word = strings.NewReplacer("1 IDs wait", "1 ID waits").Replace(word)
			default:
				rest += fmt.Sprintf(", about %d more nights like this one", nights-1)
			}
			if !strings.Contains(sum.Verdict, word) || nights > 1 && !strings.HasSuffix(sum.Verdict, rest) {
				t.Errorf("verdict %q, want %q and %q", sum.Verdict, word, rest)
			}
		}
		if sum.ExitCode != batch.ExitDone {
			t.Errorf("the last night: %s", sum.Verdict)
		}
	})
}

// planRepeats checks what a plan says of the IDs in doubt, where nothing else is open.
func (h *history) planRepeats(repeats, waiting, more int64) {
	s, err := store.OpenReader(h.t.Context(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // opened for reading
	job := h.job(s)
	plan, err := batch.Preview(h.t.Context(), job)
	if err != nil {
		h.t.Fatal(err)
	}
	if l := plan.Endpoints[0]; l.Repeats != repeats || l.InDoubtLeft() != waiting-repeats || plan.MoreNights(job) != more {
		h.t.Errorf("plan: %d repeats, %d left, %d more nights; want %d, %d, %d", l.Repeats, l.InDoubtLeft(), plan.MoreNights(job), repeats, waiting-repeats, more)
	}
}

// A run that went through without an answer for some IDs, and without a limit, says that they are pending: they are not
// the calls in doubt beside them.
func TestPendingIsNamed(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 50 * time.Millisecond, Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: simulator.ErrorFree}}})
		h.list(20, faultyID)
		if sum := h.night(night{}); sum.ExitCode != batch.ExitPartial || !strings.Contains(sum.Verdict, "20 of 21 answered, 0 in doubt, USD 0.70, 1 pending; resumes next run") {
			t.Errorf("exit %d: %s", sum.ExitCode, sum.Verdict)
		}
	})
}
