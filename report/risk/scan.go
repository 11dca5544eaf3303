package risk

import (
	"context"
	"slices"
	"sort"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/rollup"
	"liverecon/store/snapshot"
)

// sink counts the answers of a period, which come in no order.
type sink struct {
	period calendar.Period
	add    func(*rollup.Scores)
}

// scan reads the answers of all sinks' periods once, however the periods overlap.
func scan(ctx context.Context, snap *snapshot.Snapshot, sinks ...sink) error {
	for _, span := range spans(sinks) {
		err := snap.Scores().Each(ctx, span.Zone, span.From, span.To, func(s *rollup.Scores) error {
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

// spans returns the stretches of time that some sink wants, without overlap, oldest first.
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

// dayCount holds a period's answers by day, and by region and day.
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
	return sink{p, func(s *rollup.Scores) {
		i := sort.Search(len(ends)-1, func(i int) bool { return s.Day.Before(ends[i]) })
		if c.regions[s.Region] == nil {
			c.regions[s.Region] = make([]daily, len(ends))
		}
		c.days[i].counts.add(s, r)
		c.regions[s.Region][i].add(s, r)
	}}
}
