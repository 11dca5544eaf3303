package report

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/store"
)

// summaryRegions is how many regions the first page lists; all of them stand on the sheets behind it.
const summaryRegions = 8

// regionTable puts each region's rate beside what its figures rest on: the listed IDs by what became of them.
func (r *risk) regionTable(p *page) {
	regions := r.regionsCovered()
	p.section("Regions", fmt.Sprintf("%s, by what became of them, and the suspicious rate of the checks scored in the period.%s", r.listedWords(), r.listNote(len(regions))))
	t := p.table(column{"Region", 1, General}, column{"Listed", 1, Count}, column{"Answered", 1, Count}, column{"Absent", 1, Count}, column{"Error", 1, Count}, column{"In doubt", 1, Count},
		column{"Pending", 1, Count}, column{"Coverage", 1, Share}, column{"Scored", 1, Count}, column{"Rate", 1, Rate}, column{"95% low", 1, Rate}, column{"95% high", 1, Rate})
	for _, i := range r.summarised(regions) {
		t.add(r.regionRow(t, nameAndCode(regions[i].region), regions[i], r.coverageOf(regions[i].region), i)...)
	}
	t.total(r.regionRow(t, "All regions", r.now.all, r.covered, len(regions))...)
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
	if name := regionName(region); name != visible(region) && region != "" {
		return shortened(name, 18) + " (" + region + ")"
	}
	return shortened(regionName(region), 23)
}

// regionRow is a region's row; row is its number in the tables of the sheets Coverage and Attack types, which hold the regions
// in the same order. Below the minimum of scored checks no rate is read.
func (r *risk) regionRow(t *table, name string, g *tally, c *coverage, row int) []Cell {
	listed := func(col int) string { return cellOf(r.places.listed, col, row) }
	rated := func(col int) string { return cellOf(r.places.regions, col, row) }
	first := T(name)
	if couldFlip(g, c.missing()) {
		first = T("▲ " + name).As(Alert)
	}
	failed := c.missing() - c.pendingOrDoubt()
	unanswered := listed(4) + "+" + listed(7)
	if r.holds() {
		unanswered += "+" + listed(8)
	}
	cells := []Cell{first, N(c.listed()).By(listed(1)), N(c.states[store.Done]).By(listed(2)), N(c.states[store.Absent]).By(listed(3)),
		N(failed).By(unanswered), N(c.states[store.InDoubt]).By(listed(6)), N(c.states[store.Pending]).By(listed(5)), coverageCell(c).By(listed(3 + len(r.states()))), N(g.scored()).By(rated(1))}
	rate, low, high := rateCells(g.rate(), "0", "0", Rate)
	rates, instead := []Cell{rate.As(Strong), low, high}, []Cell{T(tooFew).As(Quiet), none(), none()}
	for i := range rates {
		if g.scored() < r.MinimumN {
			rates[i] = instead[i]
		}
		rates[i] = rates[i].By(fmt.Sprintf(`IF(%s<%d,"%s",%s)`, t.ref(8), r.MinimumN, instead[i].Text, rated(3+i)))
	}
	return append(cells, rates...)
}

// cellOf is a cell of a table as other sheets refer to it; row is counted from 0, and the row after the last is the total's.
func cellOf(t *table, col, row int) string {
	return quoteSheet(t.page.Name) + "!" + Ref{t.at[col] + 1, t.first + row}.Fixed()
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
	if name := regionName(region); name != visible(region) {
		return shortened(name, 26)
	}
	return visible(region)
}

// shortened cuts a text to a number of letters.
func shortened(text string, letters int) string {
	if r := []rune(text); len(r) > letters {
		return string(r[:letters-1]) + "…"
	}
	return text
}
