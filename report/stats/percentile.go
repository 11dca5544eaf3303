package stats

import (
	"math"
	"slices"
	"sort"
)

// Percentile returns the quantile of ascending values at fraction p in [0, 1], by
// linear interpolation between order statistics: R's type 7 and the
// PERCENTILE.INC of spreadsheets. It does not exist (0, false) when there are
// no values, when they are not ascending or reach beyond 1e200, or when p is
// outside [0, 1].
//
// Source: R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages,
// The American Statistician 50 (1996) 361-365, definition 7. gonum's
// stat.Quantile offers types 1 and 4 only.
func Percentile(ascending []float64, p float64) (float64, bool) {
	n := len(ascending)
	// IsSorted puts NaN before every number, so the two ends tell of all.
	if n == 0 || !slices.IsSorted(ascending) || !finite(ascending[0]) || !finite(ascending[n-1]) {
		return 0, false
	}
	return type7(int64(n), p, func(i int64) float64 { return ascending[i] })
}

// Percentile returns the quantile of the expanded sample at fraction p in [0, 1],
// exactly as the function of that name computes it; false when the histogram
// is empty or p is outside [0, 1].
func (h Histogram) Percentile(p float64) (float64, bool) {
	return type7(h.N(), p, func(i int64) float64 {
		return h.values[sort.Search(len(h.upTo), func(j int) bool { return h.upTo[j] > i })]
	})
}

// type7 interpolates between the order statistics (counted from zero) on the
// two sides of position (n-1)p.
func type7(n int64, p float64, order func(int64) float64) (float64, bool) {
	if n == 0 || !(p >= 0 && p <= 1) { // written so that NaN fails
		return 0, false
	}
	position := float64(n-1) * p
	i := int64(position)
	low := order(i)
	if i+1 >= n {
		return low, true
	}
	high := order(i + 1)
	// Rounding must not carry the result past the larger neighbour.
	return min(low+(position-float64(i))*(high-low), high), true
}

func finite(x float64) bool { return math.Abs(x) <= MaxValue }
