package report

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// signOffSheet writes what is signed, and where.
func (f *finance) signOffSheet(p *page) {
	p.Tab, p.Locked = teal, true
	if text := f.closedText(); text != "" {
		p.headline(text)
		p.skip(1)
	}
	t := p.table(column{"Figure", 1, General}, column{"Value", 1, Amount2}, column{"Source", 4, General})
	row := func(name string, value Cell, source string) {
		value = value.As(Strong)
		value.Style.Role = SignValue
		t.add(T(name), value, T(source).As(Quiet))
	}
	if f.settled != nil {
		f.signedAmounts(row)
		f.unpricedRow(row, f.settled.unpricedAll())
	} else {
		f.accrued(row)
		f.unpricedRow(row, f.unpricedMost)
	}
	row("Calls in doubt, still open", N(f.doubts.all.open).By(f.openDoubts()), "In doubt")
	row("Checks", f.checks.verdict(), "Summary")
	p.Marks = append(p.Marks, Marking{At: Area{From: Ref{t.at[1] + 1, p.row - 1}, To: Ref{t.at[1] + 1, p.row - 1}}, Begins: "✗"})
	p.skip(2)
	f.signatures(p)
	p.skip(1)
	p.prose(T("The sheet is protected against slips; there is no password. Only the yellow cells take entries."))
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// signedAmounts are the figures of a month with a statement.
func (f *finance) signedAmounts(row func(string, Cell, string)) {
	t := f.places.grosses
	for n, currency := range f.billed() {
		g := f.settled.gross(currency)
		at := func(col int) string { return "Summary!" + Ref{t.at[col] + 1, t.first + n}.Fixed() }
		amount := func(d decimal.Decimal, col int) Cell { return D(d.String(), Amount2).By(at(col)) }
		proposed := g.theirs.Sub(g.over)
		row("Our amount, "+currency, amount(g.ours, 1), "By region and code, Ledger")
		row("Statement's amount, "+currency, amount(g.theirs, 2), "Reconciliation")
		row("Difference, "+currency, amount(g.difference(), 3), "theirs − ours")
		row("Held back, "+currency, difference(g.theirs.Sub(proposed), Amount2, at(2)+"-"+at(10)), "above our records, in rows that are open or disputed")
		row("Amount proposed for payment, "+currency, amount(proposed, 10), "statement − held back; follows the status of the exceptions")
	}
	row("Exceptions still open", N(f.settled.open()).By(f.places.exceptions.count(condition{exceptionStatus, literal(statusOpen)})), "Exceptions")
	row("Difference within the tolerance", T(map[bool]string{true: "✓ yes", false: "✗ no"}[f.settled.Within]), "tolerance: "+f.limits.String())
	if text := f.stale(); text != "" {
		row("Up to date", T("✗ no"), text+": reconcile again")
	}
}

// accrued are the figures of a month without a statement: nothing can be proposed for payment yet.
func (f *finance) accrued(row func(string, Cell, string)) {
	for _, currency := range f.priced {
		total := f.ledger.total(currency)
		row("Our amount, "+currency, D(total.String(), Amount2).By(f.ledgerSum(ledgerAmount, where{ledgerCurrency, literal(currency)})), "By region and code, Ledger; contract's reading "+f.Reading)
	}
	for _, c := range f.money {
		row("At most, with every doubt, "+visible(c.name), D(c.ceiling.String(), Amount2), "In doubt")
	}
	row("Billable calls", N(f.billable).By(f.coveredSum(ledgerBillable, "")), "Ledger")
	row("Amount proposed for payment", none(), "none: no statement has been reconciled")
}

// signatures are the cells to sign in.
func (f *finance) signatures(p *page) {
	t := p.table(column{"Role", 1, General}, column{"Name", 1, General}, column{"Date", 1, General}, column{"Decision", 1, General}, column{"Comment", 2, General})
	for _, name := range []string{"Prepared by", "Reviewed by", "Approved by"} {
		blank := Cell{}.As(Input)
		t.add(T(name), blank, blank.In(Date), blank, blank)
		p.Heights[p.row-1] = 26
	}
	p.Choices = append(p.Choices, Choice{At: t.area(3), Items: []string{"approved", "approved with remarks", "returned"}})
	p.Selected = Ref{t.at[1] + 1, t.first}
}

// correctionSheet lists what came to light about closed months.
func (f *finance) correctionSheet(p *page) {
	p.Tab = amber
	p.headline(fmt.Sprintf("%s borne by %s", plural(int64(len(f.corrections)), "correction of a closed month is", "corrections of closed months are"), f.Period.Label))
	p.skip(1)
	p.section("1  Corrections", "Calls that reached the journal after their month was closed, and doubts that a later statement settled. They are no part of this month's own figures.")
	t := p.table(column{"Closed month", 1, Literal}, column{"Kind", 1, General}, column{"Endpoint", 1, Literal}, column{"Region", 1, General}, column{"Currency", 1, Literal}, column{"Calls", 1, Count}, column{"Billable", 1, Count}, column{"Amount", 1, Amount2})
	sums := map[string]decimal.Decimal{}
	var calls, billable, unpriced int64
	for _, c := range f.corrections {
		amount := none()
		if d, err := decimal.NewFromString(c.Amount); err == nil {
			amount, sums[c.Currency] = D(d.String(), Amount2), sums[c.Currency].Add(d)
		} else {
			unpriced += c.Quantity
		}
		calls, billable = calls+c.Calls, billable+c.Quantity
		t.add(T(c.Month).In(Literal), T(c.Kind), Outside(c.Endpoint), T(placeName(c.Region)), Outside(ledgerText(c.Currency)), N(c.Calls), N(c.Quantity), amount)
	}
	t.total(T("All"), Cell{}, Cell{}, Cell{}, Cell{}, N(calls).By(sum(local(t.area(5)))), N(billable).By(sum(local(t.area(6)))), Cell{})
	for _, currency := range sortedKeys(sums) {
		t.total(T("Amount"), Cell{}, Cell{}, Cell{}, Outside(currency), Cell{}, Cell{}, D(sums[currency].String(), Amount2).By(columnTotal(t, 7, 4, currency)))
	}
	if unpriced > 0 && len(sums) > 0 {
		p.prose(T(notInAmounts(unpriced) + "."))
	}
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}
