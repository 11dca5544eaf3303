package findings

import (
	"math"
	"testing"
)

// near fails unless two figures agree in twelve digits.
func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want) {
		t.Errorf("%s: %.15g, want %.15g", name, got, want)
	}
}

// twoRegions are six nights of two regions.
func twoRegions() [][]trial {
	counts := [][]int64{{2, 5, 1, 3, 9, 4}, {0, 1, 2, 0, 1, 2}}
	totals := [][]int64{{40, 42, 38, 40, 41, 39}, {10, 9, 11, 10, 12, 8}}
	all := make([][]trial, 2)
	for r := range counts {
		for d := range counts[r] {
			all[r] = append(all[r], trial{counts[r][d], totals[r][d]})
		}
	}
	return all
}

// The reference values of these tests were computed a second way in R 4.2.2: uniroot for roots, lchoose and lbeta for
// distributions, pchisq, and a dense chain.

func TestVariation(t *testing.T) {
	regions := twoRegions()
	factor := upperLimit(6)
	near(t, "factor of six nights", factor, 3.10499608800424)
	near(t, "factor of 28 nights", upperLimit(28), 27/18.1138959817)
	v := estimateVariation(regions)
	near(t, "pool", pooledVariation(regions), 0.226614481409002)
	near(t, "tau² 1 before the factor", v.tau2[0]/factor, 0.237635869565217)
	near(t, "tau² 2 before the factor", v.tau2[1]/factor, 0.198251748251748)
	near(t, "tau² 1", v.tau2[0], 0.737858445369486)
	near(t, "tau² 2", v.tau2[1], 0.61557090276168)
	near(t, "phi 1", designEffect(regions[0], 0.1, v.tau2[0], nil), 4.28278687962998)
	near(t, "phi 2", designEffect(regions[1], 0.1, v.tau2[1], nil), 1.69536713089745)
	near(t, "tau²_0", v.all, 0.463888896237118)
	near(t, "phi_0", commonDesignEffect(regions, rates(regions), v.all), 3.58059674869686)
}

func TestBetaBinomialReference(t *testing.T) {
	theta := overdispersion(0.1, 0.09, 0)
	near(t, "theta", theta, 0.0099889012208657)
	near(t, "8 of 30", betaBinomial{30, 0.09, theta}.atLeast(8), 0.0117483912856064)
	near(t, "8 of 30, binomial", betaBinomial{30, 0.09, 0}.atLeast(8), 0.00412140618969488)
	near(t, "26 of 37", betaBinomial{37, 0.09, theta}.atLeast(26), 1.16555398617605e-12)
	p := 30.5 / 337
	near(t, "cell", betaBinomial{37, p, overdispersion(0.1, p, 1.15/336)}.atLeast(26), 1.8578214508490e-11)
}

func TestChain(t *testing.T) {
	m := memory{totals: []int64{3, 4, 3}, reference: []float64{0.5, 0.75, 0.5}, unit: 0.25}
	tau2 := 0.05 / 1.05 * 0.8 / 0.2 // so that theta is 0.05 at q = 0.2
	for _, tt := range []struct {
		observed int
		highest  bool
		want     float64
	}{{5, false, 0.349929196222684}, {5, true, 0.417147286747879}, {9, false, 0.136469483276555},
		{9, true, 0.149627741563327}} {
		near(t, "chain", m.chance(0.2, tau2, tt.observed, tt.highest), tt.want)
	}
}

func TestMemory(t *testing.T) {
	counts, totals := []int64{2, 3, 2, 4, 7, 6, 8}, []int64{30, 28, 33, 31, 29, 30, 32}
	b := newBaselineRate(130, 1470, 0.08, 1.2)
	m := newMemory(totals, b.p, b.tau2, false)
	path := m.path(counts)
	last := path[len(path)-1]
	near(t, "C", float64(last)*m.unit, 7.75)
	near(t, "p now", b.pValue(m, last, false), 0.00121753117809)
	if first := start(path, len(path)-1); first != 4 {
		t.Errorf("the run begins on night %d, want the 5th", first+1)
	}
	highest := 0
	for _, c := range path {
		highest = max(highest, c)
	}
	near(t, "p of the highest", b.pValue(m, highest, true), 0.00346489294600)
	exact := newBaselineRate(130, 1470, 0, 1)
	m = newMemory(totals, exact.p, 0, false)
	path = m.path(counts)
	near(t, "p now, binomial nights", exact.pValue(m, path[len(path)-1], false), 0.00020621267044)

	m = newMemory(totals, b.p, b.tau2, true)
	path = m.path([]int64{0, 1, 0, 0, 1, 0, 0})
	near(t, "C, falling", float64(path[6])*m.unit, 10.5)
	near(t, "p, falling", b.pValue(m, path[6], false), 7.0464830266e-06)
}

func TestWeightedHolm(t *testing.T) {
	got, _ := adjust([]weighted{{0.0004, 0.27}, {0.03, 0.05}, {0.002, 0.27}, {0.6, 0.41}})
	for i, want := range []float64{0.00148148148148148, 0.276, 0.00540740740740741, 0.6} {
		near(t, "adjusted p", got[i], want)
	}
}

func TestSplit(t *testing.T) {
	now := []Share{{70, 1000}, {36, 400}, {64, 400}}
	before := []Share{{60, 1000}, {45, 500}, {16, 100}}
	want := []Part{{0.00139130, 0.00590278}, {-0.00044825, 0}, {0.01197362, 0}}
	var sum float64
	for i, p := range Split(now, before) {
		if math.Abs(p.Mix-want[i].Mix) > 5e-9 || math.Abs(p.Rate-want[i].Rate) > 5e-9 {
			t.Errorf("part %d: %+v, want %+v", i, p, want[i])
		}
		sum += p.Mix + p.Rate
	}
	if change := 170.0/1800 - 121.0/1600; math.Abs(sum-change) > 1e-12 {
		t.Errorf("the parts add up to %v, the change is %v", sum, change)
	}
}

func TestCleanTakesOutABurst(t *testing.T) {
	region := func() *sample {
		x := &sample{before: make([]Tally, 28)}
		for d := range x.before {
			x.before[d] = Tally{Scored: 12, Suspicious: 1}
		}
		return x
	}
	a, b := region(), region()
	a.before[5] = Tally{Scored: 30, Suspicious: 14}
	clean([]*sample{a, b})
	if sum := sumOf(a.before); sum.Suspicious != 27 || sum.Scored != 324 {
		t.Errorf("of the first region %d of %d are left, want 27 of 324", sum.Suspicious, sum.Scored)
	}
	if sum := sumOf(b.before); sum.Suspicious != 28 || sum.Scored != 336 {
		t.Errorf("of the second region %d of %d are left, want 28 of 336", sum.Suspicious, sum.Scored)
	}
}
