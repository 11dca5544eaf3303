package risk

import (
	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// regionsCovered returns the regions that have answers, in the survey's order, then those that only have listed IDs.
func regionsCovered(answers *survey.Survey, listed listing) []*survey.Tally {
	regions := append([]*survey.Tally(nil), answers.Regions...)
	for _, name := range page.SortedKeys(listed.regions) {
		if answers.Known[name] == nil {
			regions = append(regions, survey.NewTally(name))
		}
	}
	return regions
}

// writeRegions writes a row for each region, the i-th from 0, and a total, which in some columns sums them up.
func writeRegions(t *page.Table, v *survey.Survey, row func(i int, g *survey.Tally) []xlsx.Cell, summed ...int) {
	for i, g := range v.Regions {
		t.Add(row(i, g)...)
	}
	cells := row(len(v.Regions), v.All)
	cells[0] = xlsx.T("All regions")
	t.SumUp(cells, summed...)
	t.Total(cells...)
}

// shareCell returns a part of a whole, or a dash where there is no whole.
func shareCell(part, whole int64) xlsx.Cell {
	x, ok := stats.Proportion{Count: part, Total: whole}.Rate()
	if !ok {
		return page.None().WithFormat(xlsx.Share)
	}
	return xlsx.F(x, xlsx.Share)
}

// fromOne returns the numbers of n columns after the first.
func fromOne(n int) (columns []int) {
	for col := range n {
		columns = append(columns, col+1)
	}
	return columns
}

// nameAndCode names a region in words, with its code where charts may show that.
func nameAndCode(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) && region != "" {
		return page.Shortened(name, 18) + " (" + region + ")"
	}
	return page.Shortened(page.RegionName(region), 23)
}

// narrowName names a region in a list's column: the name of a country is cut, other text is kept.
func narrowName(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) {
		return page.Shortened(name, 26)
	}
	return xlsx.Visible(region)
}
