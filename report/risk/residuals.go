package risk

import (
	"fmt"
	"math"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// residualTable shows where the mix of attack types departs from what the regions have in common.
func residualTable(p *page.Page, regions []*survey.Tally) {
	p.Section("4  Does the mix of types differ between regions?", "Pearson's chi-square over suspicious checks by "+
		"region and type, columns and rows merged until every expected count reaches 5; adjusted residuals beyond ±2 "+
		"stand out (Haberman 1973).")
	var counts [][]int64
	for _, g := range regions {
		var kinds []int64
		for a := survey.Presentation; a <= survey.Other; a++ {
			kinds = append(kinds, g.Kind(a))
		}
		counts = append(counts, kinds)
	}
	if len(regions) == 1 {
		p.Prose(xlsx.T("There is one region: nothing to differ from.").WithRole(xlsx.Caption))
		return
	}
	test, err := stats.ChiSquare(counts)
	if err != nil {
		p.Prose(xlsx.T("Too few suspicious checks for the test.").WithRole(xlsx.Caption))
		return
	}
	finding := "The mix of types does not differ between regions beyond chance"
	if test.P < stats.Alpha {
		finding = "The mix of types differs between regions beyond chance"
	}
	p.Prose(xlsx.T(fmt.Sprintf("%s: chi-square %.2f, %d degrees of freedom, %s; Cramér's V %.2f (0 none, 1 complete)",
		finding, test.Statistic, test.DF, pValue(test.P), test.CramersV)))
	cols := []page.Column{page.Wide("Regions", 3, xlsx.General)}
	for _, merged := range test.Columns {
		name := ""
		for i, k := range merged {
			if i > 0 {
				name += " + "
			}
			name += survey.Attack(k).String()
		}
		cols = append(cols, page.Col(name, xlsx.Count), page.Col(name+" residual", xlsx.Signed))
	}
	t := p.Table(cols...)
	for i, merged := range test.Rows {
		var names []string
		for _, k := range merged {
			names = append(names, page.RegionName(regions[k].Region))
		}
		cells := []xlsx.Cell{xlsx.T(page.List(names))}
		for j := range test.Columns {
			residual := xlsx.F(test.Residuals[i][j], xlsx.Signed)
			if math.Abs(test.Residuals[i][j]) > 2 {
				residual = residual.WithRole(xlsx.Strong)
			}
			cells = append(cells, xlsx.N(test.Observed[i][j]), residual)
		}
		t.Add(cells...)
	}
}

// pValue writes p, or only that it is below 0.0001.
func pValue(p float64) string {
	if p < 0.0001 {
		return "p < 0.0001"
	}
	return fmt.Sprintf("p = %.4f", p)
}
