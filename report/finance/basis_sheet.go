package finance

import (
	"fmt"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// The columns of both tables of readings, from 0.
const (
	basisName = iota
	basisEndpoint
	basisCurrency
	basisCalls
	basisDoubts
	basisAmount
	basisMinimum
	basisTheirCalls
	basisTheirs
	basisGapCalls
	basisGapAmount
	basisResult
)

type basisSheet struct {
	*figures.Data
	ledgerRefs
}

// writeBases writes the five readings, together and by endpoint, and returns the table by endpoint.
func writeBases(book *xlsx.Workbook, d *figures.Data, ledger ledgerRefs) *page.Table {
	p := page.New(book, "Billing readings", "Billing readings",
		d.Sent()+" · the same calls counted under every plausible reading of what is billed",
		22, 12, 11, 12, 11, 14, 14, 13, 17, 12, 14, 18)
	f := basisSheet{d, ledger}
	p.Tab = xlsx.Teal
	p.Headline(figures.BasisHeadline(f.Data))
	p.Skip(1)
	caption := "Quantity: calls that the reading bills. In doubt: calls that it may bill as well. Amount: of the " +
		"quantity, at the prices of the configuration; what monthly minimums add stands beside it."
	if f.Reconciled != nil {
		caption += " Statement: its charges for calls, without credits and tax. Gap: statement − reading. A reading " +
			"fits when every endpoint's gap is within the tolerance (" + f.Tolerance.String() +
			"), counting doubts as billed or not."
	}
	p.Section("1  By reading", caption)
	sums, top := figures.BasisSums(f.Bases), p.Row
	var detail *page.Table
	for range 2 { // the first table adds up the second, whose place is known once it has been laid out
		p.Row = top
		t := p.Table(basisColumns()...)
		for _, s := range sums {
			t.Add(f.sumCells(t, detail, s)...)
		}
		p.Skip(1)
		p.Section("2  By endpoint",
			"The same, one line an endpoint. A gap of one endpoint does not make up for another's.")
		detail = f.byEndpoint(p)
	}
	p.Skip(1)
	p.Section("3  What the readings mean", "")
	t := p.Table(page.Col("Reading", xlsx.General), page.Wide("Meaning", 7, xlsx.General),
		page.Wide("Counted as", 4, xlsx.General))
	for _, d := range basisDefinitions() {
		t.Add(xlsx.T(d.Term), xlsx.T(d.Meaning), xlsx.T(d.Source))
	}
	p.PrintAll()
	return detail
}

func basisDefinitions() []page.Definition {
	return []page.Definition{
		{Term: string(billing.PayTag), Meaning: "Answers tagged PAY.", Source: "outcomes.tag = pay"},
		{Term: string(billing.Success), Meaning: "Answers with the code SUCCESS, whatever their tag.",
			Source: "outcomes.code = SUCCESS"},
		{Term: string(billing.DistinctID),
			Meaning: "IDs that were ever tagged PAY, each once, at the first such answer.",
			Source:  "distinct checks, tag = pay"},
		{Term: string(billing.Transaction), Meaning: "Transaction IDs of answers tagged PAY, each once; an answer " +
			"without one counts for itself.", Source: "distinct transactionId, tag = pay"},
		{Term: string(billing.EveryCall),
			Meaning: "Every request that may have arrived: all answers, and all calls without an answer.",
			Source:  "outcomes.outcome <> unsent"},
	}
}

func basisColumns() []page.Column {
	return []page.Column{page.Col("Reading", xlsx.General), page.Col("Endpoint", xlsx.Literal),
		page.Col("Currency", xlsx.Literal), page.Col("Quantity", xlsx.Count), page.Col("In doubt", xlsx.Count),
		page.Col("Amount", xlsx.Amount2), page.Col("Monthly minimums add", xlsx.Amount2),
		page.Col("Statement quantity", xlsx.Count), page.Col("Statement amount", xlsx.Amount2),
		page.Col("Gap, calls", xlsx.SignedCount), page.Col("Gap, amount", xlsx.SignedAmount),
		page.Col("Result", xlsx.General)}
}

// sumCells returns a line of the first table, which adds up the second.
func (f basisSheet) sumCells(t, detail *page.Table, s figures.BasisLine) []xlsx.Cell {
	cells := f.cells(t, s)
	if s.Basis == f.Basis {
		cells[basisName] = xlsx.T(string(s.Basis) + "  ← contract").WithRole(xlsx.Strong)
	}
	if detail == nil || detail.Rows == 0 {
		return cells
	}
	area := func(col int) string { return page.Local(detail.Area(col)).String() }
	for _, col := range []int{basisCalls, basisDoubts, basisAmount, basisMinimum, basisTheirCalls,
		basisTheirs} {
		if cells[col].Kind == xlsx.Number {
			cells[col] = cells[col].WithFormula(fmt.Sprintf("SUMIFS(%s,%s,%s,%s,%s)", area(col), area(basisName),
				literal(string(s.Basis)), area(basisCurrency), literal(s.Currency)))
		}
	}
	return cells
}

// cells returns the figures of a line; without a statement its half stays empty.
func (f basisSheet) cells(t *page.Table, l figures.BasisLine) []xlsx.Cell {
	cells := make([]xlsx.Cell, basisResult+1)
	cells[basisName], cells[basisCurrency], cells[basisCalls] = xlsx.T(string(l.Basis)),
		xlsx.Untrusted(l.Currency), xlsx.N(l.Calls)
	for col := basisDoubts; col < basisResult; col++ {
		cells[col] = page.None()
	}
	cells[basisDoubts] = xlsx.N(l.InDoubt)
	if l.Priced {
		cells[basisAmount], cells[basisMinimum] = cents(l.Amount), cents(l.Minimum)
	}
	if f.Reconciled == nil {
		return cells
	}
	calls, gap := l.Gap()
	cells[basisTheirCalls], cells[basisTheirs] = xlsx.N(l.TheirCalls), cents(l.Theirs)
	cells[basisGapCalls] = xlsx.N(calls).WithFormat(xlsx.SignedCount).WithFormula(t.Ref(basisTheirCalls) + "-" +
		t.Ref(basisCalls))
	if l.Priced {
		cells[basisGapAmount] = difference(gap, xlsx.SignedAmount, t.Ref(basisTheirs)+"-"+t.Ref(basisAmount))
	}
	cells[basisResult] = xlsx.T("✗ does not fit").WithRole(xlsx.Quiet)
	if l.Fits {
		cells[basisResult] = xlsx.T("✓ fits").WithRole(xlsx.Good)
	}
	return cells
}

// byEndpoint writes the lines by endpoint.
func (f basisSheet) byEndpoint(p *page.Page) *page.Table {
	t := p.Table(basisColumns()...)
	for _, l := range f.Bases {
		cells := f.cells(t, l)
		cells[basisEndpoint] = xlsx.Untrusted(l.Endpoint)
		if l.Endpoint == "" {
			cells[basisEndpoint] = xlsx.T("all").WithRole(xlsx.Quiet)
		}
		cells[basisCalls] = cells[basisCalls].WithFormula(f.formula(t, l))
		t.Add(cells...)
	}
	return t
}

// formula counts the calls of a reading from the ledger, where the ledger can tell.
func (f basisSheet) formula(t *page.Table, l figures.BasisLine) string {
	var same []where
	fits := func(figures.LedgerLine) bool { return false }
	switch l.Basis {
	case billing.PayTag:
		same, fits = []where{{ledgerKind, literal(figures.KindPay)}},
			func(g figures.LedgerLine) bool { return g.Kind == figures.KindPay }
	case billing.Success:
		same, fits = []where{{ledgerCodeNumber, fmt.Sprint(f.Ledger.CodeNumber(page.Success))}},
			func(g figures.LedgerLine) bool { return g.Code == page.Success }
	case billing.EveryCall:
		same, fits = []where{{ledgerKind, literal("<>" + figures.KindUnsent)}},
			func(g figures.LedgerLine) bool { return g.Kind != figures.KindUnsent }
	}
	same = append(same, where{ledgerCurrency, t.Ref(basisCurrency)})
	if l.Endpoint != "" {
		same = append(same, where{ledgerEndpoint, t.Ref(basisEndpoint)})
	}
	var calls int64
	for _, g := range f.Ledger.Lines {
		if fits(g) && f.Ledger.Currency(g) == l.Currency && (l.Endpoint == "" || g.Endpoint == l.Endpoint) {
			calls += g.Calls
		}
	}
	if calls != l.Calls { // a reading that needs the journal, or a statement that is about less than the ledger
		return ""
	}
	return f.ledgerSum(ledgerCalls, same...)
}
