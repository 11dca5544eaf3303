package risk

import (
	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
)

// pairs set regions beside themselves in the period before, in places of a chart: now, before, and one that stays
// empty. What is drawn of them stands outside the printed page, a row a series.
type pairs struct {
	page     *page.Page
	data     *Data
	row      int // first
	regions  []*survey.Tally
	compared bool // there is a period before
}

const placesOfPair = 3

// The rows of pairs, from the first.
const (
	pairLabels = iota
	pairKinds  // now, then before
	pairRates  = pairKinds + 2*int(survey.None)
)

// newPairs writes what charts draw of the first regions, from the next row on.
func newPairs(p *page.Page, d *Data, shown int) *pairs {
	all := &pairs{page: p, data: d, row: p.Row, regions: d.now.Regions[:shown], compared: d.before.All.Scored() > 0}
	for i, g := range all.regions {
		at := placesOfPair * i
		all.set(pairLabels, at, xlsx.T(axisLabel(g.Region, d.now.Regions)))
		for k, of := range []*survey.Tally{g, d.before.Of(g.Region)} {
			for a := survey.Presentation; a <= survey.Other; a++ {
				if n := of.Kind(a); n > 0 {
					all.set(pairKinds+k*int(survey.None)+int(a), at+k, xlsx.N(n))
				}
			}
			interval, ok := of.Injections().Wilson()
			if x, _ := of.Injections().Rate(); ok && of.Scored() >= d.MinimumN && g.Scored() >= d.MinimumN {
				all.set(pairRates+3*k, at+k, xlsx.F(x, xlsx.Rate))
				all.set(pairRates+3*k+1, at+k, xlsx.F(x-interval.Low, xlsx.Rate))
				all.set(pairRates+3*k+2, at+k, xlsx.F(interval.High-x, xlsx.Rate))
			}
		}
	}
	return all
}

func (p *pairs) set(row, place int, c xlsx.Cell) { p.page.SetBeside(place, p.row+row, c) }

func (p *pairs) area(row int) xlsx.Area {
	return p.page.Area(p.page.Beside(0, p.row+row), p.page.Beside(placesOfPair*len(p.regions)-1, p.row+row))
}

func (p *pairs) labels() xlsx.Area { return p.area(pairLabels) }

// first returns the pairs of the first regions.
func (p *pairs) first(regions int) *pairs {
	some := *p
	some.regions = p.regions[:regions]
	return &some
}

// before returns the regions in the period before that have enough scored checks.
func (p *pairs) before() (enough []*survey.Tally) {
	for _, g := range p.regions {
		if b := p.data.before.Of(g.Region); b.Scored() >= p.data.MinimumN {
			enough = append(enough, b)
		}
	}
	return enough
}

// kinds returns the types of the suspicious checks now, with their counts, and pale beside them those of before.
func (p *pairs) kinds() []xlsx.Series {
	var all []xlsx.Series
	for a, look := range []struct{ color, pale string }{{xlsx.Orange, xlsx.OrangeTint}, {xlsx.Blue, xlsx.BlueTint},
		{xlsx.Slate, xlsx.SlateTint}, {xlsx.Ruled, xlsx.RuledTint}, {xlsx.Amber, xlsx.RuledTint}} {
		all = append(all, xlsx.Series{Name: survey.Attack(a).String(), Color: look.color, Label: true,
			Values: p.area(pairKinds + a)},
			xlsx.Series{Color: look.pale, Values: p.area(pairKinds + int(survey.None) + a)})
	}
	return all
}

// injections returns the rates now, and grey beside them those of before.
func (p *pairs) injections() []xlsx.Series {
	all := []xlsx.Series{{Color: xlsx.Blue, Mark: xlsx.Point, Values: p.area(pairRates), Down: p.area(pairRates + 1),
		Up: p.area(pairRates + 2)}}
	if p.compared {
		all = append(all, xlsx.Series{Color: xlsx.Slate, Mark: xlsx.Point, Values: p.area(pairRates + 3),
			Down: p.area(pairRates + 4), Up: p.area(pairRates + 5)})
	}
	return all
}
