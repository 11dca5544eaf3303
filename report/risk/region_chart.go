package risk

import (
	"fmt"
	"slices"
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

// beyondMedian sets how many times as high as the median region's interval ends that of another must begin to be left
// beyond the axis.
const beyondMedian = 3

// fewestOnAxis sets how many regions have a median that says what is usual.
const fewestOnAxis = 4

// intervalEnd returns where an axis ends that holds the intervals of some regions, but of those that lie so far beyond the
// others that they would press them flat: they come back, for the caption to name.
func intervalEnd(
	regions []*survey.Tally, of func(*survey.Tally) stats.Proportion,
) (end float64, beyond []*survey.Tally) {
	var highs []float64
	for _, g := range regions {
		if i, ok := of(g).Wilson(); ok {
			highs = append(highs, i.High)
		}
	}
	slices.Sort(highs)
	limit := 1.0
	if len(highs) >= fewestOnAxis {
		limit = beyondMedian * highs[(len(highs)-1)/2]
	}
	highest := 0.0
	for _, g := range regions {
		i, ok := of(g).Wilson()
		if ok && i.Low > limit {
			beyond = append(beyond, g)
		} else if ok {
			highest = max(highest, i.High)
		}
	}
	return page.AxisEnd(highest), beyond
}

// beyondNote names the regions beyond the axis with their rates.
func beyondNote(beyond []*survey.Tally, of func(*survey.Tally) stats.Proportion) string {
	var names []string
	for _, g := range beyond {
		x, _ := of(g).Rate()
		names = append(names, page.ShortName(g.Region)+" "+page.Percent(x))
	}
	if len(names) == 0 {
		return ""
	}
	return " · beyond the axis: " + page.List(names)
}
