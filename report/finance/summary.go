package finance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// summary writes the first sheet: the finding, net and gross, and every total by two routes.
func (f *finance) summary(p *page.Page) {
	p.Tab = xlsx.Navy
	if f.Verdict != "" {
		p.Set(xlsx.Ref{Col: 1, Row: 1}, xlsx.Outside(f.Verdict).As(xlsx.Caption).In(xlsx.General))
	}
	p.Headline(f.headline())
	p.Skip(1)
	p.Tiles(f.tiles()...)
	if f.calls() > 0 || f.settled != nil {
		p.Figures(10, f.figures()...)
	}
	if f.settled != nil {
		f.grossTable(p)
		f.noteUnpriced(p, f.settled.unpricedAll())
	} else {
		f.endpointTable(p)
	}
	p.Skip(1)
	p.Section("What to look at next", "")
	for _, line := range f.next() {
		p.Set(p.At(11), xlsx.T("→ "+line.Sheet).As(xlsx.LinkTo).To(xlsx.QuoteSheet(line.Sheet)+"!A1"))
		p.Prose(xlsx.T("•  " + line.Text))
	}
	quality := p.At(3)
	p.Prose(xlsx.T("•  Data quality:"))
	p.Skip(1)
	p.Section("Checks", "Every total is reached twice, by different routes. The figures are live: a cell that is changed turns its check red.")
	f.checks = f.makeChecks()
	f.checks.Write(p, 6, 3)
	f.book.Untied = f.checks.Broken()
	p.Set(quality, f.checks.Verdict())
	p.Marks = append(p.Marks, xlsx.Marking{At: xlsx.Area{From: quality, To: quality}, Begins: "✗"})
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
}

// headline is the finding of the period, by rule: the difference, net and gross, or what is owed as far as we know.
func (f *finance) headline() string {
	if f.settled != nil {
		return f.differenceSentence()
	}
	if f.calls() == 0 && f.doubts.all.held == 0 {
		return "No call was sent in this period, and there is no statement: " + f.owedAnyway()
	}
	text := fmt.Sprintf("By our records alone %s to pay for", page.Plural(f.pay, "call is", "calls are"))
	if d := f.doubts.all; d.open+d.held > 0 {
		text = fmt.Sprintf("By our records alone %s to %s calls are to pay for (%s)", calendar.Thousands(d.least()), calendar.Thousands(d.most()), d.unsure())
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
		return fmt.Sprintf("The statement bills %s, our records support %s; no amount to compare", page.Plural(sum.theirCalls, "call", "calls"), calendar.Thousands(sum.ourCalls))
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
	gross := fmt.Sprintf(": %s to dispute, %s not yet billed", page.Money(g.over), page.Money(g.under))
	switch {
	case g.over.IsZero() && g.under.IsZero():
		return fmt.Sprintf("%s %s is what our records support%s", currency, page.Money(g.theirs), strings.Replace(g.besides(), "; besides ", ", with ", 1))
	case net.IsZero():
		return fmt.Sprintf("%s 0.00 net from what our records support%s%s", currency, gross, g.besides())
	case net.IsPositive():
		return fmt.Sprintf("%s %s%s more than our records support%s%s", currency, page.Money(net), share, gross, g.besides())
	}
	return fmt.Sprintf("%s %s%s less than our records support%s%s", currency, page.Money(net.Abs()), share, gross, g.besides())
}

// countSentence speaks of a currency in which calls of ours have no price: they can be counted, and not be compared.
func (f *finance) countSentence(v store.Verdict, g gross) string {
	currency := ledgerText(v.Currency)
	text := fmt.Sprintf("%s %s billed for %s: %s to dispute, %s not yet billed, by count", currency, page.Money(g.theirs), page.Plural(f.settled.in(currency).theirCalls, "call", "calls"), calendar.Thousands(v.OverQuantity), calendar.Thousands(v.UnderQuantity))
	if over, under, err := amounts(v.Over, v.Under); err == nil && (!over.IsZero() || !under.IsZero()) {
		text += fmt.Sprintf("; %s and %s by amount", page.Money(over), page.Money(under))
	}
	if !g.ours.IsZero() {
		text += "; our records come to " + billing.WithUnpriced(page.Money(g.ours), f.settled.unpriced[currency])
	}
	return text + "; for want of prices " + page.Money(f.settled.step(currency, billing.StepNotPriced)) + " could not be compared"
}

func (f *finance) tiles() []page.Tile {
	share := "of 0 calls"
	if f.calls() > 0 {
		share = fmt.Sprintf("%.1f%% of %s calls", 100*float64(f.pay)/float64(f.calls()), calendar.Thousands(f.calls()))
	}
	kind := func(n int64, kind string) xlsx.Cell {
		return xlsx.N(n).By(f.ledgerSum(ledgerCalls, where{ledgerKind, literal(kind)}))
	}
	first := []page.Tile{{Label: "PAY calls", Value: kind(f.pay, kindPay), Note: share}, {Label: "FREE calls", Value: kind(f.free, kindFree), Note: "answered, not to pay"}}
	doubt := page.Tile{Label: "Calls in doubt", Value: xlsx.N(f.doubts.all.open).By(f.openDoubts()), Note: fmt.Sprintf("of %s; floor %s, ceiling %s", calendar.Thousands(f.doubts.all.doubts()), calendar.Thousands(f.doubts.all.least()), calendar.Thousands(f.doubts.all.most()))}
	if f.settled != nil {
		return append(first, f.settledTiles()...)
	}
	failed, free, untagged := f.flagged()
	least, most, note := page.None(), page.None(), f.noAmount()
	if len(f.money) > 0 {
		c := f.money[max(0, slices.IndexFunc(f.money, func(c currency) bool { return f.rank(c.name) == 0 }))]
		least, most, note = xlsx.D(c.floor.String(), xlsx.Amount2), xlsx.D(c.ceiling.String(), xlsx.Amount2), xlsx.Visible(c.name)+f.more(len(f.money), "In doubt")
	}
	return append(first, doubt, page.Tile{Label: "Amount, at least", Value: least, Note: f.amountNote(note, f.unpriced)}, page.Tile{Label: "Amount, at most", Value: most, Note: f.amountNote(note, f.unpricedMost)},
		page.Tile{Label: "Against the vendor's page", Value: xlsx.N(failed + free + untagged), Note: "calls, see Code by pricing"})
}

// noAmount says why there is no amount.
func (f *finance) noAmount() string {
	if len(f.Prices.Prices) > 0 {
		return "no call with a price"
	}
	return "no price is set"
}

// amountNote adds to a text about an amount what the amount leaves out.
func (f *finance) amountNote(note string, unpriced int64) string {
	if !f.statesAmounts() {
		return note
	}
	return billing.WithUnpriced(note, unpriced)
}

func (f *finance) openDoubts() string {
	t := f.places.doubts
	return xlsx.QuoteSheet(t.Page.Name) + "!" + xlsx.Ref{Col: t.At[5] + 1, Row: t.First + t.Rows}.Fixed()
}

// more says that there are other currencies, and where.
func (f *finance) more(currencies int, sheet string) string {
	if currencies < 2 {
		return ""
	}
	return fmt.Sprintf("; %d more, see %s", currencies-1, sheet)
}

// settledTiles set both sides' amounts beside each other, in the first currency.
func (f *finance) settledTiles() []page.Tile {
	ours, theirs, d, note := page.None(), page.None(), page.None(), "no amount to compare"
	if all := f.billed(); len(all) > 0 {
		g, t := f.settled.gross(all[0]), f.places.classes
		row := t.First + t.Rows + 1
		at := func(col int) string {
			return xlsx.QuoteSheet(t.Page.Name) + "!" + xlsx.Ref{Col: t.At[col] + 1, Row: row}.Fixed()
		}
		note = all[0] + f.more(len(all), "Reconciliation")
		ours, theirs, d = xlsx.D(g.ours.String(), xlsx.Amount2).By(at(classOurs)), xlsx.D(g.theirs.String(), xlsx.Amount2).By(at(classTheirs)), xlsx.D(g.difference().String(), xlsx.SignedAmount).By(at(classDifference))
	}
	open := f.settled.open()
	value := xlsx.N(open).By(f.places.exceptions.count(condition{exceptionStatus, literal(StatusOpen)}))
	matched := f.settled.total(func(c classSum) bool { return c.class == billing.Matched }).rows
	n := f.settled.unpricedAll()
	return []page.Tile{{Label: "Our amount", Value: ours, Note: f.amountNote(note, n)}, {Label: "Statement's amount", Value: theirs, Note: note}, {Label: "Difference, all told", Value: d, Note: f.amountNote("theirs − ours", n)},
		{Label: "Open exceptions", Value: value, Note: page.Plural(matched, "row matched", "rows matched") + " exactly"}}
}

// endpointTable adds the ledger up by endpoint.
func (f *finance) endpointTable(p *page.Page) {
	p.Section("Calls by endpoint", "PAY ≤ the vendor's true count ≤ PAY + in doubt. A call is in doubt when its answer was lost, or said neither PAY nor FREE.")
	t := p.Table(append([]page.Column{{Head: "Endpoint", Span: 2, Format: xlsx.Literal}}, accountColumns()...)...)
	byName := map[string]*account{}
	for _, l := range f.ledger.lines {
		if byName[l.endpoint] == nil {
			byName[l.endpoint] = &account{}
		}
		byName[l.endpoint].post(l)
	}
	names := page.SortedKeys(byName)
	shown := min(len(names), page.ChartRegions)
	for _, name := range names[:shown] {
		t.Add(append([]xlsx.Cell{xlsx.Outside(name)}, f.accountCells(t, *byName[name], 1, where{ledgerEndpoint, literal(name)})...)...)
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
		t.Add(append([]xlsx.Cell{xlsx.T(fmt.Sprintf("%d others", len(names)-shown))}, others.cells(t, 1)...)...)
	}
	t.Total(append([]xlsx.Cell{xlsx.T("All endpoints")}, f.totalCells(t, 1)...)...)
}

// next names what is left to do, and where.
func (f *finance) next() []page.Pointer {
	var lines []page.Pointer
	if f.settled != nil {
		if text := f.stale(); text != "" {
			lines = append(lines, page.Pointer{Text: capital(text) + ": reconcile again.", Sheet: "Reconciliation"})
		}
		lines = append(lines, page.Pointer{Text: openSentence(f.settled.open()), Sheet: "Exceptions"}, page.Pointer{Text: f.readingHeadline() + ".", Sheet: "Billing readings"})
	} else {
		lines = append(lines, page.Pointer{Text: "No statement is imported: liverecon reconcile --statement FILE sets it beside these records.", Sheet: "Billing readings"})
	}
	if n := f.closedText(); n != "" {
		lines = append(lines, page.Pointer{Text: n, Sheet: "Sign-off"})
	}
	if len(f.corrections) > 0 {
		lines = append(lines, page.Pointer{Text: page.Plural(int64(len(f.corrections)), "correction of a closed month is", "corrections of closed months are") + " borne by this one.", Sheet: "Corrections"})
	}
	lines = append(lines, page.Pointer{Text: f.doubtHeadline() + ".", Sheet: "In doubt"}, page.Pointer{Text: f.matrixHeadline() + ".", Sheet: "Code by pricing"})
	if text := f.minimumText(); text != "" {
		lines = append(lines, page.Pointer{Text: text, Sheet: "Rates"})
	}
	switch {
	case f.unpricedMost > 0 && f.statesAmounts():
		lines = append(lines, page.Pointer{Text: "Amounts leave out " + billing.WithoutPrice(f.unpricedMost) + ": give them one in the configuration.", Sheet: "Rates"})
	case f.unpriced > 0:
		lines = append(lines, page.Pointer{Text: capital(page.Plural(f.unpriced, "billable call has", "billable calls have")) + " no price: amounts lack them.", Sheet: "Rates"})
	}
	return lines
}

func openSentence(open int64) string {
	if open == 0 {
		return "No exception is for somebody to settle with the vendor."
	}
	return page.Plural(open, "exception is", "exceptions are") + " for somebody to settle with the vendor."
}

// closedText says since when the month is closed.
func (f *finance) closedText() string {
	if f.closure == nil {
		return ""
	}
	return "The month was closed at " + f.closure.ClosedAt.In(f.Period.Zone).Format("2006-01-02 15:04") + "; what comes to light now is borne by the next open month."
}
