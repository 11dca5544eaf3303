package oracle

import (
	"time"

	"github.com/shopspring/decimal"
)

// slot represents a price and how many charges of a month have it.
type slot struct {
	price  decimal.Decimal
	places int
}

// slots returns the prices of n charges, in the order of the charges.
func (r PriceRow) slots(n int) []slot {
	var all []slot
	if free := min(n, r.Quota); free > 0 {
		all = append(all, slot{decimal.Zero, free})
	}
	paid := n - r.Quota
	if paid <= 0 {
		return all
	}
	if r.Kind != Graduated {
		return append(all, slot{r.reached(paid), paid})
	}
	before := 0
	for i, t := range r.Tiers {
		end := paid
		if t.UpTo > 0 && i < len(r.Tiers)-1 {
			end = min(paid, t.UpTo)
		}
		if end > before {
			all = append(all, slot{t.Unit, end - before})
			before = end
		}
	}
	return all
}

// reached returns the price of the tier that a count of paid charges is in.
func (r PriceRow) reached(paid int) decimal.Decimal {
	for _, t := range r.Tiers {
		if t.UpTo == 0 || paid <= t.UpTo {
			return t.Unit
		}
	}
	return r.Tiers[len(r.Tiers)-1].Unit
}

// cost returns the price of n charges of a month, without the minimum.
func (r PriceRow) cost(n int) decimal.Decimal {
	total := decimal.Zero
	for _, s := range r.slots(n) {
		total = total.Add(s.price.Mul(decimal.NewFromInt(int64(s.places))))
	}
	return total
}

// table returns all prices of the row.
func (r PriceRow) table() []decimal.Decimal {
	var all []decimal.Decimal
	if r.Quota > 0 {
		all = append(all, decimal.Zero)
	}
	for _, t := range r.Tiers {
		all = append(all, t.Unit)
	}
	return all
}

// possible returns the slot prices of any count of charges in a range.
func (r PriceRow) possible(from, to int) []decimal.Decimal {
	var all []decimal.Decimal
	for n := from; n <= to; n++ {
		for _, s := range r.slots(n) {
			all = append(all, s.price)
		}
	}
	return all
}

// inForce reports whether the row holds on some day of a time span.
func (r PriceRow) inForce(from, to time.Time) bool {
	return (r.From.IsZero() || r.From.Before(to)) && (r.To.IsZero() || r.To.After(from))
}

// suits reports whether a line that names an endpoint and a region, or not, can be about the row.
func (r PriceRow) suits(endpoint, region string) bool {
	return (endpoint == "" || endpoint == r.Endpoint) && (region == "" || r.Region == "*" || region == r.Region)
}

// rowOf finds the row of a call: its endpoint's on its day, one of its region before one of all; -1 is none.
func rowOf(prices []PriceRow, endpoint, region string, at time.Time) int {
	found := -1
	for i, r := range prices {
		if r.Endpoint != endpoint || r.Region != "*" && r.Region != region || !r.inForce(at, at.Add(1)) {
			continue
		}
		if found < 0 || prices[found].Region == "*" && r.Region != "*" ||
			(prices[found].Region == "*") == (r.Region == "*") && r.From.After(prices[found].From) {
			found = i
		}
	}
	return found
}

func nearest(a decimal.Decimal, prices []decimal.Decimal) decimal.Decimal {
	best := a.Abs()
	for i, p := range prices {
		if d := a.Sub(p).Abs(); i == 0 || d.LessThan(best) {
			best = d
		}
	}
	return best
}
