package risk

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// attackRefs holds the tables of the sheet of attack types that other sheets refer to.
type attackRefs struct {
	regions *page.Table // suspicious checks, in the order of regionsCovered
	kinds   *page.Table // answers by attack type, in the order of the survey
	parts   *page.Table // rates now and in the baseline of the findings, in the order of their parts; nil without one
}

// chart returns a column beside the first regions.
func (refs attackRefs) chart(column, regions int) xlsx.Area {
	return refs.regions.Beside(column, regions)
}

// writeAttacks writes the sheet of suspicious checks and attack types by region.
func writeAttacks(book *xlsx.Workbook, d *Data) attackRefs {
	subtitle := fmt.Sprintf("Checks %s %s · compared with %s · intervals are 95%% Wilson score intervals, one per "+
		"cell, not simultaneous", d.dated(), d.Period.Describe(), d.Compare.Describe())
	p := page.New(book, "Attack types", "Attack types by region", subtitle,
		20, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11.5, 11, 11, 11, 17)
	p.Tab = xlsx.Orange
	charts := p.Row
	shown := min(len(d.now.Regions), page.ChartRegions)
	if shown > 0 {
		p.Skip(16)
	}
	refs := attackRefs{regions: suspiciousTable(p, &d.comparison, d.rule())}
	p.Skip(1)
	refs.kinds = kindTable(p, d.now, d.rule())
	p.Skip(1)
	rateTable(p, d.now, refs.kinds)
	p.Skip(1)
	residualTable(p, d.now.Regions)
	p.Skip(1)
	number := 5
	if d.claims.Compared() && len(d.claims.Parts) > 0 {
		refs.parts = partTable(p, d.claims, number)
		p.Skip(1)
		number++
	}
	if changes := d.kindChanges(); len(changes) > 0 {
		kindChangeTable(p, changes, d.Compare.Describe(), number)
	}
	p.PrintAll()
	if end := p.Row; shown > 0 {
		p.Row = charts
		pairs := newPairs(p, d, shown)
		figures := []page.Figure{mixFigure(d, refs, pairs, shown)}
		if enough := min(shown, d.now.Enough(d.MinimumN)); enough > 0 {
			figures = append(figures, injectionFigure(d, pairs.first(enough)))
		}
		p.Figures(13, figures...)
		p.Row = end
	}
	return refs
}

func suspiciousTable(p *page.Page, c *comparison, r survey.Rule) *page.Table {
	p.Section("1  Suspicious checks by region", fmt.Sprintf("Suspicious: %s. Highest rate first, then regions of too "+
		"few checks and without answers. Change in percentage points with its Newcombe interval; “by itself”: the "+
		"interval excludes zero, as some among so many regions do by chance (Holm); below %d scored checks “too "+
		"few”; “coverage too low”: what was not answered in time could undo it.", r.Words(), c.minimum))
	t := p.Table(page.Col("Region", xlsx.General), page.Col("Scored", xlsx.Count), page.Col("Suspicious", xlsx.Count),
		page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate),
		page.Col("Share of all suspicious", xlsx.Share), page.Col("Coverage", xlsx.Share),
		page.Col("Previous rate", xlsx.Rate), page.Col("Change", xlsx.Points), page.Col("Change 95% low", xlsx.Points),
		page.Col("Change 95% high", xlsx.Points), page.Col("Reading", xlsx.General))
	for i, head := range []string{"Label", "Whisker down", "Whisker up", "Scored before", "Suspicious before",
		"Low before", "High before", "Rate", "Injection rate"} { // in the order of the columns beside the regions
		p.SetBeside(i, t.First-1, xlsx.T(head))
	}
	regions, changes := regionsCovered(c.now, c.listed), c.changes()
	for _, g := range regions[len(changes):] { // without answers
		changes = append(changes, c.ofRegion(g))
	}
	suspicious := suspiciousRows{t, c.now.All.Suspicious(), t.Cell(2, len(regions)).Fixed()}
	for i, g := range regions {
		before := c.before.Of(g.Region)
		setRegionData(p, g, before, axisLabel(g.Region, c.now.Regions))
		t.Add(suspicious.row(changes[i], before, c.listed.of(g.Region))...)
	}
	setRegionData(p, c.now.All, c.before.All, axisLabel("", c.now.Regions))
	cells := suspicious.row(c.ofAll(), c.before.All, c.listed.all)
	t.SumUp(cells, 1, 2)
	cells[0] = xlsx.T("All regions")
	t.Total(cells...)
	return t
}

// suspiciousRows make the rows of the table of suspicious checks: their sum over all regions, and its cell.
type suspiciousRows struct {
	table *page.Table
	sum   int64
	sumAt string
}

func (s suspiciousRows) row(of change, before *survey.Tally, listed *coverage) []xlsx.Cell {
	t, g := s.table, of.region
	n, k := t.Ref(1), t.Ref(2)
	rate, low, high := page.RateCells(g.Rate(), k, n, xlsx.Rate)
	beside := func(column int) string { return t.Page.Beside(column, t.Page.Row).String() }
	previous, _, _ := page.RateCells(before.Rate(), beside(suspiciousBefore), beside(scoredBefore), xlsx.Rate)
	share := shareCell(g.Suspicious(), s.sum).WithFormula(fmt.Sprintf(`IF(%s=0,"",%s/%s)`, s.sumAt, k, s.sumAt))
	change := of.cells([6]any{t.Ref(3), t.Ref(4), t.Ref(5), t.Ref(8), beside(lowBefore), beside(highBefore)})
	cells := []xlsx.Cell{xlsx.T(page.RegionName(g.Region)), xlsx.N(g.Scored()), xlsx.N(g.Suspicious()),
		rate.WithRole(xlsx.Strong), low, high, share, listed.cell(), previous}
	return append(append(cells, change[:]...), of.reading())
}

// cells show a change and its interval. They exist where both periods have scores; refs are the rate and the ends of
// its interval now, then those before.
func (c change) cells(refs [6]any) [3]xlsx.Cell {
	by := func(change string) string {
		return fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[4]s)),100*(%[1]s-%[4]s`+change+`),"")`, refs[:]...)
	}
	points, low, high := page.None().WithFormat(xlsx.Points), page.None().WithFormat(xlsx.Points),
		page.None().WithFormat(xlsx.Points)
	if c.known {
		points, low = xlsx.F(100*c.Difference, xlsx.Points), xlsx.F(100*c.Interval.Low, xlsx.Points)
		high = xlsx.F(100*c.Interval.High, xlsx.Points)
	}
	return [3]xlsx.Cell{points.WithFormula(by("")), low.WithFormula(by("-SQRT((%[1]s-%[2]s)^2+(%[6]s-%[4]s)^2)")),
		high.WithFormula(by("+SQRT((%[3]s-%[1]s)^2+(%[4]s-%[5]s)^2)"))}
}

// kindTable counts the types; every answer is in exactly one column of the middle.
func kindTable(p *page.Page, v *survey.Survey, r survey.Rule) *page.Table {
	p.Section("2  Answers by attack type", fmt.Sprintf("Suspicious (%s) by the type the vendor named: 1 "+
		"presentation, 2 injection, 3 unsure, none given = unclassified, anything else = other. Passing with a type "+
		"contradicts the vendor's page.", r.Words()))
	t := p.Table(append([]page.Column{page.Col("Region", xlsx.General)},
		page.Cols(xlsx.Count, "Presentation", "Injection", "Unsure", "Unclassified", "Other", "Suspicious",
			"Passing, no type", "Passing with type", "Scored", "Without score", "Answered")...)...)
	writeRegions(t, v, func(_ int, g *survey.Tally) []xlsx.Cell { return kindRow(t, g) }, 1, 2, 3, 4, 5, 7, 8, 10)
	return t
}

func kindRow(t *page.Table, g *survey.Tally) []xlsx.Cell {
	return []xlsx.Cell{xlsx.T(page.RegionName(g.Region)), xlsx.N(g.Kind(survey.Presentation)),
		xlsx.N(g.Kind(survey.Injection)),
		xlsx.N(g.Kind(survey.Unsure)), xlsx.N(g.Kind(survey.Unclassified)), xlsx.N(g.Kind(survey.Other)),
		xlsx.N(g.Suspicious()).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(5))),
		xlsx.N(g.Counts[survey.Passing][survey.None]),
		page.Odd(g.PassingTyped(), true),
		xlsx.N(g.Scored()).WithFormula(fmt.Sprintf("%s+%s+%s", t.Ref(6), t.Ref(7), t.Ref(8))),
		xlsx.N(g.Side(survey.Scoreless)),
		xlsx.N(g.Answered).WithFormula(fmt.Sprintf("%s+%s", t.Ref(9), t.Ref(10)))}
}

// rateTable shows how many of 100 scored checks were of each type, with the interval of the injection rate.
func rateTable(p *page.Page, v *survey.Survey, kinds *page.Table) {
	p.Section("3  Attack types per scored check", "Share of scored checks; the 95% interval is that of the injection "+
		"rate. Regions as in table 1; n is the number of scored checks.")
	t := p.Table(append([]page.Column{page.Col("Region", xlsx.General), page.Col("n", xlsx.Count)}, page.Cols(xlsx.Rate,
		"Presentation", "Injection", "95% low", "95% high", "Unsure", "Unclassified", "Other")...)...)
	writeRegions(t, v, func(i int, g *survey.Tally) []xlsx.Cell { return rateRow(t, g, kinds, i) })
}

// rateRow makes the row of a region that stands in row i of the table of kinds.
func rateRow(t *page.Table, g *survey.Tally, kinds *page.Table, i int) []xlsx.Cell {
	row := []xlsx.Cell{xlsx.T(page.RegionName(g.Region)), xlsx.N(g.Scored()).WithFormula(kinds.Cell(9, i).String())}
	for a := survey.Presentation; a <= survey.Other; a++ {
		p := stats.Proportion{Count: g.Kind(a), Total: g.Scored()}
		rate, low, high := page.RateCells(p, kinds.Cell(1+int(a), i).String(), t.Ref(1), xlsx.Rate)
		if row = append(row, rate); a == survey.Injection {
			row = append(row, low, high)
		}
	}
	return row
}

// mixFigure shows which types make up the suspicious checks.
func mixFigure(d *Data, refs attackRefs, pairs *pairs, shown int) page.Figure {
	chart := xlsx.Chart{Bars: xlsx.Parts, Format: xlsx.Share, Categories: refs.chart(regionLabel, shown), Max: 1,
		Alt:    "Attack types as shares of the suspicious checks of each region, in 100 percent stacked columns",
		Series: kindSeries(refs.kinds, shown, true)}
	caption := "Share of each region's suspicious checks by attack type; figures are counts"
	if pairs.compared {
		chart.Categories, chart.Series, chart.EachLabel, chart.Dense = pairs.labels(), pairs.kinds(), true, true
		chart.Alt += ", beside those of the period before"
		caption += "; pale: " + d.Compare.Label
	}
	return page.Figure{Finding: mixFinding(d.now.All, d.MinimumN), Caption: caption +
		shownNote(len(d.now.Regions), shown), Chart: chart, Col: 1, Span: 6}
}

// kindSeries returns the types in their colours, of the first regions.
func kindSeries(kinds *page.Table, shown int, label bool) []xlsx.Series {
	all := []xlsx.Series{{Name: "Presentation", Color: xlsx.Orange}, {Name: "Injection", Color: xlsx.Blue},
		{Name: "Unsure", Color: xlsx.Slate}, {Name: "Unclassified", Color: xlsx.Ruled},
		{Name: "Other", Color: xlsx.Amber}}
	for i := range all {
		all[i].Values, all[i].Label = page.Top(kinds, 1+i, shown), label
	}
	return all
}

// mixFinding names the type that makes up most of the suspicious checks.
func mixFinding(all *survey.Tally, minimum int64) string {
	if all.Suspicious() == 0 {
		return "No check was suspicious"
	}
	if n := all.Suspicious(); n < minimum {
		return fmt.Sprintf("Too few suspicious checks to compare attack types (%d)", n)
	}
	largest := survey.Presentation
	for a := survey.Presentation; a <= survey.Other; a++ {
		if all.Kind(a) > all.Kind(largest) {
			largest = a
		}
	}
	return fmt.Sprintf("%s is the largest group: %s of %s suspicious checks", largest,
		humanize.Comma(all.Kind(largest)), humanize.Comma(all.Suspicious()))
}

// injectionFigure shows the injection rate of each region with its interval.
func injectionFigure(d *Data, pairs *pairs) page.Figure {
	shown := len(pairs.regions)
	highest, beyond := intervalEnd(pairs.regions, (*survey.Tally).Injections)
	chart := xlsx.Chart{Format: xlsx.Rate, Categories: pairs.labels(), EachLabel: true, Series: pairs.injections(),
		Alt: "Injection attacks as a share of scored checks by region, with 95 percent intervals"}
	caption := "Injection attacks, share of scored checks: estimate and 95% interval"
	if pairs.compared {
		caption += "; grey: " + d.Compare.Label
		before, _ := intervalEnd(pairs.before(), (*survey.Tally).Injections)
		highest = max(highest, before)
	}
	chart.Max = highest
	return page.Figure{Finding: injectionFinding(d.now, d.MinimumN), Caption: caption +
		enoughNote(d.now, d.MinimumN, shown) + beyondNote(beyond, (*survey.Tally).Injections),
		Chart: chart, Col: 7, Span: 7}
}

// injectionFinding names a region only when its interval lies above the rate of all regions together.
func injectionFinding(v *survey.Survey, minimum int64) string {
	all := v.All.Injections()
	mean, ok := all.Rate()
	if !ok {
		return "No check was scored"
	}
	if all.Total < minimum {
		return fmt.Sprintf("Injection: too few scored checks to read a rate (%d)", all.Total)
	}
	highest, rate := "", mean
	for _, g := range v.Regions {
		p := g.Injections()
		x, _ := p.Rate()
		if i, enough := p.Wilson(); enough && p.Total >= minimum && i.Low > mean && x > rate {
			highest, rate = page.RegionName(g.Region), x
		}
	}
	if highest == "" {
		return fmt.Sprintf("Injection: %s of scored checks; no region is clearly above that", page.Percent(mean))
	}
	return fmt.Sprintf("Injection: %s of scored checks; highest in %s, %s", page.Percent(mean), highest,
		page.Percent(rate))
}
