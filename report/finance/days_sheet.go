package finance

import (
	"fmt"
	"strings"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// widths returns the widths of the sheet's columns: one more for each currency's amount.
func (f daySheet) widths() []float64 {
	widths := []float64{13, 12, 12, 12, 12, 12, 12, 12, 12}
	for range f.Currencies {
		widths = append(widths, 16)
	}
	return widths
}

// name returns a day's label on an axis: its number, where all days are of one month.
func (f daySheet) name(d figures.DayLine) string {
	first, last := f.Days[0].Day.Label, f.Days[len(f.Days)-1].Day.Label
	if first[:len("2026-11")] == last[:len("2026-11")] {
		return strings.TrimPrefix(d.Day.Label[len("2026-11-"):], "0")
	}
	return d.Day.Label[len("2026-"):]
}

// dayRows sets how high the chart over the days is.
const dayRows = 16

type daySheet struct {
	*figures.Data
	ledgerRefs
}

// writeDays writes the calls and amounts by day, below a chart of them.
func writeDays(book *xlsx.Workbook, d *figures.Data, ledger ledgerRefs) *page.Table {
	f := daySheet{d, ledger}
	p := page.New(book, "By day", "Calls and amounts by day", d.Sent(), f.widths()...)
	p.Tab = xlsx.Navy
	chart := p.Row
	p.Skip(dayRows + 3)
	p.Section("1  By day",
		"Live sums over the sheet Ledger. A day begins at midnight of "+f.Period.Zone.String()+
			"; a call belongs to the day it was sent.")
	columns := append([]page.Column{page.Col("Day", xlsx.Date)}, accountColumns()...)
	for _, currency := range f.Currencies {
		columns = append(columns, page.Col("Amount, "+xlsx.Visible(currency), xlsx.Amount2))
	}
	t := p.Table(columns...)
	for _, d := range f.Days {
		same := where{ledgerDay, t.Ref(0)}
		cells := append([]xlsx.Cell{day(d.Day.From, f.Period.Zone)}, f.accountCells(t, d.Account, 1, same)...)
		for _, currency := range f.Currencies {
			cells = append(cells,
				cents(d.Amounts[currency]).WithFormula(f.ledgerSum(ledgerAmount, same,
					where{ledgerCurrency, literal(currency)})))
		}
		p.SetBeside(0, p.Row, xlsx.T(f.name(d)))
		t.Add(cells...)
	}
	cells := append([]xlsx.Cell{xlsx.T("All days")}, totalCells(t, f.Ledger.All, 1)...)
	for i, currency := range f.Currencies {
		cells = append(cells,
			cents(f.Ledger.Total(currency)).WithFormula(xlsx.Sum(page.Local(t.Area(1+accountWidth+i)))))
	}
	t.Total(cells...)
	noteUnpriced(p, f.Currencies, f.Unpriced.Least)
	p.PrintAll()
	p.Row = chart
	p.Figures(dayRows, f.figure(t))
	return t
}

// figure shows what may be charged for each day.
func (f daySheet) figure(t *page.Table) page.Figure {
	finding := "No call was sent in this period"
	busiest := f.Days[0]
	for _, d := range f.Days {
		if d.Ceiling() > busiest.Ceiling() {
			busiest = d
		}
	}
	if f.Ledger.All.Calls() > 0 {
		finding = fmt.Sprintf("%s has the most calls to pay for: %s", busiest.Day.Label, span(busiest.Bill))
	}
	return page.Figure{Finding: finding, Caption: "Calls tagged PAY, and calls in doubt, by day", Col: 1,
		Span: t.Page.Across,
		Chart: xlsx.Chart{Bars: xlsx.Stacked, Format: xlsx.Count, Categories: t.Beside(0, t.Rows),
			Alt: "Calls tagged PAY, and calls in doubt, by day",
			Series: []xlsx.Series{{Name: "PAY", Color: xlsx.Navy, Values: t.Area(1)},
				{Name: "Cost unknown", Color: xlsx.Amber, Values: t.Area(3)},
				{Name: "No answer", Color: xlsx.Orange, Values: t.Area(4)}}}}
}
