package risk

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
)

// outages are nights of two markets without drift: many suspicious checks in Nigeria, few in Thailand, whose host is down in
// the nights given (the first is 0). Where they catch up, a run before each night answers what the one before has left.
func (f *fixture) outages(nights, each int, catchUp bool, down ...int) {
	f.t.Helper()
	random := rand.New(rand.NewPCG(4, 9))
	for night := range nights {
		if catchUp {
			f.catchUp("th", "TH")
		}
		all := f.scoredMix(random, "NG", "ng", each, 0.2)
		for _, c := range f.scoredMix(random, "TH", "th", 2*each, 0.02) {
			for _, n := range down {
				if n == night {
					c = asked{region: c.region, endpoint: c.endpoint}
				}
			}
			all = append(all, c)
		}
		f.night(fmt.Sprintf("night%d.csv", night), all)
	}
}

// scoredMix is n answered checks.
func (f *fixture) scoredMix(random *rand.Rand, region, endpoint string, n int, suspicious float64) (all []asked) {
	for range n {
		score, attack := sample(random, suspicious, 0.3)
		c := scored(region, score, attack)
		c.endpoint = endpoint
		all = append(all, c)
	}
	return all
}

// catchUp answers in a run of its own what waits of a region.
func (f *fixture) catchUp(endpoint, region string) {
	f.t.Helper()
	ctx := context.Background()
	open, err := f.store.Checks().Open(ctx, endpoint, region, store.Pending, 0, math.MaxInt32)
	f.must(err)
	if len(open) == 0 {
		return
	}
	run, _, err := f.store.Runs().Open(ctx, "test", true)
	f.must(err)
	j, err := f.store.OpenJournal(ctx, admitAll{}, 1)
	f.must(err)
	for _, one := range open {
		c := scored(region, 99, "")
		c.endpoint = endpoint
		f.call(j, run, one.ID, c)
	}
	f.must(j.Close())
	f.must(f.store.Runs().Close(ctx, run, 0, "DONE", nil))
}

// TestOutageBefore: a market whose host was down the night before makes no change and no signal, whether its IDs are still
// open or were answered later; the workbook says that the comparison stands on too little.
func TestOutageBefore(t *testing.T) {
	for _, catchUp := range []bool{false, true} {
		inFixture(t, "2026-11-01", func(f *fixture) {
			f.outages(6, 100, catchUp, 4)
			w := f.risk(calendar.Days(2026, 11, 6, 1, singapore()))
			d := w.data
			if h := headline(d); !strings.HasSuffix(h, "; too much is missing of 2026-11-05 (coverage 33.3%) to call that a change") || called(h) {
				t.Errorf("catching up %v: %s", catchUp, h)
			}
			if c := d.ofAll(); c.reading().Text != "coverage too low" {
				t.Errorf("catching up %v: reading %q", catchUp, c.reading().Text)
			}
			if len(w.Untied) > 0 {
				t.Error(w.Untied)
			}
			f.must(w.Close())
			w = f.risk(calendar.Days(2026, 11, 5, 1, singapore()))
			if h := headline(w.data); !strings.Contains(h, "too much is missing of 2026-11-05 (coverage 33.3%) to call that a change") || called(h) {
				t.Errorf("catching up %v, the night itself: %s", catchUp, h)
			}
			f.must(w.Close())
		})
	}
}

// TestLeftOver: an outage marks its day, in the baseline too; a run that goes on after midnight, an answer to what was left
// from the day before, and the day that catches up do not.
func TestLeftOver(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.outages(20, 10, true, 3, 18)
		w := f.risk(calendar.Days(2026, 11, 20, 1, singapore()))
		var marked []string
		for _, d := range append(w.data.trend.before.days, w.data.trend.days...) {
			if d.troubled() {
				marked = append(marked, fmt.Sprint(d.label, " ", d.left, " of ", d.listed))
			}
		}
		if got, want := strings.Join(marked, ", "), "2026-11-04 20 of 30, 2026-11-19 20 of 30"; got != want {
			t.Errorf("trouble on %s, want %s", got, want)
		}
		if above, below := w.data.trend.signals(); len(above)+len(below) > 0 || w.data.trend.used != 5 {
			t.Errorf("%d days above, %d below; limits from %d days", len(above), len(below), w.data.trend.used)
		}
		f.must(w.Close())
	})
	day, midnight := calendar.Days(2026, 11, 2, 1, singapore()), calendar.Days(2026, 11, 3, 1, singapore()).From
	lists := []store.ListRegion{{ReadAt: midnight.Add(-40 * time.Minute), Region: "PH", New: 60}, {ReadAt: midnight.Add(-40 * time.Minute), Region: "TH", New: 40}, {ReadAt: midnight.Add(time.Hour), Region: "PH", New: 7}}
	calls := func(at time.Duration, region string, n int64) store.Usage {
		return store.Usage{Quarter: midnight.Add(at), Region: region, Outcome: store.Answered, Code: page.Success, Calls: n}
	}
	usage := []store.Usage{calls(-3*time.Hour, "TH", 40), calls(-45*time.Minute, "PH", 30), calls(-15*time.Minute, "PH", 50), calls(30*time.Minute, "TH", 25), calls(2*time.Hour, "TH", 15)}
	for _, c := range []struct {
		end         time.Duration
		fresh, left int64
	}{{0, 100, 40}, {time.Hour, 100, 15}, {3 * time.Hour, 100, 0}} {
		if fresh, left := leftOver(lists, usage, day, midnight.Add(c.end)); fresh != c.fresh || left != c.left {
			t.Errorf("runs ended %s after midnight: %d left of %d, want %d of %d", c.end, left, fresh, c.left, c.fresh)
		}
	}
}

// TestOutageByCapture: by the clock of capture the day whose pictures were taken warns, although its list came the day after.
func TestOutageByCapture(t *testing.T) {
	inFixture(t, "2026-11-21", func(f *fixture) {
		var all []asked
		for i := range 400 {
			c := asked{region: "TH", endpoint: "th"}
			if i%2 == 0 {
				c = scored("PH", float64(i%100), "")
				c.captured = 12 * time.Hour
			}
			all = append(all, c)
		}
		f.night("a.csv", all)
		w, err := Build(context.Background(), f.store, Options{Period: calendar.Days(2026, 11, 20, 1, singapore()), Clock: store.ByCapture, Threshold: 50, Inclusive: true})
		f.must(err)
		d := w.data
		if h, want := headline(d), "; coverage is too low to be sure of the overall rate and Thailand"; !strings.HasSuffix(h, want) {
			t.Errorf("headline %q", h)
		}
		if got, want := d.coverageHeadline(), "200 of 400 listed IDs are settled (50.00%); 200 missing, enough to change the reading of the overall rate and Thailand"; got != want {
			t.Errorf("coverage: %s, want %s", got, want)
		}
		regions := map[string]string{"PH": "200 of 200", "TH": "0 of 200"}
		for _, g := range regionsCovered(d.now, d.listed) {
			c := d.listed.of(g.region)
			if got := fmt.Sprint(c.settled(), " of ", c.listed()); got != regions[g.region] {
				t.Errorf("%s: %s settled, want %s", g.region, got, regions[g.region])
			}
			delete(regions, g.region)
		}
		if last := d.trend.days[len(d.trend.days)-1]; len(regions) > 0 || !last.troubled() || len(d.lists) != 2 || len(w.Untied) > 0 {
			t.Errorf("not shown: %v; last day %+v; %d lists; untied %v", regions, last, len(d.lists), w.Untied)
		}
		f.must(w.Close())
	})
}
