package report

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/report/stats"
)

// drift compares a region's scores with those of the period before.
type drift struct {
	now, before *tally
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

// measured says whether there is enough to measure the drift by.
func (d drift) measured() bool { return d.known && d.enough }

// takeDrifts measures every region of the survey. A region is named for drift only when its PSI is beyond chance among
// all regions that were measured. Regions that are named come first, then those whose scores moved most.
func (r *risk) takeDrifts() ([]drift, error) {
	var all []drift
	for i, c := range r.changes() {
		g := c.region
		d, err := r.takeDrift(c, r.earlier(g.region))
		if err != nil {
			return nil, fmt.Errorf("drift of %s: %w", g.region, err)
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
		return cmp.Or(first(a.named, b.named), first(a.measured(), b.measured()), cmp.Compare(b.psi.PSI, a.psi.PSI))
	})
	return all, nil
}

// first puts what is so before what is not.
func first(a, b bool) int { return btoi(b) - btoi(a) }

func (r *risk) takeDrift(c change, before *tally) (drift, error) {
	now := c.region
	d := drift{now: now, before: before, change: c, enough: now.scored() >= r.MinimumN && before.scored() >= r.MinimumN}
	a, err := now.histogram()
	if err != nil {
		return d, err
	}
	b, err := before.histogram()
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

// driftSheet writes the comparison with the period before.
func (r *risk) driftSheet() {
	p := newPage(r.book, "Drift", "Drift against the previous period", fmt.Sprintf("%s against %s · scored checks · PSI over 10 fixed bins of the score, shares smoothed by half a check per bin",
		r.Period.describe(), r.Compare.describe()), 20, 11, 13.5, 9, 12, 17, 11.5, 13, 9, 13.5, 10.5, 13.5)
	p.Tab = navy
	p.headline(r.driftHeadline())
	charts := p.row
	if r.measured() > 0 {
		p.skip(16)
	}
	r.driftTable(p)
	if len(r.drifts) > 0 {
		p.skip(1)
		r.explorer(p)
	}
	if end := p.row; r.measured() > 0 {
		p.row = charts
		p.figures(13, r.psiFigure(chartRegions), r.changeFigure(chartRegions))
		p.row = end
	}
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// measured counts the regions that have enough scores in both periods.
func (r *risk) measured() (n int) {
	for _, d := range r.drifts {
		n += btoi(d.measured())
	}
	return n
}

// driftHeadline names the regions that moved beyond chance, and nothing else.
func (r *risk) driftHeadline() string {
	var names []string
	measured := r.measured()
	for _, d := range r.drifts {
		if d.named {
			names = append(names, regionName(d.now.region))
		}
	}
	switch {
	case measured == 0:
		return "Too few scored checks in one of the periods to measure drift"
	case len(names) == 0:
		return fmt.Sprintf("No region's scores moved beyond chance (%s measured)", plural(int64(measured), "region", "regions"))
	case len(names) <= 3:
		return fmt.Sprintf("Scores moved beyond chance in %s (%s measured)", list(names), plural(int64(measured), "region", "regions"))
	}
	return fmt.Sprintf("Scores moved beyond chance in %d of %d regions", len(names), measured)
}

func (r *risk) driftTable(p *page) {
	p.section("1  Drift by region", "Regions beyond chance first, then by PSI. Chance level: what PSI exceeds in 5% of comparisons without drift. Beyond chance takes into account how many regions are asked about (Holm). The usual bands of 0.10 and 0.25 are convention, not a test, and are not used.")
	t := p.table(column{"Region", 1, General}, column{"Scored", 1, Count}, column{"Scored before", 1, Count}, column{"PSI", 1, PSI}, column{"Chance level", 1, PSI}, column{"Beyond chance", 1, General},
		column{"KS distance", 1, PSI}, column{"KS critical 5%", 1, PSI}, column{"Median", 1, Score}, column{"Median before", 1, Score}, column{"P5 change", 1, Signed}, column{"Change of rate", 1, Points})
	r.places.drift = t
	left := p.across + 3
	for i, head := range r.driftHeads() {
		p.Set(Ref{left + i, t.first - 1}, T(head).As(Feeder))
	}
	moved := r.byChange()
	for i, d := range r.drifts {
		for k, c := range driftFeed(d, moved[i], axisLabel(d.now.region, tallies(r.drifts)), axisLabel(moved[i].now.region, tallies(moved))) {
			p.Set(Ref{left + k, p.row}, c.As(Feeder))
		}
		t.add(driftRow(t, d, cellOf(r.places.regions, 9, d.row))...)
	}
	if len(r.drifts) == 0 {
		p.prose(T("No region has answers in this period."))
	}
}

// driftRow is a region's row; change is the cell of its change of rate on the sheet of attack types. The index itself is
// added up bin by bin in the table below, for the region chosen there.
func driftRow(t *table, d drift, change string) []Cell {
	cells := []Cell{T(regionName(d.now.region)), N(d.now.scored()), N(d.before.scored())}
	if !d.known {
		for range 9 {
			cells = append(cells, none())
		}
		cells[5] = T(tooFew).As(Quiet)
		return cells
	}
	psi, verdict := F(d.psi.PSI, PSI), T("no").As(Quiet)
	switch {
	case !d.enough:
		verdict = T(tooFew).As(Quiet)
	case d.named:
		psi, verdict = psi.As(Strong), T("▲ yes").As(Alert)
	case d.psi.Beyond():
		verdict = T("no, by itself yes").As(Quiet)
	}
	n, m, bins := t.ref(1), t.ref(2), len(d.bins[0])
	inside := func(when int) string { // the checks inside the bins, which stand beside the table
		from := Ref{t.page.across + 3 + driftBins + when*bins, t.page.row}
		return "SUM(" + from.String() + ":" + Ref{from.Col + bins - 1, from.Row}.String() + ")"
	}
	return append(cells, psi, F(d.psi.ChanceLevel, PSI).By(fmt.Sprintf("CHIINV(0.05,%d)*(1/%s+1/%s)", bins-1, inside(0), inside(1))), verdict,
		F(d.ks.Distance, PSI), F(d.ks.Critical, PSI).By(fmt.Sprintf("1.358*SQRT((%[1]s+%[2]s)/(%[1]s*%[2]s))", n, m)), F(d.medians[0], Score), F(d.medians[1], Score),
		F(d.fifths[0]-d.fifths[1], Signed), F(100*d.change.Difference, Points).By(change))
}

// list joins names as a sentence does.
func list(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	text := names[0]
	for _, name := range names[1 : len(names)-1] {
		text += ", " + name
	}
	return text + " and " + names[len(names)-1]
}
