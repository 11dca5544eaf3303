package stats

import (
	"math"
	"slices"
	"testing"
)

// inBins makes a sample with the given counts in the bins of ScoreEdges.
func inBins(t testing.TB, counts ...int64) Histogram {
	t.Helper()
	bins := make([]Bin, len(counts))
	for i, n := range counts {
		bins[i] = Bin{ScoreEdges().at[i], n}
	}
	return histogram(t, bins...)
}

func TestPSI(t *testing.T) {
	// numpy and scipy 1.10.1: p = (a+.5)/(n+B/2), q likewise,
	// psi = ((p-q)*log(p/q)).sum(), s = 1/n+1/m,
	// chi2.ppf(.95, B-1)*s, chi2.sf(psi/s, B-1)
	tests := []struct {
		a, b                []int64
		psi, chance, pvalue float64
	}{
		{[]int64{20, 10, 15, 12, 30, 60, 100, 253, 300, 200}, []int64{22, 9, 14, 13, 28, 66, 95, 260, 290, 203},
			0.0019519812210845402, 0.0338379552092409, 0.9994908684538987},
		{[]int64{120, 40, 15, 12, 30, 60, 100, 253, 300, 70}, []int64{22, 9, 14, 13, 28, 66, 95, 260, 290, 203},
			0.35027413006660735, 0.0338379552092409, 5.242618522891627e-33},
		{[]int64{0, 0, 0, 0, 0, 0, 0, 0, 0, 50}, []int64{50},
			8.391128212438655, 0.6767591041848179, 2.9427117422483424e-40},
		{[]int64{1}, []int64{0, 0, 0, 1, 0, 1, 0, 2, 3, 4},
			1.0789400722240883, 18.45706647776776, 0.9994623732452672},
	}
	for _, tt := range tests {
		s, ok := PSI(inBins(t, tt.a...), inBins(t, tt.b...), ScoreEdges())
		if !ok {
			t.Errorf("%v against %v: no index", tt.a, tt.b)
		}
		near(t, "PSI", s.PSI, tt.psi)
		near(t, "chance level", s.ChanceLevel, tt.chance)
		near(t, "p", s.P, tt.pvalue)
		if s.Beyond() != (tt.pvalue < Alpha) {
			t.Errorf("%v against %v: beyond chance %v with p = %v", tt.a, tt.b, s.Beyond(), s.P)
		}
	}
}

func TestPSIDoesNotExist(t *testing.T) {
	some := of(t, 50)
	one, err := NewEdges(0, 100)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		a, b  Histogram
		edges Edges
	}{
		"no current":  {Histogram{}, some, ScoreEdges()},
		"no previous": {some, Histogram{}, ScoreEdges()},
		"all outside": {some, of(t, 101, -1), ScoreEdges()},
		"one bin":     {some, some, one},
		"no edges":    {some, some, Edges{}},
	}
	for name, tt := range tests {
		if s, ok := PSI(tt.a, tt.b, tt.edges); ok || s != (Stability{}) {
			t.Errorf("%s: %+v, %v", name, s, ok)
		}
	}
}

func TestPSIProperties(t *testing.T) {
	r := random(5)
	for range 3000 {
		a, b := histogram(t, randomBins(r)...), histogram(t, randomBins(r)...)
		s, ok := PSI(a, b, ScoreEdges())
		back, _ := PSI(b, a, ScoreEdges())
		if !ok || s.PSI < 0 || !(s.P >= 0 && s.P <= 1) || s.Beyond() != (s.P < Alpha) {
			t.Fatalf("%v against %v: %+v, %v", expand(a), expand(b), s, ok)
		}
		if math.Abs(s.PSI-back.PSI) > 1e-12 {
			t.Fatalf("%v against %v: %v, exchanged %v", expand(a), expand(b), s.PSI, back.PSI)
		}
		if same, _ := PSI(a, a, ScoreEdges()); same.PSI != 0 || same.P != 1 {
			t.Fatalf("%v against itself: %+v", expand(a), same)
		}
	}
}

func TestPSIOfEqualSharesFadesWithTheHalfCount(t *testing.T) {
	counts := []int64{2, 1, 1, 1, 3, 6, 10, 25, 30, 20}
	before := math.Inf(1)
	for _, times := range []int64{10, 100, 1000, 100000} {
		more := slices.Clone(counts)
		for i := range more {
			more[i] *= times
		}
		s, _ := PSI(inBins(t, more...), inBins(t, counts...), ScoreEdges())
		if s.PSI > 0.02 || s.P < 0.99 {
			t.Errorf("the same shares, %d times the observations: %+v", times, s)
		}
		twice := slices.Clone(more)
		for i := range twice {
			twice[i] *= 2
		}
		s, _ = PSI(inBins(t, twice...), inBins(t, more...), ScoreEdges())
		if s.PSI >= before {
			t.Errorf("PSI of equal shares does not fall: %v after %v", s.PSI, before)
		}
		before = s.PSI
	}
	if before > 1e-9 {
		t.Errorf("PSI of equal shares in 10,000,000 observations = %v", before)
	}
}

func TestEdges(t *testing.T) {
	e := ScoreEdges()
	if want := []float64{0, 5, 10, 25, 50, 75, 90, 95, 98, 99, 100}; !slices.Equal(e.Values(), want) {
		t.Errorf("edges %v, want %v", e.Values(), want)
	}
	for x, want := range map[float64]int{0: 0, 4.999: 0, 5: 1, 49.999: 3, 50: 4, 75: 5, 98.5: 8, 99: 9, 99.5: 9, 100: 9} {
		if bin, ok := e.Bin(x); !ok || bin != want {
			t.Errorf("Bin(%v) = %d, %v, want %d", x, bin, ok, want)
		}
	}
	for _, x := range []float64{-0.001, 100.001, math.NaN(), math.Inf(1), math.Inf(-1)} {
		if bin, ok := e.Bin(x); ok {
			t.Errorf("Bin(%v) = %d", x, bin)
		}
	}
	e.Values()[0] = 7
	if e.Values()[0] != 0 {
		t.Error("the edges can be changed from outside")
	}
}

func TestNewEdgesRefuses(t *testing.T) {
	for _, at := range [][]float64{nil, {1}, {1, 1}, {2, 1}, {1, math.NaN()}, {math.NaN(), 1}, {0, math.Inf(1)}} {
		if _, err := NewEdges(at...); err == nil {
			t.Errorf("NewEdges(%v) gives no error", at)
		}
	}
}

func TestCounts(t *testing.T) {
	// numpy.histogram(x, edges)[0] of x without its first and last two values
	h := of(t, -1, 0, 4.9, 5, 10, 25, 49.99, 50, 75, 90, 95, 98, 99, 99.99, 100, 100.5, 1e9)
	bins, outside := h.Counts(ScoreEdges())
	if want := []int64{2, 1, 1, 2, 1, 1, 1, 1, 1, 3}; !slices.Equal(bins, want) || outside != 3 {
		t.Errorf("counts %v and %d outside, want %v and 3", bins, outside, want)
	}
}
