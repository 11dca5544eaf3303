package risk

import (
	"context"
	"slices"

	"liverecon/report/claims"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// trendDays holds the shortest stretch of days that a trend shows: the report of one night shows the two weeks up to
// it.
const trendDays = 14

// trend holds the days of a period with the limits that the baseline of the findings sets.
type trend struct {
	period  calendar.Period // at least trendDays long
	days    []trendDay
	regions []regionTrend
	control *findings.Control

	now survey.Days
}

// trendDay describes one day: its answers, its calls and the IDs of its lists.
type trendDay struct {
	label   string
	counts  survey.Daily
	sent    int64 // calls that may have reached the vendor
	trouble int64 // of these without a final answer
	listed  int64 // IDs new with the day's lists
	left    int64 // of these without a final answer when the day's runs had ended
	limits  findings.Limits
	known   bool // whether there are limits: there are scored checks, and a baseline
}

func (d trendDay) rate() stats.Proportion {
	return d.counts.Rate()
}

// suspicious counts the suspicious checks of each day that has scored ones and no trouble.
func (t *trend) suspicious() (all []int64) {
	for i := range t.days {
		if p := t.days[i].rate(); p.Total > 0 && !t.days[i].troubled() {
			all = append(all, p.Count)
		}
	}
	return all
}

// highest returns the upper limit as a rate.
func (d trendDay) highest() float64 { return float64(d.limits.High) / float64(d.limits.Total) }

// regionTrend holds one region's days, and their limits where there are any.
type regionTrend struct {
	region string
	days   []survey.Daily
	limits []findings.Limits // of no checks where there are none
}

// newTrend returns the trend of a period, or of the last trendDays up to its end if it is shorter, with nothing counted
// yet.
func newTrend(p calendar.Period) *trend {
	t := &trend{period: p}
	if n := len(p.Days()); n < trendDays {
		y, m, d := p.From.In(p.Zone).Date()
		t.period = calendar.Days(y, m, d-(trendDays-n), trendDays, p.Zone)
	}
	return t
}

// sink counts the answers of the days shown.
func (t *trend) sink(r survey.Rule) survey.Sink { return t.now.Sink(t.period, r) }

// finish adds what went wrong with the calls.
func (t *trend) finish(ctx context.Context, snap *snapshot.Snapshot) error {
	for i, d := range t.period.Days() {
		t.days = append(t.days, trendDay{label: d.Label, counts: t.now.All[i]})
	}
	if err := addTrouble(ctx, snap, t.period, t.days); err != nil {
		return err
	}
	for _, name := range page.SortedKeys(t.now.Regions) {
		days := t.now.Regions[name]
		t.regions = append(t.regions, regionTrend{name, days, make([]findings.Limits, len(days))})
	}
	return nil
}

// limit draws the limits.
func (t *trend) limit(c *claims.Claims) {
	t.control = c.Control
	for i, day := range t.period.Days() {
		t.days[i].limits, t.days[i].known = c.Limits("", day.From)
		for _, r := range t.regions {
			r.limits[i], _ = c.Limits(r.region, day.From)
		}
	}
}

// signals returns the days outside the limits that no trouble explains.
func (t *trend) signals() (above, below []trendDay) {
	for _, d := range t.days {
		if !d.known || d.troubled() {
			continue
		}
		switch k := d.counts.Suspicious; {
		case d.limits.Above(k):
			above = append(above, d)
		case d.limits.Below(k):
			below = append(below, d)
		}
	}
	return above, below
}

// limited reports whether the baseline is long enough for limits.
func (t *trend) limited() bool { return t.control.Nights >= findings.MinimumNights }

// limitedDays counts the days of regions that have limits.
func (t *trend) limitedDays() (n int) {
	for _, r := range t.regions {
		for _, l := range r.limits {
			if l.Total > 0 {
				n++
			}
		}
	}
	return n
}

// baseline returns the suspicious and scored checks that the limits are drawn from.
func (t *trend) baseline() stats.Proportion {
	return stats.Proportion{Count: t.control.Before.Suspicious, Total: t.control.Before.Checks}
}

// regionSignal represents a day of a region outside its limits.
type regionSignal struct {
	label, region string
	counts        survey.Daily
	limits        findings.Limits
}

// regionSignals returns the days of regions outside their limits that no trouble explains, by day.
func (t *trend) regionSignals() (all []regionSignal) {
	for i, d := range t.days {
		if d.troubled() {
			continue
		}
		for _, r := range t.regions {
			k, l := r.days[i], r.limits[i]
			if l.Total > 0 && (l.Above(k.Suspicious) || l.Below(k.Suspicious)) {
				all = append(all, regionSignal{d.label, r.region, k, l})
			}
		}
	}
	return all
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
			n += d.Scored
		}
		return n
	}
	all := slices.Clone(t.regions)
	slices.SortStableFunc(all, func(a, b regionTrend) int { return int(total(b) - total(a)) })
	return all
}
