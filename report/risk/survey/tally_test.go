package survey

import (
	"testing"

	"liverecon/report/stats"
)

// TestBands puts every score into the band whose name holds it.
func TestBands(t *testing.T) {
	for _, c := range []struct {
		score float64
		want  string
	}{{-0.01, "< 0"}, {0, "= 0"}, {0.01, "0–5"}, {4.99, "0–5"}, {5, "5–10"}, {49.99, "45–50"}, {50, "= 50"},
		{50.01, "50–55"}, {55, "55–60"}, {94.99, "90–95"}, {95, "95–100"}, {99.99, "95–100"}, {100, "= 100"},
		{100.01, "> 100"}} {
		if got := BandName(Band(c.score)); got != c.want {
			t.Errorf("score %g lies in %q, want %q", c.score, got, c.want)
		}
		for _, threshold := range []float64{0, 5, 50, 60, 100} {
			if bandSuspicious(Band(c.score), threshold) && c.score >= threshold {
				t.Errorf("score %g counts as below %g", c.score, threshold)
			}
		}
	}
}

// TestFlip warns when what is missing could move a rate out of its interval, and only then.
func TestFlip(t *testing.T) {
	g := NewTally("PH")
	g.Counts[Suspicious][Injection], g.Counts[Passing][None] = 5, 95
	for missing, want := range map[int64]bool{0: false, 3: false, 60: true} {
		if got := g.CouldFlip(missing); got != want {
			t.Errorf("%d missing of %v: %v", missing, stats.Proportion{Count: 5, Total: 100}, got)
		}
	}
	if !NewTally("TH").CouldFlip(1) {
		t.Error("one check missing of none answered could flip anything")
	}
}
