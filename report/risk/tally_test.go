package risk

import "testing"

// TestBands puts every score into the band whose name holds it.
func TestBands(t *testing.T) {
	for _, c := range []struct {
		score float64
		want  string
	}{{-0.01, "< 0"}, {0, "= 0"}, {0.01, "0–5"}, {4.99, "0–5"}, {5, "5–10"}, {49.99, "45–50"}, {50, "= 50"}, {50.01, "50–55"}, {55, "55–60"}, {94.99, "90–95"}, {95, "95–100"}, {99.99, "95–100"}, {100, "= 100"}, {100.01, "> 100"}} {
		if got := bandName(band(c.score)); got != c.want {
			t.Errorf("score %g lies in %q, want %q", c.score, got, c.want)
		}
		for _, threshold := range []float64{0, 5, 50, 60, 100} {
			if bandSuspicious(band(c.score), threshold) && c.score >= threshold {
				t.Errorf("score %g counts as below %g", c.score, threshold)
			}
		}
	}
}
