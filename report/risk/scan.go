package risk

import (
	"context"
	"slices"
	"sort"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// sink counts the answers of a period, which come in no order.
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

// survey holds a period's answers, by region and in all.
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

// enough counts the regions with the minimum of scored checks; they come first. Charts of rates show no others: one
// interval from 0 to 80 % would press all others flat.
func (v *survey) enough(minimum int64) (n int) {
	for _, g := range v.regions {
		n += xlsx.Int(g.scored() >= minimum)
	}
	return n
}

// of returns a region's answers; of a region without answers, an empty tally.
func (v *survey) of(region string) *tally {
	if t := v.known[region]; t != nil {
		return t
	}
	return newTally(region)
}

// regionsCovered returns the regions that have answers, in the survey's order, then those that only have listed IDs.
func regionsCovered(answers *survey, listed listing) []*tally {
	regions := append([]*tally(nil), answers.regions...)
	for _, name := range page.SortedKeys(listed.regions) {
		if answers.known[name] == nil {
			regions = append(regions, newTally(name))
		}
	}
	return regions
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
	return sink{p, func(s *store.Scores) {
		i := sort.Search(len(ends)-1, func(i int) bool { return s.Day.Before(ends[i]) })
		if c.regions[s.Region] == nil {
			c.regions[s.Region] = make([]daily, len(ends))
		}
		c.days[i].counts.add(s, r)
		c.regions[s.Region][i].add(s, r)
	}}
}
