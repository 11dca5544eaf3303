package findings

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// fewestPassing sets how many passing checks of a night make it take part in how much score bins vary.
const fewestPassing = 5

// askScores asks of each region whether the scores of those that passed moved; the others are the question of rates and
// kinds.
func askScores(c *comparison) (all []*Finding) {
	factor := binVariation(c)
	for _, x := range c.samples {
		now, before := x.sumNow, x.sumBefore
		n, m := now.passing(), before.passing()
		if n < MinimumChecks || m < MinimumChecks {
			continue
		}
		index, shift, moved := stability(now.Bins, before.Bins)
		f := x.finding(Scores, n, now.Scored, m, before.Scored)
		f.weight, f.To = 1, len(c.nights)-1
		f.P = stabilityP(index, float64(n), float64(m), factor)
		f.Moved, f.Checks = shift, moved
		all = append(all, f)
	}
	return all
}

// stability returns the population stability index of two counts by bin with half a check added to each, the bin that
// changed most, and how many of the new checks lie in other bins than before.
//
// Source: B. Yurdakul and J. Naranjo, Statistical properties of the population stability index, Journal of Risk Model
// Validation 14 (4), 2020.
func stability(now, before [Bins]int64) (index float64, shift Shift, moved float64) {
	n, m := binSum(now), binSum(before)
	largest := -1.0
	for i := range now {
		u1 := (float64(now[i]) + 0.5) / (n + float64(Bins)/2)
		u0 := (float64(before[i]) + 0.5) / (m + float64(Bins)/2)
		index += (u1 - u0) * math.Log(u1/u0)
		moved += n * math.Abs(u1-u0) / 2
		if d := math.Abs(u1 - u0); d > largest {
			largest = d
			shift.Bin = binName(i)
		}
	}
	at := 0
	for i := range now {
		if binName(i) == shift.Bin {
			at = i
		}
	}
	shift.Now, shift.Before = float64(now[at])/n, float64(before[at])/m
	return index, shift, moved
}

func binSum(bins [Bins]int64) (sum float64) {
	for _, n := range bins {
		sum += float64(n)
	}
	return sum
}

// stabilityP returns the chance of an index so high without a change: 1/n + 1/m times a chi-square variable, times the
// factor by which nights vary more than that.
func stabilityP(index, n, m, factor float64) float64 {
	return distuv.ChiSquared{K: float64(Bins - 1)}.Survival(index / (1/n + 1/m) / factor)
}

// binVariation returns by how much the bins of passing scores vary between the nights of the baseline beyond the
// multinomial, at least 1: Pearson's X² of nights by bins within regions, over its degrees of freedom.
func binVariation(c *comparison) float64 {
	var statistic, df float64
	for _, x := range c.samples {
		var sum [Bins]int64
		nights := 0
		for _, t := range x.before {
			if t.passing() >= fewestPassing {
				nights++
				for i, n := range t.Bins {
					sum[i] += n
				}
			}
		}
		if nights < 2 {
			continue
		}
		df += float64((nights - 1) * (Bins - 1))
		all := binSum(sum)
		for _, t := range x.before {
			if t.passing() < fewestPassing {
				continue
			}
			n := binSum(t.Bins)
			for i, k := range t.Bins {
				if e := n * float64(sum[i]) / all; e > 0 {
					statistic += (float64(k) - e) * (float64(k) - e) / e
				}
			}
		}
	}
	if df == 0 {
		return 1
	}
	return max(1, statistic/df)
}

// heap describes one exact score: how many checks lie on it, of which.
type heap struct {
	score float64
	of    func(Tally) trial
}

var heapKinds = [...]heap{
	{0, func(t Tally) trial { return trial{t.Zero, t.Suspicious} }},
	{50, func(t Tally) trial { return trial{t.Fifty, t.passing()} }},
	{100, func(t Tally) trial { return trial{t.Full, t.passing()} }},
}

// askHeaps asks of each region whether more checks than before score exactly 0, 50 or 100.
func askHeaps(c *comparison) (all []*Finding) {
	for _, h := range heapKinds {
		var pooled trial
		for _, x := range c.samples {
			t := h.of(x.sumBefore)
			pooled.count, pooled.total = pooled.count+t.count, pooled.total+t.total
		}
		common := (float64(pooled.count) + 0.5) / (float64(pooled.total) + 1)
		for _, x := range c.samples {
			now, before := h.of(x.sumNow), h.of(x.sumBefore)
			if now.total < MinimumChecks || before.total < MinimumChecks {
				continue
			}
			f := x.finding(Heaps, now.count, now.total, before.count, before.total)
			q := heapRate(before, common)
			f.Score, f.weight, f.To = h.score, 1, len(c.nights)-1
			f.Expected = q * float64(now.total)
			f.Up, f.Checks = true, math.Abs(float64(now.count)-f.Expected)
			f.P = heapP(now, before, q)
			all = append(all, f)
		}
	}
	return all
}

// heapRate returns the mean of a region's own share and that of all regions, at most 0.99.
func heapRate(own trial, common float64) float64 {
	return min(0.99, (share(own.count, own.total)+common)/2)
}

func heapP(now, before trial, q float64) float64 {
	theta := overdispersion(0, q, 1/(2*float64(before.total)))
	return betaBinomial{int(now.total), q, theta}.atLeast(now.count)
}
