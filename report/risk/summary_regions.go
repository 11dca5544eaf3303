package risk

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// summaryRegions is how many regions the first page lists; all of them stand on the sheets behind it.
const summaryRegions = 8

// summaryTable puts each region's rate beside what its figures rest on: the listed IDs by what became of them.
func summaryTable(p *page.Page, d *Data, attacks attackRefs, coverage coverageRefs) {
	regions := regionsCovered(d.now, d.listed)
	note := ""
	if len(regions) > summaryRegions {
		note = fmt.Sprintf(" %d of %d regions; all on the sheet Coverage.", summaryRegions, len(regions))
	}
	p.Section("Regions", fmt.Sprintf("%s, by what became of them, and the suspicious rate of the checks scored in "+
		"the period.%s ▲: what is missing could change the reading.", d.listedWords(), note))
	t := p.Table(page.Col("Region", xlsx.General), page.Col("Listed", xlsx.Count), page.Col("Answered", xlsx.Count),
		page.Col("Absent", xlsx.Count), page.Col("Error", xlsx.Count), page.Col("In doubt", xlsx.Count),
		page.Col("Pending", xlsx.Count), page.Col("Coverage", xlsx.Share), page.Col("Scored", xlsx.Count),
		page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate))
	rows := summaryRows{t, attacks.regions, coverage.regions, len(d.listed.states()), d.MinimumN}
	for _, i := range summarised(regions, &d.listed) {
		t.Add(rows.row(nameAndCode(regions[i].region), regions[i], d.listed.of(regions[i].region), i)...)
	}
	t.Total(rows.row("All regions", d.now.all, d.listed.all, len(regions))...)
}

// summarised returns the places of the regions that the first page lists: the first ones, and of those behind them the
// ones of which so much is missing that it could change the reading, most first. They take at most half of the places.
func summarised(regions []*tally, listed *listing) []int {
	missing := func(i int) int64 { return listed.of(regions[i].region).missing() }
	var first, behind []int
	for i, g := range regions {
		switch {
		case i < summaryRegions:
			first = append(first, i)
		case g.couldFlip(missing(i)):
			behind = append(behind, i)
		}
	}
	slices.SortStableFunc(behind, func(a, b int) int { return cmp.Compare(missing(b), missing(a)) })
	behind = behind[:min(len(behind), summaryRegions/2)]
	return append(first[:len(first)-len(behind)], behind...)
}

// summaryRows make the rows of this table, whose formulas read from two others with the regions in one order.
type summaryRows struct {
	table           *page.Table
	rates, coverage *page.Table
	states          int   // of an ID, that the coverage has columns for
	minimum         int64 // scored checks, below which no rate is read
}

// row makes the row of a region, the at-th from 0 of the two other tables.
func (r summaryRows) row(name string, g *tally, c *coverage, at int) []xlsx.Cell {
	listed := func(col int) string { return r.coverage.CellRef(col, at) }
	first := xlsx.T(name)
	if g.couldFlip(c.missing()) {
		first = xlsx.T("▲ " + name).As(xlsx.Alert)
	}
	failed := listed(4)
	for col := 7; col < 2+r.states; col++ { // given up, and held where there is such a column
		failed += "+" + listed(col)
	}
	cells := []xlsx.Cell{first, xlsx.N(c.listed()).By(listed(1)), xlsx.N(c.state(store.Done)).By(listed(2)),
		xlsx.N(c.state(store.Absent)).By(listed(3)), xlsx.N(c.failed()).By(failed),
		xlsx.N(c.state(store.InDoubt)).By(listed(6)), xlsx.N(c.state(store.Pending)).By(listed(5)),
		c.cell().By(listed(3 + r.states)), xlsx.N(g.scored()).By(r.rates.CellRef(1, at))}
	rate, low, high := page.RateCells(g.rate(), "0", "0", xlsx.Rate)
	rates := []xlsx.Cell{rate.As(xlsx.Strong), low, high}
	instead := []xlsx.Cell{xlsx.T(page.TooFew).As(xlsx.Quiet), page.None(), page.None()}
	for i := range rates {
		if g.scored() < r.minimum {
			rates[i] = instead[i]
		}
		rates[i] = rates[i].By(fmt.Sprintf(`IF(%s<%d,"%s",%s)`, r.table.Ref(8), r.minimum, instead[i].Text,
			r.rates.CellRef(3+i, at)))
	}
	return append(cells, rates...)
}
