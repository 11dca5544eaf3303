package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

func TestKolmogorovSmirnov(t *testing.T) {
	// scipy 1.10.1: ks_2samp(a, b).statistic and .statistic_location;
	// 1.358*sqrt((n+m)/(n*m))
	tests := []struct {
		a, b                   []Bin
		distance, at, critical float64
	}{
		{[]Bin{{1, 1}, {2, 1}, {3, 1}, {4, 1}}, []Bin{{3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}}, 0.6, 4, 0.9109740940334144},
		{[]Bin{{50, 3}, {98, 1}}, []Bin{{50, 1}, {98, 3}, {99, 1}}, 0.55, 50, 0.9109740940334144},
		{[]Bin{{1, 1}, {2, 1}}, []Bin{{1, 1}, {2, 1}}, 0, 1, 1.358},
		{[]Bin{{0, 10}, {50, 5}, {99, 85}}, []Bin{{0, 4}, {50, 3}, {98, 20}, {99, 90}}, 0.09017094017094017, 50, 0.1849424923323071},
	}
	for _, tt := range tests {
		s, ok := KolmogorovSmirnov(histogram(t, tt.a...), histogram(t, tt.b...))
		if !ok || s.At != tt.at || s.Beyond() {
			t.Errorf("%v against %v: %+v, %v, want the gap at %v", tt.a, tt.b, s, ok, tt.at)
		}
		near(t, "distance", s.Distance, tt.distance)
		near(t, "critical", s.Critical, tt.critical)
	}
}

func TestKolmogorovSmirnovOfNothing(t *testing.T) {
	some := of(t, 1)
	for _, pair := range [][2]Histogram{{{}, some}, {some, {}}, {{}, {}}} {
		if s, ok := KolmogorovSmirnov(pair[0], pair[1]); ok || s != (Separation{}) {
			t.Errorf("%v: %+v, %v", pair, s, ok)
		}
	}
}

func TestKolmogorovSmirnovProperties(t *testing.T) {
	r := random(6)
	for range 3000 {
		a, b := histogram(t, randomBins(r)...), histogram(t, randomBins(r)...)
		s, _ := KolmogorovSmirnov(a, b)
		if back, _ := KolmogorovSmirnov(b, a); back != s {
			t.Fatalf("%v against %v: %+v, exchanged %+v", expand(a), expand(b), s, back)
		}
		if same, _ := KolmogorovSmirnov(a, a); same.Distance != 0 || same.Beyond() {
			t.Fatalf("%v against itself: %+v", expand(a), same)
		}
		want := stat.KolmogorovSmirnov(expand(a), nil, expand(b), nil)
		if math.Abs(s.Distance-want) > 1e-12 {
			t.Fatalf("%v against %v: %v, gonum %v", expand(a), expand(b), s.Distance, want)
		}
		gap := float64(a.AtMost(s.At))/float64(a.N()) - float64(b.AtMost(s.At))/float64(b.N())
		if math.Abs(gap) != s.Distance {
			t.Fatalf("%v against %v: gap at %v is %v, not %v", expand(a), expand(b), s.At, gap, s.Distance)
		}
	}
}

func TestKolmogorovSmirnovBeyond(t *testing.T) {
	s, _ := KolmogorovSmirnov(histogram(t, Bin{10, 100}), histogram(t, Bin{10, 50}, Bin{99, 50}))
	if !s.Beyond() || s.Distance != 0.5 || s.At != 10 {
		t.Errorf("half of one sample moved: %+v", s)
	}
}
