package findings

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestLimitsAreTails: a count on a limit has a tail of at least that of three standard errors, the next one beyond has
// less.
func TestLimitsAreTails(t *testing.T) {
	for _, c := range []struct {
		rate
		n int64
	}{{rate{.09, 0}, 30}, {rate{.09, 0.0099889012208657}, 30}, {rate{.001, 0}, 20}, {rate{.5, 0}, 1}, {rate{.3, .2}, 400},
		{rate{.97, .01}, 50}, {rate{.0005, .4}, 3000}, {rate{.07, .0004}, 100_000}} {
		l := c.limits(c.n)
		b := betaBinomial{int(c.n), c.p, c.theta}
		all := b.probabilities()
		below := func(k int64) (p float64) {
			for j := int64(0); j <= k; j++ {
				p += all[j]
			}
			return p
		}
		if high := b.atLeast(l.High); high < tailProbability || l.High < c.n && b.atLeast(l.High+1) >= tailProbability {
			t.Errorf("%+v: %d of %d has a tail of %g above", c.rate, l.High, c.n, high)
		}
		if low := below(l.Low); low < tailProbability || l.Low > 0 && below(l.Low-1) >= tailProbability {
			t.Errorf("%+v: %d of %d has a tail of %g below", c.rate, l.Low, c.n, low)
		}
		if l.Above(l.High) || !l.Above(l.High+1) || l.Below(l.Low) || l.Low > 0 && !l.Below(l.Low-1) {
			t.Errorf("%+v: a day on a limit is within, and the next one outside", l)
		}
	}
}

// TestLimitsOfManyChecks: with a known rate and many checks they are the textbook's p ± 3 sqrt(p(1-p)/n).
func TestLimitsOfManyChecks(t *testing.T) {
	const p, n = 0.04, 2_000_000
	l := rate{p, 0}.limits(n)
	width := 3 * math.Sqrt(p*(1-p)*n)
	if math.Abs(float64(l.High)-(p*n+width)) > 2+width/1000 || math.Abs(float64(l.Low)-(p*n-width)) > 2+width/1000 {
		t.Errorf("%d to %d, want %.0f ± %.0f", l.Low, l.High, p*n, width)
	}
	exact := distuv.Binomial{N: n, P: p}
	if tail := exact.Survival(float64(l.High)); tail >= tailProbability {
		t.Errorf("the tail beyond %d is %g", l.High, tail)
	}
}

// TestLimitsNeedABaseline: none with fewer than 14 nights, of a region with fewer than 30 checks before, or of a day
// without checks.
func TestLimitsNeedABaseline(t *testing.T) {
	for _, c := range []struct {
		nights, checks, today int64
		all, region           bool
	}{{13, 100, 10, false, false}, {14, 100, 10, true, true}, {14, 2, 10, true, false}, {14, 100, 0, false, false}} {
		s := &Series{Nights: make([]Night, c.nights+1), Regions: []Region{{Code: "PH", Nights: make([]Tally, c.nights+1)}}}
		for d := range c.nights {
			s.Regions[0].Nights[d] = Tally{Scored: c.checks, Suspicious: 1}
		}
		s.Regions[0].Nights[c.nights] = Tally{Scored: c.today}
		control := MonthControl(s, int(c.nights))
		_, all := control.All(int(c.nights))
		_, region := control.Region("PH", int(c.nights))
		if all != c.all || region != c.region {
			t.Errorf("%+v: limits of all %v, of the region %v", c, all, region)
		}
	}
}

// TestLimitsFollowTheMix: a night with many more checks of a region that always has many attacks is within, and the same
// count of suspicious checks outside where the regions have their usual shares.
func TestLimitsFollowTheMix(t *testing.T) {
	const days = 40
	s := &Series{Nights: make([]Night, days+1), Regions: []Region{{Code: "ID", Nights: make([]Tally, days+1)},
		{Code: "NG", Nights: make([]Tally, days+1)}}}
	for d := range days {
		s.Regions[0].Nights[d], s.Regions[1].Nights[d] = Tally{Scored: 900, Suspicious: 18}, Tally{Scored: 100, Suspicious: 30}
	}
	for _, c := range []struct {
		indonesia, nigeria Tally
		above              bool
	}{{Tally{Scored: 700, Suspicious: 14}, Tally{Scored: 300, Suspicious: 90}, false},
		{Tally{Scored: 900, Suspicious: 74}, Tally{Scored: 100, Suspicious: 30}, true}} {
		s.Regions[0].Nights[days], s.Regions[1].Nights[days] = c.indonesia, c.nigeria
		l, ok := MonthControl(s, days).All(days)
		if k := c.indonesia.Suspicious + c.nigeria.Suspicious; !ok || l.Above(k) != c.above {
			t.Errorf("%d suspicious of %+v: outside %v, want %v", k, l, !c.above, c.above)
		}
	}
}

// TestLimitsAreSeldomPassed: without a change fewer than 5 days of 1,000 lie outside, and fewer than 2 of those of single
// regions, where nights vary no more than chance and where they do.
func TestLimitsAreSeldomPassed(t *testing.T) {
	for _, nights := range []int{28, 84} {
		for _, varying := range []bool{false, true} {
			w := world{nights: nights, varying: varying, regions: profiles}
			var all, regions, allOut, regionsOut int
			for seed := range uint64(250) {
				s := w.draw(seed, change{})
				c := MonthControl(s, nights)
				for d := nights; d < len(s.Nights); d++ {
					var sum int64
					for _, r := range s.Regions {
						sum += r.Nights[d].Suspicious
						if l, ok := c.Region(r.Code, d); ok {
							regions++
							if k := r.Nights[d].Suspicious; l.Above(k) || l.Below(k) {
								regionsOut++
							}
						}
					}
					if l, ok := c.All(d); ok {
						all++
						if l.Above(sum) || l.Below(sum) {
							allOut++
						}
					}
				}
			}
			name := fmt.Sprintf("%d nights, varying %v", nights, varying)
			t.Logf("%s: %d of %d days, %d of %d days of regions outside", name, allOut, all, regionsOut, regions)
			if all == 0 || float64(allOut) >= .005*float64(all) {
				t.Errorf("%s: %d of %d days outside", name, allOut, all)
			}
			if regions == 0 || float64(regionsOut) >= .002*float64(regions) {
				t.Errorf("%s: %d of %d days of regions outside", name, regionsOut, regions)
			}
		}
	}
}
