package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/demo"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/reports"
	"liverecon/store"
)

// Whatever the clocks of a zone do, the next deadline is ahead, at most a day and an hour away, and at its time of day but
// where that is skipped.
func TestDeadlineInEveryNight(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Singapore"} {
		zone := config.MustZone(name)
		for _, deadline := range []config.ClockTime{{Hour: 0, Minute: 0}, {Hour: 0, Minute: 30}, {Hour: 2, Minute: 15}, {Hour: 2, Minute: 30}, {Hour: 6, Minute: 0}} {
			skipped := 0
			for now := time.Date(2026, 1, 1, 0, 10, 0, 0, time.UTC); now.Year() < 2028; now = now.Add(20 * time.Minute) {
				next := deadline.Next(now, zone)
				if ahead := next.Sub(now); ahead <= 0 || ahead > 25*time.Hour {
					t.Fatalf("%s: %s is %v ahead of %s", name, deadline, ahead, now)
				}
				if h, m, _ := next.Clock(); (config.ClockTime{Hour: h, Minute: m}) != deadline {
					skipped++
				}
			}
			if skipped > 4*25*3 { // two nights of two years, looked at every twenty minutes of the day before
				t.Errorf("%s: %s is missed %d times", name, deadline, skipped)
			}
		}
	}
}

// night is one night of the real job against the simulated vendor, on a virtual clock.
type clockNight struct {
	zone, start, deadline string
	reports               []string // beside the months'
}

// Nights on which clocks change, and over the end of a month: the run ends before its deadline, answers belong to the
// business day they came on, and every day and month has its workbooks.
func TestNightsOfClockChanges(t *testing.T) {
	for _, c := range []clockNight{
		{"Europe/Berlin", "2026-03-28T23:30:00+01:00", "03:30", []string{"risk_2026-03-28", "risk_2026-03-29", "risk_2026-03", "finance_2026-03"}},                                         // 02:00 -> 03:00
		{"Europe/Berlin", "2026-10-24T23:30:00+02:00", "02:30", []string{"risk_2026-10-24", "risk_2026-10-25", "risk_2026-10", "finance_2026-10"}},                                         // 03:00 -> 02:00
		{"America/Santiago", "2026-09-05T23:30:00-04:00", "02:00", []string{"risk_2026-09-05", "risk_2026-09-06", "risk_2026-09", "finance_2026-09"}},                                      // midnight -> 01:00
		{"Africa/Cairo", "2026-10-29T23:15:00+03:00", "01:00", []string{"risk_2026-10-29", "risk_2026-10-30", "risk_2026-10", "finance_2026-10"}},                                          // midnight -> 23:00
		{"Australia/Lord_Howe", "2026-10-03T23:30:00+10:30", "02:15", []string{"risk_2026-10-03", "risk_2026-10-04", "risk_2026-10", "finance_2026-10"}},                                   // 02:00 -> 02:30
		{"Asia/Singapore", "2026-11-30T23:30:00+08:00", "01:00", []string{"risk_2026-11-30", "risk_2026-12-01", "risk_2026-11", "risk_2026-12", "finance_2026-11", "finance_2026-12"}},     // month end
		{"Pacific/Kiritimati", "2026-12-31T23:30:00+14:00", "01:00", []string{"risk_2026-12-31", "risk_2027-01-01", "risk_2026-12", "risk_2027-01", "finance_2026-12", "finance_2027-01"}}, // year end
		{"America/New_York", "2028-02-28T23:30:00-05:00", "01:00", []string{"risk_2028-02-28", "risk_2028-02-29", "risk_2028-02", "finance_2028-02"}},                                      // leap day
	} {
		t.Run(c.zone+" "+c.start[:10], func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { c.play(t, dir) })
		})
	}
}

func (n clockNight) play(t *testing.T, dir string) {
	start, err := time.Parse(time.RFC3339, n.start)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(start))
	c := n.config(t, dir)
	vendor, err := simulator.New(simulator.Config{Seed: 1, Latency: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	endpoints, err := night.Endpoints(c, demo.Keys, func(config.EndpointConfig) http.RoundTripper { return vendor.Transport() })
	if err != nil {
		t.Fatal(err)
	}
	job, _, _, err := night.New(c, nil, endpoints, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), c.Database)
	if err != nil {
		t.Fatal(err)
	}
	written := reports.New(c, s, "test", reportWarner(stream{raw: os.Stderr}))
	job.Store, job.Deadline = s, c.LastCall(time.Now(), 0)
	job.Publish = func(ctx context.Context, sum batch.Summary) error {
		return written.Night(ctx, reports.Told(sum))
	}
	sum, err := batch.Run(context.Background(), job)
	if err != nil || sum.ExitCode != batch.ExitStopped || sum.Answered < 100 {
		t.Errorf("exit %d, %v: %s", sum.ExitCode, err, sum.Verdict)
	}
	if at := c.Deadline.Next(start, c.Zone); time.Now().After(at) {
		t.Errorf("ended at %s, after the deadline %s", time.Now().In(c.Zone), at)
	}
	if last := vendor.Entries()[len(vendor.Entries())-1].At; last.After(job.Deadline) {
		t.Errorf("a call was begun at %s, the last may begin at %s", last, job.Deadline)
	}
	var names []string
	for _, file := range written.Files() {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".xlsx"))
	}
	slices.Sort(names)
	slices.Sort(n.reports)
	if !slices.Equal(names, n.reports) {
		t.Errorf("wrote %v, want %v", names, n.reports)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// config is a configuration whose work does not fit into a night.
func (n clockNight) config(t *testing.T, dir string) *config.Config {
	t.Helper()
	var ids strings.Builder
	ids.WriteString("signatureId\n")
	for i := range 3000 {
		fmt.Fprintf(&ids, "e%015x\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "ids_ID.csv"), []byte(ids.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("t", dir, fmt.Appendf(nil, "lists = \"ids_ID.csv\"\ntime_zone = %q\n[limits]\ndeadline = %q\n[endpoint.id]\nrate = 0.1\n", n.zone, n.deadline))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
