package stats

import (
	"math"
	"testing"
)

func TestWilson(t *testing.T) {
	// scipy 1.10.1: binomtest(k, n).proportion_ci(method='wilson'); the rows of
	// one in a million by the same formula in 50-digit decimals, because scipy's
	// lower limit there has only ten correct digits.
	tests := []struct {
		k, n      int64
		low, high float64
	}{
		{0, 10, 0, 0.27753279986288926},
		{1, 10, 0.017876213095072892, 0.4041500267952385},
		{5, 10, 0.236593090512564, 0.7634069094874361},
		{10, 10, 0.7224672001371109, 1},
		{56, 70, 0.6918335550374693, 0.8769526075163704},
		{48, 80, 0.490454650051604, 0.7003817240412907},
		{0, 1, 0, 0.7934506856227626},
		{1, 1, 0.20654931437723745, 1},
		{3, 1000, 0.0010207838811386186, 0.008783014053503173},
		{1413, 21337, 0.06296383668445121, 0.06963831324863173},
		{35, 1953, 0.01291385948745574, 0.024821164209964934},
		{1, 1000000, 1.7652457674537147e-07, 5.664911804311443e-06},
		{999999, 1000000, 0.9999943350881957, 0.9999998234754233},
		{5000000, 10000000, 0.49969010254337065, 0.5003098974566293},
	}
	for _, tt := range tests {
		got, ok := Proportion{tt.k, tt.n}.Wilson()
		if !ok {
			t.Errorf("%d of %d: no interval", tt.k, tt.n)
		}
		near(t, "low", got.Low, tt.low)
		near(t, "high", got.High, tt.high)
	}
}

func TestUnusableProportions(t *testing.T) {
	for _, p := range []Proportion{{0, 0}, {1, 0}, {-1, 5}, {6, 5}, {0, -1}, {-3, -2}} {
		if i, ok := p.Wilson(); ok || i != (Interval{0, 1}) {
			t.Errorf("%v.Wilson() = %v, %v, want all of [0, 1] and false", p, i, ok)
		}
		if r, ok := p.Rate(); ok || r != 0 {
			t.Errorf("%v.Rate() = %v, %v, want 0 and false", p, r, ok)
		}
	}
}

func TestWilsonProperties(t *testing.T) {
	r := random(1)
	for range 20000 {
		n := 1 + r.Int64N(1<<(1+r.IntN(40)))
		k := r.Int64N(n + 1)
		p := Proportion{k, n}
		rate, _ := p.Rate()
		i, _ := p.Wilson()
		if !(0 <= i.Low && i.Low <= rate && rate <= i.High && i.High <= 1) {
			t.Fatalf("%d of %d: %v does not hold the rate %v inside [0, 1]", k, n, i, rate)
		}
		mirror, _ := Proportion{n - k, n}.Wilson()
		if mirror.High != 1-i.Low || i.High != 1-mirror.Low {
			t.Fatalf("%d of %d: %v is not the mirror image of %v", k, n, i, mirror)
		}
		wider := i.High - i.Low
		longer, _ := Proportion{2 * k, 2 * n}.Wilson()
		if longer.High-longer.Low >= wider {
			t.Fatalf("%d of %d: twice the observations do not narrow %v", k, n, i)
		}
		if k < n {
			if next, _ := (Proportion{k + 1, n}).Wilson(); next.Low <= i.Low || next.High < i.High {
				t.Fatalf("%d of %d: one more does not raise %v", k, n, i)
			}
		}
	}
}

func TestWilsonOfHugeCounts(t *testing.T) {
	i, ok := Proportion{math.MaxInt64 / 2, math.MaxInt64}.Wilson()
	if !ok || !(i.Low <= 0.5 && i.High >= 0.5) {
		t.Errorf("half of 2^63 = %v, %v", i, ok)
	}
}

func TestExcludes(t *testing.T) {
	i := Interval{-0.1, 0.2}
	for x, want := range map[float64]bool{-0.11: true, -0.1: false, 0: false, 0.2: false, 0.21: true} {
		if i.Excludes(x) != want {
			t.Errorf("%v.Excludes(%v) = %v", i, x, !want)
		}
	}
}
