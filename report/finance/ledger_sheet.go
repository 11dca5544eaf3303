package finance

import (
	"fmt"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// The columns of the sheet Ledger, from 1.
const (
	ledgerDay = iota + 1
	ledgerRegion
	ledgerEndpoint
	ledgerCode
	ledgerCodeNumber
	ledgerPricing
	ledgerKind
	ledgerCalls
	ledgerBillable
	ledgerTerm
	ledgerCurrency
	ledgerUnit
	ledgerAmount
)

// ledgerSheet writes every line with its amount as quantity times price.
func (f *finance) ledgerSheet(s *xlsx.Sheet) {
	s.Tab = xlsx.Grey
	page.ListTitle(s, "Usage ledger", fmt.Sprintf("Calls sent %s, by day, region, endpoint, code and pricing · billable: counted under the contract's reading, %s · amount = billable × unit price · the other sheets add up these lines",
		f.Period.Describe(), f.Reading))
	s.List = &xlsx.List{First: page.ListFirst - 1, Count: len(f.ledger.lines), Columns: []xlsx.ListColumn{{Head: "Day", Format: xlsx.Date, Width: 12}, {Head: "Region", Format: xlsx.Literal, Width: 15}, {Head: "Endpoint", Format: xlsx.Literal, Width: 12}, {Head: "Code", Format: xlsx.Literal, Width: 30}, {Head: "Code no.", Format: xlsx.Count, Width: 10}, {Head: "Pricing received", Format: xlsx.Literal, Width: 18},
		{Head: "Counted as", Format: xlsx.Literal, Width: 14}, {Head: "Calls", Format: xlsx.Count, Width: 11}, {Head: "Billable", Format: xlsx.Count, Width: 11}, {Head: "Price no.", Format: xlsx.Count, Width: 11}, {Head: "Currency", Format: xlsx.Literal, Width: 11}, {Head: "Unit price", Format: xlsx.Unit, Width: 12}, {Head: "Amount", Format: xlsx.Amount4, Width: 16}},
		Rows: func(yield func([]xlsx.Cell) error) error {
			for i, l := range f.ledger.lines {
				if err := yield(f.ledgerRow(l, page.ListFirst+i)); err != nil {
					return err
				}
			}
			return nil
		}}
	s.Frozen, s.Repeat = page.ListFirst-1, page.ListFirst-1
}

func (f *finance) ledgerRow(l ledgerLine, row int) []xlsx.Cell {
	cells := []xlsx.Cell{day(l.day, f.Period.Zone), xlsx.Outside(ledgerText(l.region)), xlsx.Outside(l.endpoint), xlsx.Outside(l.code), xlsx.N(f.ledger.codeNumber(l.code)), xlsx.Outside(ledgerText(l.pricing)), xlsx.Outside(l.kind), xlsx.N(l.calls), xlsx.N(l.billable),
		page.None(), xlsx.Outside(f.ledger.currency(l)), page.None(), page.None()}
	if l.term == 0 {
		return cells
	}
	cells[ledgerTerm-1] = xlsx.N(int64(l.term))
	cells[ledgerAmount-1] = xlsx.D(l.amount.String(), xlsx.Amount4)
	if l.unit.Valid {
		cells[ledgerUnit-1] = xlsx.D(l.unit.Decimal.String(), xlsx.Unit)
		cells[ledgerAmount-1] = cells[ledgerAmount-1].By(fmt.Sprintf("%s*%s", xlsx.Ref{Col: ledgerBillable, Row: row}, xlsx.Ref{Col: ledgerUnit, Row: row}))
	}
	return cells
}

// ledgerText is a text as the ledger shows it where a sum must find it: no such cell may be empty, or stand for others.
func ledgerText(text string) string {
	switch text {
	case "":
		return page.NoValue
	case "*":
		return notByRegion
	}
	return text
}

// notByRegion stands where an amount belongs to a price rather than to a region.
const notByRegion = "(not by region)"

// day is the cell of a date.
func day(at time.Time, zone *time.Location) xlsx.Cell {
	year, month, d := at.Add(12 * time.Hour).In(zone).Date() // a clock change may have taken midnight away
	const epoch = 25569                                      // 1970-01-01
	return xlsx.N(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + epoch).In(xlsx.Date)
}

// where is one condition of a sum: a column, and what it must equal: a cell, or a literal.
type where struct {
	column int
	equals string
}

// ledgerSum is the formula that adds up a column of the ledger under conditions; "" when the ledger is empty.
func (f *finance) ledgerSum(column int, all ...where) string {
	if len(f.ledger.lines) == 0 {
		return ""
	}
	if len(all) == 0 {
		return "SUM(" + f.ledgerArea(column) + ")"
	}
	text := "SUMIFS(" + f.ledgerArea(column)
	for _, w := range all {
		text += "," + f.ledgerArea(w.column) + "," + w.equals
	}
	return text + ")"
}

func (f *finance) ledgerArea(column int) string {
	return xlsx.Area{Sheet: "Ledger", From: xlsx.Ref{Col: column, Row: page.ListFirst}, To: xlsx.Ref{Col: column, Row: page.ListFirst + len(f.ledger.lines) - 1}}.String()
}

// literal is a text as a formula writes it.
func literal(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
