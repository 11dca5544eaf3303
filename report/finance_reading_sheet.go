package report

import "fmt"

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
func (f *finance) readingSheet(p *page) {
	p.Tab = teal
	p.headline(f.readingHeadline())
	p.skip(1)
	caption := "Quantity: calls that the reading bills. In doubt: calls that it may bill as well. Amount: of the quantity, at the prices of the configuration; what monthly minimums add stands beside it."
	if f.settled != nil {
		caption += " Statement: its charges for calls, without credits and tax. Gap: statement − reading. A reading fits when every endpoint's gap is within the tolerance (" + f.limits.String() + "), counting doubts as billed or not."
	}
	p.section("1  By reading", caption)
	sums, top := f.readingSums(), p.row
	var detail *table
	for range 2 { // the first table adds up the second, whose place is known once it has been laid out
		p.row = top
		t := p.table(f.readingColumns()...)
		f.places.readingSums = t
		for _, s := range sums {
			t.add(f.readingSumCells(t, detail, s)...)
		}
		p.skip(1)
		p.section("2  By endpoint", "The same, one line an endpoint. A gap of one endpoint does not make up for another's.")
		detail = f.readingTable(p)
	}
	f.places.readings = detail
	p.skip(1)
	p.section("3  What the readings mean", "")
	t := p.table(column{"Reading", 1, General}, column{"Meaning", 7, General}, column{"Counted as", 4, General})
	for _, d := range readingDefinitions() {
		t.add(T(d.term), T(d.meaning), T(d.source))
	}
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

func readingDefinitions() []definition {
	return []definition{
		{readingPay, "Answers tagged PAY.", "outcomes.tag = pay"},
		{readingSuccess, "Answers with the code SUCCESS, whatever their tag.", "outcomes.code = SUCCESS"},
		{readingDistinct, "IDs that were ever tagged PAY, each once, at the first such answer.", "distinct checks, tag = pay"},
		{readingTransaction, "Transaction IDs of answers tagged PAY, each once; an answer without one counts for itself.", "distinct transactionId, tag = pay"},
		{readingEvery, "Every request that may have arrived: all answers, and all calls without an answer.", "outcomes.outcome <> unsent"},
	}
}

func (f *finance) readingColumns() []column {
	return []column{{"Reading", 1, General}, {"Endpoint", 1, Literal}, {"Currency", 1, Literal}, {"Quantity", 1, Count}, {"In doubt", 1, Count}, {"Amount", 1, Amount2}, {"Monthly minimums add", 1, Amount2},
		{"Statement quantity", 1, Count}, {"Statement amount", 1, Amount2}, {"Gap, calls", 1, SignedCount}, {"Gap, amount", 1, SignedAmount}, {"Result", 1, General}}
}

// readingSumCells are a line of the first table, which adds up the second.
func (f *finance) readingSumCells(t, detail *table, s readingLine) []Cell {
	cells := f.readingCells(t, s)
	if s.reading == f.Reading {
		cells[readingName] = T(s.reading + "  ← contract").As(Strong)
	}
	if detail == nil || detail.rows == 0 {
		return cells
	}
	area := func(col int) string { return local(detail.area(col)).String() }
	for _, col := range []int{readingCalls, readingDoubts, readingAmount, readingMinimum, readingTheirCalls, readingTheirs} {
		if cells[col].Kind == Number {
			cells[col] = cells[col].By(fmt.Sprintf("SUMIFS(%s,%s,%s,%s,%s)", area(col), area(readingName), literal(s.reading), area(readingCurrency), literal(s.currency)))
		}
	}
	return cells
}

// readingCells are the figures of a line; without a statement its half stays empty.
func (f *finance) readingCells(t *table, l readingLine) []Cell {
	cells := make([]Cell, readingResult+1)
	cells[readingName], cells[readingCurrency], cells[readingCalls] = T(l.reading), Outside(l.currency), N(l.calls)
	for col := readingDoubts; col < readingResult; col++ {
		cells[col] = none()
	}
	cells[readingDoubts] = N(l.doubts)
	if l.priced {
		cells[readingAmount], cells[readingMinimum] = D(l.amount.String(), Amount2), D(l.minimum.String(), Amount2)
	}
	if f.settled == nil {
		return cells
	}
	calls, gap := l.gap()
	cells[readingTheirCalls], cells[readingTheirs] = N(l.theirCalls), D(l.theirs.String(), Amount2)
	cells[readingGapCalls] = N(calls).In(SignedCount).By(t.ref(readingTheirCalls) + "-" + t.ref(readingCalls))
	if l.priced {
		cells[readingGapAmount] = difference(gap, SignedAmount, t.ref(readingTheirs)+"-"+t.ref(readingAmount))
	}
	cells[readingResult] = T("✗ does not fit").As(Quiet)
	if l.fits {
		cells[readingResult] = T("✓ fits").As(Good)
	}
	return cells
}

// readingTable writes the lines by endpoint.
func (f *finance) readingTable(p *page) *table {
	t := p.table(f.readingColumns()...)
	for _, l := range f.readings {
		cells := f.readingCells(t, l)
		cells[readingEndpoint] = Outside(l.endpoint)
		if l.endpoint == "" {
			cells[readingEndpoint] = T("all").As(Quiet)
		}
		cells[readingCalls] = cells[readingCalls].By(f.readingFormula(t, l))
		t.add(cells...)
	}
	return t
}

// readingFormula counts the calls of a reading from the ledger, where the ledger can tell.
func (f *finance) readingFormula(t *table, l readingLine) string {
	var same []where
	fits := func(ledgerLine) bool { return false }
	switch l.reading {
	case readingPay:
		same, fits = []where{{ledgerKind, literal(kindPay)}}, func(g ledgerLine) bool { return g.kind == kindPay }
	case readingSuccess:
		same, fits = []where{{ledgerCodeNumber, fmt.Sprint(f.ledger.codeNumber(success))}}, func(g ledgerLine) bool { return g.code == success }
	case readingEvery:
		same, fits = []where{{ledgerKind, literal("<>" + kindUnsent)}}, func(g ledgerLine) bool { return g.kind != kindUnsent }
	}
	same = append(same, where{ledgerCurrency, t.ref(readingCurrency)})
	if l.endpoint != "" {
		same = append(same, where{ledgerEndpoint, t.ref(readingEndpoint)})
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
