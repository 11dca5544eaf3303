package risk

import (
	"fmt"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// attackTypes writes the sheet of suspicious checks and attack types by region.
func (r *risk) attackTypes() {
	widths := []float64{20, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11, 11, 11, 17}
	p := page.New(r.book, "Attack types", "Attack types by region", fmt.Sprintf("Checks %s %s · compared with %s · intervals are 95%% Wilson score intervals, one per cell, not simultaneous",
		r.dated(), r.Period.Describe(), r.Compare.Describe()), widths...)
	p.Tab = xlsx.Orange
	charts := p.Row
	shown := min(len(r.now.regions), page.ChartRegions)
	if shown > 0 {
		p.Skip(16)
	}
	r.suspiciousTable(p)
	p.Skip(1)
	r.kindTable(p)
	p.Skip(1)
	r.rateTable(p)
	p.Skip(1)
	r.residualTable(p)
	p.PrintAll()
	if end := p.Row; shown > 0 {
		p.Row = charts
		p.Figures(13, r.mixFigure(shown), r.injectionFigure(shown))
		p.Row = end
	}
}

func (r *risk) suspiciousTable(p *page.Page) {
	p.Section("1  Suspicious checks by region", fmt.Sprintf("Suspicious: %s. Highest rate first, then regions of too few checks and without answers. Change in percentage points with its Newcombe interval; “by itself”: the interval excludes zero, as some among so many regions do by chance (Holm); below %d scored checks “too few”; “coverage too low”: what was not answered in time could undo it.",
		r.rule.words(), r.MinimumN))
	t := p.Table(page.Column{Head: "Region", Span: 1, Format: xlsx.General}, page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "Suspicious", Span: 1, Format: xlsx.Count}, page.Column{Head: "Rate", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% low", Span: 1, Format: xlsx.Rate},
		page.Column{Head: "95% high", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Share of all suspicious", Span: 1, Format: xlsx.Share}, page.Column{Head: "Coverage", Span: 1, Format: xlsx.Share}, page.Column{Head: "Previous rate", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Change", Span: 1, Format: xlsx.Points},
		page.Column{Head: "Change 95% low", Span: 1, Format: xlsx.Points}, page.Column{Head: "Change 95% high", Span: 1, Format: xlsx.Points}, page.Column{Head: "Reading", Span: 1, Format: xlsx.General})
	r.places.regions = t
	regions := r.regionsCovered()
	total := t.First + len(regions)
	r.feederHeads(p, t.First-1)
	changes := r.changes()
	for _, g := range regions[len(changes):] { // without answers
		changes = append(changes, r.changeOfRegion(g))
	}
	for i, g := range regions {
		r.feeders(p, g, r.earlier(g.region))
		t.Add(r.suspiciousRow(t, changes[i], r.earlier(g.region), r.coverageOf(g.region), total)...)
	}
	r.feeders(p, r.now.all, r.before.all)
	cells := r.suspiciousRow(t, r.changeOfAll(), r.before.all, r.covered, total)
	if len(regions) > 0 {
		cells[1] = cells[1].By(xlsx.Sum(page.Local(t.Area(1))))
		cells[2] = cells[2].By(xlsx.Sum(page.Local(t.Area(2))))
	}
	cells[0] = xlsx.T("All regions")
	t.Total(cells...)
}

// suspiciousRow is one region's row; total is the row of the sum over all.
func (r *risk) suspiciousRow(t *page.Table, of change, before *tally, c *coverage, total int) []xlsx.Cell {
	g := of.region
	n, k, rate := t.Ref(1), t.Ref(2), t.Ref(3)
	x, low, high := page.RateCells(g.rate(), k, n, xlsx.Rate)
	feed := r.feedRefs(t.Page)
	prev, _, _ := page.RateCells(before.rate(), feed.previousK, feed.previousN, xlsx.Rate)
	share := page.None().In(xlsx.Share)
	if all := r.now.all.suspicious(); all > 0 {
		share = xlsx.F(float64(g.suspicious())/float64(all), xlsx.Share)
	}
	sumRef := xlsx.Ref{Col: t.At[2] + 1, Row: total}.Fixed()
	share = share.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, sumRef, k, sumRef))
	change, changeLow, changeHigh, reading := changeCells(of, []string{rate, t.Ref(4), t.Ref(5), t.Ref(8), feed.previousLow, feed.previousHigh})
	x.Style.Role = xlsx.Strong
	return []xlsx.Cell{xlsx.T(page.RegionName(g.region)), xlsx.N(g.scored()), xlsx.N(g.suspicious()), x, low, high, share, coverageCell(c), prev, change, changeLow, changeHigh, reading}
}

// changeCells show a change; refs are the rate and interval now, then those before. It exists where both periods have scores.
func changeCells(c change, refs []string) (points, low, high, reading xlsx.Cell) {
	args := []any{refs[0], refs[1], refs[2], refs[3], refs[4], refs[5]}
	changeBy := fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[4]s)),100*(%[1]s-%[4]s),"–")`, args...)
	lowBy := fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[4]s)),100*(%[1]s-%[4]s-SQRT((%[1]s-%[2]s)^2+(%[6]s-%[4]s)^2)),"–")`, args...)
	highBy := fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[4]s)),100*(%[1]s-%[4]s+SQRT((%[3]s-%[1]s)^2+(%[4]s-%[5]s)^2)),"–")`, args...)
	if !c.known {
		return page.None().In(xlsx.Points).By(changeBy), page.None().In(xlsx.Points).By(lowBy), page.None().In(xlsx.Points).By(highBy), readingCell(c)
	}
	return xlsx.F(100*c.Difference, xlsx.Points).By(changeBy), xlsx.F(100*c.Interval.Low, xlsx.Points).By(lowBy), xlsx.F(100*c.Interval.High, xlsx.Points).By(highBy), readingCell(c)
}

func coverageCell(c *coverage) xlsx.Cell {
	n := c.listed()
	if n == 0 {
		return page.None().In(xlsx.Share)
	}
	role := xlsx.Body
	if c.settled() < n {
		role = xlsx.Strong
	}
	return xlsx.F(float64(c.settled())/float64(n), xlsx.Share).As(role)
}

// kindTable counts the types; every answer is in exactly one column of the middle.
func (r *risk) kindTable(p *page.Page) {
	p.Section("2  Answers by attack type", fmt.Sprintf("Suspicious (%s) by the type the vendor named: 1 presentation, 2 injection, 3 unsure, none given = unclassified, anything else = other. Passing with a type contradicts the vendor's page.", r.rule.words()))
	t := p.Table(page.Column{Head: "Region", Span: 1, Format: xlsx.General}, page.Column{Head: "Presentation", Span: 1, Format: xlsx.Count}, page.Column{Head: "Injection", Span: 1, Format: xlsx.Count}, page.Column{Head: "Unsure", Span: 1, Format: xlsx.Count}, page.Column{Head: "Unclassified", Span: 1, Format: xlsx.Count}, page.Column{Head: "Other", Span: 1, Format: xlsx.Count},
		page.Column{Head: "Suspicious", Span: 1, Format: xlsx.Count}, page.Column{Head: "Passing, no type", Span: 1, Format: xlsx.Count}, page.Column{Head: "Passing with type", Span: 1, Format: xlsx.Count}, page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "Without score", Span: 1, Format: xlsx.Count}, page.Column{Head: "Answered", Span: 1, Format: xlsx.Count})
	r.places.kinds = t
	for _, g := range r.now.regions {
		t.Add(kindRow(t, g)...)
	}
	cells := kindRow(t, r.now.all)
	cells[0] = xlsx.T("All regions")
	if len(r.now.regions) > 0 {
		for _, col := range []int{1, 2, 3, 4, 5, 7, 8, 10} {
			cells[col] = cells[col].By(xlsx.Sum(page.Local(t.Area(col))))
		}
	}
	t.Total(cells...)
}

func kindRow(t *page.Table, g *tally) []xlsx.Cell {
	odd := xlsx.N(g.passingTyped())
	if g.passingTyped() > 0 {
		odd = odd.As(xlsx.Alert)
	}
	return []xlsx.Cell{xlsx.T(page.RegionName(g.region)), xlsx.N(g.kind(Presentation)), xlsx.N(g.kind(Injection)), xlsx.N(g.kind(Unsure)), xlsx.N(g.kind(Unclassified)), xlsx.N(g.kind(Other)),
		xlsx.N(g.suspicious()).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(5))), xlsx.N(g.counts[passing][None]), odd,
		xlsx.N(g.scored()).By(fmt.Sprintf("%s+%s+%s", t.Ref(6), t.Ref(7), t.Ref(8))), xlsx.N(g.side(scoreless)),
		xlsx.N(g.answered).By(fmt.Sprintf("%s+%s", t.Ref(9), t.Ref(10)))}
}

// rateTable says how many of 100 scored checks were of each type, with the interval of the injection rate.
func (r *risk) rateTable(p *page.Page) {
	p.Section("3  Attack types per scored check", "Share of scored checks; the 95% interval is that of the injection rate. Regions as in table 1; n is the number of scored checks.")
	t := p.Table(page.Column{Head: "Region", Span: 1, Format: xlsx.General}, page.Column{Head: "n", Span: 1, Format: xlsx.Count}, page.Column{Head: "Presentation", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Injection", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% low", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% high", Span: 1, Format: xlsx.Rate},
		page.Column{Head: "Unsure", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Unclassified", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Other", Span: 1, Format: xlsx.Rate})
	r.places.rates = t
	regions := append(append([]*tally(nil), r.now.regions...), r.now.all)
	for i, g := range regions {
		count := func(a Attack) string {
			return xlsx.Ref{Col: r.places.kinds.At[1+int(a)] + 1, Row: r.places.kinds.First + i}.String()
		}
		n := t.Ref(1)
		cell := func(a Attack) (rate, low, high xlsx.Cell) {
			return page.RateCells(stats.Proportion{Count: g.kind(a), Total: g.scored()}, count(a), n, xlsx.Rate)
		}
		presentation, _, _ := cell(Presentation)
		injection, low, high := cell(Injection)
		unsure, _, _ := cell(Unsure)
		unclassified, _, _ := cell(Unclassified)
		other, _, _ := cell(Other)
		scored := xlsx.N(g.scored()).By(xlsx.Ref{Col: r.places.kinds.At[9] + 1, Row: r.places.kinds.First + i}.String())
		down, up := page.WhiskerCells(g.injections(), t.Ref(3), t.Ref(4), t.Ref(5))
		p.Set(xlsx.Ref{Col: p.Across + 3 + feedDown, Row: p.Row}, down.As(xlsx.Feeder))
		p.Set(xlsx.Ref{Col: p.Across + 3 + feedUp, Row: p.Row}, up.As(xlsx.Feeder))
		row := []xlsx.Cell{xlsx.T(page.RegionName(g.region)), scored, presentation, injection, low, high, unsure, unclassified, other}
		if i < len(regions)-1 {
			t.Add(row...)
			continue
		}
		row[0] = xlsx.T("All regions")
		t.Total(row...)
	}
}

// mixFigure shows which types make up the suspicious checks.
func (r *risk) mixFigure(shown int) page.Figure {
	t := r.places.kinds
	chart := xlsx.Chart{Bars: xlsx.Parts, Format: xlsx.Share, Categories: r.feed(feedLabel, shown), Alt: "Attack types as shares of the suspicious checks of each region, in 100 percent stacked columns"}
	for i, s := range kindSeries() {
		s.Values, s.Label = page.Top(t, 1+i, shown), true
		chart.Series = append(chart.Series, s)
	}
	return page.Figure{Finding: r.mixFinding(), Caption: "Share of each region's suspicious checks by attack type; figures are counts" + r.shownNote(shown), Chart: chart, Col: 1, Span: 6}
}

// kindSeries are the types in their colours.
func kindSeries() []xlsx.Series {
	return []xlsx.Series{{Name: "Presentation", Color: xlsx.Orange}, {Name: "Injection", Color: xlsx.Blue}, {Name: "Unsure", Color: xlsx.Slate}, {Name: "Unclassified", Color: xlsx.Ruled}, {Name: "Other", Color: xlsx.Amber}}
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
	return fmt.Sprintf("%s is the largest group: %s of %s suspicious checks", largest, calendar.Thousands(all.kind(largest)), calendar.Thousands(all.suspicious()))
}

// injectionFigure shows the injection rate of each region with its interval.
func (r *risk) injectionFigure(shown int) page.Figure {
	shown = min(shown, r.enough())
	t := r.places.rates
	feeder := func(column int) xlsx.Area {
		col := t.Page.Across + 3 + column
		return t.Page.Area(xlsx.Ref{Col: col, Row: t.First}, xlsx.Ref{Col: col, Row: t.First + shown - 1})
	}
	chart := xlsx.Chart{Format: xlsx.Rate, Max: r.highest(shown, (*tally).injections), Categories: r.feed(feedLabel, shown), Alt: "Injection attacks as a share of scored checks by region, with 95 percent intervals",
		Series: []xlsx.Series{{Color: xlsx.Blue, Mark: xlsx.Point, Values: r.feed(feedInjection, shown), Down: feeder(feedDown), Up: feeder(feedUp)}}}
	return page.Figure{Finding: r.injectionFinding(), Caption: "Injection attacks, share of scored checks: estimate and 95% interval" + r.enoughNote(shown), Chart: chart, Col: 7, Span: 7}
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
			highest, rate = page.RegionName(g.region), x
		}
	}
	if highest == "" {
		return fmt.Sprintf("Injection: %s of scored checks; no region is clearly above that", page.Percent(mean))
	}
	return fmt.Sprintf("Injection: %s of scored checks; highest in %s, %s", page.Percent(mean), highest, page.Percent(rate))
}
