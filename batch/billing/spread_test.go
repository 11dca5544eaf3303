package billing

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
)

// The corners must find what looking at every combination finds.
func TestSpreadAgainstEveryCombination(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := randomPrice(r, kinds[seed%3])
		random := func() counts { return counts{r.Int64N(15), r.Int64N(5), r.Int64N(5)} }
		before, own := random(), random()
		least, most := p.spread(before, own)
		wantLeast, wantMost := everyCombination(&p, before, own)
		if !least.Equal(wantLeast) || !most.Equal(wantMost) {
			t.Fatalf("seed %d: %+v: spread(%v, %v) = %s, %s; want %s, %s", seed, p, before, own, least, most, wantLeast, wantMost)
		}
		if p.Kind != Volume && before.most() == before.paid && own.most() == own.paid && !least.Equal(most) {
			t.Fatalf("seed %d: no doubt, yet %s to %s", seed, least, most)
		}
	}
}

func everyCombination(p *Price, before, own counts) (least, most decimal.Decimal) {
	first := true
	for b := before.paid; b <= before.paid+before.doubtful+before.reserved; b++ {
		for n := own.paid; n <= own.paid+own.doubtful+own.reserved; n++ {
			cost := countedCost(p, b+n).Sub(countedCost(p, b))
			upper := cost
			if p.Kind == Volume {
				upper = decimal.Max(cost, atLastUnit(p, b, n))
			}
			if first {
				least, most, first = cost, upper, false
			}
			least, most = decimal.Min(least, cost), decimal.Max(most, upper)
		}
	}
	return least, most
}

// atLastUnit is the price of the calls b+1..b+n beyond the quota, each at the
// unit price that a bill for b+n calls would show.
func atLastUnit(p *Price, b, n int64) decimal.Decimal {
	var billable int64
	for call := b + 1; call <= b+n; call++ {
		if call > p.FreeQuota {
			billable++
		}
	}
	if billable == 0 {
		return decimal.Decimal{}
	}
	unit := countedCost(p, b+n).Div(decimal.NewFromInt(b + n - p.FreeQuota))
	return unit.Mul(decimal.NewFromInt(billable))
}

func TestSteepestBoundsEachStep(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		p := randomPrice(r, kinds[seed%3])
		for q := range int64(40) {
			if step := p.Marginal(q, 1); step.GreaterThan(p.steepest()) {
				t.Fatalf("seed %d: %+v: step %s after %d is above the steepest %s", seed, p, step, q, p.steepest())
			}
		}
	}
}
