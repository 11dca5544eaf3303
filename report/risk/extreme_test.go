package risk_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"liverecon/report/internal/reporttest"
)

// extremes are scores that a float64 holds and no measurement is.
func extremes() []float64 {
	all := []float64{math.MaxFloat64, 1e307, 9.99999999999999e307, 1e201, 1e200, 100.00000000000001, math.SmallestNonzeroFloat64, 2.2250738585072009e-308}
	for _, x := range all {
		all = append(all, -x)
	}
	return append(all, math.Copysign(0, -1))
}

// TestScoresThatAreNoMeasurement makes workbooks of nights with the most extreme scores among ordinary ones, and of one
// with nothing else: each is made, can be opened, and counts every answer.
func TestScoresThatAreNoMeasurement(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var checks []reporttest.Check
	for range 60 {
		checks = append(checks, reporttest.Scored("PH", 100*random.Float64(), ""))
	}
	for range 4 {
		inFixture(t, "2026-11-01", func(f *fixture) {
			for _, list := range []string{"a.csv", "b.csv"} { // the second night is compared with the first
				for _, x := range extremes() {
					if random.IntN(3) > 0 {
						checks = append(checks, reporttest.Scored("PH", x, ""), reporttest.Scored("SG", x, "2"))
					}
				}
				for range 20 {
					x := math.Float64frombits(random.Uint64())
					if !math.IsNaN(x) && !math.IsInf(x, 0) {
						checks = append(checks, reporttest.Scored("PH", x, "1"))
					}
				}
				f.Night(list, checks)
			}
			w := f.risk(reporttest.SecondNight())
			if detail := listOf(t, reporttest.Reopen(t, f.Write(w.Workbook)), "Detail"); len(detail) != len(checks) {
				t.Errorf("%d rows of detail for %d answers", len(detail), len(checks))
			}
		})
		checks = nil
	}
}
