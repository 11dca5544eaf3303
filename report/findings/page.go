package findings

import (
	"slices"
)

// Page holds what a page may claim, and what is needed to say that it claims nothing.
type Page struct {
	Findings []*Finding // claimed and to be said; the one that concerns most checks first
	All      []*Finding // every question with its answer
	Overall  *Finding   // the question about all regions, claimed or not; nil where it was not asked
	Parts    []RegionPart
	Alpha    float64
	Nights   int      // of the baseline, with checks; below 14 nothing is asked
	Covered  float64  // share of the period's checks in regions that were asked about
	Few      []string // names of regions with checks below the minimum
}

// RegionPart holds what a region contributes to the change of the overall rate.
type RegionPart struct {
	Code, Name  string
	Part        Part
	Now, Before Share
}

// Compared reports whether there is a baseline to compare with.
func (p *Page) Compared() bool { return p.Nights >= MinimumNights }

// OverallClaimed reports whether the regions' own rates are said to have changed.
func (p *Page) OverallClaimed() bool { return p.Overall != nil && p.Overall.Adjusted <= p.Alpha }

// baselineNights sets how many nights before a month are its baseline, at most.
const baselineNights = 84

// MonthPage returns what a page about the nights from one on may claim; the up to 84 nights before are its baseline.
func MonthPage(s *Series, from int) *Page {
	c := compare(s, max(0, from-baselineNights), from, from, len(s.Nights))
	page := c.page(monthBudget.alpha)
	if !page.Compared() {
		return page
	}
	now := append(askNow(c, false), askTogether(c)...)
	if n := len(now); n > 1 && now[n-1].Family == Together {
		var weights float64
		for _, f := range now[:n-1] {
			weights += f.weight
		}
		now[n-1].weight = weights / float64(n-1)
	}
	shares := monthBudget.shares
	overall := askOverall(c)
	groups := []group{{shares[Overall], overall}, {shares[Rate], askRates(c)}, {shares[Ramp], askRamps(c)},
		{shares[Now], now}, {shares[Runs], askRuns(c)}, {shares[Scores], askScores(c)}, {shares[Heaps], askHeaps(c)}}
	for k := range kinds {
		groups = append(groups, group{kindShares[k], askTypes(c, k)})
	}
	least, cells := askBursts(c)
	if least != nil {
		groups = append(groups, group{shares[Bursts], []*Finding{least}})
	}
	groups = append(groups, group{sourceShare, askSources(c, s.Sources, s.SourceSums)})
	claimed, all := monthBudget.claim(withCandidates(groups))
	page.All = all
	if len(overall) > 0 {
		page.Overall = overall[0]
	}
	qualify(c, claimed)
	c.keep(page, claimed, least, cells)
	return page
}

// withCandidates leaves out groups without a candidate, so that the others share their part.
func withCandidates(groups []group) []group {
	return slices.DeleteFunc(groups, func(g group) bool { return len(g.findings) == 0 })
}

// page begins a page of a comparison.
func (c *comparison) page(alpha float64) *Page {
	p := &Page{Alpha: alpha, Nights: c.baseNights}
	all := c.all()
	now, before := make([]Share, len(all)), make([]Share, len(all))
	var asked, checks int64
	for i, x := range all {
		now[i] = Share{x.sumNow.Suspicious, x.sumNow.Scored}
		before[i] = Share{x.sumBefore.Suspicious, x.sumBefore.Scored}
		checks += x.sumNow.Scored
		if i < len(c.samples) {
			asked += x.sumNow.Scored
		} else if x.sumNow.Scored > 0 {
			p.Few = append(p.Few, x.Name)
		}
	}
	for i, part := range Split(now, before) {
		p.Parts = append(p.Parts, RegionPart{all[i].Code, all[i].Name, part, now[i], before[i]})
	}
	p.Covered = share(asked, checks)
	return p
}

// keep keeps what is to be said of what is claimed, and ranks it.
func (c *comparison) keep(p *Page, claimed []*Finding, least *Finding, cells []cell) {
	bursts := c.burstNights(claimed, least, cells)
	for _, f := range claimed {
		if f.Family != Bursts && !c.covered(f, claimed, bursts) {
			p.Findings = append(p.Findings, f)
		}
	}
	p.Findings = append(p.Findings, bursts...)
	rank(p.Findings)
}

// burstNights returns a finding for each night of a region whose cells are claimed: the least likely of its cells.
func (c *comparison) burstNights(claimed []*Finding, least *Finding, cells []cell) (all []*Finding) {
	if least == nil || !slices.Contains(claimed, least) {
		return nil
	}
	type place struct {
		x     *sample
		night int
	}
	found := map[place]cell{}
	var order []place
	for _, k := range cells {
		if k.tail*c.cellCount(cells) > least.threshold {
			continue
		}
		at := place{k.sample, k.night}
		known, ok := found[at]
		if !ok {
			order = append(order, at)
		}
		if !ok || k.tail < known.tail {
			found[at] = k
		}
	}
	for _, at := range order {
		k := found[at]
		f := k.finding()
		f.P, f.Adjusted = min(1, k.tail*c.cellCount(cells)), least.Adjusted
		f.Injections = k.injection
		all = append(all, f)
	}
	return all
}

// covered reports whether another claim says what this one would.
func (c *comparison) covered(f *Finding, claimed, bursts []*Finding) bool {
	switch f.Family {
	case Rate:
		return c.explained(f, claimed, bursts)
	case Type:
		return ofBursts(f, bursts)
	case Ramp:
		return slices.ContainsFunc(claimed, func(o *Finding) bool {
			return o.Family == Rate && o.Region == f.Region && o.Up == f.Up
		})
	case Now, Sinking:
		return c.over(f)
	case Together:
		return c.over(f) || single(c, f, slices.Concat(bursts, claimed))
	case Runs:
		return c.told(f, claimed, bursts)
	case Heaps: // a heap that the region always had is none that grew
		i, ok := f.Interval()
		return !ok || i.Low <= 0
	}
	return false
}

// ofBursts reports whether a share rose because bursts of the region brought more of it, or fell because they brought
// others: without their nights it would not be claimed.
func ofBursts(f *Finding, bursts []*Finding) bool {
	nights := map[int]bool{}
	for _, o := range bursts {
		if o.Region == f.Region {
			nights[o.From] = true
		}
	}
	return len(nights) > 0 && f.without(nights) > f.threshold
}

// explained reports whether a region's bursts and runs make its change: without their nights it would not be claimed.
// The first of them is then told so.
func (c *comparison) explained(f *Finding, claimed, bursts []*Finding) bool {
	nights := map[int]bool{}
	var first *Finding
	for _, o := range slices.Concat(bursts, claimed) {
		if o.Region != f.Region || o.Family != Bursts && o.Family != Runs && o.Family != Now ||
			o.Family == Bursts && !slices.Contains(bursts, o) || o.Family == Now && c.over(o) {
			continue
		}
		if first == nil {
			first = o
		}
		for d := o.From; d <= o.To; d++ {
			nights[d] = true
		}
	}
	if first == nil || !f.Up || f.without(nights) <= f.threshold {
		return false
	}
	first.MostOfRise = true
	return true
}

// freshNights sets how many days before the end of a period the last night with checks may lie for something to be said
// to go on.
const freshNights = 3

// over reports whether what went on is over, or too old to be said to go on.
func (c *comparison) over(f *Finding) bool {
	last := -1
	for d := range c.nights {
		for _, x := range c.samples {
			if x.now[d].Scored > 0 && (f.Region == "" || x.Code == f.Region) {
				last = d
			}
		}
	}
	return f.P >= 1 || len(c.nights)-1+c.trailing-last > freshNights
}

// told reports whether a run is told by the one that goes on, or by a burst with most of its excess.
func (c *comparison) told(f *Finding, claimed, bursts []*Finding) bool {
	for _, o := range claimed {
		if o.Family == Now && o.Region == f.Region && o.From == f.From && !c.over(o) {
			return true
		}
	}
	for _, o := range bursts {
		if o.Region != f.Region || o.From < f.From || o.From > f.To {
			continue
		}
		night := f.sample.now[o.From]
		excess := float64(night.Suspicious) - f.Expected*share(night.Scored, f.Now.Total)
		if excess > 0.75*(float64(f.Now.Count)-f.Expected) {
			return true
		}
	}
	return false
}
