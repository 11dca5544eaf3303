package report

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// dayLine is what the calls of one day cost.
type dayLine struct {
	day Period
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
func (f *finance) daySheet(p *page) {
	p.Tab = navy
	chart := p.row
	p.skip(dayRows + 3)
	p.section("1  By day", "Live sums over the sheet Ledger. A day begins at midnight of "+f.Period.Zone.String()+"; a call belongs to the day it was sent.")
	columns := append([]column{{"Day", 1, Date}}, accountColumns()...)
	for _, currency := range f.priced {
		columns = append(columns, column{"Amount, " + visible(currency), 1, Amount2})
	}
	t := p.table(columns...)
	f.places.days = t
	for _, d := range f.days {
		same := where{ledgerDay, t.ref(0)}
		cells := append([]Cell{day(d.day.From, f.Period.Zone)}, f.accountCells(t, d.account, 1, same)...)
		for _, currency := range f.priced {
			cells = append(cells, D(d.amounts[currency].String(), Amount2).By(f.ledgerSum(ledgerAmount, same, where{ledgerCurrency, literal(currency)})))
		}
		p.Set(Ref{p.across + 3, p.row}, T(f.dayName(d)).As(Feeder))
		t.add(cells...)
	}
	cells := append([]Cell{T("All days")}, f.totalCells(t, 1)...)
	for i, currency := range f.priced {
		cells = append(cells, D(f.ledger.total(currency).String(), Amount2).By(sum(local(t.area(1+accountWidth+i)))))
	}
	t.total(cells...)
	f.noteUnpriced(p, f.unpriced)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
	p.row = chart
	p.figures(dayRows, f.dayFigure(t))
}

// dayFigure shows what may be charged for each day.
func (f *finance) dayFigure(t *table) figure {
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
	col := t.page.across + 3
	labels := t.page.Area(Ref{col, t.first}, Ref{col, t.first + t.rows - 1})
	return figure{finding: finding, caption: "Calls tagged PAY, and calls in doubt, by day", col: 1, span: t.page.across,
		chart: Chart{Bars: Stacked, Format: Count, Categories: labels, Alt: "Calls tagged PAY, and calls in doubt, by day",
			Series: []Series{{Name: "PAY", Color: navy, Values: t.area(1)}, {Name: "Cost unknown", Color: amber, Values: t.area(3)}, {Name: "No answer", Color: orange, Values: t.area(4)}}}}
}
