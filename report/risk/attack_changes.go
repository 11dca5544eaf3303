package risk

import (
	"fmt"

	"liverecon/report/claims"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// kindChange describes how a type's share of a region's suspicious checks differs from the period before.
type kindChange struct {
	region      *survey.Tally
	kind        survey.Attack
	now, before stats.Proportion
	stats.Change
	known bool // both periods have suspicious checks
	named bool // beyond chance among all that were asked about in this table (Holm)
}

// kindChanges compares the types of every region with the period before, those that occur.
func (c *comparison) kindChanges() []kindChange {
	var all []kindChange
	var p []float64
	var asked []int
	for _, g := range c.now.Regions {
		before := c.before.Of(g.Region)
		for a := survey.Presentation; a <= survey.Other; a++ {
			if g.Kind(a)+before.Kind(a) == 0 {
				continue
			}
			x := kindChange{region: g, kind: a, now: stats.Proportion{Count: g.Kind(a), Total: g.Suspicious()},
				before: stats.Proportion{Count: before.Kind(a), Total: before.Suspicious()}}
			x.Change, x.known = stats.Compare(x.now, x.before, findings.FewestSuspicious)
			if x.Reading != stats.TooFew {
				p, asked = append(p, x.P), append(asked, len(all))
			}
			all = append(all, x)
		}
	}
	adjusted, err := stats.Holm(p)
	if err != nil {
		return all // not possible: every p comes from Compare
	}
	for i, k := range asked {
		all[k].named = adjusted[i] <= stats.Alpha
	}
	return all
}

// kindChangeTable sets the types of each region beside the period before.
func kindChangeTable(p *page.Page, changes []kindChange, before string, number int) {
	p.Section(fmt.Sprintf("%d  Attack types against the period before", number), fmt.Sprintf("Share of a region's "+
		"suspicious checks, beside %s; change in percentage points with its Newcombe interval. ▲ ▼: beyond chance among all "+
		"rows of this table (Holm); below %d suspicious checks in one of the periods “too few”. What the first page claims is on the "+
		"first page.", before, findings.FewestSuspicious))
	t := p.Table(page.Wide("Region", 1, xlsx.General), page.Col("Type", xlsx.General), page.Col("Checks", xlsx.Count),
		page.Col("Of suspicious", xlsx.Count), page.Col("Share", xlsx.Share), page.Col("Checks before", xlsx.Count),
		page.Col("Of suspicious before", xlsx.Count), page.Col("Share before", xlsx.Share),
		page.Col("Change", xlsx.Points), page.Col("95% low", xlsx.Points), page.Col("95% high", xlsx.Points),
		page.Wide("Reading", 2, xlsx.General))
	for _, x := range changes {
		t.Add(x.row(t)...)
	}
}

func (x kindChange) row(t *page.Table) []xlsx.Cell {
	share := shareCell(x.now.Count, x.now.Total).WithFormula(fmt.Sprintf(`IF(%[2]s=0,"",%[1]s/%[2]s)`, t.Ref(2),
		t.Ref(3)))
	before := shareCell(x.before.Count, x.before.Total).WithFormula(
		fmt.Sprintf(`IF(%[2]s=0,"",%[1]s/%[2]s)`, t.Ref(5), t.Ref(6)))
	change, low, high := page.None().WithFormat(xlsx.Points), page.None().WithFormat(xlsx.Points),
		page.None().WithFormat(xlsx.Points)
	if x.known {
		change, low = xlsx.F(100*x.Difference, xlsx.Points), xlsx.F(100*x.Interval.Low, xlsx.Points)
		high = xlsx.F(100*x.Interval.High, xlsx.Points)
	}
	change = change.WithFormula(fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),100*(%[1]s-%[2]s),"")`, t.Ref(4),
		t.Ref(7)))
	return []xlsx.Cell{xlsx.T(page.RegionName(x.region.Region)), xlsx.T(x.kind.String()), xlsx.N(x.now.Count),
		xlsx.N(x.now.Total), share, xlsx.N(x.before.Count), xlsx.N(x.before.Total), before, change, low, high,
		x.reading()}
}

// reading judges the change in a cell.
func (x kindChange) reading() xlsx.Cell {
	return change{Change: x.Change, named: x.named}.reading()
}

// partTable splits the change of the overall rate into what the mix of regions and what their own rates did.
func partTable(p *page.Page, c *claims.Claims, number int) *page.Table {
	p.Section(fmt.Sprintf("%d  ", number)+claims.PartsTitle, c.PartsCaption())
	t := p.Table(page.Col("Region", xlsx.General), page.Col("Scored", xlsx.Count), page.Col("Scored before",
		xlsx.Count),
		page.Col("Share of checks", xlsx.Share), page.Col("Share before", xlsx.Share), page.Col("Rate", xlsx.Rate),
		page.Col("Rate before", xlsx.Rate), page.Col("Mix", xlsx.Points), page.Col("Rates", xlsx.Points),
		page.Col("Both", xlsx.Points))
	var now, before, suspiciousNow, suspiciousBefore int64
	for _, x := range c.Parts {
		now, before = now+x.Now.Checks, before+x.Before.Checks
		suspiciousNow, suspiciousBefore = suspiciousNow+x.Now.Suspicious, suspiciousBefore+x.Before.Suspicious
	}
	var mix, rates float64
	for _, x := range c.Parts {
		mix, rates = mix+x.Part.Mix, rates+x.Part.Rate
		t.Add(xlsx.T(page.RegionName(x.Code)), xlsx.N(x.Now.Checks), xlsx.N(x.Before.Checks),
			shareCell(x.Now.Checks, now), shareCell(x.Before.Checks, before),
			shareCell(x.Now.Suspicious, x.Now.Checks).WithFormat(xlsx.Rate),
			shareCell(x.Before.Suspicious, x.Before.Checks).WithFormat(xlsx.Rate), xlsx.F(100*x.Part.Mix, xlsx.Points),
			xlsx.F(100*x.Part.Rate, xlsx.Points),
			xlsx.F(100*(x.Part.Mix+x.Part.Rate), xlsx.Points).WithFormula(t.Ref(7)+"+"+t.Ref(8)))
	}
	cells := []xlsx.Cell{xlsx.T("All regions"), xlsx.N(now), xlsx.N(before), shareCell(now, now),
		shareCell(before, before), shareCell(suspiciousNow, now).WithFormat(xlsx.Rate),
		shareCell(suspiciousBefore, before).WithFormat(xlsx.Rate),
		xlsx.F(100*mix, xlsx.Points), xlsx.F(100*rates, xlsx.Points), xlsx.F(100*(mix+rates), xlsx.Points)}
	t.SumUp(cells, 1, 2, 7, 8, 9)
	t.Total(cells...)
	return t
}
