package findings

import "math"

// betaBinomial represents the distribution of a count among n checks whose rate is p on average and varies with theta =
// 1/(a+b) of the beta distribution's parameters; theta 0 is the binomial.
type betaBinomial struct {
	n        int
	p, theta float64
}

// overdispersion returns theta of a rate p whose squared coefficient of variation between nights is tau2, and which is
// an estimate with the intraclass correlation extra; 0 where it is known. The correlation is cut at 0.9.
func overdispersion(tau2, p, extra float64) float64 {
	rho := min(0.9, tau2*p/(1-p)+extra)
	return rho / (1 - rho)
}

// probabilities returns P(X = 0..n). They are built as ratios from the mean outwards and normalised at the end, so that
// nothing underflows where the mass is.
func (b betaBinomial) probabilities() []float64 {
	all := make([]float64, b.n+1)
	if b.p <= 0 || b.p >= 1 {
		all[int(math.Round(b.p))*b.n] = 1
		return all
	}
	middle := min(b.n, int(float64(b.n)*b.p))
	all[middle] = 1
	sum := 1.0
	for j := middle; j < b.n && all[j] > 0; j++ {
		all[j+1] = all[j] * b.ratio(j)
		sum += all[j+1]
	}
	for j := middle; j > 0 && all[j] > 0; j-- {
		all[j-1] = all[j] / b.ratio(j-1)
		sum += all[j-1]
	}
	for j := range all {
		all[j] /= sum
	}
	return all
}

// ratio returns P(j+1)/P(j).
func (b betaBinomial) ratio(j int) float64 {
	x, n := float64(j), float64(b.n)
	return (n - x) / (x + 1) * (b.p + x*b.theta) / (1 - b.p + (n-x-1)*b.theta)
}

// atLeast returns P(X >= k).
func (b betaBinomial) atLeast(k int64) float64 {
	if k <= 0 {
		return 1
	}
	if k > int64(b.n) {
		return 0
	}
	all := b.probabilities()
	var tail float64
	for j := b.n; j >= int(k); j-- { // the smallest first
		tail += all[j]
	}
	return min(1, tail)
}
