package findings

import "math"

// The fewest nights with checks a baseline needs, and the fewest scored checks a region needs in both periods.
const (
	MinimumNights = 14
	MinimumChecks = 30
)

// burstsInBaseline sets how many bursts are taken out of a baseline at most; more than that is how the region is.
const burstsInBaseline = 5

// sample describes one region as a page compares it.
type sample struct {
	*Region
	before, now       []Tally // a night each
	sumBefore, sumNow Tally
	tau2              float64        // of the suspicious rate between nights
	kindTau2          [kinds]float64 // of a kind's share of the suspicious
	injectionTau2     float64        // of injection among all scored checks
}

// comparison holds what a page is made from: a baseline and a period, region by region.
type comparison struct {
	samples    []*sample // regions with the minimum of checks in both
	others     []*sample // the rest
	from       int       // first night of the period in the series
	nights     []Night   // of the period, up to the last with checks
	trailing   int       // nights of the period after that one
	baseNights int       // of the baseline, with checks
	tau2       float64   // of all regions together
	hours      int       // cells a night of a region that are not listed
}

// compare sets nights [from, to) of a series, up to the last with checks, beside the baseline [base, until) before
// them.
func compare(s *Series, base, until, from, to int) *comparison {
	end := to
	for to > from+1 && !s.checked(to-1) {
		to--
	}
	c := &comparison{from: from, nights: s.Nights[from:to], trailing: end - to, hours: s.Hours}
	all := baselines(s, base, until)
	c.baseNights = nightsWithChecks(trialsOf(all, suspicious))
	for _, x := range all {
		x.now = x.Nights[from:to]
		x.sumNow = sumOf(x.now)
		if x.sumBefore.Scored >= MinimumChecks && x.sumNow.Scored >= MinimumChecks {
			c.samples = append(c.samples, x)
		} else {
			c.others = append(c.others, x)
		}
	}
	c.measure(all)
	return c
}

// baselines returns what each region of a series had on the nights [base, until), without those of trouble and without
// bursts.
func baselines(s *Series, base, until int) (all []*sample) {
	for i := range s.Regions {
		r := &s.Regions[i]
		x := &sample{Region: r, before: make([]Tally, until-base)}
		for d := base; d < until; d++ {
			if !s.Nights[d].Trouble {
				x.before[d-base] = r.Nights[d]
			}
		}
		all = append(all, x)
	}
	clean(all)
	for _, x := range all {
		x.sumBefore = sumOf(x.before)
	}
	return all
}

// measure estimates from the baseline how much nights vary.
func (c *comparison) measure(all []*sample) {
	c.tau2 = estimateVariation(trialsOf(all, suspicious)).all
	rate := estimateVariation(trialsOf(c.samples, suspicious))
	attacked := estimateVariation(trialsOf(c.samples, injected))
	for i, x := range c.samples {
		x.tau2, x.injectionTau2 = rate.tau2[i], attacked.tau2[i]
	}
	for k := range kinds {
		v := estimateVariation(trialsOf(c.samples, kindOf(k)))
		for i, x := range c.samples {
			x.kindTau2[k] = v.tau2[i]
		}
	}
}

// all returns the samples of all regions.
func (c *comparison) all() []*sample {
	return append(append([]*sample(nil), c.samples...), c.others...)
}

func sumOf(nights []Tally) (sum Tally) {
	for _, n := range nights {
		sum.add(n)
	}
	return sum
}

// suspicious, injected and kindOf pick what of a night is counted among what.
func suspicious(t *Tally) trial { return trial{t.Suspicious, t.Scored} }
func injected(t *Tally) trial   { return trial{t.Kinds[Injection], t.Scored} }

func kindOf(k Kind) func(*Tally) trial {
	return func(t *Tally) trial { return trial{t.Kinds[k], t.Suspicious} }
}

func pick(nights []Tally, of func(*Tally) trial) []trial {
	all := make([]trial, len(nights))
	for d := range nights {
		all[d] = of(&nights[d])
	}
	return all
}

// trialsOf picks from the baselines of regions.
func trialsOf(all []*sample, of func(*Tally) trial) [][]trial {
	regions := make([][]trial, len(all))
	for i, x := range all {
		regions[i] = pick(x.before, of)
	}
	return regions
}

// clean takes bursts out of the baselines: the region's night furthest above what the region's rate expects, if
// hardly any of so many nights would reach it by chance, and again, a few times.
func clean(all []*sample) {
	for range burstsInBaseline {
		x, d := outstanding(all)
		if x == nil || !burst(all, x, d) {
			return
		}
		x.before[d] = Tally{}
	}
}

// outstanding returns the night of a region that stands out most.
func outstanding(all []*sample) (found *sample, at int) {
	largest := 0.0
	for _, x := range all {
		p, _, _ := pooledRate(pick(x.before, suspicious))
		for d := range x.before {
			expected := p * float64(x.before[d].Scored)
			z := (float64(x.before[d].Suspicious) - expected) / math.Sqrt(max(expected, 0.5))
			if z > largest {
				found, at, largest = x, d, z
			}
		}
	}
	return found, at
}

// burst reports whether a night of a baseline is a burst: its tail against the region's other nights, times the number
// of nights of all regions, is at most 1 %.
func burst(all []*sample, x *sample, d int) bool {
	night, cells := x.before[d], 0
	x.before[d] = Tally{}
	defer func() { x.before[d] = night }()
	regions := trialsOf(all, suspicious)
	for _, nights := range regions {
		for _, t := range nights {
			if t.total > 0 {
				cells++
			}
		}
	}
	others := sumOf(x.before)
	if others.Scored == 0 {
		return false
	}
	p := (float64(others.Suspicious) + 0.5) / (float64(others.Scored) + 1)
	theta := overdispersion(pooledVariation(regions), p, 1/float64(others.Scored))
	tail := betaBinomial{int(night.Scored), p, theta}.atLeast(night.Suspicious)
	return tail*float64(cells+1) <= 0.01
}
