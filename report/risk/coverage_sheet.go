package risk

import (
	"fmt"
	"slices"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// coverageSheet writes what became of the listed IDs: by region, and by list.
func (r *risk) coverageSheet() {
	widths := []float64{22, 10.5, 17, 11, 11, 11, 11, 11, 11, 11, 11.5, 11.5, 19}
	if r.holds() {
		widths = slices.Insert(widths, 8, 11)
	}
	p := page.New(r.book, "Coverage", "Coverage: from list to answer",
		r.listedWords()+", by their state now · listed = "+r.stateWords(), widths...)
	p.Tab = xlsx.Grey
	p.Headline(r.coverageHeadline())
	r.suspectLine(p)
	p.Skip(1)
	r.stateTable(p)
	p.Skip(1)
	r.chainTable(p)
	p.Skip(1)
	r.splitTable(p)
	p.Skip(1)
	r.contradictions(p)
	p.Skip(1)
	r.radar(p)
	p.PrintAll()
}

// listedWords say which IDs are listed ones. When an ID was captured only its answer tells.
func (r *risk) listedWords() string {
	if r.Clock == store.ByCapture {
		return fmt.Sprintf("IDs captured %s, and those without an answer of lists read %s", r.Period.Describe(), listed(r.Period, r.Clock).Describe())
	}
	return "IDs new with a list read " + r.Period.Describe()
}

// coverageHeadline says how much is missing, and whether that could change what the rate says.
func (r *risk) coverageHeadline() string {
	c := r.covered
	if c.listed() == 0 {
		return "No list brought a new ID in this period"
	}
	text := fmt.Sprintf("%s of %s listed IDs are settled (%s)", calendar.Thousands(c.settled()), calendar.Thousands(c.listed()), page.Percent(float64(c.settled())/float64(c.listed())))
	if n := c.afterwards(); n > 0 {
		text += fmt.Sprintf("; %s answered after the period, and counted there", calendar.Thousands(n))
	}
	if c.missing() == 0 {
		return text + "; nothing is missing"
	}
	text += fmt.Sprintf("; %s missing", calendar.Thousands(c.missing()))
	if of := r.doubtful(); of != nil {
		text += ", enough to change the reading of " + page.List(of)
	}
	return text
}

// bounds are the rates if none, or all, of what is missing were suspicious.
func bounds(g *tally, missing int64) (low, high float64, ok bool) {
	n := g.scored() + missing
	if n == 0 {
		return 0, 1, false
	}
	return float64(g.suspicious()) / float64(n), float64(g.suspicious()+missing) / float64(n), true
}

// couldFlip says whether what is missing could move a rate out of its interval.
func couldFlip(g *tally, missing int64) bool {
	low, high, ok := bounds(g, missing)
	i, known := g.rate().Wilson()
	return missing > 0 && (!ok || !known || low < i.Low || high > i.High)
}

// doubtfulRegions are those whose missing answers could flip the reading.
func (r *risk) doubtfulRegions() []string {
	var names []string
	for _, g := range r.regionsCovered() {
		if couldFlip(g, r.coverageOf(g.region).missing()) {
			names = append(names, page.RegionName(g.region))
		}
	}
	return names
}

// states are the states of an ID in the order of columns; the last of them only where an ID is in it.
func (r *risk) states() []store.State {
	all := []store.State{store.Done, store.Absent, store.Refused, store.Pending, store.InDoubt, store.GivenUp}
	if r.holds() {
		all = append(all, store.Held)
	}
	return all
}

// holds reports that an ID of the lists is held, since an older copy of the database may have lost its answer.
func (r *risk) holds() bool {
	for _, c := range r.listed {
		if c.state(store.Held) > 0 {
			return true
		}
	}
	return r.covered.state(store.Held) > 0
}

// stateWords are the states, as sums name them.
func (r *risk) stateWords() string {
	words := "answered + absent + refused + pending + in doubt + given up"
	if r.holds() {
		words += " + held"
	}
	return words
}

// missingWords define what is missing.
func (r *risk) missingWords() string {
	if r.holds() {
		return "Refused, pending, in doubt, given up or held (not asked: an older copy of the database may have lost the answer)"
	}
	return "Refused, pending, in doubt or given up"
}

// stateColumns are the columns of the states.
func (r *risk) stateColumns() []page.Column {
	var all []page.Column
	for i := range r.states() {
		names := []string{"Answered", "Absent", "Refused", "Pending", "In doubt", "Given up", "Held"}
		all = append(all, page.Column{Head: names[i], Span: 1, Format: xlsx.Count})
	}
	return all
}

func (r *risk) stateTable(p *page.Page) {
	p.Section("1  Listed IDs by region", "Coverage = (answered + absent) / listed. The bounds are the suspicious rate if none, or all, of the missing were suspicious; ▲ when they leave the 95% interval of the rate.")
	columns := append([]page.Column{{Head: "Region", Span: 1, Format: xlsx.General}, {Head: "Listed", Span: 1, Format: xlsx.Count}}, r.stateColumns()...)
	t := p.Table(append(columns, page.Column{Head: "Missing", Span: 1, Format: xlsx.Count}, page.Column{Head: "Coverage", Span: 1, Format: xlsx.Share}, page.Column{Head: "Rate if none suspicious", Span: 1, Format: xlsx.Rate},
		page.Column{Head: "Rate if all suspicious", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Warning", Span: 1, Format: xlsx.General})...)
	r.places.listed = t
	last := 1 + len(r.states())
	row := func(name string, g *tally, c *coverage, at int) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(name), xlsx.N(c.listed()).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(2), t.Ref(last)))}
		for _, s := range r.states() {
			cells = append(cells, xlsx.N(c.states[s]))
		}
		cells = append(cells, xlsx.N(c.missing()).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(4), t.Ref(last))),
			coverageCell(c).By(fmt.Sprintf(`IF(%[1]s=0,"–",(%[2]s+%[3]s)/%[1]s)`, t.Ref(1), t.Ref(2), t.Ref(3))))
		return append(cells, r.boundCells(t, g, c, at)...)
	}
	for i, g := range r.regionsCovered() {
		t.Add(row(page.RegionName(g.region), g, r.coverageOf(g.region), i)...)
	}
	cells := row("All regions", r.now.all, r.covered, len(r.regionsCovered()))
	if t.Rows > 0 {
		for col := 2; col <= last; col++ {
			cells[col] = cells[col].By(xlsx.Sum(page.Local(t.Area(col))))
		}
	}
	t.Total(cells...)
}

// boundCells are the rates if none, or all, of what is missing were suspicious, and what that means for the rate's interval.
// Their formulas read the counts and the interval from the sheet of attack types, where the region stands in row at, too.
func (r *risk) boundCells(t *page.Table, g *tally, c *coverage, at int) []xlsx.Cell {
	scored, suspicious := cellOf(r.places.regions, 1, at), cellOf(r.places.regions, 2, at)
	low95, high95 := cellOf(r.places.regions, 4, at), cellOf(r.places.regions, 5, at)
	after := 2 + len(r.states())
	listed, missing, low, high := t.Ref(1), t.Ref(after), t.Ref(after+2), t.Ref(after+3)
	bound := func(more string) string {
		return fmt.Sprintf(`IF(%[1]s+%[2]s=0,"–",(%[3]s%[4]s)/(%[1]s+%[2]s))`, scored, missing, suspicious, more)
	}
	lowCell, highCell, warning := page.None().In(xlsx.Rate), page.None().In(xlsx.Rate), xlsx.T("no answer").As(xlsx.Quiet)
	if x, y, ok := bounds(g, c.missing()); ok {
		lowCell, highCell, warning = xlsx.F(x, xlsx.Rate), xlsx.F(y, xlsx.Rate), warningOf(g, c)
	}
	return []xlsx.Cell{lowCell.By(bound("")), highCell.By(bound("+" + missing)), warning.By(fmt.Sprintf(
		`IF(NOT(ISNUMBER(%[1]s)),"no answer",IF(%[3]s=0,IF(%[4]s=0,"listed earlier","✓ complete"),IF(AND(ISNUMBER(%[5]s),%[1]s>=%[5]s,%[2]s<=%[6]s),"missing, no effect","▲ could change")))`,
		low, high, missing, listed, low95, high95))}
}

// warningOf says what is missing of a region means for its rate.
func warningOf(g *tally, c *coverage) xlsx.Cell {
	switch {
	case couldFlip(g, c.missing()):
		return xlsx.T("▲ could change").As(xlsx.Alert)
	case c.missing() > 0:
		return xlsx.T("missing, no effect").As(xlsx.Quiet)
	case c.listed() == 0:
		return xlsx.T("listed earlier").As(xlsx.Quiet)
	}
	return xlsx.T("✓ complete").As(xlsx.Good)
}

// chainTable shows each list's rows: rejected + duplicate + known + new.
func (r *risk) chainTable(p *page.Page) {
	p.Section("2  Rows of the lists", "Lists read "+listed(r.Period, r.Clock).Describe()+". Rows = rejected + duplicate (in the same list) + known (from an earlier list) + new. A rejected row has no region and is counted with its list.")
	t := p.Table(page.Column{Head: "List", Span: 4, Format: xlsx.Literal}, page.Column{Head: "Read at (" + r.Period.Zone.String() + ")", Span: 2, Format: xlsx.Moment}, page.Column{Head: "Rows", Span: 1, Format: xlsx.Count}, page.Column{Head: "Rejected", Span: 1, Format: xlsx.Count}, page.Column{Head: "Duplicate", Span: 1, Format: xlsx.Count}, page.Column{Head: "Known", Span: 1, Format: xlsx.Count},
		page.Column{Head: "New", Span: 1, Format: xlsx.Count}, page.Column{Head: "Check", Span: 1, Format: xlsx.General}, page.Column{Head: "", Span: 1, Format: xlsx.General})
	r.places.chain = t
	var total chain
	for _, c := range r.chains() {
		cells := c.cells(t)
		t.Add(append([]xlsx.Cell{xlsx.Outside(c.path), xlsx.At(c.readAt, r.Period.Zone)}, cells...)...)
		total.add(c)
	}
	cells := total.cells(t)
	if t.Rows > 0 {
		for col := range 5 {
			cells[col] = cells[col].By(xlsx.Sum(page.Local(t.Area(col + 2))))
		}
	}
	t.Total(append([]xlsx.Cell{xlsx.T("All lists").In(xlsx.General), {}}, cells...)...)
}

// contradictions count what the vendor's page says cannot be.
func (r *risk) contradictions(p *page.Page) {
	p.Section("4  Score side by attack type", "Every answer of the period, by the side of its score and the type received. Orange: what the vendor's page says cannot be, or does not explain.")
	t := p.Table(page.Column{Head: "Score", Span: 2, Format: xlsx.General}, page.Column{Head: "1 Presentation", Span: 1, Format: xlsx.Count}, page.Column{Head: "2 Injection", Span: 1, Format: xlsx.Count}, page.Column{Head: "3 Unsure", Span: 1, Format: xlsx.Count}, page.Column{Head: "Other value", Span: 1, Format: xlsx.Count}, page.Column{Head: "No type", Span: 1, Format: xlsx.Count}, page.Column{Head: "All", Span: 1, Format: xlsx.Count},
		page.Column{Head: "Exactly 50", Span: 1, Format: xlsx.Count}, page.Column{Head: "Below 0", Span: 1, Format: xlsx.Count}, page.Column{Head: "Above 100", Span: 1, Format: xlsx.Count})
	all := r.now.all
	names := []string{"Suspicious: " + r.rule.words(), "Passing", "No score"}
	for s := range sides {
		untyped := all.counts[s][None]
		if s == suspicious {
			untyped = all.counts[s][Unclassified]
		}
		cells := []xlsx.Cell{xlsx.T(names[s])}
		for _, a := range []Attack{Presentation, Injection, Unsure, Other} {
			cells = append(cells, page.Odd(all.counts[s][a], s != suspicious || a == Other))
		}
		cells = append(cells, page.Odd(untyped, s == suspicious), xlsx.N(all.side(s)).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(5))))
		t.Add(append(cells, r.oddScores(s)...)...)
	}
	cells := []xlsx.Cell{xlsx.T("All answers")}
	for col := 1; col <= 9; col++ {
		var n int64
		for row := range int(sides) {
			n += int64(p.Cell(xlsx.Ref{Col: t.At[col] + 1, Row: t.First + row}).Float())
		}
		cells = append(cells, xlsx.N(n).By(xlsx.Sum(page.Local(t.Area(col)))))
	}
	t.Total(cells...)
}

// oddScores counts the scores of one side that deserve a look.
func (r *risk) oddScores(s side) []xlsx.Cell {
	b := r.now.all.bands
	fifty, below, above := int64(0), int64(0), int64(0)
	if s == suspicious {
		below = b[bandBelow]
	}
	if s == passing {
		above = b[bandAbove]
	}
	if s == sideOf(50, r.rule) {
		fifty = b[bandFifty]
	}
	return []xlsx.Cell{xlsx.N(fifty), page.Odd(below, true), page.Odd(above, true)}
}

func sideOf(score float64, r rule) side {
	if r.passes(score) {
		return passing
	}
	return suspicious
}
