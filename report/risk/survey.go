package risk

import (
	"slices"

	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/rollup"
)

// survey holds a period's answers, by region and in all.
type survey struct {
	regions []*tally // highest suspicious rate first, those with too few scores last
	all     *tally
	known   map[string]*tally
}

func newSurvey() *survey { return &survey{all: newTally(""), known: map[string]*tally{}} }

// sink counts the answers of a period into the survey.
func (v *survey) sink(p calendar.Period, r rule) sink {
	return sink{p, func(s *rollup.Scores) {
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
