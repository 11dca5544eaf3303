package risk

import (
	"context"
	"slices"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/rollup"
)

// trendDays is the shortest stretch of days that a trend shows: the report of one night shows the two weeks up to it.
const trendDays = 14

// trend holds the days of a period with the limits that the days before set.
type trend struct {
	period   calendar.Period // at least trendDays long
	earlier  calendar.Period // as long, before it
	days     []trendDay
	baseline stats.Proportion // pooled over the earlier days without trouble
	used     int              // how many days those are
	regions  []regionTrend

	now, before dayCount
}

// daily counts the answers of one day.
type daily struct{ answered, scored, suspicious, injection int64 }

// trendDay is one day: its answers, its calls and the IDs of its lists.
type trendDay struct {
	label   string
	counts  daily
	sent    int64 // calls that may have reached the vendor
	trouble int64 // of these without a final answer
	listed  int64 // IDs new with the day's lists
	left    int64 // of these without a final answer when the day's runs had ended
	point   stats.ControlPoint
	known   bool // whether there is a point: there are scored checks, and a baseline
}

func (d trendDay) rate() stats.Proportion {
	return stats.Proportion{Count: d.counts.suspicious, Total: d.counts.scored}
}

// regionTrend holds one region's days.
type regionTrend struct {
	region string
	days   []daily
}

// newTrend returns the trend of a period, or of the last trendDays up to its end if it is shorter, with nothing counted
// yet.
func newTrend(p calendar.Period) *trend {
	t := &trend{period: p}
	if n := len(p.Days()); n < trendDays {
		y, m, d := p.From.In(p.Zone).Date()
		t.period = calendar.Days(y, m, d-(trendDays-n), trendDays, p.Zone)
	}
	y, m, d := t.period.From.In(p.Zone).Date()
	n := len(t.period.Days())
	t.earlier = calendar.Days(y, m, d-n, n, p.Zone)
	return t
}

// sinks count the answers of the days shown and of those before.
func (t *trend) sinks(r rule) []sink {
	return []sink{t.now.sink(t.period, r), t.before.sink(t.earlier, r)}
}

// finish adds what went wrong with the calls, and draws the limits.
func (t *trend) finish(ctx context.Context, snap *store.Snapshot) error {
	if err := addTrouble(ctx, snap, t.period, t.now.days); err != nil {
		return err
	}
	if err := addTrouble(ctx, snap, t.earlier, t.before.days); err != nil {
		return err
	}
	t.days = t.now.days
	for _, name := range page.SortedKeys(t.now.regions) {
		t.regions = append(t.regions, regionTrend{name, t.now.regions[name]})
	}
	for _, d := range t.before.days {
		if !d.troubled() && d.counts.scored > 0 {
			t.used++
			t.baseline.Count += d.counts.suspicious
			t.baseline.Total += d.counts.scored
		}
	}
	for i := range t.days {
		t.days[i].point, t.days[i].known = stats.Control(t.days[i].rate(), t.baseline)
	}
	return nil
}

// add counts answers.
func (d *daily) add(s *rollup.Scores, r rule) {
	d.answered += s.Answers
	for _, b := range s.Bins {
		d.scored += b.Answers
		if !r.passes(b.Score) {
			d.suspicious += b.Answers
			if s.AttackType == "2" {
				d.injection += b.Answers
			}
		}
	}
}

// signals returns the days outside the limits that no trouble explains.
func (t *trend) signals() (above, below []trendDay) {
	for _, d := range t.days {
		if d.known && !d.troubled() {
			switch d.point.Signal {
			case stats.Above:
				above = append(above, d)
			case stats.Below:
				below = append(below, d)
			}
		}
	}
	return above, below
}

// troubledDays returns the days with vendor trouble.
func (t *trend) troubledDays() []trendDay {
	var troubled []trendDay
	for _, d := range t.days {
		if d.troubled() {
			troubled = append(troubled, d)
		}
	}
	return troubled
}

// largest puts the regions with the most scored checks first.
func (t *trend) largest() []regionTrend {
	total := func(r regionTrend) (n int64) {
		for _, d := range r.days {
			n += d.scored
		}
		return n
	}
	all := slices.Clone(t.regions)
	slices.SortStableFunc(all, func(a, b regionTrend) int { return int(total(b) - total(a)) })
	return all
}
