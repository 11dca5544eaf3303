package finance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// summaryRefs holds the places to sign for: each currency's difference in parts, nil without a statement, and the
// checks.
type summaryRefs struct {
	grosses *page.Table
	checks  *page.Checks
}

type summarySheet struct {
	*figures.Data
	refs sheetRefs
}

// writeSummary writes the first sheet: the finding, net and gross, and every total by two routes.
func writeSummary(book *xlsx.Workbook, d *figures.Data, refs sheetRefs) summaryRefs {
	p := page.New(book, "Summary", page.FinanceTitle+d.Period.Label, summarySubtitle(d, d.Reconciled.Against()))
	f := summarySheet{d, refs}
	var grosses *page.Table
	p.Tab = xlsx.Navy
	if f.Verdict != "" {
		p.Set(xlsx.Ref{Col: 1, Row: 1}, xlsx.Untrusted(f.Verdict).WithRole(xlsx.Caption).WithFormat(xlsx.General))
	}
	p.Headline(f.headline())
	p.Skip(1)
	p.Tiles(f.tiles()...)
	if f.Ledger.All.Calls() > 0 || f.Reconciled != nil {
		p.Figures(10, f.charts()...)
	}
	if f.Reconciled != nil {
		grosses = writeGross(p, d, refs)
		noteUnpriced(p, f.Currencies, f.Reconciled.UnpricedAll())
	} else {
		f.endpointTable(p)
	}
	p.Skip(1)
	p.Section(page.NextTitle, "")
	for _, line := range f.next() {
		p.Set(p.At(11), xlsx.T("→ "+line.Sheet).WithRole(xlsx.LinkTo).LinkTo(xlsx.QuoteSheet(line.Sheet)+"!A1"))
		p.Pointer("•  "+line.Text, 10)
	}
	quality := p.At(3)
	p.Prose(xlsx.T("•  Data quality:"))
	p.Skip(1)
	p.Section("Checks", "Every total is reached twice, by different routes. The figures are live: a cell that is "+
		"changed turns its check red.")
	checks := makeChecks(d, refs, grosses)
	checks.Write(p, 6, 3)
	book.FailedChecks = checks.Broken()
	p.Set(quality, checks.Verdict())
	p.Marks = append(p.Marks, xlsx.Marking{At: xlsx.Area{From: quality, To: quality}, Begins: "✗"})
	p.PrintAll()
	return summaryRefs{grosses, checks}
}

func summarySubtitle(d *figures.Data, against string) string {
	return d.Sent() + " · " + against + " · a call is one request"
}

// headline returns the finding of the period, by rule: the difference, net and gross, or what is owed as far as we
// know.
func (f summarySheet) headline() string {
	if f.Reconciled != nil {
		return f.Reconciled.DifferenceSentence()
	}
	if f.Ledger.All.Calls() == 0 && f.InDoubt.All.Held == 0 {
		return "No call was sent in this period, and there is no statement: " + f.owedAnyway()
	}
	least, most, unsure := f.InDoubt.Charges()
	text := fmt.Sprintf("By our records alone %s to pay for", page.Plural(least, "call is", "calls are"))
	if most > least {
		text = fmt.Sprintf("By our records alone %s to %s calls are to pay for (%s)", humanize.Comma(least),
			humanize.Comma(most), unsure)
	}
	if len(f.Money) == 0 {
		return text + "; " + f.NoAmount() + ", so no amount"
	}
	return text + ": " + f.Currencies.AmountNote(figures.MoneyText(f.Money), f.Unpriced.Most)
}

func (f summarySheet) tiles() []page.Tile {
	share := "of 0 calls"
	if f.Ledger.All.Calls() > 0 {
		share = fmt.Sprintf("%.1f%% of %s calls", 100*float64(f.Ledger.All.Pay)/float64(f.Ledger.All.Calls()),
			humanize.Comma(f.Ledger.All.Calls()))
	}
	kind := func(n int64, kind string) xlsx.Cell {
		return xlsx.N(n).WithFormula(f.refs.ledgerSum(ledgerCalls, where{ledgerKind, literal(kind)}))
	}
	first := []page.Tile{{Label: "PAY calls", Value: kind(f.Ledger.All.Pay, figures.KindPay), Note: share},
		{Label: "FREE calls", Value: kind(f.Ledger.All.Free, figures.KindFree), Note: "answered, not to pay"}}
	floor, ceiling, _ := f.InDoubt.Charges()
	doubt := page.Tile{Label: "Calls in doubt", Value: xlsx.N(f.InDoubt.All.Open).WithFormula(f.refs.inDoubt.open()),
		Note: fmt.Sprintf("of %s; floor %s, ceiling %s", humanize.Comma(f.InDoubt.All.InDoubt()),
			humanize.Comma(floor), humanize.Comma(ceiling))}
	if f.Reconciled != nil {
		return append(first, f.reconciledTiles()...)
	}
	failed, free, untagged := f.Matrix.Flagged()
	least, most, note := page.None(), page.None(), f.NoAmount()
	if len(f.Money) > 0 {
		c := f.Money[max(0,
			slices.IndexFunc(f.Money, func(c figures.Currency) bool { return f.Currencies.Rank(c.Name) == 0 }))]
		least, most, note = cents(c.Floor), cents(c.Ceiling), xlsx.Visible(c.Name)+more(len(f.Money), "In doubt")
	}
	return append(first, doubt,
		page.Tile{Label: "Amount, at least", Value: least, Note: f.Currencies.AmountNote(note, f.Unpriced.Least)},
		page.Tile{Label: "Amount, at most", Value: most, Note: f.Currencies.AmountNote(note, f.Unpriced.Most)},
		page.Tile{Label: "Against the vendor's page", Value: xlsx.N(failed + free + untagged),
			Note: "calls, see Code by pricing"})
}

// more refers to the sheet with the other currencies, "" where there are none.
func more(currencies int, sheet string) string {
	if currencies < 2 {
		return ""
	}
	return fmt.Sprintf("; %d more, see %s", currencies-1, sheet)
}

// reconciledTiles set both sides' amounts beside each other, in the first currency.
func (f summarySheet) reconciledTiles() []page.Tile {
	ours, theirs, d, note := page.None(), page.None(), page.None(), "no amount to compare"
	if all := f.Reconciled.Billed; len(all) > 0 {
		g := f.Reconciled.Gross(all[0])
		at := func(col int) string { return f.refs.reconciliation.total(col, 0) }
		note = all[0] + more(len(all), "Reconciliation")
		ours, theirs, d = cents(g.Ours).WithFormula(at(classOurs)), cents(g.Theirs).WithFormula(at(classTheirs)),
			xlsx.D(g.Difference().String(), xlsx.SignedAmount).WithFormula(at(classDifference))
	}
	open := f.Reconciled.Open()
	value := xlsx.N(open).WithFormula(f.refs.exceptions.count(condition{rowStatus, literal(StatusOpen)}))
	matched := f.Reconciled.Total(func(c figures.ClassSum) bool { return c.Class == billing.Matched }).Rows
	n := f.Reconciled.UnpricedAll()
	return []page.Tile{{Label: "Our amount", Value: ours, Note: f.Currencies.AmountNote(note, n)},
		{Label: "Statement's amount", Value: theirs, Note: note},
		{Label: "Difference, all told", Value: d, Note: f.Currencies.AmountNote("theirs − ours", n)},
		{Label: "Open exceptions", Value: value, Note: page.Plural(matched, "row matched", "rows matched") +
			" exactly"}}
}

// endpointTable adds the ledger up by endpoint.
func (f summarySheet) endpointTable(p *page.Page) {
	p.Section("Calls by endpoint", "PAY ≤ the vendor's true count ≤ PAY + in doubt. A call is in doubt when its "+
		"answer was lost, said neither PAY nor FREE, or may be another call's.")
	t := p.Table(append([]page.Column{page.Wide("Endpoint", 2, xlsx.Literal)}, accountColumns()...)...)
	byName := map[string]*figures.Account{}
	for _, l := range f.Ledger.Lines {
		if byName[l.Endpoint] == nil {
			byName[l.Endpoint] = &figures.Account{}
		}
		byName[l.Endpoint].Post(l)
	}
	names := page.SortedKeys(byName)
	shown := min(len(names), page.ChartRegions)
	for _, name := range names[:shown] {
		t.Add(append([]xlsx.Cell{xlsx.Untrusted(name)},
			f.refs.accountCells(t, *byName[name], 1, where{ledgerEndpoint, literal(name)})...)...)
	}
	if shown < len(names) {
		var others figures.Account
		for _, name := range names[shown:] {
			for _, l := range f.Ledger.Lines {
				if l.Endpoint == name {
					others.Post(l)
				}
			}
		}
		t.Add(append([]xlsx.Cell{xlsx.T(fmt.Sprintf("%d others", len(names)-shown))}, plainCells(t, others, 1)...)...)
	}
	t.Total(append([]xlsx.Cell{xlsx.T("All endpoints")}, totalCells(t, f.Ledger.All, 1)...)...)
}

// next names what is left to do, and where.
func (f summarySheet) next() []page.Pointer {
	var lines []page.Pointer
	if f.Reconciled != nil {
		if text := f.Reconciled.Stale; text != "" {
			lines = append(lines, page.Pointer{Text: capital(text) + ": reconcile again.", Sheet: "Reconciliation"})
		}
		lines = append(lines, page.Pointer{Text: openSentence(f.Reconciled.Open()), Sheet: "Exceptions"},
			page.Pointer{Text: figures.BasisHeadline(f.Data) + ".", Sheet: "Billing readings"})
		if f.OtherPrices {
			lines = append(lines, page.Pointer{Text: "The month stays at the prices it was reconciled with; the " +
				"configuration has others by now: liverecon reconcile --reprice takes them.", Sheet: "Rates"})
		}
	} else {
		lines = append(lines, page.Pointer{Text: "No statement is imported: liverecon reconcile --statement FILE " +
			"sets it beside these records.", Sheet: "Billing readings"})
	}
	if text := (signOffSheet{Data: f.Data}).signHeadline(); text != "" { // one line before and after closing
		lines = append(lines, page.Pointer{Text: text + strings.Repeat(".", xlsx.Int(!strings.HasSuffix(text, "."))),
			Sheet: "Sign-off"})
	}
	if len(f.Closing.Corrections) > 0 {
		lines = append(lines,
			page.Pointer{Text: page.Plural(int64(len(f.Closing.Corrections)), "correction of a closed month is",
				"corrections of closed months are") + " borne by this one.", Sheet: "Corrections"})
	}
	lines = append(lines, page.Pointer{Text: f.InDoubt.Headline() + ".", Sheet: "In doubt"},
		page.Pointer{Text: f.Matrix.Headline(f.Ledger.All) + ".", Sheet: "Code by pricing"})
	if text := f.minimumText(); text != "" {
		lines = append(lines, page.Pointer{Text: text, Sheet: "Rates"})
	}
	switch {
	case f.Unpriced.Most > 0 && len(f.Currencies) > 0:
		lines = append(lines,
			page.Pointer{Text: "Amounts leave out " + billing.WithoutPrice(f.Unpriced.Most) +
				": give them one in the configuration.", Sheet: "Rates"})
	case f.Unpriced.Least > 0:
		lines = append(lines,
			page.Pointer{Text: capital(page.Plural(f.Unpriced.Least, "billable call has", "billable calls have")) +
				" no price: amounts lack them.", Sheet: "Rates"})
	}
	return lines
}

func openSentence(open int64) string {
	if open == 0 {
		return "No exception is for somebody to settle with the vendor."
	}
	return page.Plural(open, "exception is", "exceptions are") + " for somebody to settle with the vendor."
}
