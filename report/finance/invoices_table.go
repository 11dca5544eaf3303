package finance

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
)

// invoiceColumns numbers those columns of the table of invoices that formulas name, from 0.
var invoiceColumns = struct {
	currency, billed, dispute, settled, tax, unexplained, elsewhere, pay int
}{2, 3, 4, 5, 6, 7, 8, 9}

// invoiceTable represents the table of invoices that are paid each for itself.
type invoiceTable struct{ reconciliationSheet }

// write writes what is proposed for payment of each invoice, where a month pays several or a part of one.
func (f invoiceTable) write(p *page.Page, refs *reconciliationRefs) {
	var rows []worked.Invoice
	refs.firstInvoice = map[string]int{}
	for _, currency := range f.Reconciled.Billed {
		refs.firstInvoice[currency] = len(rows)
		rows = append(rows, paidApart(f.Reconciled, currency)...)
	}
	if rows == nil {
		return
	}
	p.Section("Payment by invoice", "Each invoice is paid for itself, with an amount that can be paid: billed without "+
		"what is left to dispute, the tax on that, and what its total has beyond its lines. Elsewhere: what other "+
		"months propose of it; with that it is rounded, and without that it is paid here.")
	t := p.Table(page.Wide("Invoice", 2, xlsx.Literal), page.Col("Stmt", xlsx.Literal),
		page.Col("Currency", xlsx.Literal), page.Col("Billed", xlsx.Amount4), page.Col("To dispute", xlsx.Amount4),
		page.Col("Settled", xlsx.Amount4), page.Col("Tax on what is left", xlsx.Amount4),
		page.Col("Unexplained", xlsx.Amount4), page.Col("Elsewhere", xlsx.Amount4),
		page.Col("Proposed", xlsx.Amount2))
	for _, i := range rows {
		t.Add(f.cells(t, i)...)
	}
	p.Skip(1)
	refs.invoices = t
}

func (f invoiceTable) cells(t *page.Table, i worked.Invoice) []xlsx.Cell {
	own := []condition{{rowStatement, literal(fmt.Sprint(i.StatementID))}, {rowCurrency, literal(i.Currency)}}
	with := func(more ...condition) []condition { return append(append([]condition{}, own...), more...) }
	amount := func(d decimal.Decimal, formula string, beside decimal.Decimal) xlsx.Cell {
		c := xlsx.D(d.String(), xlsx.Amount4)
		if formula == "" {
			return c
		}
		return c.WithFormula(fmt.Sprintf("ROUND(%s+(%s),%d)", formula, beside, billing.MaxDecimals))
	}
	billed, dispute := "", ""
	if f.lines != nil {
		billed = f.lines.sum(rowTheirs, own...)
	}
	for _, side := range f.sides(">") {
		if text := f.exceptions.sum(rowIssue, with(side...)...); text != "" {
			dispute += "+" + text
		}
	}
	unexplained := f.exceptions.sum(rowIssue, with(condition{rowClass, literal(string(billing.Unexplained))})...)
	if dispute != "" {
		more := with(condition{rowClass, literal(string(billing.Unexplained))}, condition{rowIssue, literal(">0")})
		dispute = strings.TrimPrefix(dispute, "+") + "-(" + f.exceptions.sum(rowIssue, more...) + ")"
	}
	tax := xlsx.D(i.TaxLeft(i.Settled).String(), xlsx.Amount4)
	over, settled := t.Ref(invoiceColumns.dispute), t.Ref(invoiceColumns.settled)
	left := fmt.Sprintf("MAX(MIN(0,%s),%s-%s)", over, over, settled)
	if !i.TaxDisputed.IsZero() {
		tax = tax.WithFormula(fmt.Sprintf("IF(OR(%s=0,%s=0),%s,ROUND(%s*%s/%s,%d))", over, settled, i.TaxDisputed,
			i.TaxDisputed, left, over, billing.MaxDecimals))
	}
	minor := f.Reconciled.Kept.MinorUnit(i.Currency)
	pay := fmt.Sprintf("ROUND(%s-%s-%s-MAX(0,%s)+%s,%d)-(%s)", t.Ref(invoiceColumns.billed), left,
		t.Ref(invoiceColumns.tax), t.Ref(invoiceColumns.unexplained), t.Ref(invoiceColumns.elsewhere), minor,
		i.PaidElsewhere)
	return []xlsx.Cell{xlsx.Untrusted(f.Reconciled.InvoiceLabel(i.StatementID)), numberText(i.StatementID),
		xlsx.Untrusted(i.Currency), amount(i.Theirs, billed, i.TheirsBeside),
		amount(i.ToDispute, dispute, i.DisputeBeside),
		amount(i.Settled, f.exceptions.sum(rowSettled, own...), decimal.Decimal{}), tax,
		amount(i.Unexplained, unexplained, decimal.Decimal{}), xlsx.D(i.Elsewhere.String(), xlsx.Amount4),
		xlsx.D(i.Pay.String(), xlsx.Amount2).WithFormula(pay)}
}

// invoicesOf adds a column of the table of invoices up in a currency.
func invoicesOf(t *page.Table, col int, currency string) string {
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(col), t.Area(invoiceColumns.currency), literal(currency))
}

// payCell returns where the n-th invoice's payment in a currency stands, from 0.
func (r reconciliationRefs) payCell(currency string, n int) string {
	return r.invoices.CellRef(invoiceColumns.pay, r.firstInvoice[currency]+n)
}

// invoiceChecks set the invoices of a currency beside its bridge.
func (f checker) invoiceChecks(l *page.Checks, currency string) {
	t := f.refs.reconciliation.invoices
	if len(paidApart(f.Reconciled, currency)) == 0 {
		return
	}
	g, bridge := f.Reconciled.Gross(currency), f.refs.reconciliation.bridges[currency]
	for _, c := range []struct {
		name string
		col  int
		step string
		all  decimal.Decimal
	}{{"Billed", invoiceColumns.billed, billing.StepTheirs, g.Theirs},
		{"To dispute", invoiceColumns.dispute, billing.StepToDispute, g.Over},
		{"Unexplained", invoiceColumns.unexplained, billing.StepUnexplained, g.Unexplained}} {
		l.Add(c.name+", "+currency+": by invoice = the bridge", exact(c.all, invoicesOf(t, c.col, currency)),
			exact(c.all, bridge.cells[c.step]))
	}
	for n, i := range paidApart(f.Reconciled, currency) { // rows of two invoices may change against each other
		at := t.CellRef(invoiceColumns.billed, f.refs.reconciliation.firstInvoice[currency]+n)
		l.Add("Billed, "+f.Reconciled.InvoiceLabel(i.StatementID)+", "+currency+": its rows = as reconciled",
			exact(i.Theirs, at), exactly(i.Theirs))
	}
	if f.Reconciled.Worked.In(currency).Settled.IsZero() {
		l.Add("Tax on what is disputed, "+currency+": by invoice = the bridge",
			cents(g.TaxDisputed).WithFormula(invoicesOf(t, invoiceColumns.tax, currency)),
			cents(g.TaxDisputed).WithFormula(bridge.cells[billing.StepTaxDisputed]))
	}
}

// paidApart returns the invoices of a currency that are paid each for itself.
func paidApart(d *figures.Reconciled, currency string) (all []worked.Invoice) {
	if s := d.Worked.In(currency); s.ByInvoice() && !d.Withheld {
		return s.Invoices
	}
	return nil
}
