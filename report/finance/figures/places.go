package figures

import (
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// mostPlaces bounds the decimals that are shown: an amount without the tax that it includes may have twelve.
const mostPlaces = 6

// Places returns how many decimals the month's amounts are shown with, so that what is printed of a column adds up to
// what is printed as its total: as many as its prices, its bridge and its rows have, six at most. The two parts of a tax have more,
// and add up all the same.
func (d *Data) Places() int {
	most := 0
	count := func(amounts ...decimal.Decimal) {
		for _, a := range amounts {
			most = max(most, placesOf(a))
		}
	}
	for _, price := range d.Prices.Prices {
		for _, tier := range price.Tiers {
			count(tier.Unit)
		}
	}
	for _, line := range d.Ledger.Lines {
		count(line.Amount)
	}
	for _, c := range d.Money {
		count(c.Floor, c.Ceiling)
	}
	if d.Reconciled != nil {
		for _, c := range d.Reconciled.Classes {
			count(c.Ours, c.Theirs)
		}
		for _, step := range d.Reconciled.Bridge {
			if step.Step != billing.StepTaxOwed && step.Step != billing.StepTaxDisputed { // a tax, divided
				count(step.Amount)
			}
		}
		most = max(most, d.Reconciled.places)
	}
	return min(most, mostPlaces)
}

// placesOf returns an amount's decimals, without zeros at its end.
func placesOf(amount decimal.Decimal) int {
	_, decimals, _ := strings.Cut(amount.String(), ".")
	return len(decimals)
}
