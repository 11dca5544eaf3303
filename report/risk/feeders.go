package risk

import (
	"fmt"
	"unicode/utf8"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// feedRefs are the cells beside a row, outside the printed page, that its formulas and the charts take figures from.
type feedRefs struct{ label, down, up, previousN, previousK, previousLow, previousHigh string }

func (r *risk) feedRefs(p *page.Page) feedRefs {
	at := func(i int) string { return p.At(p.Across + 2 + i).String() }
	return feedRefs{at(0), at(1), at(2), at(3), at(4), at(5), at(6)}
}

// The columns beside the page, counted from the first one outside it.
const (
	feedLabel = iota
	feedDown
	feedUp
	feedPreviousN
	feedPreviousK
	feedPreviousLow
	feedPreviousHigh
	feedRate
	feedInjection
)

func (r *risk) feederHeads(p *page.Page, row int) {
	for i, head := range []string{"Label", "Whisker down", "Whisker up", "Scored before", "Suspicious before", "Low before", "High before", "Rate", "Injection rate"} {
		p.Set(xlsx.Ref{Col: p.Across + 3 + i, Row: row}, xlsx.T(head).As(xlsx.Feeder))
	}
}

// feeders writes the cells beside a row.
func (r *risk) feeders(p *page.Page, g, before *tally) {
	refs := r.feedRefs(p)
	down, up := page.WhiskerCells(g.rate(), xlsx.Ref{Col: 5, Row: p.Row}.String(), xlsx.Ref{Col: 6, Row: p.Row}.String(), xlsx.Ref{Col: 7, Row: p.Row}.String())
	_, low, high := page.RateCells(before.rate(), refs.previousK, refs.previousN, xlsx.Rate)
	cells := []xlsx.Cell{xlsx.T(axisLabel(g.region, r.now.regions)), down, up, xlsx.N(before.scored()), xlsx.N(before.suspicious()), low, high, plot(g.rate()), plot(g.injections())}
	for i, c := range cells {
		p.Set(xlsx.Ref{Col: p.Across + 3 + i, Row: p.Row}, c.As(xlsx.Feeder))
	}
}

// plot is a rate as a chart takes it: a cell with nothing in it leaves a gap, where a dash would be drawn as zero.
func plot(p stats.Proportion) xlsx.Cell {
	x, ok := p.Rate()
	if !ok {
		return xlsx.Cell{}
	}
	return xlsx.F(x, xlsx.Rate)
}

// feed is a feeder column's rows for the first regions.
func (r *risk) feed(column, regions int) xlsx.Area {
	t := r.places.regions
	col := t.Page.Across + 3 + column
	return t.Page.Area(xlsx.Ref{Col: col, Row: t.First}, xlsx.Ref{Col: col, Row: t.First + regions - 1})
}

// enough is how many of the regions have the minimum of scored checks; they come first. Charts of rates show no others: one
// interval from 0 to 80 % would press all others flat.
func (r *risk) enough() int {
	n := 0
	for _, g := range r.now.regions {
		n += xlsx.Int(g.scored() >= r.MinimumN)
	}
	return n
}

// enoughNote says which regions a chart of rates leaves out.
func (r *risk) enoughNote(shown int) string {
	all, enough := len(r.now.regions), r.enough()
	switch {
	case enough > shown:
		return fmt.Sprintf(" · first %d of %d regions", shown, all)
	case enough < all:
		return fmt.Sprintf(" · without %s of fewer than %d scored checks", page.Plural(int64(all-enough), "region", "regions"), r.MinimumN)
	}
	return ""
}

// axisLabel is a region as it stands on an axis: by its name where the names of all regions shown, the first ones of all, fit
// beside one another, else by its code.
func axisLabel(region string, all []*tally) string {
	const room, letter = 500.0, 5.5 // pixels of an axis, and of a letter on it
	shown := min(len(all), page.ChartRegions)
	for _, g := range all[:shown] {
		if letter*float64(utf8.RuneCountInString(page.ShortName(g.region))) > room/float64(shown) {
			return Shortened(xlsx.Visible(region), 6)
		}
	}
	return page.ShortName(region)
}

func (r *risk) shownNote(shown int) string {
	if n := len(r.now.regions); n > shown {
		return fmt.Sprintf(" · first %d of %d regions", shown, n)
	}
	return ""
}
