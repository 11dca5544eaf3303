package billing

import "github.com/shopspring/decimal"

// A slot is where in a month a charge falls: 0 within the free quota, else the
// tier it is charged in, counted from 1. Volume tiers put all charges beyond the
// quota into the tier that the month reaches.
//
// The units of the slots of the month's charges, counted in the order of their
// times, add up to Cost exactly, whatever the kind of tiers. The monthly minimum
// is owed for no charge in particular.

// slot is the one of the n-th (from 1) of total charges in a month.
func (p *Price) slot(n, total int64) int {
	beyond := p.billable(n)
	if beyond == 0 {
		return 0
	}
	if p.Kind == Volume {
		beyond = p.billable(total)
	}
	for i, t := range p.Tiers {
		if t.UpTo == 0 || beyond <= t.UpTo {
			return i + 1
		}
	}
	return len(p.Tiers)
}

// unit is what a charge in a slot costs.
func (p *Price) unit(slot int) decimal.Decimal {
	if slot == 0 {
		return decimal.Decimal{}
	}
	return p.Tiers[slot-1].Unit
}

// slotAt finds the first slot with an amount as its unit price.
func (p *Price) slotAt(amount decimal.Decimal) (slot int, found bool) {
	first := 1
	if p.FreeQuota > 0 {
		first = 0
	}
	for s := first; s <= len(p.Tiers); s++ {
		if p.unit(s).Equal(amount) {
			return s, true
		}
	}
	return 0, false
}

// attribute visits a reading's charges of the month, each with its slot, in the
// order of their times. It returns how many there are under each row of the price
// book, at the row's index plus one; those without a price come first.
func (j *journal) attribute(reading Reading, visit func(r *record, slot int)) []int64 {
	totals := make([]int64, len(j.book.rows)+1)
	j.each(func(_ uint32, r *record) {
		if r.isCharge(reading) && j.inMonth(r) {
			totals[r.price]++
		}
	})
	counted := make([]int64, len(totals))
	j.each(func(_ uint32, r *record) {
		if !r.isCharge(reading) || !j.inMonth(r) {
			return
		}
		counted[r.price]++
		slot := 0
		if p := j.priceOf(r); p != nil {
			slot = p.slot(counted[r.price], totals[r.price])
		}
		visit(r, slot)
	})
	return totals
}

// amount is what a charge costs, as far as the price book knows.
func (j *journal) amount(r *record) decimal.Decimal {
	if p := j.priceOf(r); p != nil {
		return p.unit(int(r.slot))
	}
	return decimal.Decimal{}
}

// minimums is what the monthly minimums of the endpoints' prices add to the cost
// of the given numbers of charges, by the row's index plus one. A minimum is owed
// in every month that a row is in force in, if only for a day.
func (j *journal) minimums(totals []int64, about func(endpoint string) bool) []decimal.Decimal {
	list := make([]decimal.Decimal, len(totals))
	for i, p := range j.book.rows {
		ends := !p.To.IsZero() && p.To.UnixMilli() <= j.from
		if about(p.Endpoint) && p.From.UnixMilli() < j.to && !ends {
			list[i+1] = p.MonthlyCost(totals[i+1]).Sub(p.Cost(totals[i+1]))
		}
	}
	return list
}
