package match

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// matchTotals settles the lines that are no usage: credits and taxes as they
// are, and the vendor's own totals by what they differ from the lines above them.
func (m *Matcher) matchTotals() {
	var totals []*entry
	for i := range m.lines.list {
		e := &m.lines.list[i]
		switch e.kind {
		case statement.Credit:
			m.emit(m.find(billing.Credits, nil, e, ""))
		case statement.Tax:
			f := m.find(billing.Taxes, nil, e, "")
			f.TheirQuantity = 0
			m.emit(f)
		case statement.Total:
			totals = append(totals, e)
		}
	}
	for _, e := range totals {
		m.matchSum(e, m.isDecisive(e, totals))
	}
}

// isDecisive says whether a total is one that counts: not a part of another, and
// the last of its kind, which is what is asked for in the end.
func (m *Matcher) isDecisive(e *entry, totals []*entry) bool {
	at := m.lines.placeOf(e)
	for _, t := range totals {
		if t.statement != e.statement || t.currency != e.currency {
			continue
		}
		other := m.lines.placeOf(t)
		if other != at && other.Suits(at) || other == at && t.line > e.line {
			return false
		}
	}
	return true
}

// matchSum settles one of the vendor's totals. It may be meant with or without
// tax: it is held against whichever is nearer.
func (m *Matcher) matchSum(e *entry, decisive bool) {
	sum := m.sum(e)
	stated := m.lines.amountAt(e)
	difference := stated.Sub(sum.Net)
	if gross := difference.Sub(sum.Tax); gross.Abs().LessThan(difference.Abs()) {
		difference = gross
	}
	f := m.find(billing.Unexplained, nil, e, "")
	f.TheirQuantity, f.TheirAmount = 0, difference
	if e.quantity != 0 {
		f.TheirQuantity = sum.CallsBeside(e.quantity)
	}
	switch {
	case decisive && difference.IsPositive() && m.takeMinimum(&group{place: m.lines.placeOf(e), currency: f.Currency}, difference):
		f.Class, f.tier = billing.MonthlyMinimum, difference
		f.note("the total contains it")
	case f.TheirQuantity == 0 && difference.IsZero():
		f.note("the total ties to its lines")
	default:
		f.note(fmt.Sprintf("the total says %s", billing.Money{Amount: stated, Currency: f.Currency}))
	}
	if !decisive {
		f.note(fmt.Sprintf("a part of another total, off by %d and %s", f.TheirQuantity, billing.Money{Amount: difference, Currency: f.Currency}))
		f.TheirQuantity, f.TheirAmount = 0, decimal.Decimal{}
	}
	m.emit(f)
}

// sum adds up the lines that a total is about.
func (m *Matcher) sum(t *entry) (sum statement.LineSum) {
	at := m.lines.placeOf(t)
	for i := range m.lines.list {
		e := &m.lines.list[i]
		if e.statement != t.statement || e.currency != t.currency || !at.Suits(m.lines.placeOf(e)) {
			continue
		}
		switch e.kind {
		case statement.Usage:
			sum.Net = sum.Net.Add(m.lines.amountAt(e))
			sum.Quantity += m.lines.charged(e)
		case statement.Credit:
			sum.Net = sum.Net.Add(m.lines.amountAt(e))
			sum.Credited += e.quantity
		case statement.Tax:
			sum.Tax = sum.Tax.Add(m.lines.amountAt(e))
		}
	}
	return sum
}
