package risk

import (
	"testing"
)

// TestHeadlineNamesTheRegion says which region rose, although all together did not clearly change.
func TestHeadlineNamesTheRegion(t *testing.T) {
	d := emptyData()
	add := func(v *survey, region string, k, n int64) {
		g := newTally(region)
		for _, to := range []*tally{g, v.all} {
			to.counts[suspicious][Injection] += k
			to.counts[passing][None] += n - k
			to.answered += n
		}
		v.regions, v.known[region] = append(v.regions, g), g
	}
	add(d.before, "PH", 50, 1000)
	add(d.before, "ID", 1000, 20000)
	add(d.now, "PH", 100, 1000)
	add(d.now, "ID", 1000, 20000)
	want := "5.24% of scored checks were suspicious; no clear change (+0.24 pp against before); Philippines rose to " +
		"10.00% (+5.00 pp)"
	if got := headline(d); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
