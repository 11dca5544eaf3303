package match

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// BasisCount counts and prices the month's calls of a region under one reading.
type BasisCount struct {
	Basis    billing.Basis
	Endpoint string
	Region   string
	Currency string // "" where there is no price
	Quantity int64
	Amount   decimal.Decimal // of the calls; monthly minimums are owed for none of them in particular
	Priced   bool
}

// total describes one reading of a whole month: what it counts, and how many charges that makes under each row of the
// price book.
type total struct {
	counts []BasisCount
	totals []int64
}

// countCharges counts the month's charges by one reading. Quantities are counted by slot and multiplied once, so that a
// million decimals need not be added up.
func countCharges(j *journal, basis billing.Basis) total {
	type key struct {
		route uint32
		price uint16
		slot  int
	}
	quantities := map[key]int64{}
	totals := j.attribute(basis, func(r *record, slot int) {
		quantities[key{r.route, r.price, slot}]++
	})
	sums := map[BasisCount]*BasisCount{}
	for k, n := range quantities {
		at := j.routes.Values[k.route]
		c := BasisCount{Basis: basis, Endpoint: at.Endpoint, Region: at.Region}
		var unit decimal.Decimal
		if k.price > 0 {
			p := j.book.Prices[k.price-1]
			c.Currency, c.Priced, unit = p.Currency, true, p.Unit(k.slot)
		}
		sum := sums[c]
		if sum == nil {
			sum = new(c)
			sums[c] = sum
		}
		sum.Quantity += n
		sum.Amount = sum.Amount.Add(unit.Mul(decimal.NewFromInt(n)))
	}
	t := total{totals: totals}
	for _, sum := range sums {
		t.counts = append(t.counts, *sum)
	}
	slices.SortFunc(t.counts, func(a, b BasisCount) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Region, b.Region),
			cmp.Compare(a.Currency, b.Currency))
	})
	return t
}
