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
func (f *finance) dayLines() []dayLine {
	var lines []dayLine
	index := map[int64]int{}
	for i, d := range f.Period.Days() {
		lines = append(lines, dayLine{day: d, amounts: map[string]decimal.Decimal{}})
		index[d.From.Unix()] = i
	}
	for _, l := range f.ledger.lines {
		d, currency := &lines[index[l.day.Unix()]], f.ledger.currency(l)
		d.post(l)
		d.amounts[currency] = d.amounts[currency].Add(l.amount)
	}
	return lines
}

// dayWidths are the widths of the sheet's columns: one more for each currency's amount.
func (f *finance) dayWidths() []float64 {
	widths := []float64{13, 12, 12, 12, 12, 12, 12, 12, 12}
	for range f.priced {
		widths = append(widths, 16)
	}
	return widths
}

// dayName is a day as it stands on an axis: its number, where all days are of one month.
func (f *finance) dayName(d dayLine) string {
	first, last := f.days[0].day.Label, f.days[len(f.days)-1].day.Label
	if first[:len("2026-11")] == last[:len("2026-11")] {
		return strings.TrimPrefix(d.day.Label[len("2026-11-"):], "0")
	}
	return d.day.Label[len("2026-"):]
}

// dayRows is how high the chart over the days is.
const dayRows = 16

// daySheet writes the calls and amounts by day, below a chart of them.
func (f *finance) daySheet(p *page.Page) {
	p.Tab = xlsx.Navy
	chart := p.Row
	p.Skip(dayRows + 3)
	p.Section("1  By day", "Live sums over the sheet Ledger. A day begins at midnight of "+f.Period.Zone.String()+"; a call belongs to the day it was sent.")
	columns := append([]page.Column{{Head: "Day", Span: 1, Format: xlsx.Date}}, accountColumns()...)
	for _, currency := range f.priced {
		columns = append(columns, page.Column{Head: "Amount, " + xlsx.Visible(currency), Span: 1, Format: xlsx.Amount2})
	}
	t := p.Table(columns...)
	f.places.days = t
	for _, d := range f.days {
		same := where{ledgerDay, t.Ref(0)}
		cells := append([]xlsx.Cell{day(d.day.From, f.Period.Zone)}, f.accountCells(t, d.account, 1, same)...)
		for _, currency := range f.priced {
			cells = append(cells, xlsx.D(d.amounts[currency].String(), xlsx.Amount2).By(f.ledgerSum(ledgerAmount, same, where{ledgerCurrency, literal(currency)})))
		}
		p.Set(xlsx.Ref{Col: p.Across + 3, Row: p.Row}, xlsx.T(f.dayName(d)).As(xlsx.Feeder))
		t.Add(cells...)
	}
	cells := append([]xlsx.Cell{xlsx.T("All days")}, f.totalCells(t, 1)...)
	for i, currency := range f.priced {
		cells = append(cells, xlsx.D(f.ledger.total(currency).String(), xlsx.Amount2).By(xlsx.Sum(page.Local(t.Area(1+accountWidth+i)))))
	}
	t.Total(cells...)
	f.noteUnpriced(p, f.unpriced)
	p.Print = xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: p.Row}}
	p.Row = chart
	p.Figures(dayRows, f.dayFigure(t))
}

// dayFigure shows what may be charged for each day.
func (f *finance) dayFigure(t *page.Table) page.Figure {
	finding := "No call was sent in this period"
	busiest := f.days[0]
	for _, d := range f.days {
		if d.ceiling() > busiest.ceiling() {
			busiest = d
		}
	}
	if f.calls() > 0 {
		finding = fmt.Sprintf("%s has the most calls to pay for: %s", busiest.day.Label, span(busiest.bill))
	}
	col := t.Page.Across + 3
	labels := t.Page.Area(xlsx.Ref{Col: col, Row: t.First}, xlsx.Ref{Col: col, Row: t.First + t.Rows - 1})
	return page.Figure{Finding: finding, Caption: "Calls tagged PAY, and calls in doubt, by day", Col: 1, Span: t.Page.Across,
		Chart: xlsx.Chart{Bars: xlsx.Stacked, Format: xlsx.Count, Categories: labels, Alt: "Calls tagged PAY, and calls in doubt, by day",
			Series: []xlsx.Series{{Name: "PAY", Color: xlsx.Navy, Values: t.Area(1)}, {Name: "Cost unknown", Color: xlsx.Amber, Values: t.Area(3)}, {Name: "No answer", Color: xlsx.Orange, Values: t.Area(4)}}}}
}
