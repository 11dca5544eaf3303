package findings

import "math"

// tunedRise holds the factor of a rate that the cumulative sums are tuned to notice soonest; 2 and 3 do about as well.
const tunedRise = 2.5

// beyond sets how many states above the observed one a chain keeps apart; observations are cut there, too.
const beyond = 400

// memory represents a count CUSUM of a region's nights: what the counts exceed a reference by, never below zero.
//
// Source: E. S. Page, Continuous inspection schemes, Biometrika 41 (1954) 100-115; J. M. Lucas, Counted data CUSUM's,
// Technometrics 27 (1985) 129-144; for rates, M. R. Reynolds and Z. G. Stoumbos, A CUSUM chart for monitoring a
// proportion when inspecting continuously, Journal of Quality Technology 31 (1999) 87-108.
type memory struct {
	totals    []int64
	reference []float64 // of each night, in checks
	unit      float64   // of the sum, in checks
	falling   bool      // it adds up what is missing
}

// newMemory returns the CUSUM of nights with these totals at rate p, whose squared coefficient of variation is tau2.
func newMemory(totals []int64, p, tau2 float64, falling bool) memory {
	m := memory{totals: totals, reference: make([]float64, len(totals)), falling: falling}
	factor := (tunedRise - 1) / math.Log(tunedRise)
	if falling {
		factor = (1 - 1/tunedRise) / math.Log(tunedRise)
	}
	rho, widest := min(0.9, tau2*p/(1-p)), 0.0
	for d, n := range totals {
		m.reference[d] = float64(n) * p * factor
		widest = max(widest, float64(n)*p*(1-p)*(1+float64(n-1)*rho))
	}
	m.unit = max(0.25, math.Sqrt(widest)/8)
	return m
}

// step returns what a night's count adds, in units; ties go to the even number.
func (m memory) step(d int, count int64) int {
	excess := float64(count) - m.reference[d]
	if m.falling {
		excess = -excess
	}
	return int(math.RoundToEven(excess / m.unit))
}

// path returns the sum after each night, in units.
func (m memory) path(counts []int64) []int {
	all, sum := make([]int, len(counts)), 0
	for d, k := range counts {
		sum = max(0, sum+m.step(d, k))
		all[d] = sum
	}
	return all
}

// start returns the night on which the run that stands at a night began: the one after the last sum of zero.
func start(path []int, at int) int {
	for at > 0 && path[at-1] > 0 {
		at--
	}
	return at
}

// chance returns the probability that the sum stands at least so high after the last night, or, of the highest, that it
// ever does, at rate q: the distribution of the sum is passed through the nights, its states beyond the observed one
// kept apart for a while and then as one.
//
// Source: D. Brook and D. A. Evans, An approach to the probability distribution of cusum run length, Biometrika 59
// (1972) 539-549.
func (m memory) chance(q, tau2 float64, observed int, highest bool) float64 {
	if observed <= 0 {
		return 1
	}
	observed = min(observed, beyond)
	top := observed + beyond
	if highest {
		top = observed // absorbing
	}
	now, next := make([]float64, top+1), make([]float64, top+1)
	now[0] = 1
	for d, n := range m.totals {
		if n == 0 {
			continue
		}
		m.pass(d, betaBinomial{int(n), q, overdispersion(tau2, q, 0)}.probabilities(), now, next, highest)
		now, next = next, now
	}
	var p float64
	for _, x := range now[observed:] {
		p += x
	}
	return min(1, p)
}

// pass takes the distribution of the sum over night d. The last state is for all beyond, and of the highest sum it is
// never left.
func (m memory) pass(d int, counts, now, next []float64, highest bool) {
	clear(next)
	top := len(now) - 1
	from := 0
	to := len(counts) // counts without weight at either end cost time only
	for from < to && counts[from] < 1e-18 {
		from++
	}
	for to > from && counts[to-1] < 1e-18 {
		to--
	}
	steps := make([]int, to-from)
	for i := range steps {
		steps[i] = m.step(d, int64(from+i))
	}
	for state, p := range now {
		switch {
		case p == 0:
			continue
		case highest && state == top:
			next[top] += p
			continue
		}
		for i, step := range steps {
			next[min(top, max(0, state+step))] += p * counts[from+i]
		}
	}
}

// The nodes and weights of Gauss-Hermite integration with seven nodes, for exp(-x²).
var (
	hermiteNodes = [...]float64{-2.651961356835233, -1.673551628767471, -0.8162878828589647, 0, 0.8162878828589647,
		1.673551628767471, 2.651961356835233}
	hermiteWeights = [...]float64{0.0009717812450995192, 0.05451558281912703, 0.4256072526101278, 0.8102646175568073,
		0.4256072526101278, 0.05451558281912703, 0.0009717812450995192}
)

// baselineRate represents a rate estimated from a baseline: count of total with half a check added, its variation
// between nights, and the baseline's design effect.
type baselineRate struct {
	p, tau2 float64
	spread  float64 // standard deviation of the estimate's logarithm
}

func newBaselineRate(count, total int64, tau2, effect float64) baselineRate {
	p := (float64(count) + 0.5) / (float64(total) + 1)
	return baselineRate{p: p, tau2: tau2, spread: math.Sqrt(effect * (1 - p) / (float64(count) + 0.5))}
}

// pValue averages the chance of a sum over what the rate may be, since the baseline is an estimate. Rates are cut at
// 0.95.
func (b baselineRate) pValue(m memory, observed int, highest bool) float64 {
	if observed <= 0 {
		return 1
	}
	var p float64
	for i, x := range hermiteNodes {
		q := min(0.95, b.p*math.Exp(math.Sqrt2*b.spread*x))
		p += hermiteWeights[i] / math.Sqrt(math.Pi) * m.chance(q, b.tau2, observed, highest)
	}
	return min(1, p)
}
