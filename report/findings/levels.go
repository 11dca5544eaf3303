package findings

import (
	"math"

	"liverecon/report/stats"
)

// FewestSuspicious sets how many suspicious checks a question about their rate or their kinds needs.
const FewestSuspicious = 20

// askOverall asks whether the regions' own rates changed, all together.
func askOverall(c *comparison) []*Finding {
	all := c.all()
	now, before := make([]Share, len(all)), make([]Share, len(all))
	for i, x := range all {
		now[i] = Share{x.sumNow.Suspicious, x.sumNow.Scored}
		before[i] = Share{x.sumBefore.Suspicious, x.sumBefore.Scored}
	}
	sumNow, sumBefore := total(now), total(before)
	if len(c.samples) == 0 || sumNow.Checks == 0 || sumBefore.Checks == 0 {
		return nil
	}
	f := &Finding{Family: Overall, weight: 1, To: len(c.nights) - 1,
		Now:    stats.Proportion{Count: sumNow.Suspicious, Total: sumNow.Checks},
		Before: stats.Proportion{Count: sumBefore.Suspicious, Total: sumBefore.Checks}}
	for _, p := range Split(now, before) {
		f.Parts.Mix, f.Parts.Rate = f.Parts.Mix+p.Mix, f.Parts.Rate+p.Rate
	}
	pooled := make([]float64, len(all))
	nowNights := make([][]trial, len(all))
	for i, x := range all {
		pooled[i] = share(now[i].Suspicious+before[i].Suspicious, now[i].Checks+before[i].Checks)
		nowNights[i] = pick(x.now, suspicious)
	}
	effectNow := commonDesignEffect(nowNights, pooled, c.tau2)
	effectBefore := commonDesignEffect(trialsOf(all, suspicious), pooled, c.tau2)
	f.effects = [2]float64{effectNow, effectBefore}
	f.P = normalTail(standardized(f.Parts.Rate, now, before, pooled, effectNow, effectBefore))
	f.Up = f.Parts.Rate > 0
	f.Expected = float64(f.Now.Count) - f.Parts.Rate*float64(f.Now.Total)
	f.Checks = math.Abs(f.Parts.Rate) * float64(f.Now.Total)
	return []*Finding{f}
}

// standardized returns the rate part of a change in standard errors: w² p(1-p)(effect/n + effect/n), summed over the
// regions of both periods; 0 without any.
func standardized(part float64, now, before []Share, pooled []float64, effectNow, effectBefore float64) float64 {
	allNow, allBefore := total(now), total(before)
	var variance float64
	for i, p := range pooled {
		if now[i].Checks == 0 || before[i].Checks == 0 {
			continue
		}
		w := (allNow.weight(now[i]) + allBefore.weight(before[i])) / 2
		variance += w * w * p * (1 - p) * (effectNow/float64(now[i].Checks) + effectBefore/float64(before[i].Checks))
	}
	if variance == 0 {
		return 0
	}
	return part / math.Sqrt(variance)
}

// askRates asks of each region whether its suspicious rate changed.
func askRates(c *comparison) (all []*Finding) {
	for _, x := range c.samples {
		now, before := x.sumNow, x.sumBefore
		expected := float64(before.Suspicious) * share(now.Scored, before.Scored)
		if float64(now.Suspicious)+expected < FewestSuspicious {
			continue
		}
		f := x.finding(Rate, now.Suspicious, now.Scored, before.Suspicious, before.Scored)
		f.weight = math.Sqrt(float64(now.Suspicious + before.Suspicious))
		f.To = len(c.nights) - 1
		f.P = compareRates(pick(x.now, suspicious), pick(x.before, suspicious), x.tau2)
		f.effects = effects(pick(x.now, suspicious), pick(x.before, suspicious), x.tau2)
		f.without = func(nights map[int]bool) float64 {
			rest := pick(x.now, suspicious)
			for d := range nights {
				rest[d] = trial{}
			}
			return compareRates(rest, pick(x.before, suspicious), x.tau2)
		}
		all = append(all, f)
	}
	return all
}

// compareRates returns the p-value of a difference between the rates of two sets of nights, each with its design effect
// at the rate of both.
func compareRates(now, before []trial, tau2 float64) float64 {
	a, b, e := sumTrials(now), sumTrials(before), effects(now, before, tau2)
	return stats.DifferenceP(float64(a.count)/e[0], float64(a.total)/e[0], float64(b.count)/e[1],
		float64(b.total)/e[1])
}

// effects returns the design effects of two sets of nights at the rate of both.
func effects(now, before []trial, tau2 float64) [2]float64 {
	a, b := sumTrials(now), sumTrials(before)
	p := share(a.count+b.count, a.total+b.total)
	return [2]float64{designEffect(now, p, tau2, nil), designEffect(before, p, tau2, nil)}
}

func sumTrials(nights []trial) (sum trial) {
	for _, t := range nights {
		sum.count, sum.total = sum.count+t.count, sum.total+t.total
	}
	return sum
}

// finding begins one about a region: counts of totals now and before.
func (x *sample) finding(family Family, count, total, before, beforeTotal int64) *Finding {
	f := &Finding{Family: family, Region: x.Code, Name: x.Name, sample: x, P: 1,
		Now: stats.Proportion{Count: count, Total: total}, Before: stats.Proportion{Count: before, Total: beforeTotal}}
	f.Expected = share(before, beforeTotal) * float64(total)
	f.Up = float64(count) > f.Expected
	f.Checks = math.Abs(float64(count) - f.Expected)
	return f
}

// askRamps asks of each region whether its rate climbed or sank through the period: later nights weigh more.
func askRamps(c *comparison) (all []*Finding) {
	days := len(c.nights)
	if days < 2 {
		return nil
	}
	weights := make([]float64, days)
	for d := range weights {
		weights[d] = float64(d) / float64(days-1)
	}
	for _, x := range c.samples {
		now, before := pick(x.now, suspicious), pick(x.before, suspicious)
		r := weigh(now, weights)
		b := sumTrials(before)
		if float64(x.sumNow.Suspicious)+float64(b.count)*share(x.sumNow.Scored, b.total) < FewestSuspicious ||
			r.checks == 0 {
			continue
		}
		f := x.finding(Ramp, x.sumNow.Suspicious, x.sumNow.Scored, b.count, b.total)
		f.weight, f.To = math.Sqrt(float64(f.Now.Count+f.Before.Count)), days-1
		p := share(f.Now.Count+f.Before.Count, f.Now.Total+f.Before.Total)
		e, e0 := designEffect(now, p, x.tau2, weights), designEffect(before, p, x.tau2, nil)
		f.P = stats.DifferenceP(r.rate*r.checks/e, r.checks/e, float64(b.count)/e0, float64(b.total)/e0)
		f.Up = r.rate > share(b.count, b.total)
		f.Checks = 0
		for _, t := range now {
			f.Checks += float64(t.count) - float64(t.total)*share(b.count, b.total)
		}
		f.Checks = math.Abs(f.Checks)
		f.Thirds = [2]float64{rateOf(now[:days/3]), rateOf(now[days-days/3:])}
		all = append(all, f)
	}
	return all
}

func rateOf(nights []trial) float64 {
	t := sumTrials(nights)
	return share(t.count, t.total)
}

// weightedRate represents a rate over weighted nights, and how many equally weighted checks it is worth.
type weightedRate struct{ rate, checks float64 }

func weigh(nights []trial, weights []float64) weightedRate {
	var counts, totals, squares float64
	for d, t := range nights {
		counts += weights[d] * float64(t.count)
		totals += weights[d] * float64(t.total)
		squares += weights[d] * weights[d] * float64(t.total)
	}
	if squares == 0 {
		return weightedRate{}
	}
	return weightedRate{counts / totals, totals * totals / squares}
}

// askTypes asks of each region whether a kind's share of its suspicious checks changed.
func askTypes(c *comparison, k Kind) (all []*Finding) {
	for _, x := range c.samples {
		now, before := x.sumNow, x.sumBefore
		if now.Suspicious < FewestSuspicious || before.Suspicious < FewestSuspicious {
			continue
		}
		f := x.finding(Type, now.Kinds[k], now.Suspicious, before.Kinds[k], before.Suspicious)
		f.Kind, f.To = k, len(c.nights)-1
		f.weight = 1
		if k == Injection {
			f.weight = float64(now.Suspicious + before.Suspicious)
		}
		f.P = compareRates(pick(x.now, kindOf(k)), pick(x.before, kindOf(k)), x.kindTau2[k])
		f.without = func(nights map[int]bool) float64 {
			rest := pick(x.now, kindOf(k))
			for d := range nights {
				rest[d] = trial{}
			}
			return compareRates(rest, pick(x.before, kindOf(k)), x.kindTau2[k])
		}
		all = append(all, f)
	}
	return all
}
