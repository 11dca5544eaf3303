package risk

import (
	"sort"
	"time"

	"liverecon/report/risk/survey"
	"liverecon/store/calendar"
	"liverecon/store/rollup"
)

// dayCount holds a period's answers by day, and by region and day.
type dayCount struct {
	days    []trendDay
	regions map[string][]daily
}

// sink counts the answers of a period by its days.
func (c *dayCount) sink(p calendar.Period, r survey.Rule) survey.Sink {
	periods := p.Days()
	c.days, c.regions = make([]trendDay, len(periods)), map[string][]daily{}
	var ends []time.Time
	for i, d := range periods {
		c.days[i].label = d.Label
		ends = append(ends, d.To)
	}
	return survey.Sink{Period: p, Add: func(s *rollup.Scores) {
		i := sort.Search(len(ends)-1, func(i int) bool { return s.Day.Before(ends[i]) })
		if c.regions[s.Region] == nil {
			c.regions[s.Region] = make([]daily, len(ends))
		}
		c.days[i].counts.add(s, r)
		c.regions[s.Region][i].add(s, r)
	}}
}
