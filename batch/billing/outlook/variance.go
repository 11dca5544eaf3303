// Package outlook sets a month beside the one before, and says where it is likely to end.
package outlook

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// Cost counts the charges at an endpoint and in a region, and adds their amounts up, in one currency.
type Cost struct {
	billing.Route
	Calls  int64
	Amount decimal.Decimal // also of monthly minimums and tiers, which no single call has
}

// Variance splits why a place costs another amount than in the month before. Its three parts add up to the difference.
type Variance struct {
	billing.Route
	Before, After Cost
	Alike         decimal.Decimal // what it would cost if its calls had grown like those of all places together
	AtPrice       decimal.Decimal // what its calls would cost at its average price before
	Volume        decimal.Decimal // all places together have more or fewer calls
	Mix           decimal.Decimal // this place has another share of them
	Price         decimal.Decimal // its calls cost another price on average, or a minimum or tier adds something
}

// Difference returns what the place costs more than before.
func (v *Variance) Difference() decimal.Decimal { return v.After.Amount.Sub(v.Before.Amount) }

// Variances compares two months of one currency, in the order of endpoint and region. A place without calls before has
// no price to compare with: all of its calls' cost is mix.
func Variances(before, after []Cost) []Variance {
	at := map[billing.Route]*Variance{}
	find := func(r billing.Route) *Variance {
		if at[r] == nil {
			at[r] = &Variance{Route: r}
		}
		return at[r]
	}
	var was, is int64
	for _, c := range before {
		v := &find(c.Route).Before
		v.Calls, v.Amount, was = v.Calls+c.Calls, v.Amount.Add(c.Amount), was+c.Calls
	}
	for _, c := range after {
		v := &find(c.Route).After
		v.Calls, v.Amount, is = v.Calls+c.Calls, v.Amount.Add(c.Amount), is+c.Calls
	}
	all := make([]Variance, 0, len(at))
	for _, v := range at {
		v.split(was, is)
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b Variance) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Region, b.Region))
	})
	return all
}

// split cuts a place's difference: was and is are the calls of all places. What no call has does not grow with them.
func (v *Variance) split(was, is int64) {
	v.Alike, v.AtPrice = v.Before.Amount, v.After.Amount
	switch {
	case v.Before.Calls > 0:
		v.Alike = share(v.Before.Amount, is, was)
		v.AtPrice = share(v.Before.Amount, v.After.Calls, v.Before.Calls)
	case v.After.Calls == 0: // a minimum, or tiers
		v.AtPrice = v.Alike
	}
	v.Volume, v.Mix, v.Price = v.Alike.Sub(v.Before.Amount), v.AtPrice.Sub(v.Alike), v.After.Amount.Sub(v.AtPrice)
}

// share returns amount·n/of to the decimals that amounts have at most.
func share(amount decimal.Decimal, n, of int64) decimal.Decimal {
	return amount.Mul(decimal.NewFromInt(n)).DivRound(decimal.NewFromInt(of), billing.MaxDecimals)
}
