package stats

import (
	"math"
	"slices"
	"testing"
)

func TestHolm(t *testing.T) {
	// R 4.2.2: p.adjust(p, "holm")
	tests := []struct{ p, want []float64 }{
		{nil, []float64{}},
		{[]float64{0.03}, []float64{0.03}},
		{[]float64{.01, .04, .03, .005, .5, 1}, []float64{0.05, 0.12, 0.12, 0.03, 1, 1}},
		{[]float64{.001, .001, .2, 0}, []float64{0.003, 0.003, 0.2, 0}},
	}
	for _, tt := range tests {
		got, err := Holm(tt.p)
		if err != nil || len(got) != len(tt.want) {
			t.Errorf("%v: %v, %v", tt.p, got, err)
			continue
		}
		for i := range got {
			near(t, "adjusted p", got[i], tt.want[i])
		}
	}
}

func TestHolmRefuses(t *testing.T) {
	for _, p := range []float64{-0.001, 1.001, math.NaN(), math.Inf(1)} {
		if got, err := Holm([]float64{0.5, p}); err == nil {
			t.Errorf("%v: %v", p, got)
		}
	}
}

func TestHolmProperties(t *testing.T) {
	r := random(10)
	for range 2000 {
		p := make([]float64, 1+r.IntN(40))
		for i := range p {
			p[i] = r.Float64() * r.Float64() * r.Float64()
		}
		before := slices.Clone(p)
		adjusted, err := Holm(p)
		if err != nil || !slices.Equal(before, p) {
			t.Fatalf("%v became %v, %v", before, p, err)
		}
		for i := range p {
			if adjusted[i] < p[i] || adjusted[i] > 1 || adjusted[i] > float64(len(p))*p[i]*(1+1e-12) {
				t.Fatalf("%v: %v adjusted to %v", p, p[i], adjusted[i])
			}
			for j := range p {
				if p[i] < p[j] && adjusted[i] > adjusted[j] {
					t.Fatalf("%v: order lost in %v", p, adjusted)
				}
			}
		}
	}
}
