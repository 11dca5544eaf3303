package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Reading names what may be said about a change of a rate.
type Reading int

// The readings of a change. Only Higher and Lower are findings.
const (
	TooFew   Reading = iota // a period has fewer observations than the minimum
	NoChange                // the interval of the difference contains zero
	Higher                  // the interval lies above zero
	Lower                   // the interval lies below zero
)

// String returns the reading in the words of the workbook.
func (r Reading) String() string {
	switch r {
	case TooFew:
		return "too few"
	case NoChange:
		return "no clear change"
	case Higher:
		return "higher"
	case Lower:
		return "lower"
	}
	return "unknown reading"
}

// Change represents the difference of a rate between two periods, as fractions
// (0.02 is two percentage points).
type Change struct {
	Difference float64  // current minus previous, in [-1, 1]
	Interval   Interval // 95 %, contains Difference, lies in [-1, 1]
	P          float64  // two-sided; below Alpha exactly when Interval excludes zero
	Reading    Reading
}

// Compare measures the change from the previous period to the current one. The
// reading is TooFew when either period has fewer than minimum observations,
// whatever the interval says. When a proportion is not usable the difference
// does not exist: the result is then false, the interval all of [-1, 1], P is
// one and the reading TooFew, so that it can be shown as it is.
func Compare(current, previous Proportion, minimum int64) (Change, bool) {
	interval, ok := Difference(current, previous)
	if !ok {
		return Change{Interval: interval, P: 1, Reading: TooFew}, false
	}
	return Change{
		Difference: current.rate() - previous.rate(),
		Interval:   interval,
		P:          differenceP(current, previous),
		Reading:    reading(interval, min(current.Total, previous.Total), minimum),
	}, true
}

func reading(i Interval, n, minimum int64) Reading {
	switch {
	case n < minimum:
		return TooFew
	case i.Low > 0:
		return Higher
	case i.High < 0:
		return Lower
	}
	return NoChange
}

// Difference returns the 95 % interval of the rate of a minus the rate of b, for
// two independent samples, from the Wilson intervals of the two rates. Unless
// both proportions are usable it is [-1, 1] and false.
//
// Source: R. G. Newcombe, Interval estimation for the difference between
// independent proportions: comparison of eleven methods, Statistics in
// Medicine 17 (1998) 873-890, method 10 (no continuity correction).
func Difference(a, b Proportion) (Interval, bool) {
	if !a.usable() || !b.usable() {
		return Interval{-1, 1}, false
	}
	d, x, y := a.rate()-b.rate(), a.share(), b.share()
	return Interval{
		Low:  max(d-reach(x, y, z95), -1), // beyond by rounding only
		High: min(d+reach(y, x, z95), 1),
	}, true
}

// reach returns how far the interval of a-b stretches downwards: the lower arm of a
// and the upper arm of b at right angles.
func reach(a, b share, z float64) float64 {
	return math.Hypot(a.rate()-a.wilson(z).Low, b.wilson(z).High-b.rate())
}

// DifferenceP returns the two-sided p-value that belongs to Newcombe's interval:
// one minus the confidence at which the interval just touches zero. The usual
// pooled z test is another procedure and can call a difference significant
// whose interval contains zero; this one cannot. It underflows to zero beyond
// 38 standard errors. Counts need not be whole: where observations come in
// clusters, count and total are both divided by the design effect (J. N. K. Rao
// and A. J. Scott, Biometrics 48 (1992) 577-585). It is one unless both totals
// are positive and no count lies outside its total.
func DifferenceP(count, total, previous, previousTotal float64) float64 {
	a, b := share{count, total}, share{previous, previousTotal}
	if !a.usable() || !b.usable() {
		return 1
	}
	if a.rate() < b.rate() {
		a, b = b, a
	}
	d := a.rate() - b.rate()
	if d == 0 {
		return 1
	}
	low, high := 0.0, 1.0
	for reach(a, b, high) < d { // ends: for z without limit reach exceeds every difference
		low, high = high, 2*high
	}
	for {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			return 2 * distuv.UnitNormal.CDF(-high)
		}
		if reach(a, b, middle) < d {
			low = middle
		} else {
			high = middle
		}
	}
}

// differenceP returns the p-value of two whole counts.
func differenceP(a, b Proportion) float64 {
	x, y := a.share(), b.share()
	return DifferenceP(x.count, x.total, y.count, y.total)
}
