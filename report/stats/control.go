package stats

import "math"

// sigmas is the customary width of a control chart, in standard errors.
const sigmas = 3

// Signal is where a day lies on a control chart.
type Signal int

// The signals of a control chart.
const (
	Within Signal = iota
	Above
	Below
)

// ControlPoint is one day of a control chart. Rates are fractions.
type ControlPoint struct {
	Center float64  // rate of the baseline
	Limits Interval // of the day's rate, in [0, 1]; closed: a day on a limit is within
	Signal Signal
}

// Control places a day on the chart of its rate, given the pooled counts of
// the days of the previous period. The limits are wider on days with fewer
// observations. Without usable counts of either there is no point (false).
//
// The limits are those of a p-chart (W. A. Shewhart, Economic Control of
// Quality of Manufactured Product, 1931) at 3 standard errors, with the
// baseline taken for the estimate it is: they are the rates x of the day at
// which the two-sample score test against the baseline reaches 3, the method
// that gives Wilson's interval for one sample. Each limit is then moved
// outwards by one case, 1/n, so that no signal hangs on a single check; without
// this, days that expect few cases signal up to ten times too often. With a
// long baseline this is the textbook's p ± 3 sqrt(p(1-p)/n) and the one case;
// with one as short as the day it is wider by sqrt(2), and a baseline without
// a single case still gives an upper limit above zero.
//
// Without a change at most 2.7 days of 1,000 lie outside, whatever the rate and
// the number of checks: one month in twelve shows a signal by chance.
// There is no run rule: eight days in a row on one side of the centre occur by
// chance in more than one month of ten, and a lasting shift is what [Compare]
// finds. The limits assume independent checks.
func Control(day, baseline Proportion) (ControlPoint, bool) {
	if !day.usable() || !baseline.usable() {
		return ControlPoint{}, false
	}
	p, one := baseline.rate(), 1/float64(day.Total)
	down, up := scoreReach(p, baseline.complement().rate(), float64(day.Total), float64(baseline.Total))
	c := ControlPoint{Center: p, Limits: Interval{Low: max(0, p-down-one), High: min(1, p+up+one)}}
	switch x := day.rate(); {
	case x > c.Limits.High:
		c.Signal = Above
	case x < c.Limits.Low:
		c.Signal = Below
	}
	return c, true
}

// scoreReach is how far below and above the rate p = 1-q of a baseline of m
// observations the rate x of a day of n lies when its score is 3, that is when
// (x-p)^2 = 9 t(1-t)(1/n + 1/m) with the pooled rate t = (nx+mp)/(n+m). With
// d = x-p this is the quadratic a d^2 - 2b d - c = 0.
func scoreReach(p, q, n, m float64) (down, up float64) {
	const z2 = sigmas * sigmas
	a := 1 + z2*n/(m*(n+m))
	b := z2 * (q - p) / (2 * m)
	c := z2 * p * q * (1/n + 1/m)
	root := math.Sqrt(b*b + a*c)
	return (root - b) / a, (root + b) / a
}
