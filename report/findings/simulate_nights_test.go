package findings

import (
	"os"
	"testing"
)

// nightCase is a case of the simulation of nights: who must be claimed by which night of the change, and the bar in
// percent of months; of a case without a change, at most.
type nightCase struct {
	name   string
	change change
	by     int // nights from the first with the change
	found  func(*Page) bool
	bar    float64
}

var nightCases = []nightCase{
	{"burst of 25 injections, VN, on its night", change{burst: func(r string, day, _ int) int {
		if r == "VN" && day == 14 {
			return 25
		}
		return 0
	}}, 1, claims("VN", true, Bursts), 98},
	{"PH x2.5, by its 5th night", from("PH", 2.5, 14), 5, claims("PH", true, Now, Bursts), 50},
	{"PH x2.5, by its 7th night", from("PH", 2.5, 14), 7, claims("PH", true, Now, Bursts), 68},
	{"PH x4, by its 3rd night", from("PH", 4, 14), 3, claims("PH", true, Now, Bursts), 70},
	{"PH x4, by its 5th night", from("PH", 4, 14), 5, claims("PH", true, Now, Bursts), 90},
}

// from is a change of one region's nights from one of the period on.
func from(region string, factor float64, first int) change {
	return change{rate: func(r string, day, _ int) float64 {
		if r == region && day >= first {
			return factor
		}
		return 1
	}}
}

// TestSimulatedNights measures, night after night, how many months have a false claim, and by which night a change is
// claimed, as TestSimulatedPages does of months.
func TestSimulatedNights(t *testing.T) {
	out := os.Stdout
	if !testing.Verbose() {
		out = nil
	}
	months := max(10, *pages/10)
	for _, varying := range []bool{false, true} {
		w := world{NightBaseline + Watched - 1, varying, profiles}
		kind := "nights, binomial"
		if varying {
			kind = "nights, varying"
		}
		hits := monthsOf(months, w, change{}, 0, 28, any1)
		report(out, kind, "a false claim in 28 nights", hits, months)
		if low, _ := wilson(hits, months); low > .07 {
			t.Errorf("%s: %d of %d months without a change have a claim", kind, hits, months)
		}
		for _, c := range nightCases {
			hits := monthsOf(months, w, c.change, 14, 14+c.by, c.found)
			report(out, kind, c.name, hits, months)
			if _, high := wilson(hits, months); high < c.bar/100 {
				t.Errorf("%s: %s in %d of %d months, want %g %%", kind, c.name, hits, months, c.bar)
			}
		}
	}
}

// monthsOf returns in how many of so many months a page of the nights [first, last) of the period has what is looked
// for.
func monthsOf(n int, w world, c change, first, last int, found func(*Page) bool) (hits int) {
	for i := range n {
		s := w.draw(uint64(i), c)
		for d := first; d < last; d++ {
			if found(night(s, w.nights+d)) {
				hits++
				break
			}
		}
	}
	return hits
}
