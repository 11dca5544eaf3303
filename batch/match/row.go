package match

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/lost"
)

// finding represents a row on its way to the bridge.
type finding struct {
	billing.Row
	doubts int64 // calls in doubt that it bills
	pool   *pool // that its issue is netted in; nil: none
	lawful bool  // it has a call that is owed
	prior  bool  // it is of a closed month
	beside bool  // of these, a credit or a tax
}

// find begins a row about a call, a line, or both.
func (m *month) find(class billing.Class, r *record, e *line, note string) *finding {
	f := &finding{Row: billing.Row{Class: class, Priced: true, Note: note}}
	if e != nil {
		f.describeLine(m, e)
	}
	if r != nil {
		f.describeCall(m, r)
		f.pool = m.pools[r.price]
	}
	return f
}

func (f *finding) describeLine(in *month, e *line) {
	s := in.lines
	at := s.routeOf(e)
	f.StatementID, f.Line = s.statements.Values[e.statement], int(e.number)
	f.Endpoint, f.Region, f.Currency = at.Endpoint, at.Region, s.currencyOf(e)
	f.TransactionID = in.journal.textOf(e.transaction)
	f.TheirPricing = s.pricingOf(e)
	f.TheirQuantity, f.TheirAmount = s.charged(e), s.amountAt(e)
	if e.kind == usageLine {
		f.Tax = f.TheirAmount.Sub(s.netAt(e))
	}
	if e.when != monthOnly {
		f.At = instantOf(e.at)
	}
}

func (f *finding) describeCall(in *month, r *record) {
	at := in.journal.routeOf(r)
	f.CallID, f.At = r.id, instantOf(r.at)
	if f.Endpoint != "" && f.Endpoint != at.Endpoint || f.Region != "" && f.Region != at.Region {
		f.note("the statement says " + strings.TrimSpace(f.Endpoint+" "+f.Region))
	}
	f.Endpoint, f.Region = at.Endpoint, at.Region
	if r.is(hasID) {
		f.TransactionID = in.journal.textOf(r.transactionID())
	}
	f.OurTag, f.OurPricing = r.tag(), in.journal.texts.Values[r.pricing]
	r.facts |= isUsed
}

// addCall adds an owed call to a row, or one that another month's statement has. A row without a line takes the call's
// currency.
func (f *finding) addCall(in *month, r *record) {
	right := in.right(r)
	f.Priced = f.Priced && r.price != 0
	f.lawful = f.lawful || r.due != 0
	if f.Line == 0 {
		f.Currency = in.currencyOf(r)
	}
	switch {
	case in.isOurs(r) && r.due == 0:
		own := in.own(r)
		f.OurQuantity++
		f.OurAmount, f.Other = f.OurAmount.Add(own), f.Other.Sub(own)
	case in.isOurs(r):
		own := in.own(r)
		f.OurQuantity++
		f.OurAmount = f.OurAmount.Add(own)
		if !right.Equal(own) {
			f.Shift = f.Shift.Add(right.Sub(own))
		}
	case in.charged(r):
		f.Other = f.Other.Add(right)
	default:
		f.doubts++
		f.Doubt = f.Doubt.Add(right)
	}
}

// net returns what the row is billed without the tax that is included.
func (f *finding) net() decimal.Decimal { return f.TheirAmount.Sub(f.Tax) }

// right returns what the row should be billed, without a minimum.
func (f *finding) right() decimal.Decimal {
	return f.OurAmount.Add(f.Doubt).Add(f.Other).Add(f.Shift)
}

// judge compares the amounts of a row: tied reports whether theirs is a right amount, or is it rounded.
func (f *finding) judge(in *month, tied func(right decimal.Decimal) bool, quantity int64) {
	right := f.right()
	switch {
	case !f.Priced:
	case tied(right):
		f.Rounding = f.net().Sub(right)
	default:
		f.Issue = f.net().Sub(right)
	}
	switch {
	case f.Issue.IsZero() && quantity != 0 && !f.Priced:
		f.Class = billing.QuantityDiffers
	case f.Issue.IsZero() && f.OurQuantity == 0 && f.doubts == 0:
		f.Class = billing.OtherPeriod
	case f.Issue.IsZero() && f.doubts > 0:
		f.Class = billing.ExplainedByDoubt
	case f.Issue.IsZero():
		f.Class = billing.Matched
	case quantity != 0:
		f.Class = billing.QuantityDiffers
	default:
		f.Class = billing.PriceDiffers
	}
}

func slotName(slot int) string {
	if slot == 0 {
		return "the free quota"
	}
	return fmt.Sprintf("tier %d", slot)
}

// emitLine makes the rows of a line of usage that is of no cell.
func emitLine(in *month, out *outcome, l uint32) {
	e := &in.lines.list[l]
	var r *record
	if e.call != 0 {
		r = in.journal.record(e.call - 1)
	}
	var f *finding
	switch e.fate {
	case paired:
		emitPair(in, out, l, e, r)
		return
	case listedPay:
		f = in.find(billing.OursOnly, r, e, "the statement lists it as free")
		f.addCall(in, r)
		f.Issue = f.net().Sub(f.right())
		out.emit(f)
		return
	case listed:
		out.emit(in.find(billing.Matched, r, e, "listed, not billed"))
		return
	case reversed:
		f = in.find(billing.Matched, r, e, fmt.Sprintf("taken back on line %d",
			in.lines.list[in.takenBack[l]].number))
		f.TheirQuantity, f.TheirAmount, f.Tax = 0, decimal.Decimal{}, decimal.Decimal{}
		out.emit(f)
		return
	case uncharged:
		note := ""
		if !r.is(isFree) {
			note = fmt.Sprintf("no charge by the reading %s", in.Basis)
		}
		f = in.find(billing.PricingDiffers, r, e, note)
	case duplicate:
		first := in.lines.firstOf(e)
		f = in.find(billing.Duplicate, r, e, fmt.Sprintf("first on line %d", first))
	case again:
		first := in.first[l]
		f = in.find(billing.BilledAgain, r, e, "first billed on "+first.text(&in.Options))
	default:
		f = in.find(billing.TheirsOnly, nil, e, "")
	}
	if r == nil {
		f.pool = in.poolNamed(e)
	}
	f.Issue = f.net()
	if f.Class == billing.TheirsOnly {
		from, to := timeOf(in, e)
		f.explainByLoss(in.lost, f.TheirQuantity, from, to)
	}
	f.checkProduct(in.ledger, e)
	out.emit(f)
}

// explainByLoss takes what a row bills beyond our calls in [from, to) for that of calls whose records were lost, as
// many as there may have been: they are doubts, too. What is beyond stays at issue.
func (f *finding) explainByLoss(times lost.Times, beyond, from, to int64) {
	n, share := times.Take(beyond, from, to), f.Issue
	switch {
	case n <= 0:
		return
	case n == beyond:
		f.Class = billing.ExplainedByDoubt
	default:
		share = f.Issue.Mul(decimal.NewFromInt(n)).DivRound(decimal.NewFromInt(beyond), 12)
	}
	f.doubts += n
	f.Doubt, f.Issue = f.Doubt.Add(share), f.Issue.Sub(share)
	f.note(billing.LostNote(n, beyond))
}

// text names a line of a statement.
func (p lineRef) text(o *Options) string {
	if in, known := o.Invoices[p.statement]; known {
		return fmt.Sprintf("line %d of %s", p.line, in.File)
	}
	return fmt.Sprintf("line %d of statement %d", p.line, p.statement)
}

// emitPair makes the row of a line and its call. A line in another currency than the price's is two rows, since amounts
// of two currencies can't be compared: each is in its own currency's bridge.
func emitPair(in *month, out *outcome, l uint32, e *line, r *record) {
	theirs := in.lines.currencyOf(e)
	if ours := in.currencyOf(r); ours != theirs && r.price != 0 {
		for _, i := range append([]uint32{e.call - 1}, in.extra[l]...) {
			r := in.journal.record(i)
			f := in.find(billing.PriceDiffers, r, nil, fmt.Sprintf("billed in %s, on line %d", theirs, e.number))
			f.addCall(in, r)
			f.Issue = f.right().Neg()
			out.emit(f)
		}
		f := in.find(billing.PriceDiffers, nil, e, fmt.Sprintf("call %d is priced in %s", r.id, ours))
		f.Issue = f.net()
		out.emit(f)
		return
	}
	f := in.find(billing.Matched, r, e, "")
	f.addCall(in, r)
	calls := int64(1)
	for _, i := range in.extra[l] {
		f.addCall(in, in.journal.record(i))
		calls++
	}
	f.remark(in, l, e, r)
	f.judge(in, func(right decimal.Decimal) bool { return in.grids.line(e, right) }, f.TheirQuantity-calls)
	p := in.journal.priceOf(r)
	if f.Class == billing.PriceDiffers && calls == 1 {
		right := f.right()
		if slot, found := in.grids.tierOf(e, p, right); found {
			f.Class = billing.WrongTier
			f.note(fmt.Sprintf("theirs is the price of %s, right is that of %s", slotName(slot),
				slotName(in.slotOf(r))))
		}
	}
	if f.Class == billing.PriceDiffers && f.doubts > 0 {
		f.note(fmt.Sprintf("the call was in doubt: its price, %s, is explained",
			billing.Money{Amount: f.Doubt, Currency: f.Currency}))
	}
	if p != nil && in.pools[r.price].cut {
		f.note(fmt.Sprintf("the search for its tier was cut after %d steps", searchSteps))
	}
	f.checkProduct(in.ledger, e)
	out.emit(f)
}

// remark notes how a line has its call, where not by the transaction of a charge of this month.
func (f *finding) remark(in *month, l uint32, e *line, r *record) {
	if id, moved := in.standIn[l]; moved {
		f.note(fmt.Sprintf("charged at call %d to the same ID, which was in doubt", id))
	}
	switch {
	case e.byTime && e.transaction == transaction{}:
		f.note("by time")
	case e.byTime && in.isOurs(r):
		f.note("by time: our record has no transaction ID")
	case !e.byTime && in.mayBeCharged(r) && in.journal.inMonth(r):
		f.note("answered without a tag that says PAY or FREE")
	}
	if !in.journal.inMonth(r) {
		f.note(fmt.Sprintf("sent in %s", in.periodOf(r)))
	}
	if e.shifted {
		f.note("another tier, lawful")
	}
}

// checkProduct remarks on a line whose amount is not quantity times unit price. Where the amount is right all the same,
// what is printed contradicts itself.
func (f *finding) checkProduct(in *ledger, e *line) {
	if e.unit == 0 || e.quantity == 0 {
		return
	}
	unit := in.lines.amounts[e.unit-1]
	product := unit.Mul(decimal.NewFromInt(e.quantity))
	a := in.lines.amountAt(e)
	if product.Equal(a) || in.grids.isProduct(e, a, product) {
		return
	}
	f.note(fmt.Sprintf("the line says %d × %s = %s", e.quantity, unit, a))
	if f.Class == billing.Matched {
		f.Class = billing.Contradiction
	}
}

// note adds a remark to a row.
func (f *finding) note(text string) {
	if f.Note != "" {
		text = f.Note + "; " + text
	}
	f.Note = text
}
