package finance

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/report/xlsx"
)

// TestWaterfallParts: whatever a bar goes from and to, its parts begin where it does and are as long as it is.
func TestWaterfallParts(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		from, to := decimal.New(random.Int64N(2001)-1000, -2), decimal.New(random.Int64N(2001)-1000, -2)
		parts := waterfallParts(from, to, xlsx.Ref{Col: 1, Row: 1}, xlsx.Ref{Col: 2, Row: 1}, random.IntN(2) == 0)
		lift, length, above, below := parts[0].Amount(), decimal.Decimal{}, decimal.Decimal{}, decimal.Decimal{}
		for _, c := range parts[1:] {
			length = length.Add(c.Amount().Abs())
			if c.Amount().IsPositive() {
				above = above.Add(c.Amount())
			} else {
				below = below.Add(c.Amount())
			}
		}
		low, high := decimal.Min(from, to), decimal.Max(from, to)
		if !length.Equal(high.Sub(low)) {
			t.Fatalf("from %s to %s: the parts are %s long", from, to, length)
		}
		if top := decimal.Max(decimal.Decimal{}, lift).Add(above); high.IsPositive() && !top.Equal(high) {
			t.Fatalf("from %s to %s: the bar reaches %s", from, to, top)
		}
		if bottom := decimal.Min(decimal.Decimal{}, lift).Add(below); low.IsNegative() && !bottom.Equal(low) {
			t.Fatalf("from %s to %s: the bar reaches down to %s", from, to, bottom)
		}
	}
}
