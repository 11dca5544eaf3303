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

// regionTable puts each region's rate beside what its figures rest on: the listed IDs by what became of them.
func (r *risk) regionTable(p *page.Page) {
	regions := r.regionsCovered()
	p.Section("Regions", fmt.Sprintf("%s, by what became of them, and the suspicious rate of the checks scored in the period.%s", r.listedWords(), r.listNote(len(regions))))
	t := p.Table(page.Column{Head: "Region", Span: 1, Format: xlsx.General}, page.Column{Head: "Listed", Span: 1, Format: xlsx.Count}, page.Column{Head: "Answered", Span: 1, Format: xlsx.Count}, page.Column{Head: "Absent", Span: 1, Format: xlsx.Count}, page.Column{Head: "Error", Span: 1, Format: xlsx.Count}, page.Column{Head: "In doubt", Span: 1, Format: xlsx.Count},
		page.Column{Head: "Pending", Span: 1, Format: xlsx.Count}, page.Column{Head: "Coverage", Span: 1, Format: xlsx.Share}, page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "Rate", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% low", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% high", Span: 1, Format: xlsx.Rate})
	for _, i := range r.summarised(regions) {
		t.Add(r.regionRow(t, nameAndCode(regions[i].region), regions[i], r.coverageOf(regions[i].region), i)...)
	}
	t.Total(r.regionRow(t, "All regions", r.now.all, r.covered, len(regions))...)
}

// summarised are the places of the regions that the first page lists: the first ones, and of those behind them the ones of
// which so much is missing that it could change the reading, most first. They take at most half of the places.
func (r *risk) summarised(regions []*tally) []int {
	var first, behind []int
	for i, g := range regions {
		switch {
		case i < summaryRegions:
			first = append(first, i)
		case couldFlip(g, r.coverageOf(g.region).missing()):
			behind = append(behind, i)
		}
	}
	missing := func(i int) int64 { return r.coverageOf(regions[i].region).missing() }
	slices.SortStableFunc(behind, func(a, b int) int { return cmp.Compare(missing(b), missing(a)) })
	behind = behind[:min(len(behind), summaryRegions/2)]
	return append(first[:len(first)-len(behind)], behind...)
}

// nameAndCode is a region in words, with its code where charts may show that.
func nameAndCode(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) && region != "" {
		return Shortened(name, 18) + " (" + region + ")"
	}
	return Shortened(page.RegionName(region), 23)
}

// regionRow is a region's row; row is its number in the tables of the sheets Coverage and Attack types, which hold the regions
// in the same order. Below the minimum of scored checks no rate is read.
func (r *risk) regionRow(t *page.Table, name string, g *tally, c *coverage, row int) []xlsx.Cell {
	listed := func(col int) string { return cellOf(r.places.listed, col, row) }
	rated := func(col int) string { return cellOf(r.places.regions, col, row) }
	first := xlsx.T(name)
	if couldFlip(g, c.missing()) {
		first = xlsx.T("▲ " + name).As(xlsx.Alert)
	}
	failed := c.missing() - c.pendingOrDoubt()
	unanswered := listed(4) + "+" + listed(7)
	if r.holds() {
		unanswered += "+" + listed(8)
	}
	cells := []xlsx.Cell{first, xlsx.N(c.listed()).By(listed(1)), xlsx.N(c.states[store.Done]).By(listed(2)), xlsx.N(c.states[store.Absent]).By(listed(3)),
		xlsx.N(failed).By(unanswered), xlsx.N(c.states[store.InDoubt]).By(listed(6)), xlsx.N(c.states[store.Pending]).By(listed(5)), coverageCell(c).By(listed(3 + len(r.states()))), xlsx.N(g.scored()).By(rated(1))}
	rate, low, high := page.RateCells(g.rate(), "0", "0", xlsx.Rate)
	rates, instead := []xlsx.Cell{rate.As(xlsx.Strong), low, high}, []xlsx.Cell{xlsx.T(page.TooFew).As(xlsx.Quiet), page.None(), page.None()}
	for i := range rates {
		if g.scored() < r.MinimumN {
			rates[i] = instead[i]
		}
		rates[i] = rates[i].By(fmt.Sprintf(`IF(%s<%d,"%s",%s)`, t.Ref(8), r.MinimumN, instead[i].Text, rated(3+i)))
	}
	return append(cells, rates...)
}

// cellOf is a cell of a table as other sheets refer to it; row is counted from 0, and the row after the last is the total's.
func cellOf(t *page.Table, col, row int) string {
	return xlsx.QuoteSheet(t.Page.Name) + "!" + xlsx.Ref{Col: t.At[col] + 1, Row: t.First + row}.Fixed()
}

func (r *risk) listNote(regions int) string {
	if regions > summaryRegions {
		return fmt.Sprintf(" %d of %d regions; all on the sheet Coverage. ▲: what is missing could change the reading.", summaryRegions, regions)
	}
	return " ▲: what is missing could change the reading."
}

// pendingOrDoubt counts what may still get an answer.
func (c *coverage) pendingOrDoubt() int64 { return c.states[store.Pending] + c.states[store.InDoubt] }

// narrowName is a region as it stands in a list's column: the name of a country is cut, what is none stands as it came.
func narrowName(region string) string {
	if name := page.RegionName(region); name != xlsx.Visible(region) {
		return Shortened(name, 26)
	}
	return xlsx.Visible(region)
}

// Shortened cuts a text to a number of letters.
func Shortened(text string, letters int) string {
	if r := []rune(text); len(r) > letters {
		return string(r[:letters-1]) + "…"
	}
	return text
}
