package billing

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
)

func TestCost(t *testing.T) {
	row := func(kind TierKind, quota int64, list ...Tier) *Price {
		return &Price{Kind: kind, FreeQuota: quota, Tiers: list}
	}
	specified := tiers(upTo(100000, "0.035"), beyond("0.028"))
	for _, tt := range []struct {
		name     string
		p        *Price
		quantity int64
		want     string
	}{
		{"flat none", row(Flat, 0, beyond("0.035")), 0, "0"},
		{"flat", row(Flat, 0, beyond("0.035")), 43000, "1505"},
		{"flat at quota", row(Flat, 1000, beyond("0.035")), 1000, "0"},
		{"flat beyond quota", row(Flat, 1000, beyond("0.035")), 1003, "0.105"},
		{"flat negative", row(Flat, 0, beyond("0.035")), -5, "0"},
		{"graduated at limit", row(Graduated, 0, specified...), 100000, "3500"},
		{"graduated one beyond", row(Graduated, 0, specified...), 100001, "3500.028"},
		{"graduated", row(Graduated, 0, specified...), 250000, "7700"},
		{"graduated, quota", row(Graduated, 500, specified...), 100501, "3500.028"},
		{"graduated, three", row(Graduated, 0, upTo(10, "1"), upTo(20, "0.5"), beyond("0.1")), 25, "15.5"},
		{"volume at limit", row(Volume, 0, specified...), 100000, "3500"},
		{"volume one beyond", row(Volume, 0, specified...), 100001, "2800.028"},
		{"volume, quota", row(Volume, 500, specified...), 100500, "3500"},
		{"volume, quota, one beyond", row(Volume, 500, specified...), 100501, "2800.028"},
		{"volume none", row(Volume, 0, specified...), 0, "0"},
		{"twelve decimals", row(Flat, 0, beyond("0.000000000001")), 3, "0.000000000003"},
		{"large", row(Flat, 0, beyond("999999.999999999999")), 1_000_000_000_000, "999999999999999999"},
	} {
		if got := tt.p.Cost(tt.quantity); !got.Equal(dec(tt.want)) {
			t.Errorf("%s: Cost(%d) = %s, want %s", tt.name, tt.quantity, got, tt.want)
		}
	}
}

func TestMonthlyCost(t *testing.T) {
	p := &Price{Kind: Flat, Tiers: tiers(beyond("0.5")), FreeQuota: 10, Minimum: dec("100")}
	for quantity, want := range map[int64]string{0: "100", 10: "100", 210: "100", 211: "100.5"} {
		if got := p.MonthlyCost(quantity); !got.Equal(dec(want)) {
			t.Errorf("MonthlyCost(%d) = %s, want %s", quantity, got, want)
		}
	}
}

func TestMarginal(t *testing.T) {
	p := &Price{Kind: Volume, Tiers: tiers(upTo(1000, "1"), beyond("0.5"))}
	for _, tt := range []struct {
		quantity, n int64
		want        string
	}{
		{0, 10, "10"}, {990, 10, "10"}, {990, 11, "-489.5"}, {1000, 1, "-499.5"}, {1001, 1, "0.5"}, {5, 0, "0"},
	} {
		if got := p.Marginal(tt.quantity, tt.n); !got.Equal(dec(tt.want)) {
			t.Errorf("Marginal(%d, %d) = %s, want %s", tt.quantity, tt.n, got, tt.want)
		}
	}
}

// randomPrice has short tiers, falling, rising or both, so that small counts
// cross them.
func randomPrice(r *rand.Rand, kind TierKind) Price {
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.Tiers = kind, nil
	p.FreeQuota = max(0, r.Int64N(12)-6)
	if kind != Flat {
		limit := int64(0)
		for range r.IntN(4) {
			limit += 1 + r.Int64N(6)
			p.Tiers = append(p.Tiers, Tier{limit, decimal.New(r.Int64N(100), -2)})
		}
	}
	p.Tiers = append(p.Tiers, Tier{0, decimal.New(r.Int64N(100), -2)})
	return p
}

var kinds = []TierKind{Flat, Graduated, Volume}

// countedCost prices one call after the other, without the arithmetic of Cost.
func countedCost(p *Price, quantity int64) decimal.Decimal {
	var sum, unit decimal.Decimal
	for n := int64(1); n <= quantity-p.FreeQuota; n++ {
		for i := len(p.Tiers) - 1; i >= 0; i-- {
			if p.Tiers[i].UpTo == 0 || n <= p.Tiers[i].UpTo {
				unit = p.Tiers[i].Unit
			}
		}
		if p.Kind == Volume {
			sum = decimal.Decimal{}
			for range n {
				sum = sum.Add(unit)
			}
			continue
		}
		sum = sum.Add(unit)
	}
	return sum
}

func TestCostProperties(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		p := randomPrice(r, kinds[seed%3])
		var sum decimal.Decimal
		for q := int64(0); q < 40; q++ {
			cost := p.Cost(q)
			if want := countedCost(&p, q); !cost.Equal(want) {
				t.Fatalf("seed %d: %+v: Cost(%d) = %s, counted %s", seed, p, q, cost, want)
			}
			if !cost.Equal(sum) {
				t.Fatalf("seed %d: Cost(%d) = %s, sum of marginals %s", seed, q, cost, sum)
			}
			if q <= p.FreeQuota && !cost.IsZero() {
				t.Fatalf("seed %d: Cost(%d) = %s within the free quota", seed, q, cost)
			}
			step := p.Marginal(q, 1)
			if p.Kind != Volume && step.IsNegative() {
				t.Fatalf("seed %d: %+v: falls after %d", seed, p, q)
			}
			n := r.Int64N(20)
			if !p.Marginal(q, n).Equal(p.Cost(q + n).Sub(cost)) {
				t.Fatalf("seed %d: Marginal(%d, %d)", seed, q, n)
			}
			sum = sum.Add(step)
		}
	}
}
