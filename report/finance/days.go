package finance

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// dayLine is what the calls of one day cost.
type dayLine struct {
	day calendar.Period
	account
	amounts map[string]decimal.Decimal // by currency
}

// dayLines adds the ledger up by day; every day of the period has a line.
func dayLines(b *ledger, p calendar.Period) []dayLine {
	var lines []dayLine
	index := map[int64]int{}
	for i, d := range p.Days() {
		lines = append(lines, dayLine{day: d, amounts: map[string]decimal.Decimal{}})
		index[d.From.Unix()] = i
	}
	for _, l := range b.lines {
		d, currency := &lines[index[l.day.Unix()]], b.currency(l)
		d.post(l)
		d.amounts[currency] = d.amounts[currency].Add(l.amount)
	}
	return lines
}

// widths are the widths of the sheet's columns: one more for each currency's amount.
func (f daySheet) widths() []float64 {
	widths := []float64{13, 12, 12, 12, 12, 12, 12, 12, 12}
	for range f.currencies {
		widths = append(widths, 16)
	}
	return widths
}

// name is a day as it stands on an axis: its number, where all days are of one month.
func (f daySheet) name(d dayLine) string {
	first, last := f.days[0].day.Label, f.days[len(f.days)-1].day.Label
	if first[:len("2026-11")] == last[:len("2026-11")] {
		return strings.TrimPrefix(d.day.Label[len("2026-11-"):], "0")
	}
	return d.day.Label[len("2026-"):]
}

// dayRows is how high the chart over the days is.
const dayRows = 16

type daySheet struct {
	*Data
	ledgerRefs
}

// writeDays writes the calls and amounts by day, below a chart of them.
func writeDays(book *xlsx.Workbook, d *Data, ledger ledgerRefs) *page.Table {
	f := daySheet{d, ledger}
	p := page.New(book, "By day", "Calls and amounts by day", d.sent(), f.widths()...)
	p.Tab = xlsx.Navy
	chart := p.Row
	p.Skip(dayRows + 3)
	p.Section("1  By day", "Live sums over the sheet Ledger. A day begins at midnight of "+f.Period.Zone.String()+"; a call belongs to the day it was sent.")
	columns := append([]page.Column{page.Col("Day", xlsx.Date)}, accountColumns()...)
	for _, currency := range f.currencies {
		columns = append(columns, page.Col("Amount, "+xlsx.Visible(currency), xlsx.Amount2))
	}
	t := p.Table(columns...)
	for _, d := range f.days {
		same := where{ledgerDay, t.Ref(0)}
		cells := append([]xlsx.Cell{day(d.day.From, f.Period.Zone)}, f.accountCells(t, d.account, 1, same)...)
		for _, currency := range f.currencies {
			cells = append(cells, xlsx.D(d.amounts[currency].String(), xlsx.Amount2).By(f.ledgerSum(ledgerAmount, same, where{ledgerCurrency, literal(currency)})))
		}
		p.SetBeside(0, p.Row, xlsx.T(f.name(d)))
		t.Add(cells...)
	}
	cells := append([]xlsx.Cell{xlsx.T("All days")}, f.ledger.all.totalCells(t, 1)...)
	for i, currency := range f.currencies {
		cells = append(cells, xlsx.D(f.ledger.total(currency).String(), xlsx.Amount2).By(xlsx.Sum(page.Local(t.Area(1+accountWidth+i)))))
	}
	t.Total(cells...)
	f.currencies.noteUnpriced(p, f.unpriced.least)
	p.PrintAll()
	p.Row = chart
	p.Figures(dayRows, f.figure(t))
	return t
}

// figure shows what may be charged for each day.
func (f daySheet) figure(t *page.Table) page.Figure {
	finding := "No call was sent in this period"
	busiest := f.days[0]
	for _, d := range f.days {
		if d.ceiling() > busiest.ceiling() {
			busiest = d
		}
	}
	if f.ledger.all.calls() > 0 {
		finding = fmt.Sprintf("%s has the most calls to pay for: %s", busiest.day.Label, span(busiest.bill))
	}
	return page.Figure{Finding: finding, Caption: "Calls tagged PAY, and calls in doubt, by day", Col: 1, Span: t.Page.Across,
		Chart: xlsx.Chart{Bars: xlsx.Stacked, Format: xlsx.Count, Categories: t.Beside(0, t.Rows), Alt: "Calls tagged PAY, and calls in doubt, by day",
			Series: []xlsx.Series{{Name: "PAY", Color: xlsx.Navy, Values: t.Area(1)}, {Name: "Cost unknown", Color: xlsx.Amber, Values: t.Area(3)}, {Name: "No answer", Color: xlsx.Orange, Values: t.Area(4)}}}}
}
