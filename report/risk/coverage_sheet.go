package risk

import (
	"fmt"
	"slices"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// coverageRefs holds the tables of the sheet of coverage that other sheets refer to.
type coverageRefs struct {
	regions *page.Table // listed IDs by state, in the order of regionsCovered
	lists   *page.Table // rows of each list
	split   *page.Table // rows of each list and region, and what became of the new ones
}

// writeCoverage writes what became of the listed IDs: by region, and by list.
func writeCoverage(book *xlsx.Workbook, d *Data, attacks attackRefs) coverageRefs {
	widths := []float64{22, 10.5, 17, 11, 11, 11, 11, 11, 11, 11, 11.5, 11.5, 19}
	if d.listed.holds() {
		widths = slices.Insert(widths, 8, 11)
	}
	p := page.New(book, "Coverage", "Coverage: from list to answer",
		d.listedWords()+", by their state now · listed = "+d.listed.stateWords(), widths...)
	p.Tab = xlsx.Grey
	p.Headline(d.coverageHeadline())
	if d.suspects > 0 {
		p.Prose(xlsx.T("▲ " + page.Plural(d.suspects, "ID", "IDs") +
			" answered in the period may hold another ID's " +
			"answer: what rests on them is not beyond doubt (Definitions, Suspect).").WithRole(xlsx.Alert))
	}
	p.Skip(1)
	refs := coverageRefs{regions: stateTable(p, &d.comparison, attacks)}
	p.Skip(1)
	parted := d.lists.parted(&d.listed)
	refs.lists = chainTable(p, &parted, listPeriod(d.Period, d.Clock))
	p.Skip(1)
	refs.split = splitTable(p, &parted, &d.listed)
	p.Skip(1)
	contradictionTable(p, d.now.All, d.rule())
	p.Skip(1)
	apiChangeTable(p, d.apiChanges, d.Period)
	p.PrintAll()
	return refs
}

// coverageHeadline counts what is missing, and names what it could change.
func (c *comparison) coverageHeadline() string {
	all := c.listed.all
	if all.listed() == 0 {
		return "No list brought a new ID in this period"
	}
	text := fmt.Sprintf("%s of %s listed IDs are settled (%s)", humanize.Comma(all.settled()),
		humanize.Comma(all.listed()), page.Percent(float64(all.settled())/float64(all.listed())))
	if n := all.afterwards(); n > 0 {
		text += fmt.Sprintf("; %s answered after the period, and counted there", humanize.Comma(n))
	}
	if all.missing() == 0 {
		return text + "; nothing is missing"
	}
	text += fmt.Sprintf("; %s missing", humanize.Comma(all.missing()))
	if doubtful := c.doubtful(); doubtful != nil {
		text += ", enough to change the reading of " + page.List(doubtful)
	}
	return text
}

func stateTable(p *page.Page, of *comparison, attacks attackRefs) *page.Table {
	p.Section("1  Listed IDs by region", "Coverage = (answered + absent) / listed. The bounds are the suspicious "+
		"rate if none, or all, of the missing were suspicious; ▲ when they leave the 95% interval of the rate.")
	states, regions := of.listed.states(), regionsCovered(of.now, of.listed)
	columns := append([]page.Column{page.Col("Region", xlsx.General), page.Col("Listed", xlsx.Count)},
		of.listed.stateColumns()...)
	t := p.Table(append(columns, page.Col("Missing", xlsx.Count), page.Col("Coverage", xlsx.Share),
		page.Col("Rate if none suspicious", xlsx.Rate), page.Col("Rate if all suspicious", xlsx.Rate),
		page.Col("Warning", xlsx.General))...)
	rows := stateRows{t, states, attacks.regions}
	for i, g := range regions {
		t.Add(rows.row(page.RegionName(g.Region), g, of.listed.of(g.Region), i)...)
	}
	cells := rows.row("All regions", of.now.All, of.listed.all, len(regions))
	for col := range states {
		t.SumUp(cells, 2+col)
	}
	t.Total(cells...)
	return t
}

// stateRows make the rows of the table of states. They read rates from the sheet of attack types, which has the regions
// in the same order.
type stateRows struct {
	table  *page.Table
	states []store.State
	rates  *page.Table
}

// row makes the row of a region, the at-th from 0.
func (r stateRows) row(name string, g *survey.Tally, c *coverage, at int) []xlsx.Cell {
	t, last := r.table, 1+len(r.states)
	cells := []xlsx.Cell{xlsx.T(name), xlsx.N(c.listed()).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(2), t.Ref(last)))}
	for _, s := range r.states {
		cells = append(cells, xlsx.N(c.state(s)))
	}
	cells = append(cells, xlsx.N(c.missing()).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(4), t.Ref(last))),
		c.cell().WithFormula(fmt.Sprintf(`IF(%[1]s=0,"",(%[2]s+%[3]s)/%[1]s)`, t.Ref(1), t.Ref(2), t.Ref(3))))
	return append(cells, r.bounds(g, c, at)...)
}

// bounds returns the rates if none, or all, of what is missing were suspicious, and what that means for the rate's
// interval.
func (r stateRows) bounds(g *survey.Tally, c *coverage, at int) []xlsx.Cell {
	t, after := r.table, 2+len(r.states)
	scored, suspicious := r.rates.CellRef(1, at), r.rates.CellRef(2, at)
	low95, high95 := r.rates.CellRef(4, at), r.rates.CellRef(5, at)
	listed, missing, low, high := t.Ref(1), t.Ref(after), t.Ref(after+2), t.Ref(after+3)
	bound := func(more string) string {
		return fmt.Sprintf(`IF(%[1]s+%[2]s=0,"",(%[3]s%[4]s)/(%[1]s+%[2]s))`, scored, missing, suspicious, more)
	}
	lowCell, highCell, warning := page.None().WithFormat(xlsx.Rate), page.None().WithFormat(xlsx.Rate),
		xlsx.T("no answer").WithRole(xlsx.Quiet)
	if x, y, ok := g.Bounds(c.missing()); ok {
		lowCell, highCell, warning = xlsx.F(x, xlsx.Rate), xlsx.F(y, xlsx.Rate), c.warning(g)
	}
	return []xlsx.Cell{lowCell.WithFormula(bound("")), highCell.WithFormula(bound("+" + missing)),
		warning.WithFormula(fmt.Sprintf(
			`IF(NOT(ISNUMBER(%[1]s)),"no answer",IF(%[3]s=0,IF(%[4]s=0,"listed earlier","✓ complete"),`+
				`IF(AND(ISNUMBER(%[5]s),%[1]s>=%[5]s,%[2]s<=%[6]s),"missing, no effect","▲ could change")))`,
			low, high, missing, listed, low95, high95))}
}

// warning judges what is missing of a region by what it could do to its rate.
func (c *coverage) warning(g *survey.Tally) xlsx.Cell {
	switch {
	case g.CouldFlip(c.missing()):
		return xlsx.T("▲ could change").WithRole(xlsx.Alert)
	case c.missing() > 0:
		return xlsx.T("missing, no effect").WithRole(xlsx.Quiet)
	case c.listed() == 0:
		return xlsx.T("listed earlier").WithRole(xlsx.Quiet)
	}
	return xlsx.T("✓ complete").WithRole(xlsx.Good)
}

// contradictionTable counts what the vendor's page says cannot be.
func contradictionTable(p *page.Page, all *survey.Tally, r survey.Rule) {
	p.Section("4  Score side by attack type", "Every answer of the period, by the side of its score and the type "+
		"received. Orange: what the vendor's page says cannot be, or does not explain.")
	t := p.Table(append([]page.Column{page.Wide("Score", 2, xlsx.General)}, page.Cols(xlsx.Count, "1 Presentation",
		"2 Injection", "3 Unsure", "Other value", "No type", "All", "Exactly 50", "Below 0", "Above 100")...)...)
	names := []string{"Suspicious: " + r.Words(), "Passing", "No score"}
	for s := range survey.Sides {
		untyped := all.Counts[s][survey.None]
		if s == survey.Suspicious {
			untyped = all.Counts[s][survey.Unclassified]
		}
		cells := []xlsx.Cell{xlsx.T(names[s])}
		for _, a := range []survey.Attack{survey.Presentation, survey.Injection, survey.Unsure, survey.Other} {
			cells = append(cells, page.Odd(all.Counts[s][a], s != survey.Suspicious || a == survey.Other))
		}
		cells = append(cells, page.Odd(untyped, s == survey.Suspicious),
			xlsx.N(all.Side(s)).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(5))))
		t.Add(append(cells, oddScores(all, s, r)...)...)
	}
	cells := []xlsx.Cell{xlsx.T("All answers")}
	for col := 1; col <= 9; col++ {
		var n int64
		for row := range int(survey.Sides) {
			n += int64(p.Cell(t.Cell(col, row)).Float())
		}
		cells = append(cells, xlsx.N(n))
		t.SumUp(cells, col)
	}
	t.Total(cells...)
}

// oddScores counts the scores of one side that deserve a look.
func oddScores(t *survey.Tally, s survey.Side, r survey.Rule) []xlsx.Cell {
	fifty, below, above := int64(0), int64(0), int64(0)
	if s == survey.Suspicious {
		below = t.Bands[survey.BandBelow]
	}
	if s == survey.Passing {
		above = t.Bands[survey.BandAbove]
	}
	if s == r.Side(50) {
		fifty = t.Bands[survey.BandFifty]
	}
	return []xlsx.Cell{xlsx.N(fifty), page.Odd(below, true), page.Odd(above, true)}
}
