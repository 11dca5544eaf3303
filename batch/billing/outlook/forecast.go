package outlook

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Day holds what one day cost. Weekends have a level of their own.
type Day struct {
	Cost    float64
	Weekend bool
}

// Forecast represents what days to come cost together, in nine cases of ten and more between Low and High.
type Forecast struct{ Expected, Low, High float64 }

// LeastDays sets how many days a forecast needs to go by.
const LeastDays = 14

// Ahead forecasts the cost of days to come from days that were, weekdays and weekends apart, with a 95 % prediction
// interval: Student's t for a sum of k normal days of a level that n days estimate, whose variance is s²(k + k²/n).
// known is false where there are too few days of the kind.
func Ahead(past []Day, weekdays, weekends int) (f Forecast, known bool) {
	if len(past) < LeastDays {
		return f, false
	}
	var variance float64
	freedom := 0
	for _, c := range []struct {
		weekend bool
		ahead   int
	}{{false, weekdays}, {true, weekends}} {
		if c.ahead == 0 {
			continue
		}
		n, mean, square := levelOf(past, c.weekend)
		if n < 3 {
			return f, false
		}
		k := float64(c.ahead)
		f.Expected += k * mean
		variance += square / float64(n-1) * (k + k*k/float64(n))
		freedom += n - 1
	}
	if freedom == 0 { // no day is to come
		return f, true
	}
	reach := distuv.StudentsT{Sigma: 1, Nu: float64(freedom)}.Quantile(0.975) * math.Sqrt(variance)
	f.Low, f.High = max(0, f.Expected-reach), f.Expected+reach
	return f, true
}

// levelOf returns the mean of days of one kind, and the sum of their squared distances from it.
func levelOf(days []Day, weekend bool) (n int, mean, square float64) {
	for _, d := range days {
		if d.Weekend == weekend {
			n++
			delta := d.Cost - mean
			mean += delta / float64(n)
			square += delta * (d.Cost - mean)
		}
	}
	return n, mean, square
}
