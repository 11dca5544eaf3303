package report

import (
	"fmt"
	"strings"
	"time"
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

// listFirst is the row of the first line of a sheet that is one long list.
const listFirst = 6

// ledgerSheet writes every line with its amount as quantity times price.
func (f *finance) ledgerSheet(s *Sheet) {
	s.Tab = grey
	listTitle(s, "Usage ledger", fmt.Sprintf("Calls sent %s, by day, region, endpoint, code and pricing · billable: counted under the contract's reading, %s · amount = billable × unit price · the other sheets add up these lines",
		f.Period.describe(), f.Reading))
	s.List = &List{First: listFirst - 1, Count: len(f.ledger.lines), Columns: []ListColumn{{"Day", Date, 12}, {"Region", Literal, 15}, {"Endpoint", Literal, 12}, {"Code", Literal, 30}, {"Code no.", Count, 10}, {"Pricing received", Literal, 18},
		{"Counted as", Literal, 14}, {"Calls", Count, 11}, {"Billable", Count, 11}, {"Price no.", Count, 11}, {"Currency", Literal, 11}, {"Unit price", Unit, 12}, {"Amount", Amount4, 16}},
		Rows: func(yield func([]Cell) error) error {
			for i, l := range f.ledger.lines {
				if err := yield(f.ledgerRow(l, listFirst+i)); err != nil {
					return err
				}
			}
			return nil
		}}
	s.Frozen, s.Repeat = listFirst-1, listFirst-1
}

func (f *finance) ledgerRow(l ledgerLine, row int) []Cell {
	cells := []Cell{day(l.day, f.Period.Zone), Outside(ledgerText(l.region)), Outside(l.endpoint), Outside(l.code), N(f.ledger.codeNumber(l.code)), Outside(ledgerText(l.pricing)), Outside(l.kind), N(l.calls), N(l.billable),
		none(), Outside(f.ledger.currency(l)), none(), none()}
	if l.term == 0 {
		return cells
	}
	cells[ledgerTerm-1] = N(int64(l.term))
	cells[ledgerAmount-1] = D(l.amount.String(), Amount4)
	if l.unit.Valid {
		cells[ledgerUnit-1] = D(l.unit.Decimal.String(), Unit)
		cells[ledgerAmount-1] = cells[ledgerAmount-1].By(fmt.Sprintf("%s*%s", Ref{ledgerBillable, row}, Ref{ledgerUnit, row}))
	}
	return cells
}

// ledgerText is a text as the ledger shows it where a sum must find it: no such cell may be empty, or stand for others.
func ledgerText(text string) string {
	switch text {
	case "":
		return noValue
	case "*":
		return notByRegion
	}
	return text
}

// notByRegion stands where an amount belongs to a price rather than to a region.
const notByRegion = "(not by region)"

// day is the cell of a date.
func day(at time.Time, zone *time.Location) Cell {
	year, month, d := at.Add(12 * time.Hour).In(zone).Date() // a clock change may have taken midnight away
	const epoch = 25569                                      // 1970-01-01
	return N(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + epoch).In(Date)
}

// listTitle begins a sheet that is one long list.
func listTitle(s *Sheet, title, note string) {
	s.Set(Ref{1, 2}, T(title).As(Title))
	s.Set(Ref{1, 3}, T(note).As(Subtitle))
	s.Heights[2], s.Heights[3] = 26, 17
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
	return Area{Sheet: "Ledger", From: Ref{column, listFirst}, To: Ref{column, listFirst + len(f.ledger.lines) - 1}}.String()
}

// literal is a text as a formula writes it.
func literal(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
