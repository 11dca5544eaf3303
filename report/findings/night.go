package findings

import "slices"

// The choices of how many nights before the watched ones may be the baseline of a night's page:
// the first where a series does not say.
const (
	NightBaseline     = 28
	LongNightBaseline = 84
)

// remembered sets how many nights back a claim makes one of tonight go on instead of being new.
const remembered = 6

// NightBefore returns how many nights before a night its page needs, with those that tell what goes on.
func NightBefore(baseline int) int { return baseline + Watched - 1 + remembered }

// NightPage returns what the page of one night of a series may claim. The last seven nights are watched, this one
// included; those before them, as many as the series says, are the baseline. A claim that one of the six nights before
// made, too, goes on.
func NightPage(s *Series, at int) *Page {
	page := night(s, at)
	for past := max(Watched-1, at-remembered); past < at; past++ {
		for _, old := range night(s, past).Findings {
			for _, f := range page.Findings {
				if old.Family != Bursts && old.Family == f.Family && old.Region == f.Region && old.Kind == f.Kind {
					f.Still = true
				}
			}
		}
	}
	return page
}

func night(s *Series, at int) *Page {
	from := max(0, at-Watched+1)
	c := compare(s, max(0, from-s.nightBaseline()), from, from, at+1)
	page := c.page(nightBudget.alpha)
	if !page.Compared() {
		return page
	}
	up, down := tonight(c, askNow(c, false)), tonight(c, askNow(c, true))
	suspicious, injected := tonightCells(c)
	groups := []group{{nightBudget.shares[Now], up}, {nightBudget.shares[Sinking], down},
		{nightBudget.shares[Together], tonight(c, askTogether(c))}, {nightCellShare, suspicious}, {nightCellShare, injected}}
	claimed, all := nightBudget.claim(withCandidates(groups))
	page.All = all
	for _, f := range claimed {
		twin := slices.ContainsFunc(claimed, func(o *Finding) bool {
			return f.injection && o.Family == Bursts && !o.injection && o.Region == f.Region
		})
		over := f.Family != Bursts && c.over(f) || f.Family == Together && single(c, f, claimed)
		if !twin && !over {
			page.Findings = append(page.Findings, f)
		}
	}
	rank(page.Findings)
	return page
}

// tonight gives the questions about a night their weights, and drops to 1 the p-value of those on whose side tonight
// itself does not lie.
func tonight(c *comparison, all []*Finding) []*Finding {
	last := len(c.nights) - 1
	for _, f := range all {
		f.weight = float64(f.Before.Count) + 1
		var night trial
		var expected float64
		for _, x := range c.samples {
			if f.Region == "" || x.Code == f.Region {
				t := x.now[last]
				night.count += t.Suspicious
				expected += float64(t.Scored) * x.baseline(0).p
			}
		}
		if above := float64(night.count) > expected; above != f.Up {
			f.P = 1
		}
	}
	return all
}

// tonightCells asks of each region about the last night's own cells: for suspicious checks, and for injections.
func tonightCells(c *comparison) (suspicious, injected []*Finding) {
	last := len(c.nights) - 1
	byRegion := map[*sample][2][]cell{}
	for _, k := range cellsOf(c) {
		if k.night == last {
			both := byRegion[k.sample]
			i := 0
			if k.attacked {
				i = 1
			}
			both[i] = append(both[i], k)
			byRegion[k.sample] = both
		}
	}
	for _, x := range c.samples {
		both := byRegion[x]
		if len(both[0]) > 0 {
			suspicious, injected = append(suspicious, leastLikely(both[0], c.hours)), append(injected, leastLikely(both[1], c.hours))
		}
	}
	return suspicious, injected
}

// leastLikely returns the question about the least likely of a region's cells, beside so many hours that are not
// listed. It is asked, with a p-value of 1, where none of them holds enough, too: a region's share of the budget must
// not depend on what happened tonight.
func leastLikely(cells []cell, hours int) *Finding {
	at := 0
	for i, k := range cells {
		if k.tail < cells[at].tail {
			at = i
		}
	}
	f := cells[at].finding()
	f.weight, f.P = 1, min(1, cells[at].tail*float64(len(cells)+hours))
	f.Injections = cells[at].injection
	return f
}
