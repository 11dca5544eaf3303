package figures

import (
	"slices"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// readingKey identifies a line of the readings.
type readingKey struct {
	reading            billing.Basis
	endpoint, currency string
}

// currencyOf returns the currency of a price, page.NoValue without one.
func currencyOf(price *billing.Price) string {
	if price == nil {
		return page.NoValue
	}
	return price.Currency
}

// readingCounts holds the journal's counts, a line a reading, endpoint and currency.
type readingCounts []BasisLine

// at returns the line of a key, added where there is none.
func (c *readingCounts) at(k readingKey) *BasisLine {
	i := slices.IndexFunc(*c, func(l BasisLine) bool { return readingKey{l.Basis, l.Endpoint, l.Currency} == k })
	if i < 0 {
		i = len(*c)
		*c = append(*c, BasisLine{
			Basis: k.reading, Endpoint: k.endpoint, Currency: k.currency, Priced: k.currency != page.NoValue,
		})
	}
	return &(*c)[i]
}

// add adds up priced calls by endpoint and currency, and what monthly minimums add to them.
func (c *readingCounts) add(reading billing.Basis, charges []charge, terms []*Term) {
	for _, one := range charges {
		var price *billing.Price
		if one.term != nil {
			price = one.term.Row
		}
		l := c.at(readingKey{reading, one.usage.Endpoint, currencyOf(price)})
		l.Calls += one.billable
		l.Amount = l.Amount.Add(one.amount())
	}
	for _, t := range terms {
		if !t.topUp.IsZero() {
			l := c.at(readingKey{reading, t.Row.Endpoint, t.Row.Currency})
			l.Minimum = l.Minimum.Add(t.topUp)
		}
	}
}

// mayBill counts a call in doubt under every reading that may bill it; rows come in the order of time.
func (d *InDoubt) mayBill(c snapshot.InDoubtCall, state string, price *billing.Price) {
	for _, reading := range billing.Bases() {
		tag := reading.Charge(true, c.Outcome == store.Answered, billing.Unknown, c.Code)
		may := state == DoubtOpen && tag == billing.Unknown
		if reading == billing.DistinctID {
			may = may && !c.Paid && !d.once[c.CheckID]
			d.once[c.CheckID] = d.once[c.CheckID] || may || state == DoubtBilled
		}
		if may {
			d.may[readingKey{reading, c.Endpoint, currencyOf(price)}]++
		}
	}
}
