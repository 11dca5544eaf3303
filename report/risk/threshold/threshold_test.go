package threshold

import (
	"testing"

	"liverecon/report/risk/survey"
)

// TestFineBins places scores on, below and between whole thresholds.
func TestFineBins(t *testing.T) {
	g, thresholds := survey.NewTally("PH"), edges(49.5)
	for _, score := range []float64{-3, 0, 0.2, 49.4, 49.5, 49.6, 100, 170} {
		g.Scores[score] = 1
	}
	keys, counts := fineBins(g, thresholds)
	for _, threshold := range thresholds {
		want, got := int64(0), int64(0)
		for score, n := range g.Scores {
			if score < threshold {
				want += n
			}
		}
		for i, key := range keys {
			if key < threshold {
				got += counts[i]
			}
		}
		if got != want {
			t.Errorf("%d scores lie below %g, the bins say %d", want, threshold, got)
		}
	}
}
