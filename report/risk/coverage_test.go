package risk_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/storetest"
)

// outages are nights of two markets without drift: many suspicious checks in Nigeria, few in Thailand, whose host is
// down in the nights given (the first is 0). Where they catch up, a run before each night answers what the one before
// has left.
func (f *fixture) outages(nights, each int, catchUp bool, down ...int) {
	f.T.Helper()
	random := rand.New(rand.NewPCG(4, 9))
	for night := range nights {
		if catchUp {
			f.catchUp("th", "TH")
		}
		all := f.scoredMix(random, "NG", "ng", each, 0.2)
		for _, c := range f.scoredMix(random, "TH", "th", 2*each, 0.02) {
			for _, n := range down {
				if n == night {
					c = reporttest.Check{Region: c.Region, Endpoint: c.Endpoint}
				}
			}
			all = append(all, c)
		}
		f.Night(fmt.Sprintf("night%d.csv", night), all)
	}
}

// scoredMix is n answered checks.
func (f *fixture) scoredMix(random *rand.Rand, region, endpoint string, n int, suspicious float64) (all []reporttest.Check) {
	for range n {
		score, attack := reporttest.Sample(random, suspicious, 0.3)
		c := reporttest.Scored(region, score, attack)
		c.Endpoint = endpoint
		all = append(all, c)
	}
	return all
}

// catchUp answers in a run of its own what waits of a region.
func (f *fixture) catchUp(endpoint, region string) {
	f.T.Helper()
	ctx := context.Background()
	open, err := f.Store.Checks().Open(ctx, endpoint, region, store.Pending, 0, math.MaxInt32)
	f.Must(err)
	if len(open) == 0 {
		return
	}
	run, _, err := f.Store.Runs().Open(ctx, "test", true)
	f.Must(err)
	j, err := f.Store.Journal().Open(ctx, storetest.AdmitAll{}, 1)
	f.Must(err)
	for _, one := range open {
		c := reporttest.Scored(region, 99, "")
		c.Endpoint = endpoint
		f.Call(j, run, one.ID, c)
	}
	f.Must(j.Close())
	f.Must(f.Store.Runs().Close(ctx, run, 0, "DONE", nil))
}

// TestOutageBefore: a market whose host was down the night before makes no change and no signal, whether its IDs are
// still open or were answered later; the workbook says that the comparison stands on too little.
func TestOutageBefore(t *testing.T) {
	for _, catchUp := range []bool{false, true} {
		inFixture(t, "2026-11-01", func(f *fixture) {
			f.outages(6, 100, catchUp, 4)
			w := f.risk(calendar.Days(2026, 11, 6, 1, reporttest.Singapore()))
			if h := headline(w, "Summary"); strings.Contains(h, " rose ") || strings.Contains(h, " fell ") {
				t.Errorf("catching up %v: %s", catchUp, h)
			}
			if row := reporttest.RowOf(w.Sheet("Attack types"), "All regions"); !strings.HasSuffix(row, " coverage too low") {
				t.Errorf("catching up %v: %s", catchUp, row)
			}
			if len(w.FailedChecks) > 0 {
				t.Error(w.FailedChecks)
			}
			f.Must(w.Close())
			w = f.risk(calendar.Days(2026, 11, 5, 1, reporttest.Singapore()))
			if h := headline(w, "Summary"); strings.Contains(h, " rose ") || strings.Contains(h, " fell ") {
				t.Errorf("catching up %v, the night itself: %s", catchUp, h)
			}
			f.Must(w.Close())
		})
	}
}

// TestOutageMarksItsDay: an outage marks its day, in the baseline, too; a run that goes on after midnight, an answer to
// what was left from the day before, and the day that catches up do not.
func TestOutageMarksItsDay(t *testing.T) {
	inFixture(t, "2026-10-25", func(f *fixture) {
		f.outages(27, 10, true, 9, 25)
		w := f.risk(calendar.Days(2026, 11, 20, 1, reporttest.Singapore()))
		days := w.Sheet("Daily trend")
		if row := reporttest.RowOf(days, "2026-11-19"); !strings.HasSuffix(row, " 20 ✗ trouble") {
			t.Errorf("19 November: %s", row)
		}
		// of the twenty nights before the week that is watched, one has trouble
		if text := days.Cell(xlsx.Ref{Col: 2, Row: 3}).Text; !strings.HasSuffix(text, "limits from 19 nights with checks before") {
			t.Errorf("limits: %s", text)
		}
		if h, want := headline(w, "Daily trend"), "No day lies outside the control limits; vendor trouble on "+
			"2026-11-19"; h != want {
			t.Errorf("got %s, want %s", h, want)
		}
		f.Must(w.Close())
	})
}

// TestOutageByCapture: by the clock of capture the day whose pictures were taken warns, although its list came the day
// after.
func TestOutageByCapture(t *testing.T) {
	inFixture(t, "2026-11-21", func(f *fixture) {
		var all []reporttest.Check
		for i := range 400 {
			c := reporttest.Check{Region: "TH", Endpoint: "th"}
			if i%2 == 0 {
				c = reporttest.Scored("PH", float64(i%100), "")
				c.Captured = 12 * time.Hour
			}
			all = append(all, c)
		}
		f.Night("a.csv", all)
		w, err := risk.Build(context.Background(), f.Store,
			risk.Options{Period: calendar.Days(2026, 11, 20, 1, reporttest.Singapore()), Clock: calendar.ByCapture, Threshold: 50,
				Inclusive: true})
		f.Must(err)
		if got, want := headline(w, "Coverage"), "200 of 400 listed IDs are settled (50.00%); 200 missing, enough to "+
			"change the reading of the overall rate and Thailand"; got != want {
			t.Errorf("coverage: %s, want %s", got, want)
		}
		for region, want := range map[string]string{"Philippines": "200 200 0 0 0 0 0 0 1 ",
			"Thailand": "200 0 0 0 200 0 0 200 0 "} {
			if row := reporttest.RowOf(w.Sheet("Coverage"), region); !strings.HasPrefix(row, want) {
				t.Errorf("%s: %s", region, row)
			}
		}
		if row := reporttest.RowOf(w.Sheet("Daily trend"), "2026-11-20"); !strings.HasSuffix(row, " 200 ✗ trouble") ||
			len(w.FailedChecks) > 0 {
			t.Errorf("last day: %s; untied %v", row, w.FailedChecks)
		}
		f.Must(w.Close())
	})
}
