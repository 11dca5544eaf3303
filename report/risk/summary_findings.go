package risk

import (
	"fmt"

	"liverecon/report/claims"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// findingsTable lists what changed beyond chance, the findings that concern most checks first, each with its size and
// the sheet that shows it.
func findingsTable(p *page.Page, d *Data) {
	c := d.claims
	if !d.claiming() {
		return
	}
	p.Section(claims.Title, c.Caption())
	if len(c.Findings) == 0 {
		p.Prose(xlsx.T(c.Nothing()))
		p.Gap()
		return
	}
	t := p.Table(page.Wide("Finding", 5, xlsx.General), page.Col("Now", xlsx.Rate), page.Col("Before", xlsx.Rate),
		page.Col("Change", xlsx.Points), page.Col("95% low", xlsx.Points), page.Col("95% high", xlsx.Points),
		page.Col("p", xlsx.PValue), page.Col("See", xlsx.General))
	for _, f := range c.Findings[:min(len(c.Findings), claims.Shown)] {
		t.Add(findingRow(c, f)...)
	}
	if more := len(c.Findings) - claims.Shown; more > 0 {
		p.Prose(xlsx.T(fmt.Sprintf("and %d more", more)).WithRole(xlsx.Quiet))
	}
	p.Gap()
}

// findingRow makes a finding's row.
func findingRow(c *claims.Claims, f *findings.Finding) []xlsx.Cell {
	now, before := f.Shares()
	cells := []xlsx.Cell{xlsx.T(c.Sentence(f)).WithRole(xlsx.Wrapped), xlsx.F(now, xlsx.Rate), xlsx.F(before,
		xlsx.Rate),
		xlsx.F(100*(now-before), xlsx.Points), page.None().WithFormat(xlsx.Points), page.None().WithFormat(xlsx.Points)}
	if i, ok := f.Interval(); ok && claims.HasInterval(f) {
		cells[4], cells[5] = xlsx.F(100*i.Low, xlsx.Points), xlsx.F(100*i.High, xlsx.Points)
	}
	sheet := claims.Sheet(f)
	return append(cells, claims.AdjustedCell(f),
		xlsx.T("→ "+sheet).WithRole(xlsx.LinkTo).LinkTo(xlsx.QuoteSheet(sheet)+"!A1"))
}
