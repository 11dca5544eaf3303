package billing

import "github.com/shopspring/decimal"

// Slice is a number of calls at one unit price.
type Slice struct {
	Calls int64
	Unit  decimal.Decimal
}

// Slices prices n charges after the first before ones of a month that has total
// ones: how many are at which unit price, in the order of time. The free quota comes
// first, then tier after tier; with volume tiers the one that total reaches prices
// all beyond the quota.
func (p *Price) Slices(before, n, total int64) []Slice {
	var all []Slice
	for at, end := before, before+n; at < end; {
		upTo := end
		for _, edge := range p.edges() {
			if at < edge && (p.Kind != Volume || edge == p.FreeQuota) {
				upTo = min(upTo, edge)
			}
		}
		all = append(all, Slice{upTo - at, p.Unit(p.Slot(at+1, total))})
		at = upTo
	}
	return all
}
