package risk

import (
	"context"
	"slices"
	"sort"
	"time"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// sink takes the answers of a period, in no order.
type sink struct {
	period calendar.Period
	add    func(*store.Scores)
}

// scan reads the answers of all sinks' periods once, however the periods overlap.
func scan(ctx context.Context, snap *store.Snapshot, sinks ...sink) error {
	for _, span := range spans(sinks) {
		err := snap.EachScores(ctx, span.Zone, span.From, span.To, func(s *store.Scores) error {
			for _, to := range sinks {
				if !s.Day.Before(to.period.From) && s.Day.Before(to.period.To) {
					to.add(s)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// spans are the stretches of time that some sink wants, without overlap, oldest first.
func spans(sinks []sink) []calendar.Period {
	var wanted []calendar.Period
	for _, s := range sinks {
		wanted = append(wanted, s.period)
	}
	slices.SortFunc(wanted, func(a, b calendar.Period) int { return a.From.Compare(b.From) })
	var all []calendar.Period
	for _, p := range wanted {
		if last := len(all) - 1; last >= 0 && !p.From.After(all[last].To) {
			if p.To.After(all[last].To) {
				all[last].To = p.To
			}
			continue
		}
		all = append(all, p)
	}
	return all
}

// survey is a period's answers, by region and in all.
type survey struct {
	regions []*tally // highest suspicious rate first, those with too few scores last
	all     *tally
	known   map[string]*tally
}

func newSurvey() *survey { return &survey{all: newTally(""), known: map[string]*tally{}} }

// sink counts the answers of a period into the survey.
func (v *survey) sink(p calendar.Period, r rule) sink {
	return sink{p, func(s *store.Scores) {
		t := v.known[s.Region]
		if t == nil {
			t = newTally(s.Region)
			v.known[t.region] = t
			v.regions = append(v.regions, t)
		}
		t.add(s, r)
		v.all.add(s, r)
	}}
}

// sort puts the regions in order once everything is counted.
func (v *survey) sort(minimum int64) {
	slices.SortFunc(v.regions, func(a, b *tally) int { return order(a, b, minimum) })
}

// dayCount is a period's answers by day, and by region and day.
type dayCount struct {
	days    []trendDay
	regions map[string][]daily
}

// sink counts the answers of a period by its days.
func (c *dayCount) sink(p calendar.Period, r rule) sink {
	periods := p.Days()
	c.days, c.regions = make([]trendDay, len(periods)), map[string][]daily{}
	var ends []time.Time
	for i, d := range periods {
		c.days[i].label = d.Label
		ends = append(ends, d.To)
	}
	return sink{p, func(s *store.Scores) {
		i := sort.Search(len(ends)-1, func(i int) bool { return s.Day.Before(ends[i]) })
		if c.regions[s.Region] == nil {
			c.regions[s.Region] = make([]daily, len(ends))
		}
		c.days[i].counts.add(s, r)
		c.regions[s.Region][i].add(s, r)
	}}
}

// readingCell is what may be said about a change.
func readingCell(c change) xlsx.Cell {
	switch {
	case c.uncovered:
		return xlsx.T("coverage too low").As(xlsx.Watch)
	case c.Reading == stats.TooFew:
		return xlsx.T(page.TooFew).As(xlsx.Quiet)
	case c.named && c.Reading == stats.Higher:
		return xlsx.T("▲ higher").As(xlsx.Alert)
	case c.named && c.Reading == stats.Lower:
		return xlsx.T("▼ lower").As(xlsx.Good)
	case c.Reading == stats.Higher:
		return xlsx.T("by itself higher").As(xlsx.Quiet)
	case c.Reading == stats.Lower:
		return xlsx.T("by itself lower").As(xlsx.Quiet)
	}
	return xlsx.T("no clear change").As(xlsx.Quiet)
}
