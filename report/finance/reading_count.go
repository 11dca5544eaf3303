package finance

import (
	"slices"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
)

// readingKey is what a line of the readings is about.
type readingKey struct {
	reading            billing.Reading
	endpoint, currency string
}

// currencyOf is the currency of a price, page.NoValue without one.
func currencyOf(price *billing.Price) string {
	if price == nil {
		return page.NoValue
	}
	return price.Currency
}

// readingCounts are the journal's counts, a line a reading, endpoint and currency.
type readingCounts []readingLine

// at is the line of a key, added where there is none.
func (c *readingCounts) at(k readingKey) *readingLine {
	i := slices.IndexFunc(*c, func(l readingLine) bool { return readingKey{l.reading, l.endpoint, l.currency} == k })
	if i < 0 {
		i = len(*c)
		*c = append(*c, readingLine{
			reading: k.reading, endpoint: k.endpoint, currency: k.currency, priced: k.currency != page.NoValue,
		})
	}
	return &(*c)[i]
}

// add adds up priced calls by endpoint and currency, and what monthly minimums add to them.
func (c *readingCounts) add(reading billing.Reading, charges []charge, terms []*term) {
	for _, one := range charges {
		var price *billing.Price
		if one.term != nil {
			price = one.term.row
		}
		l := c.at(readingKey{reading, one.usage.Endpoint, currencyOf(price)})
		l.calls += one.billable
		l.amount = l.amount.Add(one.amount())
	}
	for _, t := range terms {
		if !t.topUp.IsZero() {
			l := c.at(readingKey{reading, t.row.Endpoint, t.row.Currency})
			l.minimum = l.minimum.Add(t.topUp)
		}
	}
}

// mayBill counts a call in doubt under every reading that may bill it; rows come in the order of time.
func (d *doubts) mayBill(c store.DoubtCall, state string, price *billing.Price) {
	for _, reading := range billing.Readings() {
		tag := reading.Charge(true, c.Outcome == store.Answered, billing.Unknown, c.Code)
		may := state == doubtOpen && tag == billing.Unknown
		if reading == billing.DistinctID {
			may = may && !c.Paid && !d.once[c.CheckID]
			d.once[c.CheckID] = d.once[c.CheckID] || may || state == doubtBilled
		}
		if may {
			d.may[readingKey{reading, c.Endpoint, currencyOf(price)}]++
		}
	}
}
