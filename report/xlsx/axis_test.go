package xlsx

import "testing"

// TestStep: the marks of an axis divide it evenly, and a low chart has few.
func TestStep(t *testing.T) {
	for _, test := range []struct {
		lowest, highest float64
		height          int
		want            float64
	}{
		{0, .1, 180, .02}, {0, .3, 180, .1}, {0, .15, 180, .03}, {0, .08, 280, .02}, {0, .04, 180, .01},
		{0, 1, 180, .2}, {0, 1, 80, .5}, {-6, 6, 280, 2}, {0, 0, 180, 0}, {0, 1200, 280, 200}, {0, .6, 180, .2},
	} {
		got := axisOf{lowest: test.lowest, highest: test.highest}.step(test.height)
		if d := got - test.want; d > 1e-12 || d < -1e-12 {
			t.Errorf("%g to %g in %d pixels: every %g, want %g", test.lowest, test.highest, test.height, got, test.want)
		}
	}
}
