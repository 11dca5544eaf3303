package finance

import (
	"fmt"
	"time"

	"liverecon/report/finance/figures"
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

// writeLedger writes every line with its amount as quantity times price.
func writeLedger(book *xlsx.Workbook, d *figures.Data) ledgerRefs {
	s := book.NewSheet("Ledger")
	s.Tab = xlsx.Grey
	page.ListTitle(s, "Usage ledger", fmt.Sprintf("Calls sent %s, by day, region, endpoint, code and pricing · "+
		"billable: counted under the contract's reading, %s · amount = billable × unit price · the other sheets add "+
		"up these lines",
		d.Period.Describe(), d.Basis))
	s.List = &xlsx.List{First: page.ListFirst - 1, Count: len(d.Ledger.Lines),
		Columns: []xlsx.ListColumn{page.ListCol("Day", xlsx.Date, 12), page.ListCol("Region", xlsx.Literal, 15),
			page.ListCol("Endpoint", xlsx.Literal, 12), page.ListCol("Code", xlsx.Literal, 30),
			page.ListCol("Code no.", xlsx.Count, 10), page.ListCol("Pricing received", xlsx.Literal, 18),
			page.ListCol("Counted as", xlsx.Literal, 14), page.ListCol("Calls", xlsx.Count, 11),
			page.ListCol("Billable", xlsx.Count, 11), page.ListCol("Price no.", xlsx.Count, 11),
			page.ListCol("Currency", xlsx.Literal, 11), page.ListCol("Unit price", xlsx.Unit, 12),
			page.ListCol("Amount", xlsx.Amount4, 16)},
		Rows: func(yield func([]xlsx.Cell) error) error {
			for i, l := range d.Ledger.Lines {
				if err := yield(ledgerRow(d.Ledger, l, d.Period.Zone, page.ListFirst+i)); err != nil {
					return err
				}
			}
			return nil
		}}
	s.Frozen, s.Repeat = page.ListFirst-1, page.ListFirst-1
	return ledgerRefs{d.Ledger, d.Covered}
}

func ledgerRow(b *figures.Ledger, l figures.LedgerLine, zone *time.Location, row int) []xlsx.Cell {
	cells := []xlsx.Cell{day(l.Day, zone), xlsx.Untrusted(figures.LedgerText(l.Region)), xlsx.Untrusted(l.Endpoint),
		xlsx.Untrusted(l.Code), xlsx.N(b.CodeNumber(l.Code)), xlsx.Untrusted(figures.LedgerText(l.Pricing)),
		xlsx.Untrusted(l.Kind), xlsx.N(l.Calls), xlsx.N(l.Billable),
		page.None(), xlsx.Untrusted(b.Currency(l)), page.None(), page.None()}
	if l.Term == 0 {
		return cells
	}
	cells[ledgerTerm-1] = xlsx.N(int64(l.Term))
	cells[ledgerAmount-1] = xlsx.D(l.Amount.String(), xlsx.Amount4)
	if l.Unit.Valid {
		cells[ledgerUnit-1] = xlsx.D(l.Unit.Decimal.String(), xlsx.Unit)
		cells[ledgerAmount-1] = cells[ledgerAmount-1].WithFormula(fmt.Sprintf("%s*%s", xlsx.Ref{Col: ledgerBillable,
			Row: row}, xlsx.Ref{Col: ledgerUnit, Row: row}))
	}
	return cells
}

// day returns the cell of a date.
func day(at time.Time, zone *time.Location) xlsx.Cell {
	year, month, d := at.Add(12 * time.Hour).In(zone).Date() // a clock change may have taken midnight away
	const epoch = 25569                                      // 1970-01-01
	return xlsx.N(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix()/86400 + epoch).WithFormat(xlsx.Date)
}

// literal returns a text as a formula writes it.
func literal(text string) string { return page.Literal(text) }
