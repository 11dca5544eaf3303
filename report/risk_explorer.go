package report

import (
	"fmt"
	"math"
)

// explorer is a table that follows the region typed into its yellow cell.
func (r *risk) explorer(p *page) {
	p.section("2  One region's scores, bin by bin", "Choose a region in the yellow cell; the figures below follow it. Scores outside 0–100 take no part.")
	t := r.places.drift
	choice := p.at(2)
	p.Set(p.at(1), T("Region").As(Prose))
	p.Set(choice, T(regionName(r.drifts[0].now.region)).As(Input))
	for col := 3; col <= 5; col++ {
		p.Set(p.at(col), Cell{}.As(Input))
	}
	p.Merged = append(p.Merged, Area{From: choice, To: p.at(5)}) // as wide as the longest name of a country
	p.Choices = append(p.Choices, Choice{At: Area{From: choice, To: choice}, From: local(t.area(0))})
	p.skip(2)
	x := p.table(column{"Score", 1, General}, column{"Checks", 1, Count}, column{"Checks before", 1, Count}, column{"Share", 1, Share}, column{"Share before", 1, Share}, column{"Difference", 1, Points}, column{"Part of PSI", 1, PSI})
	first := r.drifts[0]
	names := local(t.area(0))
	bins := len(first.bins[0])
	head, total := x.first, x.first+bins
	parts := 0.0
	for i := range bins {
		look := func(when int) string {
			return fmt.Sprintf("INDEX(%s,MATCH(%s,%s,0))", local(r.driftArea(driftBins+when*bins+i, len(r.drifts))), choice.Fixed(), names)
		}
		n, m := Ref{x.at[1] + 1, total}.Fixed(), Ref{x.at[2] + 1, total}.Fixed()
		share, before := shareOf(first.bins[0], i), shareOf(first.bins[1], i)
		part := psiPart(first.bins, i)
		parts += part.Float()
		x.add(T(binName(i)), N(first.bins[0][i]).By(look(0)), N(first.bins[1][i]).By(look(1)), share.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, n, x.ref(1), n)),
			before.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, m, x.ref(2), m)), pointsBetween(share, before).By(fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),100*(%[1]s-%[2]s),"–")`, x.ref(3), x.ref(4))),
			part.By(psiPartBy(x.ref(1), x.ref(2), n, m, bins)))
	}
	psi := none().In(PSI)
	if first.known {
		psi = F(parts, PSI)
	}
	x.total(T("All bins"), N(total64(first.bins[0])).By(sum(local(x.area(1)))), N(total64(first.bins[1])).By(sum(local(x.area(2)))), Cell{}, Cell{}, Cell{},
		psi.By(fmt.Sprintf(`IF(COUNT(%[1]s)=0,"–",SUM(%[1]s))`, local(x.area(6)))))
	p.Charts = append(p.Charts, Chart{At: Ref{9, head - 1}, Width: p.pixels(8, 5) - 8, Height: 13 * 20, Format: Share, Categories: x.area(0), Alt: "Shares of the chosen region's scores by bin, now and before",
		Series: []Series{{Name: "This period", Color: navy, Values: x.area(3)}, {Name: "Before", Color: slate, Values: x.area(4)}}})
}

// psiPart is what a bin adds to the index: (p-q) ln(p/q), with half a check added to every bin of both periods.
func psiPart(bins [2][]int64, i int) Cell {
	n, m := total64(bins[0]), total64(bins[1])
	if n == 0 || m == 0 {
		return none().In(PSI)
	}
	added := 0.5 * float64(len(bins[0]))
	p, q := (float64(bins[0][i])+0.5)/(float64(n)+added), (float64(bins[1][i])+0.5)/(float64(m)+added)
	return F((p-q)*math.Log(p/q), PSI)
}

// psiPartBy is the same as a formula.
func psiPartBy(now, before, n, m string, bins int) string {
	p, q := fmt.Sprintf("(%s+0.5)/(%s+%g)", now, n, 0.5*float64(bins)), fmt.Sprintf("(%s+0.5)/(%s+%g)", before, m, 0.5*float64(bins))
	return fmt.Sprintf(`IF(%[1]s*%[2]s=0,"–",(%[3]s-%[4]s)*LN((%[3]s)/(%[4]s)))`, n, m, p, q)
}

func shareOf(bins []int64, i int) Cell {
	n := total64(bins)
	if n == 0 {
		return none().In(Share)
	}
	return F(float64(bins[i])/float64(n), Share)
}

func total64(bins []int64) (n int64) {
	for _, k := range bins {
		n += k
	}
	return n
}

func pointsBetween(a, b Cell) Cell {
	if a.Kind != Number || b.Kind != Number {
		return none().In(Points)
	}
	return F(100*(a.Float()-b.Float()), Points)
}
