package billing

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
)

// Slices of a month, in pieces and at once, come to its cost.
func TestSlices(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		p := randomPrice(r, kinds[seed%3])
		total := r.Int64N(60)
		var sum decimal.Decimal
		var calls int64
		for at := int64(0); at < total; {
			n := min(1+r.Int64N(30), total-at)
			for _, s := range p.Slices(at, n, total) {
				calls, sum = calls+s.Calls, sum.Add(s.Unit.Mul(decimal.NewFromInt(s.Calls)))
			}
			at += n
		}
		if want := p.Cost(total); calls != total || !sum.Equal(want) {
			t.Fatalf("seed %d: %+v: pieces of %d calls are %d and cost %s, want %s", seed, p, total, calls, sum, want)
		}
	}
}
