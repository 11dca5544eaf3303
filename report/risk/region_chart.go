package risk

import (
	"fmt"
	"unicode/utf8"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// The columns beside the regions on the sheet of attack types: what charts show, and the figures of the period before,
// from which the formulas of the changes start.
const (
	regionLabel = iota
	regionDown
	regionUp
	scoredBefore
	suspiciousBefore
	lowBefore
	highBefore
	regionRate
	regionInjections
)

// setRegionData writes the cells beside the next row.
func setRegionData(p *page.Page, g, before *survey.Tally, label string) {
	down, up := page.WhiskerCells(g.Rate(), p.At(4).String(), p.At(5).String(), p.At(6).String())
	k, n := p.Beside(suspiciousBefore, p.Row), p.Beside(scoredBefore, p.Row)
	_, low, high := page.RateCells(before.Rate(), k.String(), n.String(), xlsx.Rate)
	p.SetBeside(regionLabel, p.Row, xlsx.T(label), down, up, xlsx.N(before.Scored()), xlsx.N(before.Suspicious()), low,
		high, page.Plot(g.Rate()), page.Plot(g.Injections()))
}

// axisLabel names a region on an axis: by its name where the names of all regions shown, the first ones of all, fit
// beside one another, else by its code.
func axisLabel(region string, all []*survey.Tally) string {
	const room, letter = 500.0, 5.5 // pixels of an axis, and of a letter on it
	shown := min(len(all), page.ChartRegions)
	for _, g := range all[:shown] {
		if letter*float64(utf8.RuneCountInString(page.ShortName(g.Region))) > room/float64(shown) {
			return page.Shortened(xlsx.Visible(region), 6)
		}
	}
	return page.ShortName(region)
}

// shownNote names the regions that a chart leaves out.
func shownNote(all, shown int) string {
	if all > shown {
		return fmt.Sprintf(" · first %d of %d regions", shown, all)
	}
	return ""
}

// enoughNote names the regions that a chart of rates leaves out.
func enoughNote(v *survey.Survey, minimum int64, shown int) string {
	all, enough := len(v.Regions), v.Enough(minimum)
	switch {
	case enough > shown:
		return shownNote(all, shown)
	case enough < all:
		regions := page.Plural(int64(all-enough), "region", "regions")
		return fmt.Sprintf(" · without %s of fewer than %d scored checks", regions, minimum)
	}
	return ""
}

// intervalEnd returns where an axis ends that holds the intervals of some regions, but those of extreme ones.
func intervalEnd(
	regions []*survey.Tally, of func(*survey.Tally) stats.Proportion,
) (end float64, beyond []*survey.Tally) {
	var rates []stats.Proportion
	for _, g := range regions {
		rates = append(rates, of(g))
	}
	end, extreme := page.IntervalEnd(rates)
	for _, i := range extreme {
		beyond = append(beyond, regions[i])
	}
	return end, beyond
}

// beyondNote names the regions beyond the axis with their rates.
func beyondNote(beyond []*survey.Tally, of func(*survey.Tally) stats.Proportion) string {
	if len(beyond) == 0 {
		return ""
	}
	var names []string
	for _, g := range beyond {
		x, _ := of(g).Rate()
		names = append(names, page.ShortName(g.Region)+" "+page.Percent(x))
	}
	return " · beyond the axis: " + page.List(names)
}
