package match

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// finding is a row on its way to the bridge.
type finding struct {
	billing.Row
	extra decimal.Decimal // of the difference, what follows from the quantities
	tier  decimal.Decimal // of the difference, what follows from another tier or the minimum
	doubt decimal.Decimal // of the difference of a row at another price, what the calls in doubt cost that it bills
	calls int64           // how many these are
}

// find begins a row about a call, a line, or both.
func (m *month) find(class billing.Class, r *record, e *line, note string) *finding {
	f := &finding{Row: billing.Row{Class: class, Priced: true, Note: note}}
	if e != nil {
		f.describeLine(m, e)
	}
	if r != nil {
		f.describeCall(m, r)
	}
	return f
}

func (f *finding) describeLine(in *month, e *line) {
	s := &in.lines
	at := s.routeOf(e)
	f.StatementID, f.Line = s.statements.values[e.statement], int(e.number)
	f.Endpoint, f.Region, f.Currency = at.Endpoint, at.Region, s.currencyOf(e)
	f.TransactionID = in.journal.textOf(e.transaction)
	f.TheirPricing = s.pricingOf(e)
	f.TheirQuantity, f.TheirAmount = s.charged(e), s.amountAt(e)
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
	f.OurTag, f.OurPricing = r.tag(), in.journal.texts.values[r.pricing]
	r.facts |= isUsed
}

// addCharge adds a charge of ours to a row. A row without a line takes the charge's currency.
func (f *finding) addCharge(in *month, r *record) {
	f.OurQuantity++
	f.OurAmount = f.OurAmount.Add(in.journal.amount(r))
	f.Priced = f.Priced && r.price != 0
	if f.Line == 0 {
		f.Currency = in.currencyOf(r)
	}
	r.facts |= isUsed
}

// pair puts charges of ours and a line about them into one row and judges it. A line in another currency than the
// price's is two rows, since amounts of two currencies can't be compared: each is in its own currency's bridge.
func pair(in *month, out *outcome, e *line, note string, charges ...*record) {
	theirs := in.lines.currencyOf(e)
	if ours := in.currencyOf(charges[0]); ours != theirs && charges[0].price != 0 {
		for _, r := range charges {
			f := in.find(billing.PriceDiffers, r, nil, fmt.Sprintf("billed in %s, on line %d", theirs, e.number))
			f.addCharge(in, r)
			out.emit(f)
		}
		out.emit(in.find(billing.PriceDiffers, nil, e, fmt.Sprintf("call %d is priced in %s", charges[0].id, ours)))
		return
	}
	f := in.find(billing.Matched, charges[0], e, note)
	for _, r := range charges {
		f.addCharge(in, r)
	}
	f.judgePair(in.journal, charges[0])
	switch {
	case f.Class == billing.PriceDiffers && !f.tier.IsZero():
		use := out.tiers[charges[0].price]
		use.others = append(use.others, slotted{e, charges[0], note})
		return
	case f.Class == billing.Matched:
		for _, r := range charges {
			out.tiers.count(r)
		}
	}
	out.emit(f)
}

// judgePair compares quantities and amounts of a row about calls of one price.
func (f *finding) judgePair(j *journal, r *record) {
	difference := f.TheirAmount.Sub(f.OurAmount)
	switch {
	case f.TheirQuantity != f.OurQuantity:
		f.Class = billing.QuantityDiffers
		f.extra = j.amount(r).Mul(decimal.NewFromInt(f.TheirQuantity - f.OurQuantity))
	case f.Priced && !difference.IsZero():
		f.Class = billing.PriceDiffers
		if tier, found := j.priceOf(r).SlotAt(f.TheirAmount); found && f.OurQuantity == 1 {
			f.tier = difference
			f.note(fmt.Sprintf("theirs is the price of %s, ours that of %s", slotName(tier), slotName(int(r.slot))))
		}
	}
}

func slotName(slot int) string {
	if slot == 0 {
		return "the free quota"
	}
	return fmt.Sprintf("tier %d", slot)
}

// note adds a remark to a row.
func (f *finding) note(text string) {
	if f.Note != "" {
		text = f.Note + "; " + text
	}
	f.Note = text
}
