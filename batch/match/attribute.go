package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// A slot is where in a month a charge falls: 0 within the free quota, else the tier it is charged in, counted from 1.
// Volume tiers put all charges beyond the quota into the tier that the month reaches.
//
// The units of the slots of the month's charges, counted in the order of their times, add up to Cost exactly, whatever
// the kind of tiers. The monthly minimum is owed for no charge in particular.

// attribute visits a reading's charges of the month, each with its slot, in the order of their times. It returns how
// many there are under each row of the price book, at the row's index plus one; those without a price come first.
func (j *journal) attribute(basis billing.Basis, visit func(r *record, slot int)) []int64 {
	totals := make([]int64, len(j.book.Prices)+1)
	j.each(func(_ uint32, r *record) {
		if r.isCharge(basis) && j.inMonth(r) {
			totals[r.price]++
		}
	})
	counted := make([]int64, len(totals))
	j.each(func(_ uint32, r *record) {
		if !r.isCharge(basis) || !j.inMonth(r) {
			return
		}
		counted[r.price]++
		slot := 0
		if p := j.priceOf(r); p != nil {
			slot = p.Slot(counted[r.price], totals[r.price])
		}
		visit(r, slot)
	})
	return totals
}

// amount returns the price of a charge, as far as the price book knows.
func (j *journal) amount(r *record) decimal.Decimal {
	if p := j.priceOf(r); p != nil {
		return p.Unit(int(r.slot))
	}
	return decimal.Decimal{}
}
