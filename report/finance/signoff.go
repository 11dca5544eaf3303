package finance

import (
	"bytes"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

type signOffSheet struct {
	*figures.Data
	refs    sheetRefs
	summary summaryRefs
}

// writeSignOff writes what is signed, and where.
func writeSignOff(book *xlsx.Workbook, d *figures.Data, refs sheetRefs, summary summaryRefs) {
	p := page.New(book, "Sign-off", "Sign-off",
		"To be filled in when the exceptions have been worked · figures and checks are live", 40, 20, 21, 20, 20, 41)
	f := signOffSheet{d, refs, summary}
	p.Tab, p.Locked = xlsx.Teal, true
	if text := f.signHeadline(); text != "" {
		p.Headline(text)
		p.Skip(1)
	}
	t := p.Table(page.Col("Figure", xlsx.General), page.Col("Value", xlsx.Amount2),
		page.Wide("Source", 4, xlsx.General))
	row := func(name string, value xlsx.Cell, source string) {
		value = value.WithRole(xlsx.Strong)
		value.Style.Role = xlsx.SignValue
		t.Add(xlsx.T(name), value, xlsx.T(source).WithRole(xlsx.Quiet))
	}
	if f.Reconciled != nil {
		f.signedAmounts(row)
		f.unpricedRow(row, f.Reconciled.UnpricedAll())
	} else {
		f.accrued(row)
		f.unpricedRow(row, f.Unpriced.Most)
	}
	row("Calls in doubt, still open", xlsx.N(f.InDoubt.All.Open).WithFormula(f.refs.inDoubt.open()), "In doubt")
	row("Checks", f.summary.checks.Verdict(), "Summary")
	p.Marks = append(p.Marks,
		xlsx.Marking{At: xlsx.Area{From: xlsx.Ref{Col: t.At[1] + 1, Row: p.Row - 1},
			To: xlsx.Ref{Col: t.At[1] + 1, Row: p.Row - 1}}, Begins: "✗"})
	p.Skip(2)
	f.signatures(p)
	p.Skip(1)
	p.Prose(xlsx.T("The sheet is protected against slips; there is no password. Only the yellow cells take entries. " +
		"`liverecon decisions FILE` reads them back. A name says who signed, it proves nothing."))
	if f.Reconciled != nil {
		p.Skip(1)
		f.digests(p)
		f.history(p)
	}
	p.PrintAll()
}

// signedAmounts writes the figures of a month with a statement.
func (f signOffSheet) signedAmounts(row func(string, xlsx.Cell, string)) {
	t := f.summary.grosses
	for n, currency := range f.Reconciled.Billed {
		g := f.Reconciled.Gross(currency)
		at := func(col int) string { return "Summary!" + xlsx.Ref{Col: t.At[col] + 1, Row: t.First + n}.Fixed() }
		amount := func(d decimal.Decimal, col int) xlsx.Cell { return cents(d).WithFormula(at(col)) }
		proposed := f.Reconciled.Payable(currency)
		row("Our amount, "+currency, amount(g.Ours, 1), "By region and code, Ledger")
		row("Statement's amount, "+currency, amount(g.Theirs, 2), "Reconciliation")
		row("Difference, "+currency, amount(g.Difference(), 3), "theirs − ours")
		if f.Reconciled.Withheld {
			row("Amount proposed for payment, "+currency, page.None(), "none: most transaction IDs are not ours")
			continue
		}
		if s := f.Reconciled.Worked.In(currency); !s.ToDispute.IsZero() {
			settled := f.refs.exceptions.sum(rowSettled, condition{rowCurrency, literal(currency)})
			row("To dispute, as reconciled, "+currency, exact(s.ToDispute, at(4)), "Reconciliation")
			row("Accepted, credited or explained, "+currency, cents(s.Settled).WithFormula(settled),
				"Exceptions, column Settled")
		}
		row("Held back, "+currency, difference(g.Theirs.Sub(proposed), xlsx.Amount2, at(2)+"-"+at(10)),
			f.heldBack())
		row("Amount proposed for payment, "+currency, amount(proposed, 10),
			"statement − held back; follows the status of the exceptions")
		for i, paid := range paidApart(f.Reconciled, currency) {
			row("· of it "+f.Reconciled.InvoiceLabel(paid.StatementID)+", "+currency,
				cents(paid.Pay).WithFormula(f.refs.reconciliation.payCell(currency, i)),
				"Reconciliation, Payment by invoice")
		}
	}
	f.dueDates(row)
	row("Exceptions still open",
		xlsx.N(f.Reconciled.Open()).WithFormula(f.refs.exceptions.count(condition{rowStatus, literal(StatusOpen)})),
		"Exceptions")
	row("Difference within the tolerance", xlsx.T(map[bool]string{true: "✓ yes",
		false: "✗ no"}[f.Reconciled.Within]),
		"tolerance: "+f.Tolerance.String())
	if text := f.Reconciled.Stale; text != "" {
		row("Up to date", xlsx.T("✗ no"), text+": reconcile again")
	}
}

// dueDates writes by when invoices are to be paid, of those whose date somebody gave.
func (f signOffSheet) dueDates(row func(string, xlsx.Cell, string)) {
	said := map[int64]bool{}
	for _, c := range f.Reconciled.Scopes {
		if c.Invoice.Due == "" || said[c.StatementID] {
			continue
		}
		said[c.StatementID] = true
		issued := "reconcile --due"
		if c.Invoice.Issued != "" {
			issued = "invoice of " + c.Invoice.Issued
		}
		row("To be paid by, "+figures.InvoiceName(c), xlsx.T(c.Invoice.Due).WithFormat(xlsx.Literal), issued)
	}
}

// heldBack describes what is not proposed for payment.
func (f signOffSheet) heldBack() string {
	if f.Reconciled.Earlier() {
		return "above our records, in rows that are open or disputed"
	}
	return "to dispute and the tax on it, what the total has beyond its lines, and what no payment has: parts of a cent"
}

// accrued writes the figures of a month without a statement: nothing can be proposed for payment yet.
func (f signOffSheet) accrued(row func(string, xlsx.Cell, string)) {
	for _, currency := range f.Currencies {
		total := f.Ledger.Total(currency)
		row("Our amount, "+currency,
			cents(total).WithFormula(f.refs.ledgerSum(ledgerAmount, where{ledgerCurrency, literal(currency)})),
			"By region and code, Ledger; contract's reading "+string(f.Basis))
	}
	for _, c := range f.Money {
		row("At most, with every doubt, "+xlsx.Visible(c.Name), cents(c.Ceiling), "In doubt")
	}
	row("Billable calls", xlsx.N(f.Ledger.All.Billable).WithFormula(f.refs.coveredSum(ledgerBillable, "")), "Ledger")
	row("Amount proposed for payment", page.None(), "none: no statement has been reconciled")
}

// signHeadline words whether the month is closed, or what keeps it from being; "" without a statement.
func (f signOffSheet) signHeadline() string {
	text := f.Closing.Text(f.Period.Zone)
	if text == "" && f.Reconciled != nil {
		text = "Ready to be closed: nothing is open, prepared and approved by two people"
		if missing := f.Reconciled.Worked.Missing(); len(missing) > 0 {
			text = "To close: " + strings.Join(missing, "; ")
		}
	}
	return text
}

// signatures writes the cells to sign in. A signature that holds stands in them; one that has fallen makes way.
func (f signOffSheet) signatures(p *page.Page) {
	t := p.Table(page.Col(review.HeadRole, xlsx.General), page.Col(review.HeadName, xlsx.General),
		page.Col(review.HeadSignedAt+" ("+f.Period.Zone.String()+")", xlsx.General),
		page.Col(review.HeadDecision, xlsx.General), page.Wide(review.HeadComment, 2, xlsx.General))
	for _, role := range accounts.Roles() {
		blank := xlsx.Cell{}.WithRole(xlsx.Input)
		cells := []xlsx.Cell{xlsx.T(review.RoleLabel(role)), blank, blank.WithFormat(xlsx.Moment), blank, blank}
		if f.Reconciled != nil {
			if s := f.Reconciled.Worked.Valid(role); s != nil {
				cells = []xlsx.Cell{xlsx.T(review.RoleLabel(role)), inputText(s.Name),
					xlsx.At(s.SignedAt, f.Period.Zone).WithRole(xlsx.Input), inputText(s.Decision),
					inputText(s.Comment)}
			}
		}
		t.Add(cells...)
		p.Heights[p.Row-1] = 26
	}
	p.Choices = append(p.Choices, xlsx.Choice{At: t.Area(3), Items: worked.Decisions()})
	p.Selected = xlsx.Ref{Col: t.At[1] + 1, Row: t.First}
}

// digests writes what ties the signatures to the figures.
func (f signOffSheet) digests(p *page.Page) {
	m := f.Reconciled.Worked
	t := p.Table(page.Col("What is signed", xlsx.General), page.Wide("SHA-256", 5, xlsx.Literal))
	t.Add(xlsx.T(review.LabelFigures), xlsx.T(review.FiguresText(m)).WithFormat(xlsx.Literal))
	t.Add(xlsx.T(review.LabelWorked), xlsx.T(review.WorkedText(m)).WithFormat(xlsx.Literal))
	p.Prose(xlsx.T("The first changes with a figure, a price, a setting or a statement; the second also " +
		"with a status or an " +
		"amount in the sheet Exceptions. A signature holds while the second is what it was given for."))
}

// history lists all signatures where some have fallen or were given again.
func (f signOffSheet) history(p *page.Page) {
	m := f.Reconciled.Worked
	now := m.Digest()
	if !slices.ContainsFunc(m.Signatures, func(s accounts.Signature) bool { return !bytes.Equal(s.Worked, now[:]) }) {
		return
	}
	p.Skip(1)
	t := p.Table(page.Col("Signed so far", xlsx.General), page.Col("By", xlsx.General),
		page.Col("When", xlsx.Moment), page.Col("Decided", xlsx.General), page.Col("Holds", xlsx.General),
		page.Col("For", xlsx.General))
	for _, s := range m.Signatures {
		holds := "✗ fallen"
		if bytes.Equal(s.Worked, now[:]) {
			holds = "✓ yes"
		}
		t.Add(xlsx.T(s.Role), xlsx.Untrusted(s.Name), xlsx.At(s.SignedAt, f.Period.Zone), xlsx.Untrusted(s.Decision),
			xlsx.T(holds), xlsx.T(worked.Signed{Signature: s}.For()))
	}
}

// unpricedRow writes how many calls the figures to be signed leave out.
func (f signOffSheet) unpricedRow(row func(string, xlsx.Cell, string), n int64) {
	if n > 0 && len(f.Currencies) > 0 {
		row("Calls without a price", xlsx.N(n), "Rates; not in these amounts: "+billing.WithoutPrice(n))
	}
}
