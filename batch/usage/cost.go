package usage

import (
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// RegionCalls counts calls for the IDs of one region.
type RegionCalls struct {
	Region string
	Calls  int64
}

// Cost prices so many calls of an endpoint, beyond what the month has used, if a share of them is charged. It leaves
// out those without a price.
func (s *Month) Cost(
	caps billing.Caps, endpoint string, calls []RegionCalls, share decimal.Decimal, now time.Time,
) (sum billing.Amounts, unpriced int64) {
	used := map[*billing.Price]int64{}
	for _, u := range s.usage {
		if p, ok := s.prices.Lookup(u.Endpoint, u.Region, u.Quarter); ok && Charge(caps.Basis, u) != billing.Free {
			used[p] += u.Calls
		}
	}
	sum = billing.NewAmounts()
	for _, r := range calls {
		p, ok := s.prices.Lookup(endpoint, r.Region, now)
		if !ok {
			unpriced += r.Calls
			continue
		}
		if r.Calls > 0 {
			n := share.Mul(decimal.NewFromInt(r.Calls)).Round(0).IntPart()
			sum = sum.Add(billing.NewAmounts(billing.Money{Amount: p.Marginal(used[p], n), Currency: p.Currency}))
			used[p] += n
		}
	}
	return sum, unpriced
}
