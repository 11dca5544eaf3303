package findings

import "gonum.org/v1/gonum/stat/distuv"

// trial describes one night of one region: count of total.
type trial struct{ count, total int64 }

// variation describes how much the nightly rates of regions vary beyond the binomial, from a baseline.
type variation struct {
	tau2 []float64 // squared coefficient of variation of each region's nightly rate
	all  float64   // of all regions together around their own expectations
}

// moments of one region's nights: excess over the binomial variance, and the squared expectations it is measured in.
type moments struct{ excess, squares float64 }

// estimateVariation measures how much nightly rates vary: the extra-binomial model by moments, each region shrunk to
// the pool with the weight of one average region, at its upper 90 % limit, since it is itself an estimate from so many
// nights. Regions hold a trial a night; nights without checks take no part.
//
// Source: D. A. Williams, Extra-binomial variation in logistic linear models, Applied Statistics 31 (1982) 144-148.
func estimateVariation(regions [][]trial) variation {
	v := variation{tau2: make([]float64, len(regions))}
	all := make([]moments, len(regions))
	var pooled moments
	for r, nights := range regions {
		all[r] = momentsOf(nights)
		pooled.excess, pooled.squares = pooled.excess+all[r].excess, pooled.squares+all[r].squares
	}
	factor := upperLimit(nightsWithChecks(regions))
	pool, average := 0.0, 0.0
	if pooled.squares > 0 {
		pool, average = pooled.excess/pooled.squares, pooled.squares/float64(len(regions))
	}
	for r, m := range all {
		if m.squares+average > 0 {
			v.tau2[r] = factor * max(0, (m.excess+average*pool)/(m.squares+average))
		}
	}
	v.all = factor * commonVariation(regions)
	return v
}

func momentsOf(nights []trial) moments {
	p, days, ok := pooledRate(nights)
	if !ok || days < 2 {
		return moments{}
	}
	var squares, expected, deviation float64
	for _, t := range nights {
		mu := float64(t.total) * p
		deviation += (float64(t.count) - mu) * (float64(t.count) - mu)
		squares += mu * mu
		expected += mu * (1 - p)
	}
	return moments{excess: deviation*float64(days)/float64(days-1) - expected, squares: squares}
}

// pooledVariation returns the squared coefficient of variation of all regions' nights pooled, at least 0.
func pooledVariation(regions [][]trial) float64 {
	var pooled moments
	for _, nights := range regions {
		m := momentsOf(nights)
		pooled.excess, pooled.squares = pooled.excess+m.excess, pooled.squares+m.squares
	}
	if pooled.squares == 0 {
		return 0
	}
	return max(0, pooled.excess/pooled.squares)
}

// commonVariation returns how much the sums over all regions vary around the regions' own expectations.
func commonVariation(regions [][]trial) float64 {
	counts, expected, variance := sums(regions, rates(regions))
	var deviation, squares, binomial float64
	days := 0
	for d := range counts {
		if expected[d] == 0 && counts[d] == 0 {
			continue
		}
		days++
		deviation += (counts[d] - expected[d]) * (counts[d] - expected[d])
		squares += expected[d] * expected[d]
		binomial += variance[d]
	}
	if days < 2 || squares == 0 {
		return 0
	}
	return max(0, (deviation*float64(days)/float64(days-1)-binomial)/squares)
}

// sums returns, night by night over all regions, what was counted, what is expected at the regions' rates, and its
// binomial variance.
func sums(regions [][]trial, p []float64) (counts, expected, variance []float64) {
	for r, nights := range regions {
		for len(counts) < len(nights) {
			counts, expected, variance = append(counts, 0), append(expected, 0), append(variance, 0)
		}
		for d, t := range nights {
			counts[d] += float64(t.count)
			expected[d] += float64(t.total) * p[r]
			variance[d] += float64(t.total) * p[r] * (1 - p[r])
		}
	}
	return counts, expected, variance
}

// askRates returns each region's pooled rate; 0 without checks.
func rates(regions [][]trial) []float64 {
	all := make([]float64, len(regions))
	for r, nights := range regions {
		all[r], _, _ = pooledRate(nights)
	}
	return all
}

// pooledRate returns the rate over all nights and how many of them have checks; false without any check.
func pooledRate(nights []trial) (p float64, days int, ok bool) {
	var sum trial
	for _, t := range nights {
		sum.count, sum.total = sum.count+t.count, sum.total+t.total
		if t.total > 0 {
			days++
		}
	}
	if sum.total == 0 {
		return 0, 0, false
	}
	return float64(sum.count) / float64(sum.total), days, true
}

// nightsWithChecks counts the nights on which any region has checks.
func nightsWithChecks(regions [][]trial) (n int) {
	var checked []bool
	for _, nights := range regions {
		for len(checked) < len(nights) {
			checked = append(checked, false)
		}
		for d, t := range nights {
			checked[d] = checked[d] || t.total > 0
		}
	}
	for _, c := range checked {
		if c {
			n++
		}
	}
	return n
}

// upperLimit returns the factor from a variance estimated from so many nights to its upper 90 % limit; 1 for fewer than
// two, from which nothing is estimated.
func upperLimit(nights int) float64 {
	if nights < 2 {
		return 1
	}
	df := float64(nights - 1)
	return df / distuv.ChiSquared{K: df}.Quantile(0.10)
}

// designEffect returns by how much the variance of a count over nights of these totals exceeds the binomial at rate p,
// when the squared coefficient of variation between nights is tau2. Weights, one a night, may be nil for a plain count.
// Counts and totals divided by it go into an interval for binomial counts as they are.
//
// Source: J. N. K. Rao and A. J. Scott, A simple method for the analysis of clustered binary data, Biometrics 48 (1992)
// 577-585.
func designEffect(nights []trial, p, tau2 float64, weights []float64) float64 {
	var squares, binomial float64
	for d, t := range nights {
		w := 1.0
		if weights != nil {
			w = weights[d]
		}
		mu := float64(t.total) * p
		squares += w * w * mu * mu
		binomial += w * w * mu * (1 - p)
	}
	if binomial == 0 {
		return 1
	}
	return 1 + tau2*squares/binomial
}

// commonDesignEffect returns the design effect of the sum over all regions at their rates p.
func commonDesignEffect(regions [][]trial, p []float64, tau2 float64) float64 {
	_, expected, variance := sums(regions, p)
	var squares, binomial float64
	for d := range expected {
		squares += expected[d] * expected[d]
		binomial += variance[d]
	}
	if binomial == 0 {
		return 1
	}
	return 1 + tau2*squares/binomial
}
