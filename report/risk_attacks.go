package report

import (
	"fmt"

	"liverecon/report/stats"
)

// chartRegions is how many regions a chart shows at most; the tables show all.
const chartRegions = 12

// attackTypes writes the sheet of suspicious checks and attack types by region.
func (r *risk) attackTypes() {
	widths := []float64{20, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11, 11, 11, 17}
	p := newPage(r.book, "Attack types", "Attack types by region", fmt.Sprintf("Checks %s %s · compared with %s · intervals are 95%% Wilson score intervals, one per cell, not simultaneous",
		r.dated(), r.Period.describe(), r.Compare.describe()), widths...)
	p.Tab = orange
	charts := p.row
	shown := min(len(r.now.regions), chartRegions)
	if shown > 0 {
		p.skip(16)
	}
	r.suspiciousTable(p)
	p.skip(1)
	r.kindTable(p)
	p.skip(1)
	r.rateTable(p)
	p.skip(1)
	r.residualTable(p)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
	if end := p.row; shown > 0 {
		p.row = charts
		p.figures(13, r.mixFigure(shown), r.injectionFigure(shown))
		p.row = end
	}
}

func (r *risk) suspiciousTable(p *page) {
	p.section("1  Suspicious checks by region", fmt.Sprintf("Suspicious: %s. Highest rate first, then regions of too few checks and without answers. Change in percentage points with its Newcombe interval; “by itself”: the interval excludes zero, as some among so many regions do by chance (Holm); below %d scored checks “too few”; “coverage too low”: what was not answered in time could undo it.",
		r.rule.words(), r.MinimumN))
	t := p.table(column{"Region", 1, General}, column{"Scored", 1, Count}, column{"Suspicious", 1, Count}, column{"Rate", 1, Rate}, column{"95% low", 1, Rate},
		column{"95% high", 1, Rate}, column{"Share of all suspicious", 1, Share}, column{"Coverage", 1, Share}, column{"Previous rate", 1, Rate}, column{"Change", 1, Points},
		column{"Change 95% low", 1, Points}, column{"Change 95% high", 1, Points}, column{"Reading", 1, General})
	r.places.regions = t
	regions := r.regionsCovered()
	total := t.first + len(regions)
	r.feederHeads(p, t.first-1)
	changes := r.changes()
	for _, g := range regions[len(changes):] { // without answers
		changes = append(changes, r.changeOfRegion(g))
	}
	for i, g := range regions {
		r.feeders(p, g, r.earlier(g.region))
		t.add(r.suspiciousRow(t, changes[i], r.earlier(g.region), r.coverageOf(g.region), total)...)
	}
	r.feeders(p, r.now.all, r.before.all)
	cells := r.suspiciousRow(t, r.changeOfAll(), r.before.all, r.covered, total)
	if len(regions) > 0 {
		cells[1] = cells[1].By(sum(local(t.area(1))))
		cells[2] = cells[2].By(sum(local(t.area(2))))
	}
	cells[0] = T("All regions")
	t.total(cells...)
}

// suspiciousRow is one region's row; total is the row of the sum over all.
func (r *risk) suspiciousRow(t *table, of change, before *tally, c *coverage, total int) []Cell {
	g := of.region
	n, k, rate := t.ref(1), t.ref(2), t.ref(3)
	x, low, high := rateCells(g.rate(), k, n, Rate)
	feed := r.feedRefs(t.page)
	prev, _, _ := rateCells(before.rate(), feed.previousK, feed.previousN, Rate)
	share := none().In(Share)
	if all := r.now.all.suspicious(); all > 0 {
		share = F(float64(g.suspicious())/float64(all), Share)
	}
	sumRef := Ref{t.at[2] + 1, total}.Fixed()
	share = share.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, sumRef, k, sumRef))
	change, changeLow, changeHigh, reading := changeCells(of, []string{rate, t.ref(4), t.ref(5), t.ref(8), feed.previousLow, feed.previousHigh})
	x.Style.Role = Strong
	return []Cell{T(regionName(g.region)), N(g.scored()), N(g.suspicious()), x, low, high, share, coverageCell(c), prev, change, changeLow, changeHigh, reading}
}

// changeCells show a change; refs are the rate and interval now, then those before. It exists where both periods have scores.
func changeCells(c change, refs []string) (points, low, high, reading Cell) {
	args := []any{refs[0], refs[1], refs[2], refs[3], refs[4], refs[5]}
	changeBy := fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[4]s)),100*(%[1]s-%[4]s),"–")`, args...)
	lowBy := fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[4]s)),100*(%[1]s-%[4]s-SQRT((%[1]s-%[2]s)^2+(%[6]s-%[4]s)^2)),"–")`, args...)
	highBy := fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[4]s)),100*(%[1]s-%[4]s+SQRT((%[3]s-%[1]s)^2+(%[4]s-%[5]s)^2)),"–")`, args...)
	if !c.known {
		return none().In(Points).By(changeBy), none().In(Points).By(lowBy), none().In(Points).By(highBy), readingCell(c)
	}
	return F(100*c.Difference, Points).By(changeBy), F(100*c.Interval.Low, Points).By(lowBy), F(100*c.Interval.High, Points).By(highBy), readingCell(c)
}

func coverageCell(c *coverage) Cell {
	n := c.listed()
	if n == 0 {
		return none().In(Share)
	}
	role := Body
	if c.settled() < n {
		role = Strong
	}
	return F(float64(c.settled())/float64(n), Share).As(role)
}

// kindTable counts the types; every answer is in exactly one column of the middle.
func (r *risk) kindTable(p *page) {
	p.section("2  Answers by attack type", fmt.Sprintf("Suspicious (%s) by the type the vendor named: 1 presentation, 2 injection, 3 unsure, none given = unclassified, anything else = other. Passing with a type contradicts the vendor's page.", r.rule.words()))
	t := p.table(column{"Region", 1, General}, column{"Presentation", 1, Count}, column{"Injection", 1, Count}, column{"Unsure", 1, Count}, column{"Unclassified", 1, Count}, column{"Other", 1, Count},
		column{"Suspicious", 1, Count}, column{"Passing, no type", 1, Count}, column{"Passing with type", 1, Count}, column{"Scored", 1, Count}, column{"Without score", 1, Count}, column{"Answered", 1, Count})
	r.places.kinds = t
	for _, g := range r.now.regions {
		t.add(kindRow(t, g)...)
	}
	cells := kindRow(t, r.now.all)
	cells[0] = T("All regions")
	if len(r.now.regions) > 0 {
		for _, col := range []int{1, 2, 3, 4, 5, 7, 8, 10} {
			cells[col] = cells[col].By(sum(local(t.area(col))))
		}
	}
	t.total(cells...)
}

func kindRow(t *table, g *tally) []Cell {
	odd := N(g.passingTyped())
	if g.passingTyped() > 0 {
		odd = odd.As(Alert)
	}
	return []Cell{T(regionName(g.region)), N(g.kind(Presentation)), N(g.kind(Injection)), N(g.kind(Unsure)), N(g.kind(Unclassified)), N(g.kind(Other)),
		N(g.suspicious()).By(fmt.Sprintf("SUM(%s:%s)", t.ref(1), t.ref(5))), N(g.counts[passing][None]), odd,
		N(g.scored()).By(fmt.Sprintf("%s+%s+%s", t.ref(6), t.ref(7), t.ref(8))), N(g.side(scoreless)),
		N(g.answered).By(fmt.Sprintf("%s+%s", t.ref(9), t.ref(10)))}
}

// rateTable says how many of 100 scored checks were of each type, with the interval of the injection rate.
func (r *risk) rateTable(p *page) {
	p.section("3  Attack types per scored check", "Share of scored checks; the 95% interval is that of the injection rate. Regions as in table 1; n is the number of scored checks.")
	t := p.table(column{"Region", 1, General}, column{"n", 1, Count}, column{"Presentation", 1, Rate}, column{"Injection", 1, Rate}, column{"95% low", 1, Rate}, column{"95% high", 1, Rate},
		column{"Unsure", 1, Rate}, column{"Unclassified", 1, Rate}, column{"Other", 1, Rate})
	r.places.rates = t
	regions := append(append([]*tally(nil), r.now.regions...), r.now.all)
	for i, g := range regions {
		count := func(a Attack) string { return Ref{r.places.kinds.at[1+int(a)] + 1, r.places.kinds.first + i}.String() }
		n := t.ref(1)
		cell := func(a Attack) (rate, low, high Cell) {
			return rateCells(stats.Proportion{Count: g.kind(a), Total: g.scored()}, count(a), n, Rate)
		}
		presentation, _, _ := cell(Presentation)
		injection, low, high := cell(Injection)
		unsure, _, _ := cell(Unsure)
		unclassified, _, _ := cell(Unclassified)
		other, _, _ := cell(Other)
		scored := N(g.scored()).By(Ref{r.places.kinds.at[9] + 1, r.places.kinds.first + i}.String())
		down, up := whiskerCells(g.injections(), t.ref(3), t.ref(4), t.ref(5))
		p.Set(Ref{p.across + 3 + feedDown, p.row}, down.As(Feeder))
		p.Set(Ref{p.across + 3 + feedUp, p.row}, up.As(Feeder))
		row := []Cell{T(regionName(g.region)), scored, presentation, injection, low, high, unsure, unclassified, other}
		if i < len(regions)-1 {
			t.add(row...)
			continue
		}
		row[0] = T("All regions")
		t.total(row...)
	}
}

// mixFigure shows which types make up the suspicious checks.
func (r *risk) mixFigure(shown int) figure {
	t := r.places.kinds
	chart := Chart{Bars: Parts, Format: Share, Categories: r.feed(feedLabel, shown), Alt: "Attack types as shares of the suspicious checks of each region, in 100 percent stacked columns"}
	for i, s := range kindSeries() {
		s.Values, s.Label = top(t, 1+i, shown), true
		chart.Series = append(chart.Series, s)
	}
	return figure{finding: r.mixFinding(), caption: "Share of each region's suspicious checks by attack type; figures are counts" + r.shownNote(shown), chart: chart, col: 1, span: 6}
}

// kindSeries are the types in their colours.
func kindSeries() []Series {
	return []Series{{Name: "Presentation", Color: orange}, {Name: "Injection", Color: blue}, {Name: "Unsure", Color: slate}, {Name: "Unclassified", Color: ruled}, {Name: "Other", Color: amber}}
}

// mixFinding names the type that makes up most of the suspicious checks.
func (r *risk) mixFinding() string {
	all := r.now.all
	if all.suspicious() == 0 {
		return "No check was suspicious"
	}
	if n := all.suspicious(); n < r.MinimumN {
		return fmt.Sprintf("Too few suspicious checks to compare attack types (%d)", n)
	}
	largest := Presentation
	for a := Presentation; a <= Other; a++ {
		if all.kind(a) > all.kind(largest) {
			largest = a
		}
	}
	return fmt.Sprintf("%s is the largest group: %s of %s suspicious checks", largest, thousands(all.kind(largest)), thousands(all.suspicious()))
}

// injectionFigure shows the injection rate of each region with its interval.
func (r *risk) injectionFigure(shown int) figure {
	shown = min(shown, r.enough())
	t := r.places.rates
	feeder := func(column int) Area {
		col := t.page.across + 3 + column
		return t.page.Area(Ref{col, t.first}, Ref{col, t.first + shown - 1})
	}
	chart := Chart{Format: Rate, Max: r.highest(shown, (*tally).injections), Categories: r.feed(feedLabel, shown), Alt: "Injection attacks as a share of scored checks by region, with 95 percent intervals",
		Series: []Series{{Color: blue, Mark: Point, Values: r.feed(feedInjection, shown), Down: feeder(feedDown), Up: feeder(feedUp)}}}
	return figure{finding: r.injectionFinding(), caption: "Injection attacks, share of scored checks: estimate and 95% interval" + r.enoughNote(shown), chart: chart, col: 7, span: 7}
}

// injectionFinding names a region only when its interval lies above the rate of all regions together.
func (r *risk) injectionFinding() string {
	all := r.now.all.injections()
	mean, ok := all.Rate()
	if !ok {
		return "No check was scored"
	}
	if all.Total < r.MinimumN {
		return fmt.Sprintf("Injection: too few scored checks to read a rate (%d)", all.Total)
	}
	highest, rate := "", mean
	for _, g := range r.now.regions {
		p := g.injections()
		x, _ := p.Rate()
		if i, enough := p.Wilson(); enough && p.Total >= r.MinimumN && i.Low > mean && x > rate {
			highest, rate = regionName(g.region), x
		}
	}
	if highest == "" {
		return fmt.Sprintf("Injection: %s of scored checks; no region is clearly above that", percent(mean))
	}
	return fmt.Sprintf("Injection: %s of scored checks; highest in %s, %s", percent(mean), highest, percent(rate))
}
