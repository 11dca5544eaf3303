package billing

import "github.com/shopspring/decimal"

// counts holds the calls of one price row in some stretch of time. How many the
// vendor bills lies between paid and most().
type counts struct {
	paid     int64 // settled as PAY
	doubtful int64 // unanswered, or answered without a tag that says PAY or FREE
	reserved int64 // in flight
}

func (c counts) most() int64 { return c.paid + c.doubtful + c.reserved }

// doubt makes a call doubtful that was settled with a tag.
func (c *counts) doubt(was Tag) {
	switch was {
	case Pay:
		c.paid--
		c.doubtful++
	case Free:
		c.doubtful++
	default: // it was that already
	}
}

func (c counts) plus(d counts) counts {
	return counts{c.paid + d.paid, c.doubtful + d.doubtful, c.reserved + d.reserved}
}

func (c counts) minus(d counts) counts {
	return counts{c.paid - d.paid, c.doubtful - d.doubtful, c.reserved - d.reserved}
}

// spread returns the least and the most that the calls of a scope can add to the
// period's bill after the calls made before it in the same period.
//
// For b calls billed before and t in the scope that is Cost(b+t) - Cost(b). Over
// the b and t that are possible it is linear except where b or b+t crosses an
// edge of a tier, so its extremes lie where two of those lines and the limits of
// b and t meet; all of these points are looked at.
//
// Where volume tiers make earlier calls cheaper the difference would give a run
// money back to spend. The most is therefore never under the price of the scope's
// own calls in the tier reached.
func (p *Price) spread(before, own counts) (least, most decimal.Decimal) {
	least = p.Marginal(before.paid, own.paid)
	most = least
	edges := p.corners()
	for _, b := range corners(before, edges, 0, own.paid, own.most()) {
		for _, t := range corners(own, edges, b) {
			cost := p.Marginal(b, t)
			least = decimal.Min(least, cost)
			most = decimal.Max(most, cost, p.atReached(b, t))
		}
	}
	return least, most
}

// Range returns the least and the most that none to all of some doubtful calls add to the cost of quantity calls.
func (p *Price) Range(quantity, doubts int64) (least, most decimal.Decimal) {
	for _, n := range corners(counts{paid: quantity, doubtful: doubts}, p.corners(), 0) {
		cost := p.Marginal(quantity, n-quantity)
		least, most = decimal.Min(least, cost), decimal.Max(most, cost)
	}
	return least, most
}

// corners returns the quantities at which the cost turns: the edges, and with volume tiers, where it jumps, the first
// call beyond one.
func (p *Price) corners() []int64 {
	edges := p.edges()
	if p.Kind == Volume {
		for _, e := range p.edges() {
			edges = append(edges, e+1)
		}
	}
	return edges
}

// corners returns the counts within the limits of c to look at: the limits, and each
// edge less each of the given offsets.
func corners(c counts, edges []int64, offsets ...int64) []int64 {
	list := []int64{c.paid, c.most()}
	for _, e := range edges {
		for _, offset := range offsets {
			if n := e - offset; c.paid < n && n < c.most() {
				list = append(list, n)
			}
		}
	}
	return list
}

// atReached prices the billable ones of n calls after quantity as the last of
// them; for other than volume tiers Marginal says all there is.
func (p *Price) atReached(quantity, n int64) decimal.Decimal {
	if p.Kind != Volume {
		return decimal.Decimal{}
	}
	last := p.billable(quantity + n)
	return p.reached(last).Mul(decimal.NewFromInt(last - p.billable(quantity)))
}

// edges returns the quantities after which the next call is priced differently.
func (p *Price) edges() []int64 {
	edges := []int64{p.FreeQuota}
	for _, t := range p.Tiers {
		if t.UpTo != 0 {
			edges = append(edges, p.FreeQuota+t.UpTo)
		}
	}
	return edges
}

// steepest bounds what one more call can add to any spread of this row.
func (p *Price) steepest() decimal.Decimal {
	var most decimal.Decimal
	for _, t := range p.Tiers {
		most = decimal.Max(most, t.Unit)
	}
	for _, e := range p.edges() {
		most = decimal.Max(most, p.Marginal(e, 1))
	}
	return most
}
