package stats

import (
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// population draws scores; its weights are those of the whole numbers 0..100.
type population struct {
	upTo []float64
}

func newPopulation(weight func(score int) float64) population {
	p := population{make([]float64, 101)}
	sum := 0.0
	for score := range p.upTo {
		sum += weight(score)
		p.upTo[score] = sum
	}
	return p
}

func (p population) draw(t testing.TB, r *rand.Rand, n int) Histogram {
	t.Helper()
	bins := make([]Bin, len(p.upTo))
	for range n {
		i := sort.SearchFloat64s(p.upTo, r.Float64()*p.upTo[len(p.upTo)-1])
		bins[i].Count++
	}
	for i := range bins {
		bins[i].Value = float64(i)
	}
	return histogram(t, bins...)
}

// liveness has the shape that is usual for these scores: five of six at 95 or
// more, a small tail near zero, little between. suspicious is the share below
// 50.
func liveness(suspicious float64) population {
	low, high := 0.0, 0.0
	shape := func(score int) float64 {
		switch {
		case score < 50:
			return 1 / float64(1+score)
		case score < 95:
			return 0.2
		}
		return float64(score - 88)
	}
	for score := range 101 {
		if score < 50 {
			low += shape(score)
		} else {
			high += shape(score)
		}
	}
	return newPopulation(func(score int) float64 {
		if score < 50 {
			return shape(score) / low * suspicious
		}
		return shape(score) / high * (1 - suspicious)
	})
}

func uniform() population { return newPopulation(func(int) float64 { return 1 }) }

// alarms counts the trials in which each measure reports a change.
type alarms struct {
	psi, ks, rate, named int
}

func (a *alarms) trial(t *testing.T, current, previous Histogram) {
	t.Helper()
	s, _ := PSI(current, previous, ScoreEdges())
	k, _ := KolmogorovSmirnov(current, previous)
	c, _ := Compare(Proportion{current.Below(50), current.N()}, Proportion{previous.Below(50), previous.N()}, 50)
	adjusted, err := Holm([]float64{s.P, c.P})
	if err != nil {
		t.Fatal(err)
	}
	a.psi += count(s.Beyond())
	a.ks += count(k.Beyond())
	a.rate += count(c.Reading != NoChange)
	a.named += count(min(adjusted[0], adjusted[1]) <= Alpha)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func TestNoDriftRaisesFewAlarms(t *testing.T) {
	const trials, most = 2000, 2000 * 6 / 100
	tests := []struct {
		name string
		from population
		n, m int
	}{
		{"liveness", liveness(0.04), 50, 50},
		{"liveness", liveness(0.04), 200, 200},
		{"liveness", liveness(0.04), 1000, 1000},
		{"liveness", liveness(0.04), 5000, 5000},
		{"liveness", liveness(0.04), 50, 1500},
		{"liveness", liveness(0.04), 1500, 50},
		{"liveness", liveness(0.04), 200, 5000},
		{"uniform", uniform(), 50, 50},
		{"uniform", uniform(), 1000, 1000},
		{"suspicious", liveness(0.3), 200, 200},
		{"suspicious", liveness(0.3), 1000, 1000},
	}
	for _, tt := range tests {
		var a alarms
		r := random(11)
		for range trials {
			a.trial(t, tt.from.draw(t, r, tt.n), tt.from.draw(t, r, tt.m))
		}
		if max(a.psi, a.ks, a.rate, a.named) > most {
			t.Errorf("%s, %d against %d: %+v alarms in %d trials, want at most %d", tt.name, tt.n, tt.m, a, trials, most)
		}
	}
}

func TestDriftIsFound(t *testing.T) {
	const trials, n = 500, 1000
	before, after := liveness(0.04), liveness(0.14)
	var a alarms
	r := random(12)
	for range trials {
		a.trial(t, after.draw(t, r, n), before.draw(t, r, n))
	}
	if min(a.psi, a.ks, a.rate, a.named) < trials*99/100 {
		t.Errorf("10 points more below 50 found in %+v of %d trials", a, trials)
	}
}

func TestHolmKeepsRegionsFromBeingNamedByChance(t *testing.T) {
	const reports, regions, n = 500, 20, 300
	from := liveness(0.04)
	r := random(13)
	uncorrected, corrected := 0, 0
	for range reports {
		var p []float64
		for range regions {
			s, _ := PSI(from.draw(t, r, n), from.draw(t, r, n), ScoreEdges())
			p = append(p, s.P)
		}
		adjusted, err := Holm(p)
		if err != nil {
			t.Fatal(err)
		}
		uncorrected += count(slices.Min(p) <= Alpha)
		corrected += count(slices.Min(adjusted) <= Alpha)
	}
	if corrected > reports*6/100 || uncorrected < reports*40/100 {
		t.Errorf("a region is named in %d of %d reports without drift, %d before correction", corrected, reports, uncorrected)
	}
}
