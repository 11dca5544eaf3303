package report

import (
	"fmt"
	"strings"
)

// summary writes the first sheet: what is owed at least and at most, and why the two differ.
func (f *finance) summary(p *page, checks *checkList) {
	p.Tab, p.OnePage = navy, true
	if f.Verdict != "" {
		p.Set(Ref{1, 1}, Outside(f.Verdict).As(Caption).In(General))
	}
	p.headline(f.headline())
	p.skip(1)
	p.tiles(f.tiles()...)
	if regions := f.regionBills(); len(regions) > 0 {
		p.figures(14, f.callFigure(regions), f.codeFigure(regions))
	}
	f.endpointTable(p)
	p.skip(1)
	p.section("What to look at next", "")
	for _, line := range f.next() {
		p.Set(p.at(11), T("→ "+line.sheet).As(LinkTo).To(quoteSheet(line.sheet)+"!A1"))
		p.prose(T("•  " + line.text))
	}
	p.Set(p.at(3), checks.verdict())
	p.Set(p.at(11), T("→ Definitions").As(LinkTo).To("'Definitions'!A1"))
	p.prose(T("•  Data quality:"))
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// headline says what is owed: between what is sure and what is possible.
func (f *finance) headline() string {
	if f.all.calls() == 0 {
		return "No call was sent in this period: nothing is owed"
	}
	text := fmt.Sprintf("%s to pay for", plural(f.all.pay, "call", "calls"))
	if f.all.doubt() > 0 {
		text = fmt.Sprintf("%s to %s calls to pay for (%s in doubt)", thousands(f.all.pay), thousands(f.all.ceiling()), thousands(f.all.doubt()))
	}
	if len(f.money) == 0 {
		return text + "; no price is set, so no amount"
	}
	return text + ": " + moneyText(f.money)
}

func (f *finance) tiles() []tileCell {
	failed, free, untagged := f.flagged()
	least, most, note := none(), none(), "no price is set"
	if len(f.money) == 1 {
		c := f.money[0]
		least, most, note = D(c.floor.String(), Amount2), D(c.ceiling.String(), Amount2), visible(c.name)
	} else if len(f.money) > 1 {
		note = plural(int64(len(f.money)), "currency", "currencies") + ", see Amounts"
	}
	share := func(n int64) string {
		if f.all.calls() == 0 {
			return "of 0 calls"
		}
		return fmt.Sprintf("%.1f%% of %s calls", 100*float64(n)/float64(f.all.calls()), thousands(f.all.calls()))
	}
	return []tileCell{
		{label: "PAY calls", value: N(f.all.pay), note: share(f.all.pay)},
		{label: "FREE calls", value: N(f.all.free), note: share(f.all.free)},
		{label: "Calls in doubt", value: N(f.all.doubt()), note: fmt.Sprintf("%s no answer, %s cost unknown", thousands(f.all.unanswered), thousands(f.all.unknown))},
		{label: "Amount, at least", value: least, note: note},
		{label: "Amount, at most", value: most, note: note},
		{label: "Against the vendor's page", value: N(failed + free + untagged), note: "calls, see Code by pricing"},
	}
}

// labels are the short names of the first regions, beside their table.
func (f *finance) labels(shown int) Area {
	t := f.places.regions
	col := t.page.across + 3
	return t.page.Area(Ref{col, t.first}, Ref{col, t.first + shown - 1})
}

// callFigure shows what is owed by region.
func (f *finance) callFigure(regions []regionBill) figure {
	shown := min(len(regions), chartRegions)
	t := f.places.regions
	chart := Chart{Bars: Stacked, Format: Count, Categories: f.labels(shown), Alt: "Calls tagged PAY, and calls in doubt, by region",
		Series: []Series{{Name: "PAY", Color: navy, Values: top(t, 1, shown)}, {Name: "Cost unknown", Color: amber, Values: top(t, 3, shown)}, {Name: "No answer", Color: orange, Values: top(t, 4, shown)}}}
	most := regions[0]
	for _, g := range regions {
		if g.bill.ceiling() > most.bill.ceiling() {
			most = g
		}
	}
	return figure{finding: fmt.Sprintf("%s has the most calls to pay for: %s", regionName(most.region), span(most.bill)), caption: "Calls to pay for, and calls in doubt" + f.shownNote(regions), chart: chart, col: 1, span: 6}
}

// span is a bill's least and most.
func span(b bill) string {
	if b.doubt() == 0 {
		return thousands(b.pay)
	}
	return thousands(b.pay) + " to " + thousands(b.ceiling())
}

func (f *finance) shownNote(regions []regionBill) string {
	if len(regions) > chartRegions {
		return fmt.Sprintf(" · the largest %d of %d regions", chartRegions, len(regions))
	}
	return ""
}

// codeFigure shows what of the calls costs nothing.
func (f *finance) codeFigure(regions []regionBill) figure {
	shown := min(len(regions), chartRegions)
	t := f.places.regions
	chart := Chart{Bars: Stacked, Format: Count, Categories: f.labels(shown), Alt: "Calls tagged FREE, and calls never sent, by region",
		Series: []Series{{Name: "FREE", Color: slate, Values: top(t, 2, shown)}, {Name: "Not sent", Color: ruled, Values: top(t, 5, shown)}}}
	return figure{finding: fmt.Sprintf("%s cost nothing: %s FREE, %s never sent", plural(f.all.free+f.all.unsent, "call", "calls"), thousands(f.all.free), thousands(f.all.unsent)),
		caption: "Calls that cost nothing" + f.shownNote(regions), chart: chart, col: 7, span: 6}
}

// endpointTable adds the matrix up by endpoint.
func (f *finance) endpointTable(p *page) {
	p.section("Calls by endpoint", "PAY ≤ the vendor's true count ≤ PAY + in doubt. A call is in doubt when its answer was lost, or said neither PAY nor FREE.")
	t := p.table(append([]column{{"Endpoint", 2, Literal}}, billColumns()...)...)
	byName := map[string]*bill{}
	for _, u := range f.usage {
		if byName[u.Endpoint] == nil {
			byName[u.Endpoint] = &bill{}
		}
		byName[u.Endpoint].add(u)
	}
	for _, name := range sortedKeys(byName) {
		t.add(append([]Cell{Outside(name)}, billCells(t, *byName[name], 1)...)...)
	}
	t.total(append([]Cell{T("All endpoints")}, sumCells(t, billCells(t, f.all, 1), 1)...)...)
}

func (f *finance) next() []pointer {
	doubt := "No call is in doubt."
	if f.all.doubt() > 0 {
		doubt = fmt.Sprintf("%s in doubt: an itemised statement settles them.", plural(f.all.doubt(), "call is", "calls are"))
	}
	amounts := "No price is set in the configuration, so amounts stay empty."
	if len(f.money) > 0 {
		amounts = "Between " + strings.ReplaceAll(moneyText(f.money), "–", " and ") + " by the prices of the configuration."
	}
	return []pointer{{f.matrixHeadline() + ".", "Code by pricing"}, {doubt, "In doubt"}, {amounts, "Amounts"}}
}

// definitions writes the last sheet and returns its checks.
func (f *finance) definitions() *checkList {
	p := newDefinitions(f.book, f.Period)
	p.section("1  Checks", "Every total is reached twice: from the sheets of this workbook, and by a count of the journal inside the database.")
	checks := f.checks()
	checks.write(p, 1, 2)
	p.skip(1)
	p.terms("2  Measures", f.measures())
	p.parameters("3  Parameters and provenance", []parameter{
		{"Period", T(f.Period.describe())},
		{"From (UTC)", T(f.Period.From.UTC().Format("2006-01-02 15:04:05"))},
		{"To, not included (UTC)", T(f.Period.To.UTC().Format("2006-01-02 15:04:05"))},
		{"Newest fact (UTC)", T(f.Generated.UTC().Format("2006-01-02 15:04:05"))},
		{"Made by", T(f.book.Generator)},
		{"Clock", T("A call belongs to the day it was sent")},
	})
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
	return checks
}

func (f *finance) checks() *checkList {
	l := &checkList{}
	total := func(t *table, col int) string {
		if t.rows == 0 {
			return ""
		}
		return sum(t.area(col))
	}
	var byRegion, byDay bill
	for _, g := range f.codes {
		byRegion.plus(g.bill)
	}
	var calls, pay int64
	for _, m := range f.matrix {
		calls, pay = calls+m.calls(), pay+m.pay
	}
	for _, d := range f.days {
		byDay.plus(d.bill)
	}
	codes, matrix, days := f.places.codes, f.places.matrix, f.places.days
	l.add("Calls: by code and pricing = journal", N(calls).By(total(matrix, 8)), N(f.journal.calls()))
	l.add("Calls: by region = by day", N(byRegion.calls()).By(total(codes, 7)), N(byDay.calls()).By(total(days, 6)))
	l.add("PAY: by code and pricing = by region", N(pay).By(total(matrix, 2)), N(byRegion.pay).By(total(codes, 2)))
	l.add("PAY: by day = journal", N(byDay.pay).By(total(days, 1)), N(f.journal.pay))
	l.add("FREE: by region = journal", N(byRegion.free).By(total(codes, 3)), N(f.journal.free))
	l.add("Answered, cost unknown: by region = journal", N(byRegion.unknown).By(total(codes, 4)), N(f.journal.unknown))
	l.add("No answer: by region = journal", N(byRegion.unanswered).By(total(codes, 5)), N(f.journal.unanswered))
	l.add("Not sent: by region = journal", N(byRegion.unsent).By(total(codes, 6)), N(f.journal.unsent))
	return l
}

func (f *finance) measures() []definition {
	return []definition{
		{"Call", "One request that was decided on: its intent was stored before the first byte could leave. A check may need more than one.", "Table calls, view v_calls"},
		{"PAY, FREE", "Answered calls by the vendor's pricingStrategy, as received.", "outcomes.tag"},
		{"Cost unknown", "Answered calls whose pricing is missing or neither PAY nor FREE.", "outcomes.tag = unknown, answered"},
		{"No answer", "Calls whose answer was lost on the way (timeout, reset, no envelope, crash). They may have been served and charged.", "outcomes.outcome = unanswered"},
		{"Not sent", "Calls that provably never left: no connection was made, or a process ended before.", "outcomes.outcome = unsent"},
		{"In doubt", "No answer, or cost unknown.", "no answer + cost unknown"},
		{"At least, at most", "PAY ≤ the vendor's true count ≤ PAY + in doubt. Amounts are the same two counts at the prices of the configuration.", "accounting of every request"},
		{"Against the vendor's page", "PAY on a code other than SUCCESS, FREE on SUCCESS, or neither. The vendor's documents disagree on what is billed, so all are counted.", "Sheet Code by pricing"},
	}
}
