package risk

import (
	"fmt"
	"math"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// writeExplorer writes a table that follows the region typed into its yellow cell, first that of the first row.
func writeExplorer(p *page.Page, refs driftRefs, all drifts) {
	p.Section("2  One region's scores, bin by bin", "Choose a region in the yellow cell; the figures below follow "+
		"it. Scores outside 0–100 take no part.")
	regions, choice, first := page.Local(refs.drifts.Area(0)), p.At(2), all[0]
	p.Set(p.At(1), xlsx.T("Region").WithRole(xlsx.Prose))
	p.Set(choice, xlsx.T(page.RegionName(first.now.Region)).WithRole(xlsx.Input))
	for col := 3; col <= 5; col++ {
		p.Set(p.At(col), xlsx.Cell{}.WithRole(xlsx.Input))
	}
	p.Merged = append(p.Merged, xlsx.Area{From: choice, To: p.At(5)}) // as wide as the longest name of a country
	p.Choices = append(p.Choices, xlsx.Choice{At: xlsx.Area{From: choice, To: choice}, From: regions})
	p.Skip(2)
	x := p.Table(page.Col("Score", xlsx.General), page.Col("Checks", xlsx.Count), page.Col("Checks before", xlsx.Count),
		page.Col("Share", xlsx.Share), page.Col("Share before", xlsx.Share), page.Col("Difference", xlsx.Points),
		page.Col("Part of PSI", xlsx.PSI))
	bins := len(first.bins[0])
	sums := [2]string{x.Cell(1, bins).Fixed(), x.Cell(2, bins).Fixed()}
	parts := 0.0
	for i := range bins {
		look := func(when int) string {
			counts := refs.drifts.Beside(driftBins+when*bins+i, len(all))
			return fmt.Sprintf("INDEX(%s,MATCH(%s,%s,0))", page.Local(counts), choice.Fixed(), regions)
		}
		cells := binRow(x, first.bins, i, sums)
		parts += cells[6].Float()
		cells[1], cells[2] = cells[1].WithFormula(look(0)), cells[2].WithFormula(look(1))
		x.Add(cells...)
	}
	psi := page.None().WithFormat(xlsx.PSI)
	if first.known {
		psi = xlsx.F(parts, xlsx.PSI)
	}
	cells := []xlsx.Cell{xlsx.T("All bins"), xlsx.N(total64(first.bins[0])), xlsx.N(total64(first.bins[1])), {}, {}, {},
		psi.WithFormula(fmt.Sprintf(`IF(COUNT(%[1]s)=0,"",SUM(%[1]s))`, page.Local(x.Area(6))))}
	x.SumUp(cells, 1, 2)
	x.Total(cells...)
	p.Charts = append(p.Charts, xlsx.Chart{At: xlsx.Ref{Col: 9, Row: x.First - 1}, Width: p.Pixels(8, 5) - 8,
		Height: 13 * 20, Format: xlsx.Share, Categories: x.Area(0),
		Alt: "Shares of the chosen region's scores by bin, now and before",
		Series: []xlsx.Series{{Name: "This period", Color: xlsx.Navy, Values: x.Area(3)},
			{Name: "Before", Color: xlsx.Slate, Values: x.Area(4)}}})
}

// binRow makes the row of a bin; sums are the cells of all checks, now and before.
func binRow(x *page.Table, bins [2][]int64, i int, sums [2]string) []xlsx.Cell {
	share, before := shareCell(bins[0][i], total64(bins[0])), shareCell(bins[1][i], total64(bins[1]))
	by := func(n, k string) string { return fmt.Sprintf(`IF(%s=0,"",%s/%s)`, n, k, n) }
	return []xlsx.Cell{xlsx.T(binName(i)), xlsx.N(bins[0][i]), xlsx.N(bins[1][i]), share.WithFormula(by(sums[0],
		x.Ref(1))), before.WithFormula(by(sums[1], x.Ref(2))), pointsBetween(share, before).WithFormula(
		fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),100*(%[1]s-%[2]s),"")`, x.Ref(3), x.Ref(4))),
		psiPart(bins, i).WithFormula(psiPartBy(x.Ref(1), x.Ref(2), sums[0], sums[1], len(bins[0])))}
}

// psiPart returns the summand of a bin in the index: (p-q) ln(p/q), with half a check added to every bin of both
// periods.
func psiPart(bins [2][]int64, i int) xlsx.Cell {
	n, m := total64(bins[0]), total64(bins[1])
	if n == 0 || m == 0 {
		return page.None().WithFormat(xlsx.PSI)
	}
	added := 0.5 * float64(len(bins[0]))
	p := (float64(bins[0][i]) + 0.5) / (float64(n) + added)
	q := (float64(bins[1][i]) + 0.5) / (float64(m) + added)
	return xlsx.F((p-q)*math.Log(p/q), xlsx.PSI)
}

// psiPartBy returns the formula of psiPart.
func psiPartBy(now, before, n, m string, bins int) string {
	p := fmt.Sprintf("(%s+0.5)/(%s+%g)", now, n, 0.5*float64(bins))
	q := fmt.Sprintf("(%s+0.5)/(%s+%g)", before, m, 0.5*float64(bins))
	return fmt.Sprintf(`IF(%[1]s*%[2]s=0,"",(%[3]s-%[4]s)*LN((%[3]s)/(%[4]s)))`, n, m, p, q)
}

func total64(bins []int64) (n int64) {
	for _, k := range bins {
		n += k
	}
	return n
}

func pointsBetween(a, b xlsx.Cell) xlsx.Cell {
	if a.Kind != xlsx.Number || b.Kind != xlsx.Number {
		return page.None().WithFormat(xlsx.Points)
	}
	return xlsx.F(100*(a.Float()-b.Float()), xlsx.Points)
}
