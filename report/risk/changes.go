package risk

import (
	"fmt"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// comparison sets the answers of a period, and what became of its listed IDs, beside those of the period before.
type comparison struct {
	now, before  *survey.Survey
	listed, past listing // IDs of the period's lists, and of those of the one before
	minimum      int64   // scored checks a region needs in a period before its rate is read
}

// change describes how a suspicious rate differs from the period before.
type change struct {
	stats.Change
	region *survey.Tally
	known  bool    // both periods have scored checks
	p      float64 // of a change as large as this in any of the regions asked about, without one (Holm)
	among  int     // how many were asked about
	named  bool    // clearly higher or lower, beyond what asking about so many explains by chance

	// shaky: higher or lower, but not if the IDs that are not counted in one of the periods, as they are missing or
	// were answered too late, spoke against it.
	shaky     bool
	uncovered bool // shaky, and these are more than a few: it reads as no change
}

// changes compares every region of the survey with the period before, in the survey's order. About a region with too
// few checks in one of the periods nothing is asked.
func (c *comparison) changes() []change {
	var all []change
	var p []float64
	var asked []int
	for i, g := range c.now.Regions {
		x := c.ofRegion(g)
		if x.Reading != stats.TooFew {
			p, asked = append(p, x.P), append(asked, i)
		}
		all = append(all, x)
	}
	adjusted, err := stats.Holm(p)
	if err != nil {
		return all // not possible: every p comes from Compare
	}
	for i, k := range asked {
		x := &all[k]
		x.p, x.among = adjusted[i], len(asked)
		x.named = x.named && x.p <= stats.Alpha
	}
	return all
}

// ofRegion compares a region with the period before as if nothing else were asked about.
func (c *comparison) ofRegion(g *survey.Tally) change {
	return c.change(g, c.before.Of(g.Region), c.listed.of(g.Region), c.past.of(g.Region))
}

// ofAll compares all regions together.
func (c *comparison) ofAll() change {
	return c.change(c.now.All, c.before.All, c.listed.all, c.past.all)
}

func (c *comparison) change(now, before *survey.Tally, listed, past *coverage) change {
	compared, known := stats.Compare(now.Rate(), before.Rate(), c.minimum)
	x := change{Change: compared, region: now, known: known, p: compared.P, among: 1}
	if x.named = x.Reading == stats.Higher || x.Reading == stats.Lower; !x.named {
		return x
	}
	lost, gone := listed.uncounted(), past.uncounted()
	x.shaky = undone(x.Reading, now.Rate(), before.Rate(), lost, gone, c.minimum)
	if x.uncovered = x.shaky && (tooMany(lost, listed.listed()) || tooMany(gone, past.listed())); x.uncovered {
		x.Reading, x.named = stats.NoChange, false
	}
	return x
}

// undone reports whether a change would vanish if all IDs that are not counted spoke against it: lost in the period,
// gone in the one before.
func undone(reading stats.Reading, now, before stats.Proportion, lost, gone, minimum int64) bool {
	now.Total, before.Total = now.Total+lost, before.Total+gone
	if reading == stats.Higher {
		before.Count += gone
	} else {
		now.Count += lost
	}
	still, _ := stats.Compare(now, before, minimum)
	return still.Reading != reading
}

// doubtful names what the answers that are missing could change: the overall rate, and a region or their number.
func (c *comparison) doubtful() (of []string) {
	if c.now.All.CouldFlip(c.listed.all.missing()) {
		of = append(of, "the overall rate")
	}
	var names []string
	for _, g := range regionsCovered(c.now, c.listed) {
		if g.CouldFlip(c.listed.of(g.Region).missing()) {
			names = append(names, page.RegionName(g.Region))
		}
	}
	if len(names) > 1 {
		return append(of, fmt.Sprintf("%d regions", len(names)))
	}
	return append(of, names...)
}

// reading judges the change in a cell: higher, lower, or why neither can be said.
func (c change) reading() xlsx.Cell {
	switch {
	case c.uncovered:
		return xlsx.T("coverage too low").WithRole(xlsx.Watch)
	case c.Reading == stats.TooFew:
		return xlsx.T(page.TooFew).WithRole(xlsx.Quiet)
	case c.named && c.Reading == stats.Higher:
		return xlsx.T("▲ higher").WithRole(xlsx.Alert)
	case c.named && c.Reading == stats.Lower:
		return xlsx.T("▼ lower").WithRole(xlsx.Good)
	case c.Reading == stats.Higher:
		return xlsx.T("by itself higher").WithRole(xlsx.Quiet)
	case c.Reading == stats.Lower:
		return xlsx.T("by itself lower").WithRole(xlsx.Quiet)
	}
	return xlsx.T("no clear change").WithRole(xlsx.Quiet)
}
