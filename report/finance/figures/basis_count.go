package figures

import (
	"slices"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// basisKey identifies a line of the readings.
type basisKey struct {
	basis              billing.Basis
	endpoint, currency string
}

// currencyOf returns the currency of a price, page.NoValue without one.
func currencyOf(price *billing.Price) string {
	if price == nil {
		return page.NoValue
	}
	return price.Currency
}

// basisCounts holds the journal's counts, a line a reading, endpoint and currency.
type basisCounts []BasisLine

// at returns the line of a key, added where there is none.
func (c *basisCounts) at(k basisKey) *BasisLine {
	i := slices.IndexFunc(*c, func(l BasisLine) bool { return basisKey{l.Basis, l.Endpoint, l.Currency} == k })
	if i < 0 {
		i = len(*c)
		*c = append(*c, BasisLine{
			Basis: k.basis, Endpoint: k.endpoint, Currency: k.currency, Priced: k.currency != page.NoValue,
		})
	}
	return &(*c)[i]
}

// add adds up priced calls by endpoint and currency, and what monthly minimums add to them.
func (c *basisCounts) add(basis billing.Basis, charges []charge, terms []*Term) {
	for _, one := range charges {
		var price *billing.Price
		if one.term != nil {
			price = one.term.Row
		}
		l := c.at(basisKey{basis, one.usage.Endpoint, currencyOf(price)})
		l.Calls += one.billable
		l.Amount = l.Amount.Add(one.amount())
	}
	for _, t := range terms {
		if !t.topUp.IsZero() {
			l := c.at(basisKey{basis, t.Row.Endpoint, t.Row.Currency})
			l.Minimum = l.Minimum.Add(t.topUp)
		}
	}
}

// mayBill counts a call in doubt under every reading that may bill it; rows come in the order of time.
func (d *InDoubt) mayBill(c snapshot.InDoubtCall, state string, price *billing.Price) {
	for _, basis := range billing.Bases() {
		tag := basis.Charge(true, c.Outcome == store.Answered, billing.Unknown, c.Code)
		may := state == DoubtOpen && tag == billing.Unknown
		if basis == billing.DistinctID {
			may = may && !c.Paid && !d.once[c.CheckID]
			d.once[c.CheckID] = d.once[c.CheckID] || may || state == DoubtBilled
		}
		if may {
			d.may[basisKey{basis, c.Endpoint, currencyOf(price)}]++
		}
	}
}
