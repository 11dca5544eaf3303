package risk

import (
	"fmt"
	"math"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// explorer is a table that follows the region typed into its yellow cell.
func (r *risk) explorer(p *page.Page) {
	p.Section("2  One region's scores, bin by bin", "Choose a region in the yellow cell; the figures below follow it. Scores outside 0–100 take no part.")
	t := r.places.drift
	choice := p.At(2)
	p.Set(p.At(1), xlsx.T("Region").As(xlsx.Prose))
	p.Set(choice, xlsx.T(page.RegionName(r.drifts[0].now.region)).As(xlsx.Input))
	for col := 3; col <= 5; col++ {
		p.Set(p.At(col), xlsx.Cell{}.As(xlsx.Input))
	}
	p.Merged = append(p.Merged, xlsx.Area{From: choice, To: p.At(5)}) // as wide as the longest name of a country
	p.Choices = append(p.Choices, xlsx.Choice{At: xlsx.Area{From: choice, To: choice}, From: page.Local(t.Area(0))})
	p.Skip(2)
	x := p.Table(page.Column{Head: "Score", Span: 1, Format: xlsx.General}, page.Column{Head: "Checks", Span: 1, Format: xlsx.Count}, page.Column{Head: "Checks before", Span: 1, Format: xlsx.Count}, page.Column{Head: "Share", Span: 1, Format: xlsx.Share}, page.Column{Head: "Share before", Span: 1, Format: xlsx.Share}, page.Column{Head: "Difference", Span: 1, Format: xlsx.Points}, page.Column{Head: "Part of PSI", Span: 1, Format: xlsx.PSI})
	first := r.drifts[0]
	names := page.Local(t.Area(0))
	bins := len(first.bins[0])
	head, total := x.First, x.First+bins
	parts := 0.0
	for i := range bins {
		look := func(when int) string {
			return fmt.Sprintf("INDEX(%s,MATCH(%s,%s,0))", page.Local(r.driftArea(driftBins+when*bins+i, len(r.drifts))), choice.Fixed(), names)
		}
		n, m := xlsx.Ref{Col: x.At[1] + 1, Row: total}.Fixed(), xlsx.Ref{Col: x.At[2] + 1, Row: total}.Fixed()
		share, before := shareOf(first.bins[0], i), shareOf(first.bins[1], i)
		part := psiPart(first.bins, i)
		parts += part.Float()
		x.Add(xlsx.T(binName(i)), xlsx.N(first.bins[0][i]).By(look(0)), xlsx.N(first.bins[1][i]).By(look(1)), share.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, n, x.Ref(1), n)),
			before.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, m, x.Ref(2), m)), pointsBetween(share, before).By(fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),100*(%[1]s-%[2]s),"–")`, x.Ref(3), x.Ref(4))),
			part.By(psiPartBy(x.Ref(1), x.Ref(2), n, m, bins)))
	}
	psi := page.None().In(xlsx.PSI)
	if first.known {
		psi = xlsx.F(parts, xlsx.PSI)
	}
	x.Total(xlsx.T("All bins"), xlsx.N(total64(first.bins[0])).By(xlsx.Sum(page.Local(x.Area(1)))), xlsx.N(total64(first.bins[1])).By(xlsx.Sum(page.Local(x.Area(2)))), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{},
		psi.By(fmt.Sprintf(`IF(COUNT(%[1]s)=0,"–",SUM(%[1]s))`, page.Local(x.Area(6)))))
	p.Charts = append(p.Charts, xlsx.Chart{At: xlsx.Ref{Col: 9, Row: head - 1}, Width: p.Pixels(8, 5) - 8, Height: 13 * 20, Format: xlsx.Share, Categories: x.Area(0), Alt: "Shares of the chosen region's scores by bin, now and before",
		Series: []xlsx.Series{{Name: "This period", Color: xlsx.Navy, Values: x.Area(3)}, {Name: "Before", Color: xlsx.Slate, Values: x.Area(4)}}})
}

// psiPart is what a bin adds to the index: (p-q) ln(p/q), with half a check added to every bin of both periods.
func psiPart(bins [2][]int64, i int) xlsx.Cell {
	n, m := total64(bins[0]), total64(bins[1])
	if n == 0 || m == 0 {
		return page.None().In(xlsx.PSI)
	}
	added := 0.5 * float64(len(bins[0]))
	p, q := (float64(bins[0][i])+0.5)/(float64(n)+added), (float64(bins[1][i])+0.5)/(float64(m)+added)
	return xlsx.F((p-q)*math.Log(p/q), xlsx.PSI)
}

// psiPartBy is the same as a formula.
func psiPartBy(now, before, n, m string, bins int) string {
	p, q := fmt.Sprintf("(%s+0.5)/(%s+%g)", now, n, 0.5*float64(bins)), fmt.Sprintf("(%s+0.5)/(%s+%g)", before, m, 0.5*float64(bins))
	return fmt.Sprintf(`IF(%[1]s*%[2]s=0,"–",(%[3]s-%[4]s)*LN((%[3]s)/(%[4]s)))`, n, m, p, q)
}

func shareOf(bins []int64, i int) xlsx.Cell {
	n := total64(bins)
	if n == 0 {
		return page.None().In(xlsx.Share)
	}
	return xlsx.F(float64(bins[i])/float64(n), xlsx.Share)
}

func total64(bins []int64) (n int64) {
	for _, k := range bins {
		n += k
	}
	return n
}

func pointsBetween(a, b xlsx.Cell) xlsx.Cell {
	if a.Kind != xlsx.Number || b.Kind != xlsx.Number {
		return page.None().In(xlsx.Points)
	}
	return xlsx.F(100*(a.Float()-b.Float()), xlsx.Points)
}
