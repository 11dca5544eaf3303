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

// countedAt is the line of the journal's count under a reading.
func (f *finance) countedAt(k readingKey) *readingLine {
	i := slices.IndexFunc(f.counted, func(l readingLine) bool { return readingKey{l.reading, l.endpoint, l.currency} == k })
	if i < 0 {
		i = len(f.counted)
		f.counted = append(f.counted, readingLine{reading: k.reading, endpoint: k.endpoint, currency: k.currency, priced: k.currency != page.NoValue})
	}
	return &f.counted[i]
}

// addReading adds up priced calls by endpoint and currency, and what monthly minimums add to them.
func (f *finance) addReading(reading billing.Reading, charges []charge, terms []*term) {
	for _, c := range charges {
		var price *billing.Price
		if c.term != nil {
			price = c.term.row
		}
		l := f.countedAt(readingKey{reading, c.usage.Endpoint, currencyOf(price)})
		l.calls += c.billable
		l.amount = l.amount.Add(c.amount())
	}
	for _, t := range terms {
		if !t.topUp.IsZero() {
			l := f.countedAt(readingKey{reading, t.row.Endpoint, t.row.Currency})
			l.minimum = l.minimum.Add(t.topUp)
		}
	}
}

// chargeOf classes calls by a reading.
func chargeOf(reading billing.Reading, u store.Usage) billing.Tag {
	return reading.Charge(u.Outcome != store.Unsent, u.Outcome == store.Answered, billing.ParseTag(string(u.Tag)), u.Code)
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
