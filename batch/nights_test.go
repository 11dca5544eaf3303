package batch_test

import (
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
	h.lanes = []string{"sg", "th"}
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
	job.Lanes[0].Rate, job.Lanes[1].Rate = 50, 5
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
				if got := plan.Lanes[1].Left; plan.Lanes[0].Left != 0 || got < want.left-10 || got > want.left+10 || plan.MoreNights(job) != want.more {
					t.Errorf("plan: %d and %d left, %d more nights; want 0, about %d, %d", plan.Lanes[0].Left, got, plan.MoreNights(job), want.left, want.more)
				}
				sum, err := batch.Run(t.Context(), job)
				if err != nil || sum.Nights != want.more || sum.ExitCode != batch.ExitStopped {
					t.Errorf("run: %d more nights, want %d: %s, %v", sum.Nights, want.more, sum.Verdict, err)
				}
				if got, err := s.NightsAfter(t.Context(), sum.RunID); err != nil || got != want.more {
					t.Errorf("remembered: %d more nights, %v, want %d", got, err, want.more)
				}
				if got, err := s.NightsAfter(t.Context(), sum.RunID+1); err != nil || got != 0 {
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
