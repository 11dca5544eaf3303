package match

import (
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// priceOfAll returns the one row of the price book that all calls of a total are under: 1 + its index, or 0 if there is
// none or are several.
func priceOfAll(in *month, g *group, ours []*record) (price uint32, known bool) {
	if len(ours) == 0 {
		p, found := in.journal.book.Lookup(g.route.Endpoint, g.route.Region, instantOf(in.journal.from))
		return in.journal.prices[p], found && p.Currency == g.currency
	}
	price = ours[0].price
	for _, r := range ours {
		if r.price != price {
			return 0, false
		}
	}
	return price, price != 0
}

// underOnePrice reports whether all calls in doubt are under one row of the price book.
func underOnePrice(price uint32, doubts []candidate) bool {
	return !slices.ContainsFunc(doubts, func(o candidate) bool { return o.record().price != price })
}

// costOfSome returns the least and the most that so many of the calls in doubt cost, each at its own price; priced is
// false if one of them has none.
func costOfSome(in *month, doubts []candidate, n int64) (least, most decimal.Decimal, priced bool) {
	var units []decimal.Decimal
	before := map[uint32]int64{}
	for _, o := range doubts {
		r := o.record()
		p := in.journal.priceOf(r)
		if p == nil {
			return least, most, false
		}
		units = append(units, p.Marginal(in.totals[r.price]+before[r.price], 1))
		before[r.price]++
	}
	slices.SortFunc(units, decimal.Decimal.Cmp)
	for i := range n {
		least, most = least.Add(units[i]), most.Add(units[int64(len(units))-1-i])
	}
	return least, most, true
}

// costOf prices more or fewer calls than ours: by the price book where one row of it is concerned, else at our average.
func costOf(in *month, more int64, f *finding, price uint32) decimal.Decimal {
	switch {
	case price != 0:
		p, n := in.journal.book.Prices[price-1], in.totals[price]
		return p.Cost(n + more).Sub(p.Cost(n))
	case f.OurQuantity != 0:
		return f.OurAmount.Mul(decimal.NewFromInt(more)).DivRound(decimal.NewFromInt(f.OurQuantity),
			billing.MaxDecimals)
	default:
		return decimal.Decimal{}
	}
}
