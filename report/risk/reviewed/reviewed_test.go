package reviewed

import (
	"math"
	"math/rand/v2"
	"testing"

	"liverecon/report/risk/survey"
	"liverecon/store/decisions"
)

// TestPlantedPrecision: of 100 periods whose reviewers confirm four flags of five, the intervals hold the truth in about 95.
func TestPlantedPrecision(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	within := 0
	for range 100 {
		f := Figures{Now: survey.New()}
		for i := range 300 {
			word := "genuine"
			switch x := random.Float64(); {
			case x < .1:
				word = "unclear"
			case x < .82: // .72 of the .9 that are called either
				word = "attack"
			}
			f.Decisions = append(f.Decisions, decisions.Current{Decision: decisions.Decision{Decision: word}, Score: float64(i % 50), Region: "PH",
				AttackType: []string{"1", "2"}[i%2]})
		}
		_, types, scores, all := f.Groups()
		i, ok := all.Precision().Wilson()
		if ok && i.Low <= .8 && .8 <= i.High {
			within++
		}
		var byType, byScore int64
		for _, g := range types {
			byType += g.Attack
		}
		for _, g := range scores {
			byScore += g.Attack
		}
		if byType != all.Attack || byScore != all.Attack || all.Attack+all.Genuine+all.Neither != 300 {
			t.Fatalf("%d attacks, by type %d, by score %d", all.Attack, byType, byScore)
		}
	}
	if within < 89 {
		t.Errorf("the interval holds the planted precision in %d of 100 periods", within)
	}
}

// TestForecast: about 95 of 100 next nights lie in the interval, also where nights vary more than by chance.
func TestForecast(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	within := 0
	night := func() int64 { return int64(math.Max(0, math.Round(40+12*random.NormFloat64()))) }
	for range 400 {
		var nights []int64
		for range 28 {
			nights = append(nights, night())
		}
		if _, i, ok := Forecast(nights); ok && i.Low <= float64(night()) && float64(nights[0]) >= 0 && i.High > i.Low {
			within++
		}
	}
	if within < 376 { // one side alone: 97.5 %
		t.Errorf("%d of 400 nights are above the lower end", within)
	}
	if _, _, ok := Forecast([]int64{1, 2, 3}); ok {
		t.Error("foretold from three nights")
	}
	if mean, i, ok := Forecast([]int64{5, 5, 5, 5, 5, 5, 5}); !ok || mean != 5 || i.High < 9 {
		t.Errorf("nights that do not vary: %g, %+v", mean, i)
	}
}

// TestBands puts each score into one band.
func TestBands(t *testing.T) {
	for score, want := range map[float64]string{-3: "below 10", 0: "below 10", 9.99: "below 10", 10: "10 to 20", 49.9: "40 to 50", 50: "50 and more"} {
		if got := bandName(bandOf(score)); got != want {
			t.Errorf("%g: %s, want %s", score, got, want)
		}
	}
}
