package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/payable"
	"liverecon/batch/match/internal/tax"
)

// outcome hands rows over as they are found, and sums them up.
type outcome struct {
	each     func(*billing.Row) error
	err      error // the first of each
	bridges  map[string]*bridge
	invoices *payable.Sums
	taxed    tax.Sums
}

func newOutcome(in *month, each func(*billing.Row) error) *outcome {
	o := &outcome{each: each, bridges: map[string]*bridge{}, invoices: payable.NewSums(in.Successors), taxed: in.afar}
	if o.taxed == nil {
		o.taxed = newTaxed(in)
	}
	return o
}

// emit counts a row and hands it over.
func (o *outcome) emit(f *finding) {
	if !f.Priced { // of some of its calls alone
		f.OurAmount, f.Parts = decimal.Decimal{}, billing.Parts{}
	}
	if f.pool != nil && (f.pool.price == nil || f.pool.price.Currency != f.Currency) {
		f.pool = nil
	}
	o.bridge(f.Currency).add(f)
	o.invoices.Add(&f.Row, stepOf(f))
	o.tax(f)
	if o.err == nil {
		o.err = o.each(&f.Row)
	}
}

func (o *outcome) bridge(currency string) *bridge {
	b := o.bridges[currency]
	if b == nil {
		b = &bridge{steps: map[string]BridgeLine{}}
		o.bridges[currency] = b
	}
	return b
}

// emitRows makes the rows of the lines of usage and of our calls.
func emitRows(in *month, out *outcome) {
	var later []uint32
	for i := range in.lines.list {
		e := &in.lines.list[i]
		if e.kind != usageLine || e.fate == summed || e.fate == charged {
			continue
		}
		if e.transaction == (transaction{}) || e.byTime || e.call == 0 {
			later = append(later, uint32(i))
			continue
		}
		emitLine(in, out, uint32(i))
	}
	for _, l := range later {
		emitLine(in, out, l)
	}
	for _, l := range in.fees {
		f := in.find(billing.MonthlyMinimum, nil, &in.lines.list[l], "")
		f.judgeFee(in, l)
		out.emit(f)
	}
	for _, c := range in.cells {
		c.emit(in, out)
	}
	for _, i := range in.left {
		emitMissing(in, out, i, in.elsewhere[i])
	}
}

// emitMissing makes the row of a charge of ours that is on no line; elsewhere names where it is instead.
func emitMissing(in *month, out *outcome, i uint32, elsewhere string) {
	r := in.journal.record(i)
	f := in.find(billing.OursOnly, r, nil, "")
	f.addCall(in, r)
	if elsewhere != "" {
		f.Class = billing.OtherPeriod
		f.note(elsewhere)
	} else {
		f.Issue = f.right().Neg()
	}
	out.emit(f)
}

// emit makes the row of a cell, or where each of its lines is over one call of the same right amount, theirs.
func (c *cell) emit(in *month, out *outcome) {
	for _, i := range c.missing {
		r := in.journal.record(i)
		f := in.find(billing.OursOnly, r, nil, "by count")
		f.addCall(in, r)
		f.Issue = f.right().Neg()
		out.emit(f)
	}
	if c.isByCall(in) {
		c.emitByCall(in, out)
		return
	}
	f := in.find(billing.Matched, nil, &in.lines.list[c.lines[0]], "")
	f.TheirQuantity, f.TheirAmount = c.quantity, c.amount
	f.Tax = c.amount.Sub(in.lines.net(c.amount))
	if len(c.lines) > 1 {
		f.note(c.numbers(in))
	}
	for _, i := range c.calls() {
		r := in.journal.record(i)
		r.facts |= isUsed
		f.addCall(in, r)
	}
	f.pool = c.poolOf(in)
	c.judge(in, f)
	if len(c.lines) == 1 {
		f.checkProduct(in.ledger, &in.lines.list[c.lines[0]])
	}
	out.emit(f)
	for _, l := range c.lines[1:] { // the row is on the first line's statement
		e := &in.lines.list[l]
		out.invoices.Move(f.StatementID, in.lines.statementOf(e), c.currency, in.lines.amountAt(e))
	}
}

// judge compares the cell's amount with what is right, and with that and a minimum.
func (c *cell) judge(in *month, f *finding) {
	if n := len(c.doubts); n > 0 {
		f.note(floorAndCeiling(f.OurQuantity, int64(n)))
	}
	if c.shifted {
		f.note("another tier, lawful")
	}
	f.judge(in, func(decimal.Decimal) bool { return c.fits(in.ledger) }, c.surplus)
	if f.Class == billing.OtherPeriod && !c.isOutside(in) {
		f.Class = billing.Matched
	}
	if f.Issue.IsPositive() {
		if t, found := in.topUpOf(c.route, c.currency, c.amount, f.right(), c.lines[0]); found {
			t.bill()
			f.Class, f.Minimum, f.Rounding, f.Issue = billing.MonthlyMinimum, t.amount, f.Issue.Sub(t.amount),
				decimal.Decimal{}
			f.note("with the monthly minimum")
		}
	}
	if c.surplus > 0 && !f.Issue.IsNegative() && f.Class.Open() {
		f.explainByLoss(in.lost, c.surplus, c.from, c.to)
	}
	if f.Class == billing.QuantityDiffers && c.surplus == 0 {
		f.Class = billing.PriceDiffers
	}
}

// poolOf returns the pool of all of the cell's calls; where there is none, the one that it names; nil where they are of
// several.
func (c *cell) poolOf(in *month) *pool {
	calls := c.calls()
	if len(calls) == 0 {
		return in.poolNamed(&in.lines.list[c.lines[0]])
	}
	p := in.pools[in.journal.record(calls[0]).price]
	if !c.isOf(in.ledger, p) {
		return nil
	}
	return p
}

// isByCall reports whether each of the cell's lines is over one call, and all lines and calls have the same amount.
func (c *cell) isByCall(in *month) bool {
	calls := c.calls()
	if len(calls) != len(c.lines) || c.surplus > 0 || len(c.billed) != 0 && len(c.billed) != len(c.doubts) {
		return false
	}
	first := in.lines.list[c.lines[0]].amount
	for n, l := range c.lines {
		e, r := &in.lines.list[l], in.journal.record(calls[n])
		if e.quantity != 1 || e.amount != first || r.price == 0 || !in.lines.amountAt(e).Equal(in.lines.withTax(in.right(r))) {
			return false
		}
	}
	return true
}

// emitByCall makes a row for each line of the cell: which call it is of is taken in the order of their times.
func (c *cell) emitByCall(in *month, out *outcome) {
	calls := c.calls()
	for n, l := range c.lines {
		e, r := &in.lines.list[l], in.journal.record(calls[n])
		f := in.find(billing.Matched, r, e, "by count")
		f.addCall(in, r)
		if c.isOutside(in) {
			f.note("sent in " + in.periodOf(r).String())
		}
		f.judge(in, func(right decimal.Decimal) bool { return f.TheirAmount.Equal(in.lines.withTax(right)) }, 0)
		f.checkProduct(in.ledger, e)
		out.emit(f)
	}
}
