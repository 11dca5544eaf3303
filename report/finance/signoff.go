package finance

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// signOffSheet writes what is signed, and where.
func (f *finance) signOffSheet(p *page.Page) {
	p.Tab, p.Locked = xlsx.Teal, true
	if text := f.closedText(); text != "" {
		p.Headline(text)
		p.Skip(1)
	}
	t := p.Table(page.Column{Head: "Figure", Span: 1, Format: xlsx.General}, page.Column{Head: "Value", Span: 1, Format: xlsx.Amount2}, page.Column{Head: "Source", Span: 4, Format: xlsx.General})
	row := func(name string, value xlsx.Cell, source string) {
		value = value.As(xlsx.Strong)
		value.Style.Role = xlsx.SignValue
		t.Add(xlsx.T(name), value, xlsx.T(source).As(xlsx.Quiet))
	}
	if f.settled != nil {
		f.signedAmounts(row)
		f.unpricedRow(row, f.settled.unpricedAll())
	} else {
		f.accrued(row)
		f.unpricedRow(row, f.unpricedMost)
	}
	row("Calls in doubt, still open", xlsx.N(f.doubts.all.open).By(f.openDoubts()), "In doubt")
	row("Checks", f.checks.Verdict(), "Summary")
	p.Marks = append(p.Marks, xlsx.Marking{At: xlsx.Area{From: xlsx.Ref{Col: t.At[1] + 1, Row: p.Row - 1}, To: xlsx.Ref{Col: t.At[1] + 1, Row: p.Row - 1}}, Begins: "✗"})
	p.Skip(2)
	f.signatures(p)
	p.Skip(1)
	p.Prose(xlsx.T("The sheet is protected against slips; there is no password. Only the yellow cells take entries."))
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
}

// signedAmounts are the figures of a month with a statement.
func (f *finance) signedAmounts(row func(string, xlsx.Cell, string)) {
	t := f.places.grosses
	for n, currency := range f.billed() {
		g := f.settled.gross(currency)
		at := func(col int) string { return "Summary!" + xlsx.Ref{Col: t.At[col] + 1, Row: t.First + n}.Fixed() }
		amount := func(d decimal.Decimal, col int) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount2).By(at(col)) }
		proposed := g.theirs.Sub(g.over)
		row("Our amount, "+currency, amount(g.ours, 1), "By region and code, Ledger")
		row("Statement's amount, "+currency, amount(g.theirs, 2), "Reconciliation")
		row("Difference, "+currency, amount(g.difference(), 3), "theirs − ours")
		row("Held back, "+currency, difference(g.theirs.Sub(proposed), xlsx.Amount2, at(2)+"-"+at(10)), "above our records, in rows that are open or disputed")
		row("Amount proposed for payment, "+currency, amount(proposed, 10), "statement − held back; follows the status of the exceptions")
	}
	row("Exceptions still open", xlsx.N(f.settled.open()).By(f.places.exceptions.count(condition{exceptionStatus, literal(StatusOpen)})), "Exceptions")
	row("Difference within the tolerance", xlsx.T(map[bool]string{true: "✓ yes", false: "✗ no"}[f.settled.Within]), "tolerance: "+f.Tolerance.String())
	if text := f.stale(); text != "" {
		row("Up to date", xlsx.T("✗ no"), text+": reconcile again")
	}
}

// accrued are the figures of a month without a statement: nothing can be proposed for payment yet.
func (f *finance) accrued(row func(string, xlsx.Cell, string)) {
	for _, currency := range f.priced {
		total := f.ledger.total(currency)
		row("Our amount, "+currency, xlsx.D(total.String(), xlsx.Amount2).By(f.ledgerSum(ledgerAmount, where{ledgerCurrency, literal(currency)})), "By region and code, Ledger; contract's reading "+string(f.Reading))
	}
	for _, c := range f.money {
		row("At most, with every doubt, "+xlsx.Visible(c.name), xlsx.D(c.ceiling.String(), xlsx.Amount2), "In doubt")
	}
	row("Billable calls", xlsx.N(f.billable).By(f.coveredSum(ledgerBillable, "")), "Ledger")
	row("Amount proposed for payment", page.None(), "none: no statement has been reconciled")
}

// signatures are the cells to sign in.
func (f *finance) signatures(p *page.Page) {
	t := p.Table(page.Column{Head: "Role", Span: 1, Format: xlsx.General}, page.Column{Head: "Name", Span: 1, Format: xlsx.General}, page.Column{Head: "Date", Span: 1, Format: xlsx.General}, page.Column{Head: "Decision", Span: 1, Format: xlsx.General}, page.Column{Head: "Comment", Span: 2, Format: xlsx.General})
	for _, name := range []string{"Prepared by", "Reviewed by", "Approved by"} {
		blank := xlsx.Cell{}.As(xlsx.Input)
		t.Add(xlsx.T(name), blank, blank.In(xlsx.Date), blank, blank)
		p.Heights[p.Row-1] = 26
	}
	p.Choices = append(p.Choices, xlsx.Choice{At: t.Area(3), Items: []string{"approved", "approved with remarks", "returned"}})
	p.Selected = xlsx.Ref{Col: t.At[1] + 1, Row: t.First}
}

// correctionSheet lists what came to light about closed months.
func (f *finance) correctionSheet(p *page.Page) {
	p.Tab = xlsx.Amber
	p.Headline(fmt.Sprintf("%s borne by %s", page.Plural(int64(len(f.corrections)), "correction of a closed month is", "corrections of closed months are"), f.Period.Label))
	p.Skip(1)
	p.Section("1  Corrections", "Calls that reached the journal after their month was closed, and doubts that a later statement settled. They are no part of this month's own figures.")
	t := p.Table(page.Column{Head: "Closed month", Span: 1, Format: xlsx.Literal}, page.Column{Head: "Kind", Span: 1, Format: xlsx.General}, page.Column{Head: "Endpoint", Span: 1, Format: xlsx.Literal}, page.Column{Head: "Region", Span: 1, Format: xlsx.General}, page.Column{Head: "Currency", Span: 1, Format: xlsx.Literal}, page.Column{Head: "Calls", Span: 1, Format: xlsx.Count}, page.Column{Head: "Billable", Span: 1, Format: xlsx.Count}, page.Column{Head: "Amount", Span: 1, Format: xlsx.Amount2})
	sums := map[string]decimal.Decimal{}
	var calls, billable, unpriced int64
	for _, c := range f.corrections {
		amount := page.None()
		if d, err := decimal.NewFromString(c.Amount); err == nil {
			amount, sums[c.Currency] = xlsx.D(d.String(), xlsx.Amount2), sums[c.Currency].Add(d)
		} else {
			unpriced += c.Quantity
		}
		calls, billable = calls+c.Calls, billable+c.Quantity
		t.Add(xlsx.T(c.Month).In(xlsx.Literal), xlsx.T(c.Kind), xlsx.Outside(c.Endpoint), xlsx.T(placeName(c.Region)), xlsx.Outside(ledgerText(c.Currency)), xlsx.N(c.Calls), xlsx.N(c.Quantity), amount)
	}
	t.Total(xlsx.T("All"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.N(calls).By(xlsx.Sum(page.Local(t.Area(5)))), xlsx.N(billable).By(xlsx.Sum(page.Local(t.Area(6)))), xlsx.Cell{})
	for _, currency := range page.SortedKeys(sums) {
		t.Total(xlsx.T("Amount"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.Outside(currency), xlsx.Cell{}, xlsx.Cell{}, xlsx.D(sums[currency].String(), xlsx.Amount2).By(columnTotal(t, 7, 4, currency)))
	}
	if unpriced > 0 && len(sums) > 0 {
		p.Prose(xlsx.T(NotInAmounts(unpriced) + "."))
	}
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
}
