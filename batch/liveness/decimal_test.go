package liveness_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestScoreBesideLimits: whatever number the vendor sends, its score lies on the same side of every limit of up to 15 digits.
func TestScoreBesideLimits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		limit := fmt.Sprintf("%.*f", r.IntN(14), 100*r.Float64())
		text := limit
		switch near, _ := new(big.Rat).SetString(limit); r.IntN(4) {
		case 0: // a little beside it
			off := big.NewRat(r.Int64N(2001)-1000, 1)
			for range 10 + r.IntN(20) {
				off.Mul(off, big.NewRat(1, 10))
			}
			text = near.Add(near, off).FloatString(35)
		case 1:
			text = fmt.Sprintf("%.*f", r.IntN(30), 100*r.Float64())
		case 2:
			text = limit + fmt.Sprintf("e%d", 0)
		}
		d := decode(t, `{"code":"SUCCESS","data":{"livenessScore":`+text+`}}`).Detection
		sent, _ := new(big.Rat).SetString(text)
		at, _ := new(big.Rat).SetString(limit)
		float, _ := at.Float64()
		if outside := sent.Sign() < 0 || sent.Cmp(big.NewRat(100, 1)) > 0; outside != (d.Score == nil) {
			t.Fatalf("%s is score %v", text, d.Score)
		} else if outside {
			continue
		}
		if got := new(big.Rat).SetFloat64(*d.Score).Cmp(new(big.Rat).SetFloat64(float)); got != sent.Cmp(at) {
			t.Fatalf("%s is %v, %d beside %s, want %d", text, *d.Score, got, limit, sent.Cmp(at))
		}
	}
}
