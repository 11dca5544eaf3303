package stats

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat/distuv"
)

// Edges cut a range of values into bins that are closed on the left and open
// on the right, except that the last one is closed on both sides: with edges
// 0, 50, 100 the value 50 belongs to the bin from 50 to 100, and so does 100.
// Values outside the first and last edge belong to no bin.
type Edges struct {
	at []float64
}

// NewEdges makes bins between finite, strictly ascending edges; there must be
// at least two edges.
func NewEdges(at ...float64) (Edges, error) {
	if len(at) < 2 {
		return Edges{}, fmt.Errorf("%d bin edges, want at least 2", len(at))
	}
	for i, x := range at {
		if !finite(x) || i > 0 && x <= at[i-1] {
			return Edges{}, fmt.Errorf("bin edge %d (%v) is not finite and above the one before", i, x)
		}
	}
	return Edges{slices.Clone(at)}, nil
}

// ScoreEdges returns the fixed edges over which drift of the liveness score
// (0..100) is measured: finer at both ends, where the scores lie. They do not
// depend on the data, so that any two periods can be compared.
func ScoreEdges() Edges {
	return Edges{[]float64{0, 5, 10, 25, 50, 75, 90, 95, 98, 99, 100}}
}

// Values returns the edges, ascending; one more than there are bins.
func (e Edges) Values() []float64 { return slices.Clone(e.at) }

// Bin returns the number of the bin, from zero, to which x belongs; false when x is
// outside the edges or not a number.
func (e Edges) Bin(x float64) (int, bool) {
	last := len(e.at) - 1
	if last < 1 || !(x >= e.at[0] && x <= e.at[last]) { // written so that NaN fails
		return 0, false
	}
	above := sort.Search(last, func(i int) bool { return e.at[i] > x })
	return above - 1, true
}

// Counts returns the number of observations in every bin of e, and how many lie
// outside its edges.
func (h Histogram) Counts(e Edges) (bins []int64, outside int64) {
	bins = make([]int64, max(len(e.at)-1, 0))
	outside, before := h.N(), int64(0)
	for i, value := range h.values {
		if bin, ok := e.Bin(value); ok {
			bins[bin] += h.upTo[i] - before
			outside -= h.upTo[i] - before
		}
		before = h.upTo[i]
	}
	return bins, outside
}

// Stability compares the binned distributions of two periods.
type Stability struct {
	PSI         float64 // population stability index, >= 0, no unit; 0 when all shares are equal
	ChanceLevel float64 // what PSI exceeds in 5 % of comparisons without drift
	P           float64 // probability of a PSI at least this large without drift
}

// Beyond reports whether the index is larger than chance explains, for one
// comparison looked at by itself.
func (s Stability) Beyond() bool { return s.PSI > s.ChanceLevel }

// PSI returns the population stability index of the current period against the
// previous one over fixed bins: the sum over the bins of
// (p-q) ln(p/q), where p and q are the shares of the bin in the two periods
// after 0.5 was added to each of its counts. The order of the periods does not
// matter. It does not exist (false) when either period has no observation
// inside the edges, or when there are fewer than two bins. Observations
// outside the edges take no part.
//
// The customary limits 0.1 and 0.25 take no account of the number of
// observations. Without drift PSI is close to (1/n + 1/m) times a chi-square
// variable with one degree of freedom less than there are bins; its 95 %
// quantile is the chance level and its upper tail the p-value. With a few
// hundred observations or fewer, and bins that hardly anything falls into, the
// half counts make alarms rarer than 5 %.
//
// Source: B. Yurdakul and J. Naranjo, Statistical properties of the population
// stability index, Journal of Risk Model Validation 14 (4), 2020. The half count
// per bin, which keeps empty bins from making the index infinite, is the
// correction of J. B. S. Haldane, Annals of Human Genetics 20 (1956) 309-311.
func PSI(current, previous Histogram, edges Edges) (Stability, bool) {
	a, outsideA := current.Counts(edges)
	b, outsideB := previous.Counts(edges)
	n, m := float64(current.N()-outsideA), float64(previous.N()-outsideB)
	if n == 0 || m == 0 || len(a) < 2 {
		return Stability{}, false
	}
	half := float64(len(a)) / 2
	index := 0.0
	for i := range a {
		p, q := (float64(a[i])+0.5)/(n+half), (float64(b[i])+0.5)/(m+half)
		index += (p - q) * math.Log(p/q)
	}
	scale := 1/n + 1/m
	chance := distuv.ChiSquared{K: float64(len(a) - 1)}
	return Stability{
		PSI:         index,
		ChanceLevel: chance.Quantile(1-Alpha) * scale,
		P:           chance.Survival(index / scale),
	}, true
}
