package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// near fails unless got is want to a relative 1e-12.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	within(t, what, got, want, 1e-12)
}

func within(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if !(math.Abs(got-want) <= relative*math.Abs(want)) {
		t.Errorf("%s = %.17g, want %.17g", what, got, want)
	}
}

// random is a source of numbers that is the same in every run.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// histogram makes a histogram that the test knows to be valid.
func histogram(t testing.TB, bins ...Bin) Histogram {
	t.Helper()
	h, err := NewHistogram(bins)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// of makes a histogram of single observations.
func of(t testing.TB, values ...float64) Histogram {
	t.Helper()
	bins := make([]Bin, len(values))
	for i, v := range values {
		bins[i] = Bin{v, 1}
	}
	return histogram(t, bins...)
}

// expand lists every observation of h, ascending.
func expand(h Histogram) []float64 {
	var all []float64
	for i, value := range h.values {
		for int64(len(all)) < h.upTo[i] {
			all = append(all, value)
		}
	}
	return all
}

// randomBins are up to 12 bins of scores with many ties, in random order.
func randomBins(r *rand.Rand) []Bin {
	bins := make([]Bin, 1+r.IntN(12))
	for i := range bins {
		bins[i] = Bin{Value: float64(r.IntN(401)) / 4, Count: r.Int64N(9)}
	}
	bins[0].Count++
	return bins
}

func TestNormalQuantileConstant(t *testing.T) {
	near(t, "z95", z95, distuv.UnitNormal.Quantile(1-Alpha/2))
}
