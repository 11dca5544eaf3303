package risk

import "liverecon/report/stats"

// change is how a suspicious rate differs from the period before.
type change struct {
	stats.Change
	region *tally
	known  bool    // both periods have scored checks
	p      float64 // of a change as large as this in any of the regions asked about, without one (Holm)
	among  int     // how many were asked about
	named  bool    // clearly higher or lower, beyond what asking about so many explains by chance

	shaky     bool // higher or lower, but not if the IDs that are not counted in one of the periods, as they are missing or were answered too late, spoke against it
	uncovered bool // shaky, and these are more than a few: it reads as no change
}

// changes compare every region of the survey with the period before, in the survey's order. About a region with too few
// checks in one of the periods nothing is asked.
func (r *risk) changes() []change {
	var all []change
	var p []float64
	var asked []int
	for i, g := range r.now.regions {
		c := r.changeOfRegion(g)
		if c.Reading != stats.TooFew {
			p, asked = append(p, c.P), append(asked, i)
		}
		all = append(all, c)
	}
	adjusted, err := stats.Holm(p)
	if err != nil {
		return all // not possible: every p comes from Compare
	}
	for i, k := range asked {
		c := &all[k]
		c.p, c.among = adjusted[i], len(asked)
		c.named = c.named && c.p <= stats.Alpha
	}
	return all
}

// changeOfRegion compares a region with the period before as if nothing else were asked about.
func (r *risk) changeOfRegion(g *tally) change {
	return r.changeOf(g, r.earlier(g.region), r.coverageOf(g.region), r.past.coverageOf(g.region))
}

// changeOfAll compares all regions together.
func (r *risk) changeOfAll() change {
	return r.changeOf(r.now.all, r.before.all, r.covered, r.past.covered)
}

func (r *risk) changeOf(now, before *tally, c, past *coverage) change {
	compared, known := stats.Compare(now.rate(), before.rate(), r.MinimumN)
	x := change{Change: compared, region: now, known: known, p: compared.P, among: 1}
	if x.named = x.Reading == stats.Higher || x.Reading == stats.Lower; !x.named {
		return x
	}
	lost, gone := c.uncounted(), past.uncounted()
	x.shaky = r.undone(x.Reading, now.rate(), before.rate(), lost, gone)
	if x.uncovered = x.shaky && (tooMany(lost, c.listed()) || tooMany(gone, past.listed())); x.uncovered {
		x.Reading, x.named = stats.NoChange, false
	}
	return x
}

// undone says whether a change would be none if all that is not counted in the two periods spoke against it.
func (r *risk) undone(of stats.Reading, now, before stats.Proportion, lost, gone int64) bool {
	now.Total, before.Total = now.Total+lost, before.Total+gone
	if of == stats.Higher {
		before.Count += gone
	} else {
		now.Count += lost
	}
	still, _ := stats.Compare(now, before, r.MinimumN)
	return still.Reading != of
}
