package stats

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestControlLimitsOfALongBaseline(t *testing.T) {
	// The textbook's p-chart, p ± 3 sqrt(p(1-p)/n), and one case.
	const p, n = 0.04, 3000.0
	c, ok := Control(Proportion{120, n}, Proportion{40_000_000_000, 1_000_000_000_000})
	if !ok || c.Signal != Within || c.Center != p {
		t.Fatalf("%+v, %v", c, ok)
	}
	half := 3*math.Sqrt(p*(1-p)/n) + 1/n
	within(t, "low", c.Limits.Low, p-half, 1e-5)
	within(t, "high", c.Limits.High, p+half, 1e-5)
}

func TestControlLimitsSolveTheScoreTest(t *testing.T) {
	r := random(8)
	for range 2000 {
		n, m := 1+r.Int64N(5000), 1+r.Int64N(100000)
		baseline := Proportion{r.Int64N(m + 1), m}
		c, _ := Control(Proportion{0, n}, baseline)
		p, one := baseline.rate(), 1/float64(n)
		for _, limit := range []float64{c.Limits.Low + one, c.Limits.High - one} {
			if limit == one || limit == 1-one {
				continue // cut off at 0 or 1
			}
			pooled := (float64(n)*limit + float64(m)*p) / float64(n+m)
			score := (limit - p) / math.Sqrt(pooled*(1-pooled)*(1/float64(n)+1/float64(m)))
			if math.Abs(math.Abs(score)-3) > 1e-6 {
				t.Fatalf("day of %d, baseline %v: limit %v is %v standard errors away", n, baseline, limit, score)
			}
		}
	}
}

func TestControlProperties(t *testing.T) {
	r := random(9)
	for range 5000 {
		n, m := 1+r.Int64N(5000), 1+r.Int64N(100000)
		day, baseline := Proportion{r.Int64N(n + 1), n}, Proportion{r.Int64N(m + 1), m}
		c, ok := Control(day, baseline)
		if !ok || !(0 <= c.Limits.Low && c.Limits.Low <= c.Center && c.Center <= c.Limits.High && c.Limits.High <= 1) {
			t.Fatalf("%v on %v: %+v", day, baseline, c)
		}
		if (c.Signal == Within) == c.Limits.Excludes(day.rate()) || (c.Signal == Above) != (day.rate() > c.Limits.High) {
			t.Fatalf("%v on %v: %+v", day, baseline, c)
		}
		longer, _ := Control(Proportion{0, 2 * n}, baseline)
		if longer.Limits.High > c.Limits.High || longer.Limits.Low < c.Limits.Low {
			t.Fatalf("%v: limits %v widen to %v with twice the observations", baseline, c.Limits, longer.Limits)
		}
		mirror, _ := Control(day.complement(), baseline.complement())
		if math.Abs(mirror.Limits.Low-(1-c.Limits.High)) > 1e-12 {
			t.Fatalf("%v on %v: %v, mirrored %v", day, baseline, c.Limits, mirror.Limits)
		}
	}
}

func TestControlAgainstAHugeBaseline(t *testing.T) {
	// An interval for the pooled rate would lose the day in rounding here.
	c, _ := Control(Proportion{7, 16}, Proportion{1 << 60, 1 << 62})
	half := 3*math.Sqrt(0.25*0.75/16) + 1.0/16
	near(t, "high", c.Limits.High, 0.25+half)
	if c.Limits.Low != 0 || c.Signal != Within {
		t.Errorf("%+v", c)
	}
}

func TestControlOfACleanBaseline(t *testing.T) {
	baseline := Proportion{0, 3000}
	if c, _ := Control(Proportion{1, 100}, baseline); c.Signal != Within || c.Limits.Low != 0 {
		t.Errorf("one case after none in 3,000: %+v", c)
	}
	if c, _ := Control(Proportion{9, 100}, baseline); c.Signal != Above {
		t.Errorf("nine cases after none in 3,000: %+v", c)
	}
	if c, _ := Control(Proportion{0, 100}, Proportion{2900, 3000}); c.Signal != Below {
		t.Errorf("none after nearly all: %+v", c)
	}
}

func TestControlWithoutObservations(t *testing.T) {
	good := Proportion{5, 10}
	for _, bad := range []Proportion{{0, 0}, {11, 10}, {-1, 10}} {
		if c, ok := Control(good, bad); ok || c != (ControlPoint{}) {
			t.Errorf("baseline %v: %+v, %v", bad, c, ok)
		}
		if c, ok := Control(bad, good); ok || c != (ControlPoint{}) {
			t.Errorf("day %v: %+v, %v", bad, c, ok)
		}
	}
}

// falseAlarms is the exact probability that a day of n observations signals
// against a baseline of m, both with the rate p.
func falseAlarms(n, m int64, p float64) float64 {
	day, total := distuv.Binomial{N: float64(n), P: p}, 0.0
	baseline := distuv.Binomial{N: float64(m), P: p}
	for k := range m + 1 {
		weight := baseline.Prob(float64(k))
		if weight < 1e-9 {
			continue
		}
		for x := range n + 1 {
			if c, _ := Control(Proportion{x, n}, Proportion{k, m}); c.Signal != Within {
				total += weight * day.Prob(float64(x))
			}
		}
	}
	return total
}

func TestControlFalseAlarms(t *testing.T) {
	const most = 0.0027
	tests := []struct {
		n, days int64
		p       float64
	}{
		{20, 30, 0.001},
		{50, 30, 0.001},
		{100, 30, 0.01},
		{100, 7, 0.04},
		{100, 30, 0.04},
		{100, 1, 0.04},
		{400, 7, 0.04},
		{300, 1, 0.3},
		{1000, 1, 0.5},
	}
	for _, tt := range tests {
		if got := falseAlarms(tt.n, tt.n*tt.days, tt.p); !(got > 0 && got <= most) {
			t.Errorf("%d a day at %v, %d days of baseline: %.5f of days signal, want at most %v", tt.n, tt.p, tt.days, got, most)
		}
	}
}
