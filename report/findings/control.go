package findings

import (
	"math"
	"slices"
)

// tailProbability holds the probability beyond the limits of a day on either side: that of three standard errors.
const tailProbability = 0.00135

// Limits holds what a day's count of suspicious checks may be without a change: Low to High of Total scored checks.
type Limits struct {
	Low, High, Total int64
	Expected         float64 // count at the baseline's rates
}

// Above reports whether a count is more than chance explains.
func (l Limits) Above(count int64) bool { return count > l.High }

// Below reports whether a count is less than chance explains.
func (l Limits) Below(count int64) bool { return count < l.Low }

// Control holds what the limits of days follow from: the rates of a baseline's regions, and how much nights vary.
type Control struct {
	Nights int   // of the baseline, with checks; below 14 there are no limits
	Before Share // suspicious and scored checks of the baseline
	// Variation is the coefficient of variation of the nightly rate of all regions together, beyond chance and at its
	// upper 90 % limit, as limits reckon with it; 0 of nights that vary no more than chance.
	Variation float64
	series    *Series
	rates     map[string]rate // of regions with the minimum of checks in the baseline, by code
	pooled    rate            // of all regions; theta is that of their sum around their own expectations
}

// rate represents the distribution of a rate: on average p, and theta of its nights and of its estimate.
type rate struct{ p, theta float64 }

// MonthControl returns the limits of days against the baseline of MonthPage.
func MonthControl(s *Series, from int) *Control { return control(s, max(0, from-baselineNights), from) }

// NightControl returns the limits of days against the baseline of NightPage.
func NightControl(s *Series, at int) *Control {
	from := max(0, at-Watched+1)
	return control(s, max(0, from-s.nightBaseline()), from)
}

// control measures the baseline [base, until): nights with trouble and bursts are left out of it.
func control(s *Series, base, until int) *Control {
	c := &Control{series: s, rates: map[string]rate{}}
	all := baselines(s, base, until)
	regions := trialsOf(all, suspicious)
	c.Nights = nightsWithChecks(regions)
	known := slices.DeleteFunc(slices.Clone(all), func(x *sample) bool { return x.sumBefore.Scored < MinimumChecks })
	v := estimateVariation(trialsOf(known, suspicious))
	for i, x := range known {
		p := (float64(x.sumBefore.Suspicious) + 0.5) / (float64(x.sumBefore.Scored) + 1)
		effect := designEffect(pick(x.before, suspicious), p, v.tau2[i], nil)
		c.rates[x.Code] = rate{p, overdispersion(v.tau2[i], p, effect/float64(x.sumBefore.Scored))}
	}
	for _, x := range all {
		c.Before.Suspicious += x.sumBefore.Suspicious
		c.Before.Checks += x.sumBefore.Scored
	}
	p := (float64(c.Before.Suspicious) + 0.5) / (float64(c.Before.Checks) + 1)
	tau2 := estimateVariation(regions).all
	c.Variation = math.Sqrt(tau2)
	effect := commonDesignEffect(regions, rates(regions), tau2)
	c.pooled = rate{p, overdispersion(tau2, p, effect/float64(max(1, c.Before.Checks)))}
	return c
}

// Region returns the limits of a region's checks on a night of the series; false without checks on it, or where the
// baseline has too few of them.
func (c *Control) Region(code string, night int) (Limits, bool) {
	r, ok := c.rates[code]
	n := c.scored(code, night)
	if !ok || n == 0 || c.Nights < MinimumNights {
		return Limits{}, false
	}
	return r.limits(n), true
}

// All returns the limits of all regions' checks on a night of the series, around what each of them is expected to have
// at its own rate: a night with more checks of a region that always has many attacks lies outside no sooner. A region
// without a rate of its own is expected at that of all.
func (c *Control) All(night int) (Limits, bool) {
	var checks int64
	var expected float64
	for i := range c.series.Regions {
		r := &c.series.Regions[i]
		p := c.pooled.p
		if own, ok := c.rates[r.Code]; ok {
			p = own.p
		}
		checks += r.Nights[night].Scored
		expected += p * float64(r.Nights[night].Scored)
	}
	if checks == 0 || c.Nights < MinimumNights {
		return Limits{}, false
	}
	return rate{expected / float64(checks), c.pooled.theta}.limits(checks), true
}

// scored returns the scored checks of a region on a night of the series.
func (c *Control) scored(code string, night int) (n int64) {
	for i := range c.series.Regions {
		if r := &c.series.Regions[i]; r.Code == code {
			n += r.Nights[night].Scored
		}
	}
	return n
}

// limits returns the counts among n checks beyond which the probability is below that of three standard errors, on
// either side. They are exact for the distribution: no normal approximation, which would give days that expect few
// cases a signal up to ten times too often.
func (r rate) limits(n int64) Limits {
	all := betaBinomial{int(n), r.p, r.theta}.probabilities()
	l := Limits{Total: n, High: n, Expected: float64(n) * r.p}
	for tail := all[0]; tail < tailProbability; tail += all[l.Low] {
		l.Low++
	}
	for tail := all[n]; tail < tailProbability; tail += all[l.High] {
		l.High--
	}
	return l
}
