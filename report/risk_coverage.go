package report

import (
	"fmt"
	"slices"

	"liverecon/store"
)

// coverageSheet writes what became of the listed IDs: by region, and by list.
func (r *risk) coverageSheet() {
	widths := []float64{22, 10.5, 17, 11, 11, 11, 11, 11, 11, 11, 11.5, 11.5, 19}
	if r.holds() {
		widths = slices.Insert(widths, 8, 11)
	}
	p := newPage(r.book, "Coverage", "Coverage: from list to answer",
		r.listedWords()+", by their state now · listed = "+r.stateWords(), widths...)
	p.Tab = grey
	p.headline(r.coverageHeadline())
	r.suspectLine(p)
	p.skip(1)
	r.stateTable(p)
	p.skip(1)
	r.chainTable(p)
	p.skip(1)
	r.splitTable(p)
	p.skip(1)
	r.contradictions(p)
	p.skip(1)
	r.radar(p)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// listedWords say which IDs are listed ones. When an ID was captured only its answer tells.
func (r *risk) listedWords() string {
	if r.Clock == store.ByCapture {
		return fmt.Sprintf("IDs captured %s, and those without an answer of lists read %s", r.Period.describe(), listed(r.Period, r.Clock).describe())
	}
	return "IDs new with a list read " + r.Period.describe()
}

// coverageHeadline says how much is missing, and whether that could change what the rate says.
func (r *risk) coverageHeadline() string {
	c := r.covered
	if c.listed() == 0 {
		return "No list brought a new ID in this period"
	}
	text := fmt.Sprintf("%s of %s listed IDs are settled (%s)", thousands(c.settled()), thousands(c.listed()), percent(float64(c.settled())/float64(c.listed())))
	if n := c.afterwards(); n > 0 {
		text += fmt.Sprintf("; %s answered after the period, and counted there", thousands(n))
	}
	if c.missing() == 0 {
		return text + "; nothing is missing"
	}
	text += fmt.Sprintf("; %s missing", thousands(c.missing()))
	if of := r.doubtful(); of != nil {
		text += ", enough to change the reading of " + list(of)
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
			names = append(names, regionName(g.region))
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
func (r *risk) stateColumns() []column {
	var all []column
	for i := range r.states() {
		names := []string{"Answered", "Absent", "Refused", "Pending", "In doubt", "Given up", "Held"}
		all = append(all, column{names[i], 1, Count})
	}
	return all
}

func (r *risk) stateTable(p *page) {
	p.section("1  Listed IDs by region", "Coverage = (answered + absent) / listed. The bounds are the suspicious rate if none, or all, of the missing were suspicious; ▲ when they leave the 95% interval of the rate.")
	columns := append([]column{{"Region", 1, General}, {"Listed", 1, Count}}, r.stateColumns()...)
	t := p.table(append(columns, column{"Missing", 1, Count}, column{"Coverage", 1, Share}, column{"Rate if none suspicious", 1, Rate},
		column{"Rate if all suspicious", 1, Rate}, column{"Warning", 1, General})...)
	r.places.listed = t
	last := 1 + len(r.states())
	row := func(name string, g *tally, c *coverage, at int) []Cell {
		cells := []Cell{T(name), N(c.listed()).By(fmt.Sprintf("SUM(%s:%s)", t.ref(2), t.ref(last)))}
		for _, s := range r.states() {
			cells = append(cells, N(c.states[s]))
		}
		cells = append(cells, N(c.missing()).By(fmt.Sprintf("SUM(%s:%s)", t.ref(4), t.ref(last))),
			coverageCell(c).By(fmt.Sprintf(`IF(%[1]s=0,"–",(%[2]s+%[3]s)/%[1]s)`, t.ref(1), t.ref(2), t.ref(3))))
		return append(cells, r.boundCells(t, g, c, at)...)
	}
	for i, g := range r.regionsCovered() {
		t.add(row(regionName(g.region), g, r.coverageOf(g.region), i)...)
	}
	cells := row("All regions", r.now.all, r.covered, len(r.regionsCovered()))
	if t.rows > 0 {
		for col := 2; col <= last; col++ {
			cells[col] = cells[col].By(sum(local(t.area(col))))
		}
	}
	t.total(cells...)
}

// boundCells are the rates if none, or all, of what is missing were suspicious, and what that means for the rate's interval.
// Their formulas read the counts and the interval from the sheet of attack types, where the region stands in row at, too.
func (r *risk) boundCells(t *table, g *tally, c *coverage, at int) []Cell {
	scored, suspicious := cellOf(r.places.regions, 1, at), cellOf(r.places.regions, 2, at)
	low95, high95 := cellOf(r.places.regions, 4, at), cellOf(r.places.regions, 5, at)
	after := 2 + len(r.states())
	listed, missing, low, high := t.ref(1), t.ref(after), t.ref(after+2), t.ref(after+3)
	bound := func(more string) string {
		return fmt.Sprintf(`IF(%[1]s+%[2]s=0,"–",(%[3]s%[4]s)/(%[1]s+%[2]s))`, scored, missing, suspicious, more)
	}
	lowCell, highCell, warning := none().In(Rate), none().In(Rate), T("no answer").As(Quiet)
	if x, y, ok := bounds(g, c.missing()); ok {
		lowCell, highCell, warning = F(x, Rate), F(y, Rate), warningOf(g, c)
	}
	return []Cell{lowCell.By(bound("")), highCell.By(bound("+" + missing)), warning.By(fmt.Sprintf(
		`IF(NOT(ISNUMBER(%[1]s)),"no answer",IF(%[3]s=0,IF(%[4]s=0,"listed earlier","✓ complete"),IF(AND(ISNUMBER(%[5]s),%[1]s>=%[5]s,%[2]s<=%[6]s),"missing, no effect","▲ could change")))`,
		low, high, missing, listed, low95, high95))}
}

// warningOf says what is missing of a region means for its rate.
func warningOf(g *tally, c *coverage) Cell {
	switch {
	case couldFlip(g, c.missing()):
		return T("▲ could change").As(Alert)
	case c.missing() > 0:
		return T("missing, no effect").As(Quiet)
	case c.listed() == 0:
		return T("listed earlier").As(Quiet)
	}
	return T("✓ complete").As(Good)
}

// chainTable shows each list's rows: rejected + duplicate + known + new.
func (r *risk) chainTable(p *page) {
	p.section("2  Rows of the lists", "Lists read "+listed(r.Period, r.Clock).describe()+". Rows = rejected + duplicate (in the same list) + known (from an earlier list) + new. A rejected row has no region and is counted with its list.")
	t := p.table(column{"List", 4, Literal}, column{"Read at (" + r.Period.Zone.String() + ")", 2, Moment}, column{"Rows", 1, Count}, column{"Rejected", 1, Count}, column{"Duplicate", 1, Count}, column{"Known", 1, Count},
		column{"New", 1, Count}, column{"Check", 1, General}, column{"", 1, General})
	r.places.chain = t
	var total chain
	for _, c := range r.chains() {
		cells := c.cells(t)
		t.add(append([]Cell{Outside(c.path), At(c.readAt, r.Period.Zone)}, cells...)...)
		total.add(c)
	}
	cells := total.cells(t)
	if t.rows > 0 {
		for col := range 5 {
			cells[col] = cells[col].By(sum(local(t.area(col + 2))))
		}
	}
	t.total(append([]Cell{T("All lists").In(General), {}}, cells...)...)
}

// contradictions count what the vendor's page says cannot be.
func (r *risk) contradictions(p *page) {
	p.section("4  Score side by attack type", "Every answer of the period, by the side of its score and the type received. Orange: what the vendor's page says cannot be, or does not explain.")
	t := p.table(column{"Score", 2, General}, column{"1 Presentation", 1, Count}, column{"2 Injection", 1, Count}, column{"3 Unsure", 1, Count}, column{"Other value", 1, Count}, column{"No type", 1, Count}, column{"All", 1, Count},
		column{"Exactly 50", 1, Count}, column{"Below 0", 1, Count}, column{"Above 100", 1, Count})
	all := r.now.all
	names := []string{"Suspicious: " + r.rule.words(), "Passing", "No score"}
	for s := range sides {
		untyped := all.counts[s][None]
		if s == suspicious {
			untyped = all.counts[s][Unclassified]
		}
		cells := []Cell{T(names[s])}
		for _, a := range []Attack{Presentation, Injection, Unsure, Other} {
			cells = append(cells, odd(all.counts[s][a], s != suspicious || a == Other))
		}
		cells = append(cells, odd(untyped, s == suspicious), N(all.side(s)).By(fmt.Sprintf("SUM(%s:%s)", t.ref(1), t.ref(5))))
		t.add(append(cells, r.oddScores(s)...)...)
	}
	cells := []Cell{T("All answers")}
	for col := 1; col <= 9; col++ {
		var n int64
		for row := range int(sides) {
			n += int64(p.Cell(Ref{t.at[col] + 1, t.first + row}).Float())
		}
		cells = append(cells, N(n).By(sum(local(t.area(col)))))
	}
	t.total(cells...)
}

func odd(n int64, contradicts bool) Cell {
	if n > 0 && contradicts {
		return N(n).As(Alert)
	}
	return N(n)
}

// oddScores counts the scores of one side that deserve a look.
func (r *risk) oddScores(s side) []Cell {
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
	return []Cell{N(fifty), odd(below, true), odd(above, true)}
}

func sideOf(score float64, r rule) side {
	if r.passes(score) {
		return passing
	}
	return suspicious
}
