package risk

import (
	"fmt"
	"strings"

	"liverecon/report/claims"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// findingsTable lists what changed beyond chance, the findings that concern most checks first, each with its size and
// the sheet that shows it.
func findingsTable(p *page.Page, d *Data) {
	const summaryFindings = 6 // listed; the rest is counted
	c := d.claims
	if d.now.all.scored() < d.MinimumN || !c.Compared() {
		return
	}
	p.Section("What changed", fmt.Sprintf("Beyond chance against %s, taking into account that nights vary and that %s "+
		"were asked; most checks concerned first. p: of the whole page. Intervals are of each by itself.", c.Against(),
		page.Plural(int64(len(c.All)), "question", "questions")))
	if len(c.Findings) == 0 {
		none := c.None()
		p.Prose(xlsx.T(strings.ToUpper(none[:1]) + none[1:] + "."))
		p.Skip(1)
		return
	}
	t := p.Table(page.Wide("Finding", 5, xlsx.General), page.Col("Now", xlsx.Rate), page.Col("Before", xlsx.Rate),
		page.Col("Change", xlsx.Points), page.Col("95% low", xlsx.Points), page.Col("95% high", xlsx.Points),
		page.Col("p", xlsx.PSI), page.Col("See", xlsx.General))
	for _, f := range c.Findings[:min(len(c.Findings), summaryFindings)] {
		t.Add(findingRow(c, f)...)
	}
	if more := len(c.Findings) - summaryFindings; more > 0 {
		p.Prose(xlsx.T(fmt.Sprintf("and %d more", more)).As(xlsx.Quiet))
	}
	p.Skip(1)
}

// findingRow makes a finding's row.
func findingRow(c *claims.Claims, f *findings.Finding) []xlsx.Cell {
	now, before := f.Shares()
	cells := []xlsx.Cell{xlsx.T(c.Sentence(f)).As(xlsx.Wrapped), xlsx.F(now, xlsx.Rate), xlsx.F(before, xlsx.Rate),
		xlsx.F(100*(now-before), xlsx.Points), page.None().In(xlsx.Points), page.None().In(xlsx.Points)}
	if i, ok := f.Interval(); ok && claims.HasInterval(f) {
		cells[4], cells[5] = xlsx.F(100*i.Low, xlsx.Points), xlsx.F(100*i.High, xlsx.Points)
	}
	sheet := claims.Sheet(f)
	p := xlsx.F(f.Adjusted, xlsx.PSI)
	if f.Adjusted < 0.0005 {
		p = xlsx.T("< 0.001").In(xlsx.PSI)
	}
	return append(cells, p,
		xlsx.T("→ "+sheet).As(xlsx.LinkTo).To(xlsx.QuoteSheet(sheet)+"!A1"))
}
