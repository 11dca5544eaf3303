package risk

import "testing"

func TestZoomBins(t *testing.T) {
	for score, want := range map[float64]string{40: "40–41", 40.99: "40–41", 49.9: "49–50", 50: "= 50", 50.01: "50–51",
		51: "51–52", 59.99: "59–60"} {
		if bin, ok := zoomBin(score); !ok || zoomName(bin) != want {
			t.Errorf("%g stands under %q (%v), want %q", score, zoomName(bin), ok, want)
		}
	}
	for _, score := range []float64{-1, 0, 39.99, 60, 100} {
		if bin, ok := zoomBin(score); ok {
			t.Errorf("%g stands under %q", score, zoomName(bin))
		}
	}
}
