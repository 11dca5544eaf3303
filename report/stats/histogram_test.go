package stats

import (
	"math"
	"slices"
	"testing"
)

func TestNewHistogramRefuses(t *testing.T) {
	tests := map[string][]Bin{
		"NaN":            {{1, 1}, {math.NaN(), 1}},
		"infinity":       {{math.Inf(-1), 1}},
		"huge value":     {{2e200, 1}},
		"NaN, unseen":    {{math.NaN(), 0}},
		"negative count": {{1, 5}, {2, -1}},
		"too many":       {{1, maxCount}, {2, 1}},
		"overflow":       {{1, maxCount}, {2, math.MaxInt64}},
	}
	for name, bins := range tests {
		if h, err := NewHistogram(bins); err == nil || h.N() != 0 {
			t.Errorf("%s: %d observations, error %v", name, h.N(), err)
		}
	}
}

func TestEmptyHistogram(t *testing.T) {
	for _, h := range []Histogram{{}, histogram(t), histogram(t, Bin{5, 0})} {
		_, mean := h.Mean()
		_, median := h.Percentile(0.5)
		bins, outside := h.Counts(ScoreEdges())
		if h.N() != 0 || mean || median || outside != 0 || slices.Max(bins) != 0 || h.Below(1) != 0 || h.AtMost(1) != 0 {
			t.Errorf("the empty histogram %+v has figures", h)
		}
	}
}

func TestHistogramLeavesItsInput(t *testing.T) {
	bins := []Bin{{3, 1}, {1, 2}, {3, 4}}
	h := histogram(t, bins...)
	if !slices.Equal(bins, []Bin{{3, 1}, {1, 2}, {3, 4}}) {
		t.Errorf("input became %v", bins)
	}
	if got := expand(h); !slices.Equal(got, []float64{1, 1, 3, 3, 3, 3, 3}) {
		t.Errorf("holds %v", got)
	}
}

func TestHistogramIsItsExpandedSample(t *testing.T) {
	r := random(3)
	for range 2000 {
		h := histogram(t, randomBins(r)...)
		all := expand(h)
		sum := 0.0
		for _, v := range all {
			sum += v
		}
		if mean, ok := h.Mean(); !ok || math.Abs(mean-sum/float64(len(all))) > 1e-12*(1+mean) {
			t.Fatalf("mean of %v = %v", all, mean)
		}
		x := float64(r.IntN(401)) / 4
		below, atMost := 0, 0
		for _, v := range all {
			if v < x {
				below++
			}
			if v <= x {
				atMost++
			}
		}
		if h.Below(x) != int64(below) || h.AtMost(x) != int64(atMost) {
			t.Fatalf("%v: %d below %v, %d at most, want %d and %d", all, h.Below(x), x, h.AtMost(x), below, atMost)
		}
	}
}

func TestMean(t *testing.T) {
	// R 4.2.2: mean(c(0,0,3.5,12,47.25,50,50,88,97.5,98.125,99,99.9,100))
	got, _ := of(t, scores...).Mean()
	near(t, "mean", got, 57.328846153846158)
	if got, _ = histogram(t, Bin{100, maxCount}).Mean(); got != 100 {
		t.Errorf("mean of 2^53 times 100 = %v", got)
	}
}

func TestCountsAroundNotNumbers(t *testing.T) {
	h := of(t, 1, 2, 3)
	if h.Below(math.NaN()) != 0 || h.AtMost(math.NaN()) != 0 {
		t.Error("observations below NaN")
	}
	if h.Below(math.Inf(1)) != 3 || h.AtMost(math.Inf(-1)) != 0 {
		t.Error("infinity is not above and below everything")
	}
}
