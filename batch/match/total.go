package match

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// matchTotals accounts for the lines that are no usage: credits and taxes as they are, and the vendor's own totals by
// what they differ from the lines above them.
func matchTotals(in *month, out *outcome) {
	var totals []*line
	for i := range in.lines.list {
		e := &in.lines.list[i]
		switch e.kind {
		case statement.Credit:
			out.emit(in.find(billing.Credits, nil, e, ""))
		case statement.Tax:
			f := in.find(billing.Taxes, nil, e, "")
			f.TheirQuantity = 0
			out.emit(f)
		case statement.Total:
			totals = append(totals, e)
		}
	}
	for _, e := range totals {
		matchSum(in, out, e, isDecisive(in, e, totals))
	}
}

// isDecisive reports whether a total counts: it is not a part of another, and is the last of its kind, the amount that
// is asked for in the end.
func isDecisive(in *month, e *line, totals []*line) bool {
	at := in.lines.routeOf(e)
	for _, t := range totals {
		if t.statement != e.statement || t.currency != e.currency {
			continue
		}
		other := in.lines.routeOf(t)
		if other != at && other.Suits(at) || other == at && t.number > e.number {
			return false
		}
	}
	return true
}

// matchSum accounts for one of the vendor's totals. It may be meant with or without tax: it is held against whichever
// is nearer.
func matchSum(in *month, out *outcome, e *line, decisive bool) {
	sum := sumOf(in, e)
	stated := in.lines.amountAt(e)
	difference := stated.Sub(sum.Net)
	if gross := difference.Sub(sum.Tax); gross.Abs().LessThan(difference.Abs()) {
		difference = gross
	}
	f := in.find(billing.Unexplained, nil, e, "")
	f.TheirQuantity, f.TheirAmount = 0, difference
	if e.quantity != 0 {
		f.TheirQuantity = sum.CallsBeside(e.quantity)
	}
	beyond := billing.Money{Amount: difference, Currency: f.Currency}
	switch {
	case decisive && difference.IsPositive() && out.minimums.take(in.journal.book, in.lines.routeOf(e), beyond):
		f.Class, f.tier = billing.MonthlyMinimum, difference
		f.note("the total contains it")
	case f.TheirQuantity == 0 && difference.IsZero():
		f.note("the total ties to its lines")
	default:
		f.note(fmt.Sprintf("the total says %s", billing.Money{Amount: stated, Currency: f.Currency}))
	}
	if !decisive {
		f.note(fmt.Sprintf("a part of another total, off by %d and %s", f.TheirQuantity,
			billing.Money{Amount: difference, Currency: f.Currency}))
		f.TheirQuantity, f.TheirAmount = 0, decimal.Decimal{}
	}
	out.emit(f)
}

// sumOf adds up the lines that a total is about.
func sumOf(in *month, t *line) (sum statement.LineSum) {
	at := in.lines.routeOf(t)
	for i := range in.lines.list {
		e := &in.lines.list[i]
		if e.statement != t.statement || e.currency != t.currency || !at.Suits(in.lines.routeOf(e)) {
			continue
		}
		switch e.kind {
		case statement.Usage:
			sum.Net = sum.Net.Add(in.lines.amountAt(e))
			sum.Quantity += in.lines.charged(e)
		case statement.Credit:
			sum.Net = sum.Net.Add(in.lines.amountAt(e))
			sum.Credited += e.quantity
		case statement.Tax:
			sum.Tax = sum.Tax.Add(in.lines.amountAt(e))
		}
	}
	return sum
}
