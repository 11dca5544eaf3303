package report

import "liverecon/report/stats"

// change is how a suspicious rate differs from the period before.
type change struct {
	stats.Change
	region *tally
	known  bool    // both periods have scored checks
	p      float64 // of a change as large as this in any of the regions asked about, without one (Holm)
	among  int     // how many were asked about
	named  bool    // clearly higher or lower, beyond what asking about so many explains by chance
}

// changes compare every region of the survey with the period before, in the survey's order. About a region with too few
// checks in one of the periods nothing is asked.
func (r *risk) changes() []change {
	var all []change
	var p []float64
	var asked []int
	for i, g := range r.now.regions {
		c := r.changeOf(g, r.earlier(g.region))
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

// changeOf compares one tally with the one before as if nothing else were asked about.
func (r *risk) changeOf(now, before *tally) change {
	c, known := stats.Compare(now.rate(), before.rate(), r.MinimumN)
	return change{Change: c, region: now, known: known, p: c.P, among: 1, named: c.Reading == stats.Higher || c.Reading == stats.Lower}
}
