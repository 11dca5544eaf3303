package match

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// judgeTotals makes the rows of the lines that are no usage of ours: credits, taxes and other products as they are, and the vendor's own totals by
// what they differ from the lines above them.
func judgeTotals(in *month, out *outcome) {
	var totals []*line
	for i := range in.lines.list {
		e := &in.lines.list[i]
		switch {
		case e.kind == creditLine && e.fate == reversed:
			f := in.find(billing.Matched, nil, e, "takes back what the transaction was billed")
			f.TheirQuantity, f.TheirAmount = 0, decimal.Decimal{}
			out.emit(f)
		case e.kind == creditLine:
			out.emit(in.find(billing.Credits, nil, e, ""))
		case e.kind == taxLine && includesTax(in):
			emitIncluded(in, out, e)
		case e.kind == taxLine:
			f := in.find(billing.Taxes, nil, e, "")
			f.TheirQuantity = 0
			out.emit(f)
		case e.kind == totalLine:
			totals = append(totals, e)
		}
	}
	for _, e := range totals {
		judgeTotal(in, out, e, isDecisive(in, e, totals))
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

// judgeTotal accounts for one of the vendor's totals. It may be meant with or without tax: it is held against whichever
// is nearer.
func judgeTotal(in *month, out *outcome, e *line, decisive bool) {
	sum := sumOf(in, e)
	stated := in.lines.amountAt(e)
	lines := sum.Net
	if gross := lines.Add(sum.Tax); stated.Sub(gross).Abs().LessThan(stated.Sub(lines).Abs()) {
		lines = gross
	}
	difference := stated.Sub(lines)
	f := in.find(billing.Unexplained, nil, e, "")
	f.TheirQuantity, f.TheirAmount = 0, difference
	if e.quantity != 0 {
		f.TheirQuantity = sum.CallsBeside(e.quantity)
	}
	said := fmt.Sprintf("the total says %s", billing.Money{Amount: stated, Currency: f.Currency})
	t, owed := in.topUpOf(in.lines.routeOf(e), f.Currency, difference, decimal.Decimal{}, in.lines.indexOf(e))
	switch {
	case f.TheirQuantity == 0 && difference.IsZero():
		f.Class = billing.Matched
		f.note("the total ties to its lines")
	case f.TheirQuantity == 0 && in.grids.sum(billing.TotalLevel, e.gridKey(), stated, lines):
		f.Class, f.Rounding = billing.Totals, difference
		f.note(said + ", its lines rounded")
	case decisive && owed && difference.IsPositive():
		t.bill()
		f.Tax = difference.Sub(in.lines.net(difference))
		f.Class, f.Minimum, f.Rounding = billing.MonthlyMinimum, t.amount, f.net().Sub(t.amount)
		f.note("the total contains it")
	default:
		f.Issue = difference
		f.note(said)
	}
	in.saysMore = in.saysMore || f.Class == billing.Unexplained && (f.TheirQuantity > 0 || f.Issue.IsPositive())
	if !decisive {
		f.note(fmt.Sprintf("a part of another total, off by %d and %s", f.TheirQuantity,
			billing.Money{Amount: difference, Currency: f.Currency}))
		f.TheirQuantity, f.TheirAmount, f.Parts = 0, decimal.Decimal{}, billing.Parts{}
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
		case usageLine:
			sum.AddUsage(in.lines.amountAt(e), e.quantity, in.lines.bills(e))
		case creditLine:
			sum.Net = sum.Net.Add(in.lines.amountAt(e))
			sum.Credited += e.quantity
		case taxLine:
			if !includesTax(in) {
				sum.Tax = sum.Tax.Add(in.lines.amountAt(e))
			}
		}
	}
	in.addProducts(t, &sum)
	return sum
}
