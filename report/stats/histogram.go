package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
)

// MaxValue bounds what a histogram takes, so that no sum or difference of its
// values can overflow.
const MaxValue = 1e200

// Bin represents a value and how often it was seen.
type Bin struct {
	Value float64
	Count int64
}

// Histogram represents a sample in which equal values are stored once. Every figure
// taken from it is the figure of the expanded sample. The zero Histogram is
// the empty sample; others come from [NewHistogram].
type Histogram struct {
	values []float64 // ascending, distinct, each seen at least once
	upTo   []int64   // observations at or below values[i]
}

// NewHistogram makes a histogram of bins in any order; bins of the same value
// are added up, those with a count of zero leave no trace. It refuses a value
// that is not finite or beyond 1e200, a negative count, and more than 2^53
// observations in all.
func NewHistogram(bins []Bin) (Histogram, error) {
	sorted := slices.Clone(bins)
	slices.SortFunc(sorted, func(a, b Bin) int { return cmp.Compare(a.Value, b.Value) })
	var h Histogram
	for _, b := range sorted {
		if err := h.add(b); err != nil {
			return Histogram{}, err
		}
	}
	return h, nil
}

// add appends a bin whose value is not below those before it.
func (h *Histogram) add(b Bin) error {
	if !(math.Abs(b.Value) <= MaxValue) { // written so that NaN fails
		return fmt.Errorf("value %v is not a finite measurement", b.Value)
	}
	total, err := addCount(h.N(), b.Count)
	if err != nil {
		return fmt.Errorf("value %v: %w", b.Value, err)
	}
	last := len(h.values) - 1
	switch {
	case b.Count == 0:
	case last >= 0 && h.values[last] == b.Value:
		h.upTo[last] = total
	default:
		h.values = append(h.values, b.Value)
		h.upTo = append(h.upTo, total)
	}
	return nil
}

// N returns the number of observations.
func (h Histogram) N() int64 {
	if len(h.upTo) == 0 {
		return 0
	}
	return h.upTo[len(h.upTo)-1]
}

// Below returns the number of observations smaller than x. A NaN has none.
func (h Histogram) Below(x float64) int64 {
	return h.first(sort.SearchFloat64s(h.values, x), x)
}

// AtMost returns the number of observations smaller than x or equal to it. A NaN
// has none.
func (h Histogram) AtMost(x float64) int64 {
	i := sort.Search(len(h.values), func(i int) bool { return h.values[i] > x })
	return h.first(i, x)
}

// first counts the observations of the first i values; for a NaN, before
// which the searches put everything, it is zero.
func (h Histogram) first(i int, x float64) int64 {
	if i == 0 || math.IsNaN(x) {
		return 0
	}
	return h.upTo[i-1]
}

// Mean returns the arithmetic mean, in the unit of the values; false when the
// histogram is empty.
func (h Histogram) Mean() (float64, bool) {
	if h.N() == 0 {
		return 0, false
	}
	weights := make([]float64, len(h.upTo))
	before := int64(0)
	for i, n := range h.upTo {
		weights[i], before = float64(n-before), n
	}
	return stat.Mean(h.values, weights), true
}
