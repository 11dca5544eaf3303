package risk

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// drift compares a region's scores with those of the period before.
type drift struct {
	now, before *survey.Tally
	row         int // the region's, from 0, on the sheet of attack types
	psi         stats.Stability
	known       bool // whether there is a PSI: both periods have scores
	enough      bool // whether both have the minimum
	named       bool // beyond chance among all regions asked about (Holm)
	ks          stats.Separation
	medians     [2]float64
	fifths      [2]float64 // P5
	change      change
	bins        [2][]int64
}

// measured reports whether there is enough to measure the drift by.
func (d drift) measured() bool { return d.known && d.enough }

// drifts holds all regions of a survey. Those named come first, then those whose scores moved most.
type drifts []drift

// measureDrifts measures every region. A region is named for drift only when its PSI is beyond chance among all regions
// that were measured.
func measureDrifts(c comparison) (drifts, error) {
	var all drifts
	for i, x := range c.changes() {
		d, err := measureDrift(x, c.before.Of(x.region.Region), c.minimum)
		if err != nil {
			return nil, fmt.Errorf("drift of %s: %w", x.region.Region, err)
		}
		d.row = i
		all = append(all, d)
	}
	var p []float64
	var asked []int
	for i, d := range all {
		if d.measured() {
			p, asked = append(p, d.psi.P), append(asked, i)
		}
	}
	adjusted, err := stats.Holm(p)
	if err != nil {
		return nil, err
	}
	for i, k := range asked {
		all[k].named = adjusted[i] <= stats.Alpha
	}
	slices.SortStableFunc(all, func(a, b drift) int {
		return cmp.Or(trueFirst(a.named, b.named), trueFirst(a.measured(), b.measured()),
			cmp.Compare(b.psi.PSI, a.psi.PSI))
	})
	return all, nil
}

// trueFirst orders true before false.
func trueFirst(a, b bool) int { return xlsx.Int(b) - xlsx.Int(a) }

func measureDrift(c change, before *survey.Tally, minimum int64) (drift, error) {
	now := c.region
	d := drift{now: now, before: before, change: c, enough: now.Scored() >= minimum && before.Scored() >= minimum}
	a, err := now.Histogram()
	if err != nil {
		return d, err
	}
	b, err := before.Histogram()
	if err != nil {
		return d, err
	}
	edges := stats.ScoreEdges()
	d.psi, d.known = stats.PSI(a, b, edges)
	d.ks, _ = stats.KolmogorovSmirnov(a, b) // exists where PSI does
	for i, h := range []stats.Histogram{a, b} {
		d.medians[i], _ = h.Percentile(0.5)
		d.fifths[i], _ = h.Percentile(0.05)
		d.bins[i], _ = h.Counts(edges)
	}
	return d, nil
}

// byChange returns the drifts in the order of their rates' changes: regions that are named for it first, then the
// largest.
func (all drifts) byChange() drifts {
	moved := slices.Clone(all)
	slices.SortStableFunc(moved, func(a, b drift) int {
		return cmp.Or(trueFirst(a.change.named, b.change.named), trueFirst(a.measured(), b.measured()),
			cmp.Compare(math.Abs(b.change.Difference), math.Abs(a.change.Difference)))
	})
	return moved
}

// regions returns the regions of the drifts in their order.
func (all drifts) regions() []*survey.Tally {
	regions := make([]*survey.Tally, len(all))
	for i, d := range all {
		regions[i] = d.now
	}
	return regions
}

// measured counts the regions that have enough scores in both periods.
func (all drifts) measured() (n int) {
	for _, d := range all {
		n += xlsx.Int(d.measured())
	}
	return n
}

// headline names the regions that moved beyond chance, and nothing else.
func (all drifts) headline() string {
	var names []string
	measured := all.measured()
	for _, d := range all {
		if d.named {
			names = append(names, page.RegionName(d.now.Region))
		}
	}
	regions := page.Plural(int64(measured), "region", "regions")
	switch {
	case measured == 0:
		return "Too few scored checks in one of the periods to measure drift"
	case len(names) == 0:
		return fmt.Sprintf("No region's scores moved beyond chance (%s measured)", regions)
	case len(names) <= 3:
		return fmt.Sprintf("Scores moved beyond chance in %s (%s measured)", page.List(names), regions)
	}
	return fmt.Sprintf("Scores moved beyond chance in %d of %d regions", len(names), measured)
}
