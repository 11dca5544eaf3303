package stats

import (
	"math"
	"testing"
)

var scores = []float64{0, 0, 3.5, 12, 47.25, 50, 50, 88, 97.5, 98.125, 99, 99.9, 100}

func TestPercentile(t *testing.T) {
	// R 4.2.2: quantile(x, p, type=7), x as in TestMean and 1:4.
	tests := []struct {
		x       []float64
		p, want float64
	}{
		{scores, 0, 0},
		{scores, 0.01, 0},
		{scores, 0.05, 0},
		{scores, 0.1, 0.70000000000000062},
		{scores, 0.25, 12},
		{scores, 0.5, 50},
		{scores, 0.75, 98.125},
		{scores, 0.9, 99.72},
		{scores, 0.95, 99.939999999999998},
		{scores, 0.99, 99.988},
		{scores, 1, 100},
		{[]float64{1, 2, 3, 4}, 0.1, 1.3},
		{[]float64{1, 2, 3, 4}, 1.0 / 3, 2},
		{[]float64{1, 2, 3, 4}, 0.9, 3.7},
		{[]float64{7}, 0.3, 7},
	}
	for _, tt := range tests {
		got, ok := Percentile(tt.x, tt.p)
		if !ok {
			t.Errorf("no percentile at %v", tt.p)
		}
		near(t, "percentile", got, tt.want)
	}
}

func TestPercentileRefuses(t *testing.T) {
	tests := map[string]struct {
		x []float64
		p float64
	}{
		"nothing":    {nil, 0.5},
		"descending": {[]float64{2, 1}, 0.5},
		"NaN":        {[]float64{math.NaN(), 1}, 0.5},
		"NaN within": {[]float64{1, math.NaN(), 2}, 0.5},
		"infinity":   {[]float64{1, math.Inf(1)}, 0.5},
		"p below":    {[]float64{1, 2}, -0.1},
		"p above":    {[]float64{1, 2}, 1.1},
		"p NaN":      {[]float64{1, 2}, math.NaN()},
	}
	for name, tt := range tests {
		if got, ok := Percentile(tt.x, tt.p); ok || got != 0 {
			t.Errorf("%s: %v, %v", name, got, ok)
		}
	}
	if _, ok := of(t, 1, 2).Percentile(math.NaN()); ok {
		t.Error("percentile of a histogram at NaN")
	}
}

func TestPercentileOfHistogram(t *testing.T) {
	r := random(4)
	for range 2000 {
		h := histogram(t, randomBins(r)...)
		all := expand(h)
		before := all[0]
		for i := range 101 {
			p := float64(i) / 100
			want, _ := Percentile(all, p)
			got, ok := h.Percentile(p)
			if !ok || got != want {
				t.Fatalf("%v at %v: %v, expanded %v", all, p, got, want)
			}
			if got < before || got > all[len(all)-1] {
				t.Fatalf("%v at %v: %v after %v", all, p, got, before)
			}
			before = got
		}
	}
}
