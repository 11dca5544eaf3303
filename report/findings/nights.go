package findings

import (
	"math"

	"liverecon/report/stats"
)

// Watched sets how many nights up to the last are watched for what goes on now.
const Watched = 7

// FewestInCell sets how many checks a cell needs to be counted, and how many of them must be suspicious to be a burst.
const FewestInCell = 5

// baseline returns the rate of a region before a night of the period, from its baseline and the nights between.
func (x *sample) baseline(until int) baselineRate {
	nights := pick(append(append([]Tally(nil), x.before...), x.now[:until]...), suspicious)
	t := sumTrials(nights)
	p := (float64(t.count) + 0.5) / (float64(t.total) + 1)
	return newBaselineRate(t.count, t.total, x.tau2, designEffect(nights, p, x.tau2, nil))
}

func totals(nights []trial) (counts, all []int64) {
	for _, t := range nights {
		counts, all = append(counts, t.count), append(all, t.total)
	}
	return counts, all
}

// askNow asks of each region whether it is above, or below, what is expected on the last watched nights of the period.
func askNow(c *comparison, falling bool) (all []*Finding) {
	from := max(0, len(c.nights)-Watched)
	for _, x := range c.samples {
		b := x.baseline(from)
		f := x.run(b, from, falling)
		f.weight = float64(x.sumBefore.Suspicious)
		all = append(all, f)
	}
	return all
}

// run asks about the CUSUM of a region's nights from one on: where it stands after the last.
func (x *sample) run(b baselineRate, from int, falling bool) *Finding {
	nights := pick(x.now[from:], suspicious)
	counts, checks := totals(nights)
	m := newMemory(checks, b.p, b.tau2, falling)
	path := m.path(counts)
	last := len(path) - 1
	first := start(path, last)
	run := sumTrials(nights[first:])
	f := x.finding(Now, run.count, run.total, x.sumBefore.Suspicious, x.sumBefore.Scored)
	if falling {
		f.Family = Sinking
	}
	f.Expected = b.p * float64(run.total)
	f.Checks = math.Abs(float64(run.count) - f.Expected)
	f.Up = !falling
	f.From, f.To = from+first, from+last
	f.Nights = checkedNights(nights[first:])
	f.P = b.pValue(m, path[last], false)
	return f
}

func checkedNights(nights []trial) (n int) {
	for _, t := range nights {
		if t.total > 0 {
			n++
		}
	}
	return n
}

// askTogether asks whether all regions are above what is expected on the last watched nights.
func askTogether(c *comparison) []*Finding {
	f := togetherOf(c, c.samples)
	if f == nil {
		return nil
	}
	return []*Finding{f}
}

// watch sums the watched nights of regions: what was counted, among how many, and what is expected.
type watch struct {
	counts           []int64
	checks, expected []float64
	rates            []float64 // of each region
	known            trial     // of the baselines and the nights of the period before the watched ones
	before           trial     // of the baselines alone
}

func newWatch(all []*sample, from, nights int) watch {
	w := watch{counts: make([]int64, nights), checks: make([]float64, nights), expected: make([]float64, nights)}
	for _, x := range all {
		p := x.baseline(from).p
		w.rates = append(w.rates, p)
		w.before.count, w.before.total = w.before.count+x.sumBefore.Suspicious, w.before.total+x.sumBefore.Scored
		w.known.count += x.sumBefore.Suspicious + sumOf(x.now[:from]).Suspicious
		for d, t := range x.now[from:] {
			w.counts[d] += t.Suspicious
			w.checks[d] += float64(t.Scored)
			w.expected[d] += p * float64(t.Scored)
		}
	}
	return w
}

// togetherOf asks it of some regions; nil without any check of theirs.
func togetherOf(c *comparison, all []*sample) *Finding {
	from := max(0, len(c.nights)-Watched)
	nights := len(c.nights) - from
	w := newWatch(all, from, nights)
	if sum(w.expected) == 0 {
		return nil
	}
	p := sum(w.expected) / sum(w.checks)
	effective := make([]int64, nights)
	for d, e := range w.expected {
		effective[d] = int64(math.RoundToEven(e / p))
	}
	effect := commonDesignEffect(trialsOf(all, suspicious), w.rates, c.tau2)
	b := baselineRate{p: p, tau2: c.tau2, spread: math.Sqrt(effect * (1 - p) / (float64(w.known.count) + 0.5))}
	m := newMemory(effective, p, c.tau2, false)
	path := m.path(w.counts)
	last := nights - 1
	f := &Finding{Family: Together, weight: 1, Up: true, From: from + start(path, last), To: from + last,
		Before: stats.Proportion{Count: w.before.count, Total: w.before.total}}
	for d := f.From - from; d < nights; d++ {
		f.Now.Count, f.Now.Total = f.Now.Count+w.counts[d], f.Now.Total+int64(w.checks[d])
		f.Expected += w.expected[d]
		if w.checks[d] > 0 {
			f.Nights++
		}
	}
	f.Checks = math.Abs(float64(f.Now.Count) - f.Expected)
	f.P = b.pValue(m, path[last], false)
	return f
}

// single reports whether regions that are named by themselves make what all regions together show: without them it
// would not be claimed.
func single(c *comparison, f *Finding, claimed []*Finding) bool {
	named := map[string]bool{}
	for _, o := range claimed {
		if (o.Family == Now || o.Family == Bursts) && o.Up && o.To >= f.From {
			named[o.Region] = true
		}
	}
	var rest []*sample
	for _, x := range c.samples {
		if !named[x.Code] {
			rest = append(rest, x)
		}
	}
	if len(rest) == len(c.samples) {
		return false
	}
	without := togetherOf(c, rest)
	return without == nil || without.P > f.threshold
}

func sum(all []float64) (s float64) {
	for _, x := range all {
		s += x
	}
	return s
}

// askRuns asks of each region whether it was above what is expected for some nights of the period: the highest CUSUM.
func askRuns(c *comparison) (all []*Finding) {
	for _, x := range c.samples {
		b := x.baseline(0)
		nights := pick(x.now, suspicious)
		counts, checks := totals(nights)
		m := newMemory(checks, b.p, b.tau2, false)
		path := m.path(counts)
		top := 0
		for d, v := range path {
			if v > path[top] {
				top = d
			}
		}
		first := start(path, top)
		run := sumTrials(nights[first : top+1])
		f := x.finding(Runs, run.count, run.total, x.sumBefore.Suspicious, x.sumBefore.Scored)
		f.Expected, f.Up = b.p*float64(run.total), true
		f.Checks = math.Abs(float64(run.count) - f.Expected)
		f.From, f.To = first, top
		f.weight = math.Sqrt(float64(x.sumBefore.Suspicious))
		f.P = b.pValue(m, path[top], true)
		all = append(all, f)
	}
	return all
}

// cell describes one night, hour or list of a region, for suspicious checks or for injections.
type cell struct {
	sample    *sample
	night     int // of the period
	place     string
	count     trial
	injection int64
	attacked  bool // injections are counted, not suspicious checks
	expected  float64
	tail      float64
}

// cellsOf returns all cells of the period that have enough checks.
func cellsOf(c *comparison) (all []cell) {
	var pooled trial
	for _, x := range c.samples {
		pooled.count += x.sumBefore.Kinds[Injection]
		pooled.total += x.sumBefore.Scored
	}
	common := share(pooled.count, pooled.total)
	for _, x := range c.samples {
		rate, attack := x.cellRates(common)
		add := func(night int, place string, scored, suspicious, injection int64) {
			if scored < FewestInCell {
				return
			}
			for _, attacked := range []bool{false, true} {
				k := cell{sample: x, night: night, place: place, injection: injection, attacked: attacked}
				k.count = trial{suspicious, scored}
				b := rate
				if attacked {
					k.count.count, b = injection, attack
				}
				k.expected = b.p * float64(scored)
				k.tail = 1
				if k.count.count >= FewestInCell {
					k.tail = betaBinomial{int(scored), b.p, b.theta}.atLeast(k.count.count)
				}
				all = append(all, k)
			}
		}
		for d, t := range x.now {
			add(d, "", t.Scored, t.Suspicious, t.Kinds[Injection])
		}
		for _, k := range x.Cells {
			if d := k.Night - c.from; d >= 0 && d < len(c.nights) {
				add(d, k.Place, k.Scored, k.Suspicious, k.Injection)
			}
		}
	}
	return all
}

// cellRates returns the rate of suspicious checks and of injections that a region's cells are held against.
func (x *sample) cellRates(common float64) (rate, attack betaBinomial) {
	b := x.sumBefore
	n := float64(b.Scored)
	rate.p = (float64(b.Suspicious) + 0.5) / (n + 1)
	attack.p = (float64(b.Kinds[Injection]) + common) / (n + 1)
	rate.theta = overdispersion(x.tau2, rate.p, designEffect(pick(x.before, suspicious), rate.p, x.tau2, nil)/n)
	attack.theta = overdispersion(x.injectionTau2, attack.p,
		designEffect(pick(x.before, injected), attack.p, x.injectionTau2, nil)/n)
	return rate, attack
}

// finding returns a cell as a finding.
func (k cell) finding() *Finding {
	f := k.sample.finding(Bursts, k.count.count, k.count.total, k.sample.sumBefore.Suspicious,
		k.sample.sumBefore.Scored)
	if k.attacked {
		f.Kind, f.injection = Injection, true
		f.Before.Count = k.sample.sumBefore.Kinds[Injection]
	}
	f.Expected, f.Up = k.expected, true
	f.Checks = math.Abs(float64(k.count.count) - k.expected)
	f.From, f.To, f.Place = k.night, k.night, k.place
	return f
}

// askBursts asks one question: is the least likely cell of the period chance? The p-value is a bound, the smallest tail
// times the number of cells, whatever their dependence. The cells whose bound would be claimed with it come along.
func askBursts(c *comparison) (least *Finding, cells []cell) {
	cells = cellsOf(c)
	if len(cells) == 0 {
		return nil, nil
	}
	at := 0
	for i, k := range cells {
		if k.tail < cells[at].tail {
			at = i
		}
	}
	least = cells[at].finding()
	least.weight = 1
	least.P = min(1, cells[at].tail*c.cellCount(cells))
	return least, cells
}

// cellCount returns how many cells a period has at most, for suspicious checks and for injections.
func (c *comparison) cellCount(listed []cell) float64 {
	return float64(len(listed) + 2*c.hours*len(c.samples)*len(c.nights))
}
