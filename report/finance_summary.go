package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// summary writes the first sheet: the finding, net and gross, and every total by two routes.
func (f *finance) summary(p *page) {
	p.Tab = navy
	if f.Verdict != "" {
		p.Set(Ref{1, 1}, Outside(f.Verdict).As(Caption).In(General))
	}
	p.headline(f.headline())
	p.skip(1)
	p.tiles(f.tiles()...)
	if f.calls() > 0 || f.settled != nil {
		p.figures(10, f.figures()...)
	}
	if f.settled != nil {
		f.grossTable(p)
	} else {
		f.endpointTable(p)
	}
	p.skip(1)
	p.section("What to look at next", "")
	for _, line := range f.next() {
		p.Set(p.at(11), T("→ "+line.sheet).As(LinkTo).To(quoteSheet(line.sheet)+"!A1"))
		p.prose(T("•  " + line.text))
	}
	quality := p.at(3)
	p.prose(T("•  Data quality:"))
	p.skip(1)
	p.section("Checks", "Every total is reached twice, by different routes. The figures are live: a cell that is changed turns its check red.")
	f.checks = f.makeChecks()
	f.checks.write(p, 6, 3)
	f.book.Untied = f.checks.untied()
	p.Set(quality, f.checks.verdict())
	p.Marks = append(p.Marks, Marking{At: Area{From: quality, To: quality}, Begins: "✗"})
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// headline is the finding of the period, by rule: the difference, net and gross, or what is owed as far as we know.
func (f *finance) headline() string {
	if f.settled != nil {
		return f.differenceSentence()
	}
	if f.calls() == 0 {
		return "No call was sent in this period, and there is no statement: nothing is owed"
	}
	text := fmt.Sprintf("By our records alone %s to pay for", plural(f.pay, "call is", "calls are"))
	if d := f.doubts.all; d.open > 0 {
		text = fmt.Sprintf("By our records alone %s to %s calls are to pay for (%s in doubt)", thousands(d.least()), thousands(d.most()), thousands(d.open))
	}
	if len(f.money) == 0 {
		return text + "; no price is set, so no amount"
	}
	return text + ": " + moneyText(f.money)
}

// gross is a currency's difference in parts that do not make up for each other.
type gross struct {
	ours, theirs                decimal.Decimal
	over, under                 decimal.Decimal // of rows for somebody to settle, both without a sign
	doubts, other, credits, tax decimal.Decimal
	minimum                     decimal.Decimal // monthly minimums
	unpriced                    decimal.Decimal // what they bill in matched rows beyond ours, for want of a price
}

// difference is all of it.
func (g gross) difference() decimal.Decimal { return g.theirs.Sub(g.ours) }

func (s *settled) gross(currency string) gross {
	sum := s.in(currency)
	matched := s.total(func(c classSum) bool { return c.currency == currency && c.class == classMatched })
	g := gross{ours: sum.ours, theirs: sum.theirs, unpriced: matched.difference()}
	for key, e := range s.exceptions {
		if key.currency != currency {
			continue
		}
		net := e.over.Sub(e.under)
		switch key.class {
		case classDoubt:
			g.doubts = g.doubts.Add(net)
		case classOther:
			g.other = g.other.Add(net)
		case classMinimum:
			g.minimum = g.minimum.Add(net)
		case classCredit:
			g.credits = g.credits.Add(net)
		case classTax:
			g.tax = g.tax.Add(net)
		default:
			g.over, g.under = g.over.Add(e.over), g.under.Add(e.under)
		}
	}
	return g
}

// net is what rows for somebody to settle come to.
func (g gross) net() decimal.Decimal { return g.over.Sub(g.under) }

// besides says in words what the rest of the difference is made of.
func (g gross) besides() string {
	var parts []string
	for _, part := range []struct {
		amount decimal.Decimal
		words  string
	}{{g.doubts, "explained by doubts"}, {g.other, "other period"}, {g.unpriced, "calls without a price"}, {g.minimum, "monthly minimum"}, {g.credits, "credits"}, {g.tax, "tax"}} {
		if !part.amount.IsZero() {
			parts = append(parts, signedMoney(part.amount)+" "+part.words)
		}
	}
	if parts == nil {
		return ""
	}
	return "; besides " + strings.Join(parts, ", ")
}

// differenceSentence sets the statement beside our records, currency by currency.
func (f *finance) differenceSentence() string {
	all := f.billed()
	if len(all) == 0 {
		sum := f.settled.total(func(classSum) bool { return true })
		return fmt.Sprintf("The statement bills %s, our records support %s; no amount to compare", plural(sum.theirCalls, "call", "calls"), thousands(sum.ourCalls))
	}
	sentences := make([]string, len(all))
	for i, currency := range all {
		sentences[i] = f.currencySentence(currency)
	}
	text := strings.Join(sentences, ". ")
	if f.settled.Within && f.settled.open() > 0 {
		text += " (within the tolerance)"
	}
	return text
}

// currencySentence gives the net and the gross of rows for somebody to settle, and what else there is.
func (f *finance) currencySentence(currency string) string {
	g := f.settled.gross(currency)
	net := g.net()
	share := ""
	if !g.ours.IsZero() && !net.IsZero() {
		share = fmt.Sprintf(" (%s%%)", net.Abs().Mul(decimal.NewFromInt(100)).DivRound(g.ours.Abs(), 2).StringFixed(2))
	}
	gross := fmt.Sprintf(": %s to dispute, %s not yet billed", money(g.over), money(g.under))
	switch {
	case g.over.IsZero() && g.under.IsZero():
		return fmt.Sprintf("%s %s is what our records support%s", currency, money(g.theirs), strings.Replace(g.besides(), "; besides ", ", with ", 1))
	case net.IsZero():
		return fmt.Sprintf("%s 0.00 net from what our records support%s%s", currency, gross, g.besides())
	case net.IsPositive():
		return fmt.Sprintf("%s %s%s more than our records support%s%s", currency, money(net), share, gross, g.besides())
	}
	return fmt.Sprintf("%s %s%s less than our records support%s%s", currency, money(net.Abs()), share, gross, g.besides())
}

func (f *finance) tiles() []tileCell {
	share := "of 0 calls"
	if f.calls() > 0 {
		share = fmt.Sprintf("%.1f%% of %s calls", 100*float64(f.pay)/float64(f.calls()), thousands(f.calls()))
	}
	kind := func(n int64, kind string) Cell {
		return N(n).By(f.ledgerSum(ledgerCalls, where{ledgerKind, literal(kind)}))
	}
	first := []tileCell{{label: "PAY calls", value: kind(f.pay, kindPay), note: share}, {label: "FREE calls", value: kind(f.free, kindFree), note: "answered, not to pay"}}
	doubt := tileCell{label: "Calls in doubt", value: N(f.doubts.all.open).By(f.openDoubts()), note: fmt.Sprintf("of %s; floor %s, ceiling %s", thousands(f.doubts.all.doubts()), thousands(f.doubts.all.least()), thousands(f.doubts.all.most()))}
	if f.settled != nil {
		return append(first, f.settledTiles()...)
	}
	failed, free, untagged := f.flagged()
	least, most, note := none(), none(), "no price is set"
	if len(f.money) > 0 {
		c := f.money[max(0, slices.IndexFunc(f.money, func(c currency) bool { return f.rank(c.name) == 0 }))]
		least, most, note = D(c.floor.String(), Amount2), D(c.ceiling.String(), Amount2), visible(c.name)+f.more(len(f.money), "In doubt")
	}
	return append(first, doubt, tileCell{label: "Amount, at least", value: least, note: note}, tileCell{label: "Amount, at most", value: most, note: note},
		tileCell{label: "Against the vendor's page", value: N(failed + free + untagged), note: "calls, see Code by pricing"})
}

func (f *finance) openDoubts() string {
	t := f.places.doubts
	return quoteSheet(t.page.Name) + "!" + Ref{t.at[5] + 1, t.first + t.rows}.Fixed()
}

// more says that there are other currencies, and where.
func (f *finance) more(currencies int, sheet string) string {
	if currencies < 2 {
		return ""
	}
	return fmt.Sprintf("; %d more, see %s", currencies-1, sheet)
}

// settledTiles set both sides' amounts beside each other, in the first currency.
func (f *finance) settledTiles() []tileCell {
	ours, theirs, d, note := none(), none(), none(), "no amount to compare"
	if all := f.billed(); len(all) > 0 {
		g, t := f.settled.gross(all[0]), f.places.classes
		row := t.first + t.rows + 1
		at := func(col int) string { return quoteSheet(t.page.Name) + "!" + Ref{t.at[col] + 1, row}.Fixed() }
		note = all[0] + f.more(len(all), "Reconciliation")
		ours, theirs, d = D(g.ours.String(), Amount2).By(at(classOurs)), D(g.theirs.String(), Amount2).By(at(classTheirs)), D(g.difference().String(), SignedAmount).By(at(classDifference))
	}
	open := f.settled.open()
	value := N(open).By(f.places.exceptions.count(condition{exceptionStatus, literal(statusOpen)}))
	matched := f.settled.total(func(c classSum) bool { return c.class == classMatched }).rows
	return []tileCell{{label: "Our amount", value: ours, note: note}, {label: "Statement's amount", value: theirs, note: note}, {label: "Difference, all told", value: d, note: "theirs − ours"},
		{label: "Open exceptions", value: value, note: plural(matched, "row matched", "rows matched") + " exactly"}}
}

// figures are the two charts of the first page.
func (f *finance) figures() []figure {
	if f.settled != nil {
		for _, currency := range f.billed() {
			if d := f.places.feeds[currency]; d.rows > 0 {
				return []figure{waterfallFigure(f.book.Sheet("Reconciliation"), d, currency, 1, 8), f.regionFigure(9, 4)}
			}
		}
	}
	return []figure{f.callFigure(1, 7), f.regionFigure(8, 5)}
}

// regionLabels are the short names of the first regions, beside their table.
func (f *finance) regionLabels(shown int) Area {
	t := f.places.regions
	col := t.page.across + 3
	return t.page.Area(Ref{col, t.first}, Ref{col, t.first + shown - 1})
}

// regionFigure shows our amount by region in the first currency, or without a price the billable calls.
func (f *finance) regionFigure(col, width int) figure {
	var of []regionLine
	for _, g := range f.regions {
		if f.rank(g.currency) == 0 {
			of = append(of, g)
		}
	}
	shown, t := min(len(of), chartRegions), f.places.regions
	if shown == 0 {
		return figure{finding: "No call was sent in this period", caption: "Billable calls by region", col: col, span: width}
	}
	series, format, caption := top(t, 10, shown), Amount2, "Our amount by region, "+of[0].currency
	if of[0].amount.GreaterThanOrEqual(decimal.NewFromInt(1000)) {
		format = Count
	}
	value := func(g regionLine) decimal.Decimal { return g.amount }
	if len(f.priced) == 0 {
		series, format, caption = top(t, 1+accountBillable, shown), Count, "Billable calls by region"
		value = func(g regionLine) decimal.Decimal { return decimal.NewFromInt(g.billable) }
	}
	if len(of) > shown {
		caption += fmt.Sprintf(" · the largest %d of %d regions", shown, len(of))
	}
	return figure{finding: concentration(of, value), caption: caption, col: col, span: width,
		chart: Chart{Sideways: true, Format: format, Categories: f.regionLabels(shown), Alt: caption, Series: []Series{{Name: "Amount", Color: navy, Values: series, End: true}}}}
}

// concentration names the largest regions and their share; they come largest first.
func concentration(of []regionLine, value func(regionLine) decimal.Decimal) string {
	var all decimal.Decimal
	for _, g := range of {
		all = all.Add(value(g))
	}
	share := func(n int) string {
		var sum decimal.Decimal
		for _, g := range of[:n] {
			sum = sum.Add(value(g))
		}
		return sum.Mul(decimal.NewFromInt(100)).DivRound(all, 0).String() + "%"
	}
	switch {
	case !all.IsPositive():
		return "Nothing is billable in any region"
	case len(of) == 1:
		return placeName(of[0].region) + " is the only region"
	case len(of) == 2:
		return fmt.Sprintf("%s makes up %s", placeName(of[0].region), share(1))
	}
	return fmt.Sprintf("%s and %s make up %s", placeName(of[0].region), placeName(of[1].region), share(2))
}

// callFigure shows the calls to pay for by region.
func (f *finance) callFigure(col, width int) figure {
	shown, t := min(len(f.regions), chartRegions), f.places.regions
	if shown == 0 {
		return figure{finding: "No call was sent in this period", caption: "Calls to pay for", col: col, span: width}
	}
	most := f.regions[0]
	for _, g := range f.regions {
		if g.ceiling() > most.ceiling() {
			most = g
		}
	}
	caption := "Calls to pay for, and calls in doubt"
	if len(f.regions) > shown {
		caption += fmt.Sprintf(" · the first %d of %d regions", shown, len(f.regions))
	}
	return figure{finding: fmt.Sprintf("%s has the most calls to pay for: %s", placeName(most.region), span(most.bill)), caption: caption, col: col, span: width,
		chart: Chart{Bars: Stacked, Format: Count, Categories: f.regionLabels(shown), Alt: "Calls tagged PAY, and calls in doubt, by region",
			Series: []Series{{Name: "PAY", Color: navy, Values: top(t, 1, shown)}, {Name: "Cost unknown", Color: amber, Values: top(t, 3, shown)}, {Name: "No answer", Color: orange, Values: top(t, 4, shown)}}}}
}

// span is a bill's least and most.
func span(b bill) string {
	if b.doubt() == 0 {
		return thousands(b.pay)
	}
	return thousands(b.pay) + " to " + thousands(b.ceiling())
}

// grossTable cuts the difference of every currency into parts that do not make up for each other.
func (f *finance) grossTable(p *page) {
	p.section("Net and gross", "Difference = to dispute − not yet billed + explained by doubts + other period + the rest: credits, tax, monthly minimums and calls without a price. To dispute, not yet billed: open classes, more or less than our records. Proposed: the statement without what is open or disputed above our records.")
	t := p.table(column{"Currency", 2, Literal}, column{"Ours", 1, Amount2}, column{"Statement", 1, Amount2}, column{"Difference", 1, SignedAmount}, column{"To dispute", 1, Amount2}, column{"Not yet billed", 1, Amount2},
		column{"Explained by doubts", 1, Amount2}, column{"Other period", 1, Amount2}, column{"Credits and tax", 1, Amount2}, column{"Minimum, no price", 1, Amount2}, column{"Proposed for payment", 1, Amount2})
	f.places.grosses = t
	for _, currency := range f.billed() {
		t.add(f.grossCells(t, currency)...)
	}
	if len(f.billed()) == 0 {
		t.add(T("No amounts: no price is set, and the statement gives none"))
	}
}

func (f *finance) grossCells(t *table, currency string) []Cell {
	g, list := f.settled.gross(currency), f.places.exceptions
	class := func(names ...string) string {
		var parts []string
		for _, name := range names {
			if text := list.sum(rowDifference, condition{rowCurrency, literal(currency)}, condition{rowClass, literal(name)}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	signed := func(sign string) string {
		var parts []string
		for _, c := range f.openClasses() {
			if text := list.sum(rowDifference, condition{rowCurrency, literal(currency)}, condition{rowClass, literal(c)}, condition{rowDifference, literal(sign + "0")}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	n := slices.Index(f.billed(), currency)
	total := func(col int) string {
		c := f.places.classes
		return quoteSheet(c.page.Name) + "!" + Ref{c.at[col] + 1, c.first + c.rows + 1 + n}.Fixed()
	}
	return []Cell{Outside(currency), D(g.ours.String(), Amount2).By(total(classOurs)), D(g.theirs.String(), Amount2).By(total(classTheirs)), difference(g.difference(), SignedAmount, t.ref(2)+"-"+t.ref(1)),
		rounded(g.over, signed(">"), ""), rounded(g.under, signed("<"), "-"), rounded(g.doubts, class(classDoubt), ""), rounded(g.other, class(classOther), ""), rounded(g.credits.Add(g.tax), class(classCredit, classTax), ""),
		rounded(g.minimum.Add(g.unpriced), f.minimumFormula(class(classMinimum), currency), ""), f.proposed(currency)}
}

// minimumFormula adds what matched rows without a price are apart to what minimums are.
func (f *finance) minimumFormula(minimums, currency string) string {
	if f.settled.gross(currency).unpriced.IsZero() {
		return minimums
	}
	t := f.places.classes
	matched := fmt.Sprintf("SUMIFS(%s,%s,%s,%s,%s)", t.area(classDifference), t.area(className), literal(classMatched), t.area(classCurrency), literal(currency))
	if minimums == "" {
		return matched
	}
	return minimums + "+" + matched
}

// openClasses are the classes that have rows for somebody to settle.
func (f *finance) openClasses() []string {
	seen := map[string]bool{}
	for key := range f.settled.exceptions {
		if classOf(key.class).open {
			seen[key.class] = true
		}
	}
	return sortedKeys(seen)
}

// rounded is an amount that a formula adds up; a sign before it turns it round. Without rows there is no formula.
func rounded(d decimal.Decimal, formula, sign string) Cell {
	if formula == "" {
		return D(d.String(), Amount2)
	}
	return difference(d, Amount2, sign+"("+formula+")")
}

// proposed is the statement without what it bills above our records in rows that are open or disputed: it moves as
// somebody works the exceptions.
func (f *finance) proposed(currency string) Cell {
	g, list := f.settled.gross(currency), f.places.exceptions
	n := slices.Index(f.billed(), currency)
	c := f.places.classes
	formula := quoteSheet(c.page.Name) + "!" + Ref{c.at[classTheirs] + 1, c.first + c.rows + 1 + n}.Fixed()
	for _, status := range []string{statusOpen, statusDisputed} {
		if text := list.sum(rowDifference, condition{rowCurrency, literal(currency)}, condition{rowDifference, literal(">0")}, condition{exceptionStatus, literal(status)}); text != "" {
			formula += "-(" + text + ")"
		}
	}
	return difference(g.theirs.Sub(g.over), Amount2, formula)
}

// endpointTable adds the ledger up by endpoint.
func (f *finance) endpointTable(p *page) {
	p.section("Calls by endpoint", "PAY ≤ the vendor's true count ≤ PAY + in doubt. A call is in doubt when its answer was lost, or said neither PAY nor FREE.")
	t := p.table(append([]column{{"Endpoint", 2, Literal}}, accountColumns()...)...)
	byName := map[string]*account{}
	for _, l := range f.ledger.lines {
		if byName[l.endpoint] == nil {
			byName[l.endpoint] = &account{}
		}
		byName[l.endpoint].post(l)
	}
	names := sortedKeys(byName)
	shown := min(len(names), chartRegions)
	for _, name := range names[:shown] {
		t.add(append([]Cell{Outside(name)}, f.accountCells(t, *byName[name], 1, where{ledgerEndpoint, literal(name)})...)...)
	}
	if shown < len(names) {
		var others account
		for _, name := range names[shown:] {
			for _, l := range f.ledger.lines {
				if l.endpoint == name {
					others.post(l)
				}
			}
		}
		t.add(append([]Cell{T(fmt.Sprintf("%d others", len(names)-shown))}, others.cells(t, 1)...)...)
	}
	t.total(append([]Cell{T("All endpoints")}, f.account.totalCells(t, 1)...)...)
}

// next names what is left to do, and where.
func (f *finance) next() []pointer {
	var lines []pointer
	if f.settled != nil {
		if text := f.stale(); text != "" {
			lines = append(lines, pointer{capital(text) + ": reconcile again.", "Reconciliation"})
		}
		lines = append(lines, pointer{capital(plural(f.settled.open(), "exception is", "exceptions are")) + " for somebody to settle with the vendor.", "Exceptions"}, pointer{f.readingHeadline() + ".", "Billing readings"})
	} else {
		lines = append(lines, pointer{"No statement is imported: liverecon reconcile --statement FILE sets it beside these records.", "Billing readings"})
	}
	if n := f.closedText(); n != "" {
		lines = append(lines, pointer{n, "Sign-off"})
	}
	if len(f.corrections) > 0 {
		lines = append(lines, pointer{plural(int64(len(f.corrections)), "correction of a closed month is", "corrections of closed months are") + " borne by this one.", "Corrections"})
	}
	lines = append(lines, pointer{f.doubtHeadline() + ".", "In doubt"}, pointer{f.matrixHeadline() + ".", "Code by pricing"})
	if f.unpriced > 0 {
		lines = append(lines, pointer{capital(plural(f.unpriced, "billable call has", "billable calls have")) + " no price: amounts lack them.", "Rates"})
	}
	return lines
}

// closedText says since when the month is closed.
func (f *finance) closedText() string {
	if f.closure == nil {
		return ""
	}
	return "The month was closed at " + f.closure.ClosedAt.In(f.Period.Zone).Format("2006-01-02 15:04") + "; what comes to light now is borne by the next open month."
}
