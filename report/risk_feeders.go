package report

import (
	"fmt"
	"unicode/utf8"

	"liverecon/report/stats"
)

// feedRefs are the cells beside a row, outside the printed page, that its formulas and the charts take figures from.
type feedRefs struct{ label, down, up, previousN, previousK, previousLow, previousHigh string }

func (r *risk) feedRefs(p *page) feedRefs {
	at := func(i int) string { return p.at(p.across + 2 + i).String() }
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

func (r *risk) feederHeads(p *page, row int) {
	for i, head := range []string{"Label", "Whisker down", "Whisker up", "Scored before", "Suspicious before", "Low before", "High before", "Rate", "Injection rate"} {
		p.Set(Ref{p.across + 3 + i, row}, T(head).As(Feeder))
	}
}

// feeders writes the cells beside a row.
func (r *risk) feeders(p *page, g, before *tally) {
	refs := r.feedRefs(p)
	down, up := whiskerCells(g.rate(), Ref{5, p.row}.String(), Ref{6, p.row}.String(), Ref{7, p.row}.String())
	_, low, high := rateCells(before.rate(), refs.previousK, refs.previousN, Rate)
	cells := []Cell{T(axisLabel(g.region, r.now.regions)), down, up, N(before.scored()), N(before.suspicious()), low, high, plot(g.rate()), plot(g.injections())}
	for i, c := range cells {
		p.Set(Ref{p.across + 3 + i, p.row}, c.As(Feeder))
	}
}

// plot is a rate as a chart takes it: a cell with nothing in it leaves a gap, where a dash would be drawn as zero.
func plot(p stats.Proportion) Cell {
	x, ok := p.Rate()
	if !ok {
		return Cell{}
	}
	return F(x, Rate)
}

// feed is a feeder column's rows for the first regions.
func (r *risk) feed(column, regions int) Area {
	t := r.places.regions
	col := t.page.across + 3 + column
	return t.page.Area(Ref{col, t.first}, Ref{col, t.first + regions - 1})
}

// local is an area as its own sheet's formulas write it.
func local(a Area) Area {
	a.Sheet = ""
	return a
}

// top is the first rows of a column.
func top(t *table, col, rows int) Area {
	a := t.area(col)
	a.To.Row = min(a.To.Row, t.first+rows-1)
	return a
}

// enough is how many of the regions have the minimum of scored checks; they come first. Charts of rates show no others: one
// interval from 0 to 80 % would press all others flat.
func (r *risk) enough() int {
	n := 0
	for _, g := range r.now.regions {
		n += btoi(g.scored() >= r.MinimumN)
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
		return fmt.Sprintf(" · without %s of fewer than %d scored checks", plural(int64(all-enough), "region", "regions"), r.MinimumN)
	}
	return ""
}

// axisLabel is a region as it stands on an axis: by its name where the names of all regions shown, the first ones of all, fit
// beside one another, else by its code.
func axisLabel(region string, all []*tally) string {
	const room, letter = 500.0, 5.5 // pixels of an axis, and of a letter on it
	shown := min(len(all), chartRegions)
	for _, g := range all[:shown] {
		if letter*float64(utf8.RuneCountInString(shortName(g.region))) > room/float64(shown) {
			return shortened(visible(region), 6)
		}
	}
	return shortName(region)
}

func (r *risk) shownNote(shown int) string {
	if n := len(r.now.regions); n > shown {
		return fmt.Sprintf(" · first %d of %d regions", shown, n)
	}
	return ""
}
