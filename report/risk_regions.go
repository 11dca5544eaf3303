package report

import (
	"fmt"

	"liverecon/store"
)

// summaryRegions is how many regions the first page lists; all of them stand on the sheets behind it.
const summaryRegions = 8

// regionTable puts each region's rate beside what its figures rest on: the listed IDs by what became of them.
func (r *risk) regionTable(p *page) {
	regions := r.regionsCovered()
	p.section("Regions", fmt.Sprintf("IDs new in the lists of the period by what became of them, and the suspicious rate of the scored checks answered in it.%s", r.listNote(len(regions))))
	t := p.table(column{"Region", 2, General}, column{"Listed", 1, Count}, column{"Answered", 1, Count}, column{"Absent", 1, Count}, column{"Error", 1, Count}, column{"In doubt", 1, Count},
		column{"Pending", 1, Count}, column{"Coverage", 1, Share}, column{"Rate", 1, Rate}, column{"95% low", 1, Rate}, column{"95% high", 1, Rate})
	for i, g := range regions[:min(len(regions), summaryRegions)] {
		t.add(r.regionRow(t, nameAndCode(g.region), g, r.coverageOf(g.region), i)...)
	}
	t.total(r.regionRow(t, "All regions", r.now.all, r.covered, len(regions))...)
}

// nameAndCode is a region in words, with its code where charts may show that.
func nameAndCode(region string) string {
	if name := regionName(region); name != visible(region) && region != "" {
		return shortened(name, 24) + " (" + region + ")"
	}
	return shortened(regionName(region), 30)
}

// regionRow is a region's row; row is its number in the table of the sheet Coverage, which holds the regions in the same order.
// Regions that have answers come first there, as they do in the table of the sheet Attack types.
func (r *risk) regionRow(t *table, name string, g *tally, c *coverage, row int) []Cell {
	listed := func(col int) string { return cellOf(r.places.listed, col, row) }
	failed := c.missing() - c.pendingOrDoubt()
	cells := []Cell{T(name), N(c.listed()).By(listed(1)), N(c.states[store.Done]).By(listed(2)), N(c.states[store.Absent]).By(listed(3)),
		N(failed).By(listed(4) + "+" + listed(7)), N(c.states[store.InDoubt]).By(listed(6)), N(c.states[store.Pending]).By(listed(5)), coverageCell(c).By(listed(9))}
	rate, low, high := rateCells(g.rate(), "0", "0", Rate)
	rates := []Cell{rate.As(Strong), low, high}
	for i := range rates {
		rates[i].Formula = ""
		at := row
		if g == r.now.all {
			at = len(r.now.regions)
		}
		if at <= len(r.now.regions) && (g == r.now.all || g.answered > 0) {
			rates[i] = rates[i].By(cellOf(r.places.regions, 3+i, at))
		}
	}
	return append(cells, rates...)
}

// cellOf is a cell of a table as other sheets refer to it; row is counted from 0, and the row after the last is the total's.
func cellOf(t *table, col, row int) string {
	return quoteSheet(t.page.Name) + "!" + Ref{t.at[col] + 1, t.first + row}.Fixed()
}

func (r *risk) listNote(regions int) string {
	if regions > summaryRegions {
		return fmt.Sprintf(" First %d of %d regions; all of them on the sheets Attack types and Coverage.", summaryRegions, regions)
	}
	return ""
}

// pendingOrDoubt counts what may still get an answer.
func (c *coverage) pendingOrDoubt() int64 { return c.states[store.Pending] + c.states[store.InDoubt] }

// shortened cuts a text to a number of letters.
func shortened(text string, letters int) string {
	if r := []rune(text); len(r) > letters {
		return string(r[:letters-1]) + "…"
	}
	return text
}
