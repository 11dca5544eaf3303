package risk

import (
	"fmt"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// driftRefs represents the table of drifts, in their order, that charts refer to.
type driftRefs struct{ drifts *page.Table }

// writeDrift writes the comparison with the period before.
func writeDrift(book *xlsx.Workbook, d *Data, attacks attackRefs) driftRefs {
	p := page.New(book, "Drift", "Drift against the previous period",
		fmt.Sprintf("%s against %s · scored checks · PSI over 10 fixed bins of the score, shares smoothed by half a "+
			"check per bin", d.Period.Describe(), d.Compare.Describe()), 20, 11, 13.5, 9, 12, 17, 11.5, 13, 9, 13.5,
		10.5,
		13.5)
	p.Tab = xlsx.Navy
	p.Headline(d.drifts.headline())
	charts, measured := p.Row, d.drifts.measured()
	if measured > 0 {
		p.Skip(16)
	}
	refs := driftRefs{driftTable(p, d.drifts, attacks)}
	if len(d.drifts) > 0 {
		p.Skip(1)
		writeExplorer(p, refs, d.drifts)
	}
	if end := p.Row; measured > 0 {
		p.Row = charts
		psi, change := psiFigure(d.drifts, refs, page.ChartRegions), changeFigure(d.drifts, refs, page.ChartRegions)
		p.Figures(13, psi, change)
		p.Row = end
	}
	p.PrintAll()
	return refs
}

func driftTable(p *page.Page, all drifts, attacks attackRefs) *page.Table {
	p.Section("1  Drift by region", "Regions beyond chance first, then by PSI. Chance level: what PSI exceeds in 5% "+
		"of comparisons without drift. Beyond chance takes into account how many regions are asked about (Holm). The "+
		"usual bands of 0.10 and 0.25 are convention, not a test, and are not used.")
	t := p.Table(page.Col("Region", xlsx.General), page.Col("Scored", xlsx.Count),
		page.Col("Scored before", xlsx.Count), page.Col("PSI", xlsx.PSI), page.Col("Chance level", xlsx.PSI),
		page.Col("Beyond chance", xlsx.General), page.Col("KS distance", xlsx.PSI),
		page.Col("KS critical 5%", xlsx.PSI), page.Col("Median", xlsx.Score), page.Col("Median before", xlsx.Score),
		page.Col("P5 change", xlsx.Signed), page.Col("Change of rate", xlsx.Points))
	for i, head := range driftHeads() {
		p.SetBeside(i, t.First-1, xlsx.T(head))
	}
	moved := all.byChange()
	for i, d := range all {
		label, movedLabel := axisLabel(d.now.Region, all.regions()), axisLabel(moved[i].now.Region, moved.regions())
		p.SetBeside(0, p.Row, driftData(d, moved[i], label, movedLabel)...)
		t.Add(driftRow(t, d, attacks.regions.CellRef(9, d.row))...)
	}
	if len(all) == 0 {
		p.Prose(xlsx.T("No region has answers in this period."))
	}
	return t
}

// driftRow makes a region's row; change is the cell of its change of rate on the sheet of attack types. The index
// itself is added up bin by bin in the table below, for the region chosen there.
func driftRow(t *page.Table, d drift, change string) []xlsx.Cell {
	cells := []xlsx.Cell{xlsx.T(page.RegionName(d.now.Region)), xlsx.N(d.now.Scored()), xlsx.N(d.before.Scored())}
	if !d.known {
		for range 9 {
			cells = append(cells, page.None())
		}
		cells[5] = xlsx.T(page.TooFew).WithRole(xlsx.Quiet)
		return cells
	}
	psi, verdict := xlsx.F(d.psi.PSI, xlsx.PSI), xlsx.T("no").WithRole(xlsx.Quiet)
	switch {
	case !d.enough:
		verdict = xlsx.T(page.TooFew).WithRole(xlsx.Quiet)
	case d.named:
		psi, verdict = psi.WithRole(xlsx.Strong), xlsx.T("▲ yes").WithRole(xlsx.Alert)
	case d.psi.Beyond():
		verdict = xlsx.T("no, by itself yes").WithRole(xlsx.Quiet)
	}
	n, m, bins := t.Ref(1), t.Ref(2), len(d.bins[0])
	inside := func(when int) string { // the checks inside the bins, which stand beside the table
		from := driftBins + when*bins
		return fmt.Sprintf("SUM(%s:%s)", t.Page.Beside(from, t.Page.Row), t.Page.Beside(from+bins-1, t.Page.Row))
	}
	chance := fmt.Sprintf("CHIINV(0.05,%d)*(1/%s+1/%s)", bins-1, inside(0), inside(1))
	critical := fmt.Sprintf("1.358*SQRT((%[1]s+%[2]s)/(%[1]s*%[2]s))", n, m)
	return append(cells, psi, xlsx.F(d.psi.ChanceLevel, xlsx.PSI).WithFormula(chance), verdict, xlsx.F(d.ks.Distance,
		xlsx.PSI), xlsx.F(d.ks.Critical, xlsx.PSI).WithFormula(critical), xlsx.F(d.medians[0], xlsx.Score),
		xlsx.F(d.medians[1], xlsx.Score), xlsx.F(d.fifths[0]-d.fifths[1], xlsx.Signed),
		xlsx.F(100*d.change.Difference, xlsx.Points).WithFormula(change))
}
