package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/store"
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
		f.noteUnpriced(p, f.settled.unpricedAll())
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
	f.book.Untied = f.checks.broken()
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
		return "No call was sent in this period, and there is no statement: " + f.owedAnyway()
	}
	text := fmt.Sprintf("By our records alone %s to pay for", plural(f.pay, "call is", "calls are"))
	if d := f.doubts.all; d.open > 0 {
		text = fmt.Sprintf("By our records alone %s to %s calls are to pay for (%s in doubt)", thousands(d.least()), thousands(d.most()), thousands(d.open))
	}
	if len(f.money) == 0 {
		return text + "; " + f.noAmount() + ", so no amount"
	}
	return text + ": " + f.amountNote(moneyText(f.money), f.unpricedMost)
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
	if v := f.settled.verdicts[currency]; !v.Priced {
		return f.countSentence(v, g)
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

// countSentence speaks of a currency in which calls of ours have no price: they can be counted, and not be compared.
func (f *finance) countSentence(v store.Verdict, g gross) string {
	currency := ledgerText(v.Currency)
	text := fmt.Sprintf("%s %s billed for %s: %s to dispute, %s not yet billed, by count", currency, money(g.theirs), plural(f.settled.in(currency).theirCalls, "call", "calls"), thousands(v.OverQuantity), thousands(v.UnderQuantity))
	if over, under, err := amounts(v.Over, v.Under); err == nil && (!over.IsZero() || !under.IsZero()) {
		text += fmt.Sprintf("; %s and %s by amount", money(over), money(under))
	}
	if !g.ours.IsZero() {
		text += "; our records come to " + withUnpriced(money(g.ours), f.settled.unpriced[currency])
	}
	return text + "; for want of prices " + money(f.settled.step(currency, stepUnpriced)) + " could not be compared"
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
	least, most, note := none(), none(), f.noAmount()
	if len(f.money) > 0 {
		c := f.money[max(0, slices.IndexFunc(f.money, func(c currency) bool { return f.rank(c.name) == 0 }))]
		least, most, note = D(c.floor.String(), Amount2), D(c.ceiling.String(), Amount2), visible(c.name)+f.more(len(f.money), "In doubt")
	}
	return append(first, doubt, tileCell{label: "Amount, at least", value: least, note: f.amountNote(note, f.unpriced)}, tileCell{label: "Amount, at most", value: most, note: f.amountNote(note, f.unpricedMost)},
		tileCell{label: "Against the vendor's page", value: N(failed + free + untagged), note: "calls, see Code by pricing"})
}

// noAmount says why there is no amount.
func (f *finance) noAmount() string {
	if len(f.Prices) > 0 {
		return "no call with a price"
	}
	return "no price is set"
}

// amountNote adds to a text about an amount what the amount leaves out.
func (f *finance) amountNote(note string, unpriced int64) string {
	if !f.statesAmounts() {
		return note
	}
	return withUnpriced(note, unpriced)
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
	n := f.settled.unpricedAll()
	return []tileCell{{label: "Our amount", value: ours, note: f.amountNote(note, n)}, {label: "Statement's amount", value: theirs, note: note}, {label: "Difference, all told", value: d, note: f.amountNote("theirs − ours", n)},
		{label: "Open exceptions", value: value, note: plural(matched, "row matched", "rows matched") + " exactly"}}
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
	t.total(append([]Cell{T("All endpoints")}, f.totalCells(t, 1)...)...)
}

// next names what is left to do, and where.
func (f *finance) next() []pointer {
	var lines []pointer
	if f.settled != nil {
		if text := f.stale(); text != "" {
			lines = append(lines, pointer{capital(text) + ": reconcile again.", "Reconciliation"})
		}
		lines = append(lines, pointer{openSentence(f.settled.open()), "Exceptions"}, pointer{f.readingHeadline() + ".", "Billing readings"})
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
	if text := f.minimumText(); text != "" {
		lines = append(lines, pointer{text, "Rates"})
	}
	switch {
	case f.unpricedMost > 0 && f.statesAmounts():
		lines = append(lines, pointer{"Amounts leave out " + unpricedCalls(f.unpricedMost) + ": give them one in the configuration.", "Rates"})
	case f.unpriced > 0:
		lines = append(lines, pointer{capital(plural(f.unpriced, "billable call has", "billable calls have")) + " no price: amounts lack them.", "Rates"})
	}
	return lines
}

func openSentence(open int64) string {
	if open == 0 {
		return "No exception is for somebody to settle with the vendor."
	}
	return plural(open, "exception is", "exceptions are") + " for somebody to settle with the vendor."
}

// closedText says since when the month is closed.
func (f *finance) closedText() string {
	if f.closure == nil {
		return ""
	}
	return "The month was closed at " + f.closure.ClosedAt.In(f.Period.Zone).Format("2006-01-02 15:04") + "; what comes to light now is borne by the next open month."
}
