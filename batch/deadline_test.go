package batch_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// regional lists n IDs of each region, one region after the other, all of which one endpoint answers.
func (h *history) regional(n int, regions ...string) {
	var text strings.Builder
	text.WriteString("signatureId,region\n")
	for _, region := range regions {
		for k := range n {
			fmt.Fprintf(&text, "f%016x,%s\n", region+fmt.Sprintf("%06d", k), region)
		}
	}
	name := filepath.Join(h.dir, "ids_"+regions[0]+".csv")
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.lists = append(h.lists, name)
}

// openByRegion counts what is still to be asked.
func (h *history) openByRegion() map[string]int64 {
	s := h.open()
	defer s.Close() //nolint:errcheck // opened for reading
	backlog, err := s.Checks().Backlog(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	open := map[string]int64{}
	for _, b := range backlog {
		if b.State == store.Pending {
			open[b.Region] += b.Checks
		}
	}
	return open
}

// A deadline that comes too early leaves something of every region, and not all of the one listed last; the verdict says
// how many more such nights the rest needs.
func TestDeadlineIsFairToRegions(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 5, Latency: 100 * time.Millisecond})
		h.rate = 10
		h.regional(200, "ID", "PH", "VN", "TH")
		sum := h.night(night{deadline: 32 * time.Second})
		if sum.ExitCode != batch.ExitStopped || sum.Nights != 2 || !strings.HasSuffix(sum.Verdict, "deadline reached; resumes next run, about 2 more nights like this one") {
			t.Errorf("exit %d, %d more nights: %s", sum.ExitCode, sum.Nights, sum.Verdict)
		}
		open := h.openByRegion()
		for _, region := range []string{"ID", "PH", "VN", "TH"} {
			if done := 200 - open[region]; done < sum.Answered/4-1 || done > sum.Answered/4+1 {
				t.Errorf("%d of %s answered, want a fair share of %d", done, region, sum.Answered)
			}
		}
		time.Sleep(24 * time.Hour)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Nights != 0 {
			t.Errorf("the next night: %s", sum.Verdict)
		}
	})
}

// A region with few IDs is through early, and the others share the rest of the night.
func TestSmallRegionsAreThroughFirst(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 5, Latency: 100 * time.Millisecond})
		h.rate = 10
		h.regional(1500, "ID") // longer than a page
		h.regional(20, "TH")
		sum := h.night(night{deadline: 20 * time.Second})
		if open := h.openByRegion(); open["TH"] != 0 || open["ID"] == 0 || sum.ExitCode != batch.ExitStopped {
			t.Errorf("left open: %v; %s", open, sum.Verdict)
		}
	})
}

// What a used-up quota leaves for the next night is the rate from before it, and the reason.
func TestQuotaKeepsTheRate(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond, DailyQuota: map[string]int{"": 150}})
		h.list(250)
		sum := h.night(night{})
		s := h.open()
		defer s.Close() //nolint:errcheck // opened for reading
		memories, err := s.Endpoints().Memories(context.Background())
		if m := memories["id"]; err != nil || m.Rate < 90 || m.ParkedReason != "id busy since 00:00" {
			t.Errorf("remembered %+v, %v", m, err)
		}
		if sum.Nights != 1 || !strings.HasSuffix(sum.Verdict, "id busy since 00:00; resumes next run, about 1 more night like this one") {
			t.Errorf("%d more nights: %s", sum.Nights, sum.Verdict)
		}
	})
}

// A run whose last call should have begun already makes none, and says why.
func TestDeadlineHasPassed(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(20)
		s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close() //nolint:errcheck // looked at no more
		job := h.job(s)
		job.Deadline = time.Now().Add(-time.Second)
		sum, err := batch.Run(t.Context(), job)
		if err != nil || sum.ExitCode != batch.ExitUnanswered || sum.Verdict != "NO ANSWER: 0 of 20 answered, 0 in doubt, deadline reached; resumes next run" {
			t.Errorf("exit %d, %s, %v", sum.ExitCode, sum.Verdict, err)
		}
		if n := len(h.vendor.Entries()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

// A deadline that has passed holds from the first moment on, however busy the machine is.
func TestPassedDeadlineHoldsAtOnce(t *testing.T) {
	for _, ago := range []time.Duration{0, time.Second} {
		ctx, stop := batch.WithDeadline(t.Context(), time.Now().Add(-ago), time.Now)
		if err := context.Cause(ctx); !errors.Is(err, batch.ErrDeadline) {
			t.Errorf("%v after it: %v", ago, err)
		}
		stop()
	}
}

// A deadline is a time of day: it holds by the clock on the wall, which is put right in mid-run, and goes on while the
// machine, and with it every timer, is suspended.
func TestDeadlineFollowsTheClock(t *testing.T) {
	for _, test := range []struct {
		name string
		jump time.Duration // of the clock, after a minute
		ends time.Duration // of time that passes here
	}{
		{"a clock that is right", 0, 10 * time.Minute},
		{"put on beyond the deadline", 20 * time.Minute, time.Minute},
		{"put on", 4 * time.Minute, 6 * time.Minute},
		{"put back", -time.Hour, 70 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				clock := func() time.Time {
					now := time.Now()
					if now.Sub(began) >= time.Minute {
						now = now.Add(test.jump)
					}
					return now
				}
				ctx, stop := batch.WithDeadline(t.Context(), began.Add(10*time.Minute), clock)
				defer stop()
				<-ctx.Done()
				if late := time.Since(began) - test.ends; late < 0 || late > time.Second || !errors.Is(context.Cause(ctx), batch.ErrDeadline) {
					t.Errorf("ended after %v with %v, want %v", time.Since(began), context.Cause(ctx), test.ends)
				}
			})
		})
	}
}

// How long the reports took is known to the next run.
func TestPublishingTimeIsRemembered(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3})
		for _, took := range []time.Duration{40 * time.Second, 90 * time.Second, 10 * time.Second} {
			h.publishing = took
			h.night(night{})
		}
		s := h.open()
		defer s.Close() //nolint:errcheck // opened for reading
		for runs, want := range map[int]time.Duration{1: 10 * time.Second, 3: 90 * time.Second} {
			if got, err := s.Runs().LongestPublishing(context.Background(), runs); err != nil || got != want {
				t.Errorf("longest of %d runs: %v, %v, want %v", runs, got, err, want)
			}
		}
	})
}
