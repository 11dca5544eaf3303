package stats

import (
	"math"
	"testing"
)

func TestDifference(t *testing.T) {
	// Newcombe 1998, table II, prints several of these, such as the first, to four
	// decimals. All digits, scipy 1.10.1: with a = binomtest(k1, n1), b likewise,
	// and (l, u) = proportion_ci(method='wilson') of each,
	// low = p1-p2 - hypot(p1-l1, u2-p2), high = p1-p2 + hypot(u1-p1, p2-l2);
	// p = 2 norm.sf(brentq(...)) for the z at which the nearer limit is zero.
	tests := []struct {
		a, b         Proportion
		low, high, p float64
	}{
		{Proportion{56, 70}, Proportion{48, 80}, 0.05243147240236484, 0.3338726540369059, 0.008133140358606815},
		{Proportion{9, 10}, Proportion{3, 10}, 0.17052272393450296, 0.8090179735354881, 0.004963401417510237},
		{Proportion{10, 10}, Proportion{0, 20}, 0.6790860371419147, 1, 4.507819558742615e-09},
		{Proportion{0, 10}, Proportion{0, 20}, -0.16112515805281935, 0.27753279986288926, 1},
		{Proportion{10, 10}, Proportion{10, 20}, 0.15750073793810987, 0.7007019918017876, 0.006356194345418147},
		{Proportion{5, 56}, Proportion{0, 29}, -0.03813714790353688, 0.1925600138551116, 0.11755573067257472},
		{Proportion{1413, 21337}, Proportion{890, 20285}, 0.01798166078909607, 0.026722568659709598, 3.5577472494763843e-23},
		{Proportion{35, 1953}, Proportion{51, 1821}, -0.02006164741487825, -0.0005084946638992654, 0.03920742213420849},
		{Proportion{390, 6761}, Proportion{355, 6330}, -0.0063673545944370104, 0.009537815562983852, 0.6926452287087521},
	}
	for _, tt := range tests {
		c, ok := Compare(tt.a, tt.b, 1)
		if !ok {
			t.Errorf("%v against %v: no change", tt.a, tt.b)
		}
		// The limits are differences of numbers near one, so the last digits of a
		// small limit are those of the subtraction.
		within(t, "low", c.Interval.Low, tt.low, 1e-12+1e-15/math.Abs(tt.low))
		within(t, "high", c.Interval.High, tt.high, 1e-12+1e-15/math.Abs(tt.high))
		within(t, "p", c.P, tt.p, 1e-10) // a root, found to the accuracy of its equation
	}
}

func TestReading(t *testing.T) {
	tests := []struct {
		current, previous Proportion
		minimum           int64
		want              string
	}{
		{Proportion{56, 70}, Proportion{48, 80}, 70, "higher"},
		{Proportion{48, 80}, Proportion{56, 70}, 70, "lower"},
		{Proportion{56, 70}, Proportion{48, 80}, 71, "too few"},
		{Proportion{48, 80}, Proportion{56, 70}, 71, "too few"},
		{Proportion{50, 80}, Proportion{48, 80}, 50, "no clear change"},
		{Proportion{0, 80}, Proportion{0, 80}, 50, "no clear change"},
		{Proportion{1, 1}, Proportion{0, 90000}, 50, "too few"},
	}
	for _, tt := range tests {
		if c, _ := Compare(tt.current, tt.previous, tt.minimum); c.Reading.String() != tt.want {
			t.Errorf("%v against %v, minimum %d: %v, want %s", tt.current, tt.previous, tt.minimum, c.Reading, tt.want)
		}
	}
	if got := Reading(9).String(); got != "unknown reading" {
		t.Errorf("Reading(9) = %q", got)
	}
}

func TestCompareWithoutObservations(t *testing.T) {
	good, want := Proportion{5, 10}, Change{Interval: Interval{-1, 1}, P: 1, Reading: TooFew}
	for _, bad := range []Proportion{{0, 0}, {11, 10}, {-1, 10}} {
		for _, pair := range [][2]Proportion{{good, bad}, {bad, good}, {bad, bad}} {
			if c, ok := Compare(pair[0], pair[1], 0); ok || c != want {
				t.Errorf("Compare(%v) = %+v, %v, want %+v and false", pair, c, ok, want)
			}
		}
	}
}

func TestDifferenceProperties(t *testing.T) {
	r := random(2)
	for range 5000 {
		n, m := 1+r.Int64N(1<<(1+r.IntN(24))), 1+r.Int64N(1<<(1+r.IntN(24)))
		a, b := Proportion{r.Int64N(n + 1), n}, Proportion{r.Int64N(m + 1), m}
		c, _ := Compare(a, b, 1)
		i := c.Interval
		if !(-1 <= i.Low && i.Low <= c.Difference && c.Difference <= i.High && i.High <= 1) {
			t.Fatalf("%v against %v: %v does not hold %v inside [-1, 1]", a, b, i, c.Difference)
		}
		if back, _ := Difference(b, a); back.Low != -i.High || back.High != -i.Low {
			t.Fatalf("%v against %v: %v, exchanged %v", a, b, i, back)
		}
		if !(c.P >= 0 && c.P <= 1) || (c.P < Alpha) != i.Excludes(0) {
			t.Fatalf("%v against %v: p = %v with interval %v", a, b, c.P, i)
		}
		if (c.Reading == Higher) != (i.Low > 0) || (c.Reading == Lower) != (i.High < 0) {
			t.Fatalf("%v against %v: %v with interval %v", a, b, c.Reading, i)
		}
	}
}

func TestDifferencePOfExtremes(t *testing.T) {
	const huge = 1 << 52
	if p := differenceP(Proportion{huge, huge}, Proportion{0, huge}); p != 0 {
		t.Errorf("all against none: p = %v, want 0", p)
	}
	if p := differenceP(Proportion{huge/2 + 1, huge}, Proportion{huge / 2, huge}); !(p > 0.999 && p <= 1) {
		t.Errorf("one observation in 2^52: p = %v, want nearly 1", p)
	}
}

func TestDifferencePReference(t *testing.T) {
	// R 4.2.2: the root of uniroot over z at which the interval of method 10 touches zero
	for _, tt := range []struct{ count, total, previous, previousTotal, p float64 }{
		{38, 75, 15, 75, 8.05505549864804e-05},
		{45, 560, 22, 560, 0.00425791845100764},
		{45 / 1.2, 560 / 1.2, 22 / 1.2, 560 / 1.2, 0.00907158799441295},
		{4, 420, 31, 420, 1.16878734112671e-05},
		{0.102479338842975 * 165.847304032623, 165.847304032623, 67, 1120, 0.0373189750241},
	} {
		near(t, "p", DifferenceP(tt.count, tt.total, tt.previous, tt.previousTotal), tt.p)
	}
	for _, tt := range [][4]float64{{1, 0, 1, 2}, {3, 2, 1, 2}, {1, 2, -1, 2}} {
		if p := DifferenceP(tt[0], tt[1], tt[2], tt[3]); p != 1 {
			t.Errorf("%v: p %v of what cannot be compared", tt, p)
		}
	}
}
