package stats

import "math"

// ksCritical holds the 95 % quantile of Kolmogorov's limiting distribution.
const ksCritical = 1.358

// Separation represents the largest gap between two cumulative distributions.
type Separation struct {
	Distance float64 // Kolmogorov-Smirnov distance, in [0, 1]
	At       float64 // the lowest value at which the gap is that large, in the unit of the values
	Critical float64 // what Distance exceeds in at most 5 % of comparisons without drift; can be above 1
}

// Beyond reports whether the gap is larger than chance explains, for one
// comparison looked at by itself.
func (s Separation) Beyond() bool { return s.Distance > s.Critical }

// KolmogorovSmirnov returns the largest difference, over all values x, between the
// shares of a and of b at or below x. It is taken after all observations of a
// tied value, so ties do not inflate it; with ties the critical value is too
// large rather than too small. It does not exist (false) when either sample is
// empty.
//
// Source: N. V. Smirnov, Table for estimating the goodness of fit of empirical
// distributions, Annals of Mathematical Statistics 19 (1948) 279-281; critical
// value 1.358 sqrt((n+m)/(nm)); ties: G. E. Noether, Note on the Kolmogorov
// statistic in the discrete case, Metrika 7 (1963) 115-116. gonum's
// stat.KolmogorovSmirnov does not tell where the gap is, and adds up shares
// where the counts are exact.
func KolmogorovSmirnov(a, b Histogram) (Separation, bool) {
	n, m := float64(a.N()), float64(b.N())
	if n == 0 || m == 0 {
		return Separation{}, false
	}
	s := Separation{At: lowest(a.values, b.values), Critical: ksCritical * math.Sqrt((n+m)/(n*m))}
	for i, j := 0, 0; i < len(a.values) || j < len(b.values); {
		x := lowest(a.values[i:], b.values[j:])
		i, j = pass(a.values, i, x), pass(b.values, j, x)
		gap := math.Abs(float64(a.first(i, x))/n - float64(b.first(j, x))/m)
		if gap > s.Distance {
			s.Distance, s.At = gap, x
		}
	}
	return s, true
}

// lowest returns the smaller of the first values of two ascending lists, at least
// one of which is not empty.
func lowest(a, b []float64) float64 {
	if len(b) == 0 || len(a) > 0 && a[0] < b[0] {
		return a[0]
	}
	return b[0]
}

// pass returns the index after the value at i of a list when that value is x.
func pass(values []float64, i int, x float64) int {
	if i < len(values) && values[i] == x {
		return i + 1
	}
	return i
}
