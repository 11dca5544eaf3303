package finance

import (
	"fmt"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// The columns of both tables of readings, from 0.
const (
	readingName = iota
	readingEndpoint
	readingCurrency
	readingCalls
	readingDoubts
	readingAmount
	readingMinimum
	readingTheirCalls
	readingTheirs
	readingGapCalls
	readingGapAmount
	readingResult
)

// readingSheet writes the five readings, together and by endpoint.
func (f *finance) readingSheet(p *page.Page) {
	p.Tab = xlsx.Teal
	p.Headline(f.readingHeadline())
	p.Skip(1)
	caption := "Quantity: calls that the reading bills. In doubt: calls that it may bill as well. Amount: of the quantity, at the prices of the configuration; what monthly minimums add stands beside it."
	if f.settled != nil {
		caption += " Statement: its charges for calls, without credits and tax. Gap: statement − reading. A reading fits when every endpoint's gap is within the tolerance (" + f.Tolerance.String() + "), counting doubts as billed or not."
	}
	p.Section("1  By reading", caption)
	sums, top := f.readingSums(), p.Row
	var detail *page.Table
	for range 2 { // the first table adds up the second, whose place is known once it has been laid out
		p.Row = top
		t := p.Table(f.readingColumns()...)
		f.places.readingSums = t
		for _, s := range sums {
			t.Add(f.readingSumCells(t, detail, s)...)
		}
		p.Skip(1)
		p.Section("2  By endpoint", "The same, one line an endpoint. A gap of one endpoint does not make up for another's.")
		detail = f.readingTable(p)
	}
	f.places.readings = detail
	p.Skip(1)
	p.Section("3  What the readings mean", "")
	t := p.Table(page.Column{Head: "Reading", Span: 1, Format: xlsx.General}, page.Column{Head: "Meaning", Span: 7, Format: xlsx.General}, page.Column{Head: "Counted as", Span: 4, Format: xlsx.General})
	for _, d := range readingDefinitions() {
		t.Add(xlsx.T(d.Term), xlsx.T(d.Meaning), xlsx.T(d.Source))
	}
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
}

func readingDefinitions() []page.Definition {
	return []page.Definition{
		{Term: string(billing.PayTag), Meaning: "Answers tagged PAY.", Source: "outcomes.tag = pay"},
		{Term: string(billing.Success), Meaning: "Answers with the code SUCCESS, whatever their tag.", Source: "outcomes.code = SUCCESS"},
		{Term: string(billing.DistinctID), Meaning: "IDs that were ever tagged PAY, each once, at the first such answer.", Source: "distinct checks, tag = pay"},
		{Term: string(billing.Transaction), Meaning: "Transaction IDs of answers tagged PAY, each once; an answer without one counts for itself.", Source: "distinct transactionId, tag = pay"},
		{Term: string(billing.EveryCall), Meaning: "Every request that may have arrived: all answers, and all calls without an answer.", Source: "outcomes.outcome <> unsent"},
	}
}

func (f *finance) readingColumns() []page.Column {
	return []page.Column{{Head: "Reading", Span: 1, Format: xlsx.General}, {Head: "Endpoint", Span: 1, Format: xlsx.Literal}, {Head: "Currency", Span: 1, Format: xlsx.Literal}, {Head: "Quantity", Span: 1, Format: xlsx.Count}, {Head: "In doubt", Span: 1, Format: xlsx.Count}, {Head: "Amount", Span: 1, Format: xlsx.Amount2}, {Head: "Monthly minimums add", Span: 1, Format: xlsx.Amount2},
		{Head: "Statement quantity", Span: 1, Format: xlsx.Count}, {Head: "Statement amount", Span: 1, Format: xlsx.Amount2}, {Head: "Gap, calls", Span: 1, Format: xlsx.SignedCount}, {Head: "Gap, amount", Span: 1, Format: xlsx.SignedAmount}, {Head: "Result", Span: 1, Format: xlsx.General}}
}

// readingSumCells are a line of the first table, which adds up the second.
func (f *finance) readingSumCells(t, detail *page.Table, s readingLine) []xlsx.Cell {
	cells := f.readingCells(t, s)
	if s.reading == f.Reading {
		cells[readingName] = xlsx.T(string(s.reading) + "  ← contract").As(xlsx.Strong)
	}
	if detail == nil || detail.Rows == 0 {
		return cells
	}
	area := func(col int) string { return page.Local(detail.Area(col)).String() }
	for _, col := range []int{readingCalls, readingDoubts, readingAmount, readingMinimum, readingTheirCalls, readingTheirs} {
		if cells[col].Kind == xlsx.Number {
			cells[col] = cells[col].By(fmt.Sprintf("SUMIFS(%s,%s,%s,%s,%s)", area(col), area(readingName), literal(string(s.reading)), area(readingCurrency), literal(s.currency)))
		}
	}
	return cells
}

// readingCells are the figures of a line; without a statement its half stays empty.
func (f *finance) readingCells(t *page.Table, l readingLine) []xlsx.Cell {
	cells := make([]xlsx.Cell, readingResult+1)
	cells[readingName], cells[readingCurrency], cells[readingCalls] = xlsx.T(string(l.reading)), xlsx.Outside(l.currency), xlsx.N(l.calls)
	for col := readingDoubts; col < readingResult; col++ {
		cells[col] = page.None()
	}
	cells[readingDoubts] = xlsx.N(l.doubts)
	if l.priced {
		cells[readingAmount], cells[readingMinimum] = xlsx.D(l.amount.String(), xlsx.Amount2), xlsx.D(l.minimum.String(), xlsx.Amount2)
	}
	if f.settled == nil {
		return cells
	}
	calls, gap := l.gap()
	cells[readingTheirCalls], cells[readingTheirs] = xlsx.N(l.theirCalls), xlsx.D(l.theirs.String(), xlsx.Amount2)
	cells[readingGapCalls] = xlsx.N(calls).In(xlsx.SignedCount).By(t.Ref(readingTheirCalls) + "-" + t.Ref(readingCalls))
	if l.priced {
		cells[readingGapAmount] = difference(gap, xlsx.SignedAmount, t.Ref(readingTheirs)+"-"+t.Ref(readingAmount))
	}
	cells[readingResult] = xlsx.T("✗ does not fit").As(xlsx.Quiet)
	if l.fits {
		cells[readingResult] = xlsx.T("✓ fits").As(xlsx.Good)
	}
	return cells
}

// readingTable writes the lines by endpoint.
func (f *finance) readingTable(p *page.Page) *page.Table {
	t := p.Table(f.readingColumns()...)
	for _, l := range f.readings {
		cells := f.readingCells(t, l)
		cells[readingEndpoint] = xlsx.Outside(l.endpoint)
		if l.endpoint == "" {
			cells[readingEndpoint] = xlsx.T("all").As(xlsx.Quiet)
		}
		cells[readingCalls] = cells[readingCalls].By(f.readingFormula(t, l))
		t.Add(cells...)
	}
	return t
}

// readingFormula counts the calls of a reading from the ledger, where the ledger can tell.
func (f *finance) readingFormula(t *page.Table, l readingLine) string {
	var same []where
	fits := func(ledgerLine) bool { return false }
	switch l.reading {
	case billing.PayTag:
		same, fits = []where{{ledgerKind, literal(kindPay)}}, func(g ledgerLine) bool { return g.kind == kindPay }
	case billing.Success:
		same, fits = []where{{ledgerCodeNumber, fmt.Sprint(f.ledger.codeNumber(page.Success))}}, func(g ledgerLine) bool { return g.code == page.Success }
	case billing.EveryCall:
		same, fits = []where{{ledgerKind, literal("<>" + kindUnsent)}}, func(g ledgerLine) bool { return g.kind != kindUnsent }
	}
	same = append(same, where{ledgerCurrency, t.Ref(readingCurrency)})
	if l.endpoint != "" {
		same = append(same, where{ledgerEndpoint, t.Ref(readingEndpoint)})
	}
	var calls int64
	for _, g := range f.ledger.lines {
		if fits(g) && f.ledger.currency(g) == l.currency && (l.endpoint == "" || g.endpoint == l.endpoint) {
			calls += g.calls
		}
	}
	if calls != l.calls { // a reading that needs the journal, or a statement that is about less than the ledger
		return ""
	}
	return f.ledgerSum(ledgerCalls, same...)
}
