package risk

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/rollup"
)

// TestNoFalseChange makes pairs of periods of 36 regions without drift. The sheet of drift says of at most about 6 % of
// them that a rate rose or fell, and the sheet of attack types marks none in the others; three standard errors of 400
// trials are left above. By itself each of the regions would be marked in 5 %, one of them in five of six trials.
func TestNoFalseChange(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	const trials, most = 400, 38
	alarms, alone := 0, 0
	for range trials {
		finding, marked := changesSaid(simulated(random, 36, 200, 0))
		if alarm := strings.Contains(finding, "clearly rose in"); alarm != marked {
			t.Fatalf("%q, regions marked: %v", finding, marked)
		}
		alarms += xlsx.Int(marked)
		alone += xlsx.Int(strings.Contains(finding, "by itself only"))
	}
	if alarms > most || alone < trials/2 {
		t.Errorf("without drift %d of %d trials call a change, %d have a region that would by itself", alarms, trials,
			alone)
	}
	if finding, marked := changesSaid(simulated(random, 36, 1000, 0.10)); !marked ||
		!strings.HasPrefix(finding, "The suspicious rate clearly rose in 36 regions, fell in 0") {
		t.Errorf("a shift of ten points: %q", finding)
	}
}

// changesSaid returns the title of the chart of changes, and whether the sheet of attack types marks a region.
func changesSaid(d *Data) (finding string, marked bool) {
	var all drifts
	for _, c := range d.changes() {
		all = append(all, drift{change: c, known: true, enough: true})
		role := c.reading().Style.Role
		marked = marked || role == xlsx.Alert || role == xlsx.Good
	}
	return all.changeFinding(), marked
}

// simulated is a report on some regions of n checks each, whose rate has shifted between the periods.
func simulated(random *rand.Rand, regions, n int, shift float64) *Data {
	d := emptyData()
	for k := range regions {
		region := fmt.Sprintf("R%d", k)
		for i, v := range []*survey.Survey{d.now, d.before} {
			g, rate := survey.NewTally(region), []float64{0.05 + shift, 0.05}[i]
			for range n {
				s := survey.Passing
				if random.Float64() < rate {
					s = survey.Suspicious
				}
				g.Counts[s][survey.None]++
				v.All.Counts[s][survey.None]++
			}
			g.Answered, v.All.Answered = int64(n), v.All.Answered+int64(n)
			v.Regions, v.Known[region] = append(v.Regions, g), g
		}
	}
	return d
}

// emptyData is a report on two periods without an answer.
func emptyData() *Data {
	return &Data{Options: Options{MinimumN: defaultMinimum, Compare: calendar.Period{Label: "before"}},
		comparison: comparison{now: survey.New(), before: survey.New(), minimum: defaultMinimum}}
}

// TestNoFalseDrift makes pairs of periods without drift, and lets the drift sheet judge them: it names a region in at
// most 6 % of them, however many checks there are, and nearly always when ten points of the scores have moved. Over
// 4,000 trials it was 0.2 % at n = 50 and 5.1 % at n = 5000; the limit leaves three standard errors of 1,000 trials
// above 6 %.
func TestNoFalseDrift(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	const trials, most = 1000, 82
	for _, n := range []int{50, 500, 1000, 5000} {
		alarms := 0
		for range trials {
			alarms += xlsx.Int(strings.HasPrefix(drifting(t, random, n, 0).headline(), "Scores moved beyond chance"))
		}
		if alarms > most {
			t.Errorf("n = %d: drift was named in %d of %d trials without drift", n, alarms, trials)
		}
	}
	found := 0
	for range 100 {
		found += xlsx.Int(strings.HasPrefix(drifting(t, random, 1000, 0.10).headline(), "Scores moved beyond chance"))
	}
	if found < 99 {
		t.Errorf("a shift of ten points at n = 1000 was named in %d of 100 trials", found)
	}
}

// drifting measures two regions of n scored checks each, of which a share of shift more is suspicious than before.
func drifting(t *testing.T, random *rand.Rand, n int, shift float64) drifts {
	d := emptyData()
	for _, v := range []*survey.Survey{d.now, d.before} {
		count := v.Sink(calendar.Period{}, survey.Rule{Threshold: 50, Inclusive: true}).Add
		for _, region := range []string{"PH", "ID"} {
			for range n {
				suspicious := 0.05
				if v == d.now {
					suspicious += shift
				}
				score, attack := reporttest.Sample(random, suspicious, 0.3)
				score = math.Round(score)
				count(&rollup.Scores{Region: region, AttackType: attack, Answers: 1,
					Bins: []rollup.ScoreBin{{Score: score, Answers: 1}}})
			}
		}
		v.Sort(d.MinimumN)
	}
	all, err := measureDrifts(d.comparison)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
