package figures

import (
	"github.com/shopspring/decimal"

	"liverecon/store/calendar"
)

// DayLine counts and prices the calls of one day.
type DayLine struct {
	Day calendar.Period
	Account
	Amounts map[string]decimal.Decimal // by currency
}

// dayLines adds the ledger up by day; every day of the period has a line.
func dayLines(b *Ledger, p calendar.Period) []DayLine {
	var lines []DayLine
	index := map[int64]int{}
	for i, d := range p.Days() {
		lines = append(lines, DayLine{Day: d, Amounts: map[string]decimal.Decimal{}})
		index[d.From.Unix()] = i
	}
	for _, l := range b.Lines {
		d, currency := &lines[index[l.Day.Unix()]], b.Currency(l)
		d.Post(l)
		d.Amounts[currency] = d.Amounts[currency].Add(l.Amount)
	}
	return lines
}
