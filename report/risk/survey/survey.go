// Package survey counts the answers of a period by region, sides of the threshold, attack types and scores, reading each
// answer once.
package survey

import (
	"slices"

	"liverecon/store/calendar"
	"liverecon/store/rollup"
)

// Survey holds a period's answers, by region and in all.
type Survey struct {
	Regions []*Tally // highest suspicious rate first, those with too few scores last
	All     *Tally
	Known   map[string]*Tally // the regions by code
}

// New returns a survey with nothing counted.
func New() *Survey { return &Survey{All: NewTally(""), Known: map[string]*Tally{}} }

// Sink counts the answers of a period into the survey.
func (v *Survey) Sink(p calendar.Period, r Rule) Sink {
	return Sink{Period: p, Add: func(s *rollup.Scores) {
		t := v.Known[s.Region]
		if t == nil {
			t = NewTally(s.Region)
			v.Known[t.Region] = t
			v.Regions = append(v.Regions, t)
		}
		t.add(s, r)
		v.All.add(s, r)
	}}
}

// Sort puts the regions in order once everything is counted.
func (v *Survey) Sort(minimum int64) {
	slices.SortFunc(v.Regions, func(a, b *Tally) int { return order(a, b, minimum) })
}

// Enough counts the regions with the minimum of scored checks; they come first. Charts of rates show no others: one
// interval from 0 to 80 % would press all others flat.
func (v *Survey) Enough(minimum int64) (n int) {
	for _, g := range v.Regions {
		if g.Scored() >= minimum {
			n++
		}
	}
	return n
}

// Of returns a region's answers; of a region without answers, an empty tally.
func (v *Survey) Of(region string) *Tally {
	if t := v.Known[region]; t != nil {
		return t
	}
	return NewTally(region)
}
