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
func (m *Matcher) find(class billing.Class, r *record, e *entry, note string) *finding {
	f := &finding{Row: billing.Row{Class: class, Priced: true, Note: note}}
	if e != nil {
		m.describeLine(f, e)
	}
	if r != nil {
		m.describeCall(f, r)
	}
	return f
}

func (m *Matcher) describeLine(f *finding, e *entry) {
	s := &m.lines
	at := s.placeOf(e)
	f.StatementID, f.Line = s.statements.values[e.statement], int(e.line)
	f.Endpoint, f.Region, f.Currency = at.Endpoint, at.Region, s.currencyOf(e)
	f.TransactionID = m.journal.textOf(e.transaction)
	f.TheirPricing = s.pricingOf(e)
	f.TheirQuantity, f.TheirAmount = s.charged(e), s.amountAt(e)
	if e.when != monthOnly {
		f.At = instantOf(e.at)
	}
}

func (m *Matcher) describeCall(f *finding, r *record) {
	at := m.journal.placeOf(r)
	f.CallID, f.At = r.id, instantOf(r.at)
	if f.Endpoint != "" && f.Endpoint != at.Endpoint || f.Region != "" && f.Region != at.Region {
		f.note("the statement says " + strings.TrimSpace(f.Endpoint+" "+f.Region))
	}
	f.Endpoint, f.Region = at.Endpoint, at.Region
	if r.is(hasID) {
		f.TransactionID = m.journal.textOf(r.transactionID())
	}
	f.OurTag, f.OurPricing = r.tag(), m.journal.texts.values[r.pricing]
	r.facts |= isUsed
}

func (r *record) tag() billing.Tag {
	switch {
	case r.is(isPay):
		return billing.Pay
	case r.is(isFree):
		return billing.Free
	default:
		return billing.Unknown
	}
}

// claim adds a charge of ours to a row. A row without a line takes the charge's
// currency.
func (m *Matcher) claim(f *finding, r *record) {
	f.OurQuantity++
	f.OurAmount = f.OurAmount.Add(m.journal.amount(r))
	f.Priced = f.Priced && r.price != 0
	if f.Line == 0 {
		f.Currency = m.currencyOf(r)
	}
	r.facts |= isUsed
}

// currencyOf is the currency of a call's price, or without one that of the
// statement where it has one only.
func (m *Matcher) currencyOf(r *record) string {
	if p := m.journal.priceOf(r); p != nil {
		return p.Currency
	}
	return m.coverage.currencyAt(m.journal.placeOf(r).Endpoint)
}

// pair puts charges of ours and a line about them into one row and judges it. A
// line in another currency than the price's is two rows, since amounts of two
// currencies can't be compared: each is in its own currency's bridge.
func (m *Matcher) pair(e *entry, note string, charges ...*record) {
	theirs := m.lines.currencyOf(e)
	if ours := m.currencyOf(charges[0]); ours != theirs && charges[0].price != 0 {
		for _, r := range charges {
			f := m.find(billing.PriceDiffers, r, nil, fmt.Sprintf("billed in %s, on line %d", theirs, e.line))
			m.claim(f, r)
			m.emit(f)
		}
		m.emit(m.find(billing.PriceDiffers, nil, e, fmt.Sprintf("call %d is priced in %s", charges[0].id, ours)))
		return
	}
	f := m.find(billing.Matched, charges[0], e, note)
	for _, r := range charges {
		m.claim(f, r)
	}
	m.judgePair(f, charges[0])
	switch {
	case f.Class == billing.PriceDiffers && !f.tier.IsZero():
		use := m.slots[charges[0].price]
		use.others = append(use.others, slotted{e, charges[0], note})
		return
	case f.Class == billing.Matched:
		for _, r := range charges {
			m.settle(r)
		}
	}
	m.emit(f)
}

// judgePair compares quantities and amounts of a row about calls of one price.
func (m *Matcher) judgePair(f *finding, r *record) {
	difference := f.TheirAmount.Sub(f.OurAmount)
	switch {
	case f.TheirQuantity != f.OurQuantity:
		f.Class = billing.QuantityDiffers
		f.extra = m.journal.amount(r).Mul(decimal.NewFromInt(f.TheirQuantity - f.OurQuantity))
	case f.Priced && !difference.IsZero():
		f.Class = billing.PriceDiffers
		if tier, found := m.journal.priceOf(r).SlotAt(f.TheirAmount); found && f.OurQuantity == 1 {
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

// resolve says what a statement showed about a call, if that was in doubt.
func (m *Matcher) resolve(r *record, billed bool) {
	if r.isDoubtful() {
		m.resolved[r.id] = billed
	}
}

// emit counts a row and hands it over.
func (m *Matcher) emit(f *finding) {
	switch f.Class {
	case billing.QuantityDiffers:
		f.Explained = f.tier
	case billing.PriceDiffers:
		f.Explained = f.doubt
	}
	if !f.Priced { // of some of its calls alone
		f.OurAmount = decimal.Decimal{}
	}
	b := m.bridges[f.Currency]
	if b == nil {
		b = &bridge{steps: map[string]BridgeLine{}}
		m.bridges[f.Currency] = b
	}
	b.add(f)
	if m.err == nil {
		m.err = m.each(&f.Row)
	}
}
