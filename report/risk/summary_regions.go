package risk

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/report/claims"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// summaryRegions sets how many regions the first page lists; all of them stand on the sheets behind it.
const summaryRegions = 8

// summaryTable puts each region's rate beside the one of the baseline of the findings, so that a page has one, or
// without one beside the period before, and says what its figures rest on, and which findings name it.
func summaryTable(p *page.Page, d *Data, attacks attackRefs, coverage coverageRefs) {
	regions := regionsCovered(d.now, d.listed)
	note := ""
	if len(regions) > summaryRegions {
		note = fmt.Sprintf(" %d of %d regions; all on the sheets Attack types and Coverage.", summaryRegions,
			len(regions))
	}
	p.Section("Regions", fmt.Sprintf("%s, and the suspicious rate of the checks scored in the period, beside %s.%s "+
		"▲ before a name: what is missing could change the reading. Findings: those above that name the region.",
		d.listedWords(), besideWords(d, attacks), note))
	t := p.Table(page.Col("Region", xlsx.General), page.Col("Listed", xlsx.Count), page.Col("Missing", xlsx.Count),
		page.Col("Coverage", xlsx.Share), page.Col("Scored", xlsx.Count), page.Col("Rate", xlsx.Rate),
		page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate), page.Col("Before", xlsx.Rate),
		page.Col("Change", xlsx.Points), page.Wide("Findings", 2, xlsx.General))
	rows := summaryRows{t, attacks, coverage.regions, len(d.listed.states()), d.MinimumN, &d.comparison, d.claims}
	for _, i := range summarised(regions, &d.listed) {
		t.Add(rows.row(nameAndCode(regions[i].Region), d.ofRegion(regions[i]), d.listed.of(regions[i].Region), i)...)
	}
	t.Total(rows.row("All regions", d.ofAll(), d.listed.all, len(regions))...)
}

// summarised returns the places of the regions that the first page lists: the first ones, and of those behind them the
// ones of which so much is missing that it could change the reading, most first. They take at most half of the places.
func summarised(regions []*survey.Tally, listed *listing) []int {
	missing := func(i int) int64 { return listed.of(regions[i].Region).missing() }
	var first, behind []int
	for i, g := range regions {
		switch {
		case i < summaryRegions:
			first = append(first, i)
		case g.CouldFlip(missing(i)):
			behind = append(behind, i)
		}
	}
	slices.SortStableFunc(behind, func(a, b int) int { return cmp.Compare(missing(b), missing(a)) })
	behind = behind[:min(len(behind), summaryRegions/2)]
	return append(first[:len(first)-len(behind)], behind...)
}

// summaryRows make the rows of this table, whose formulas read from two others with the regions in one order.
type summaryRows struct {
	table    *page.Table
	attacks  attackRefs
	coverage *page.Table
	states   int   // of an ID, that the coverage has columns for
	minimum  int64 // scored checks, below which no rate is read
	of       *comparison
	claims   *claims.Claims
}

// row makes the row of a region, the at-th from 0 of the two other tables.
func (r summaryRows) row(name string, of change, c *coverage, at int) []xlsx.Cell {
	g := of.region
	listed := func(col int) string { return r.coverage.CellRef(col, at) }
	first := xlsx.T(name)
	if g.CouldFlip(c.missing()) {
		first = xlsx.T("▲ " + name).WithRole(xlsx.Alert)
	}
	cells := []xlsx.Cell{first, xlsx.N(c.listed()).WithFormula(listed(1)), xlsx.N(c.missing()).WithFormula(listed(2 +
		r.states)),
		c.cell().WithFormula(listed(3 + r.states)), xlsx.N(g.Scored()).WithFormula(r.attacks.regions.CellRef(1, at))}
	rate, low, high := page.RateCells(g.Rate(), "0", "0", xlsx.Rate)
	previous, points := r.before(of, at)
	for i, c := range []xlsx.Cell{rate.WithRole(xlsx.Strong), low, high, previous, points} {
		if g.Scored() < r.minimum {
			c = page.None().WithFormat(c.Style.Format).WithFormula(c.Formula)
		}
		by := c.Formula
		if i < 3 {
			by = r.attacks.regions.CellRef([]int{3, 4, 5}[i], at)
		}
		cells = append(cells, c.WithFormula(fmt.Sprintf(`IF(%s<%d,"",%s)`, r.table.Ref(4), r.minimum, by)))
	}
	return append(cells, r.named(g))
}

// before returns the rate that a region's stands beside, and by how much they differ, with the cells they follow from.
func (r summaryRows) before(of change, at int) (rate, points xlsx.Cell) {
	g := of.region
	if r.attacks.parts == nil {
		before := r.of.before.All
		if g != r.of.now.All {
			before = r.of.before.Of(g.Region)
		}
		rate, _, _ = page.RateCells(before.Rate(), "0", "0", xlsx.Rate)
		points = of.cells([6]any{"0", "0", "0", "0", "0", "0"})[0]
		return rate.WithFormula(r.attacks.regions.CellRef(8, at)), points.WithFormula(r.attacks.regions.CellRef(9, at))
	}
	parts := r.claims.Parts
	row := slices.IndexFunc(parts, func(x findings.RegionPart) bool { return x.Code == g.Region })
	all := g == r.of.now.All
	if all {
		row = len(parts)
	}
	was, is := `""`, r.table.Ref(5)
	var before stats.Proportion
	for i, x := range parts {
		if all || i == row {
			before.Count, before.Total = before.Count+x.Before.Suspicious, before.Total+x.Before.Checks
		}
	}
	if row >= 0 {
		was = r.attacks.parts.CellRef(6, row)
	}
	rate, _, _ = page.RateCells(before, "0", "0", xlsx.Rate)
	points = page.None().WithFormat(xlsx.Points)
	if now, known := g.Rate().Rate(); known && before.Total > 0 {
		points = xlsx.F(100*(now-float64(before.Count)/float64(before.Total)), xlsx.Points)
	}
	return rate.WithFormula(was),
		points.WithFormula(fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),100*(%[1]s-%[2]s),"")`, is, was))
}

// besideWords names what the rates of the first page's table stand beside.
func besideWords(d *Data, attacks attackRefs) string {
	if attacks.parts == nil {
		return d.Compare.Label
	}
	return d.claims.Against()
}

// named describes which findings name a region.
func (r summaryRows) named(g *survey.Tally) xlsx.Cell {
	switch words := r.claims.Marks(g.Region); {
	case g == r.of.now.All:
		return xlsx.Cell{}
	case g.Scored() < r.minimum:
		return xlsx.T(page.TooFew).WithRole(xlsx.Quiet)
	case words != "":
		return xlsx.T(words).WithRole(xlsx.Alert)
	}
	return xlsx.T("none").WithRole(xlsx.Quiet)
}
