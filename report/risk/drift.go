package risk

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
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
func first(a, b bool) int { return xlsx.Int(b) - xlsx.Int(a) }

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
	p := page.New(r.book, "Drift", "Drift against the previous period", fmt.Sprintf("%s against %s · scored checks · PSI over 10 fixed bins of the score, shares smoothed by half a check per bin",
		r.Period.Describe(), r.Compare.Describe()), 20, 11, 13.5, 9, 12, 17, 11.5, 13, 9, 13.5, 10.5, 13.5)
	p.Tab = xlsx.Navy
	p.Headline(r.driftHeadline())
	charts := p.Row
	if r.measured() > 0 {
		p.Skip(16)
	}
	r.driftTable(p)
	if len(r.drifts) > 0 {
		p.Skip(1)
		r.explorer(p)
	}
	if end := p.Row; r.measured() > 0 {
		p.Row = charts
		p.Figures(13, r.psiFigure(page.ChartRegions), r.changeFigure(page.ChartRegions))
		p.Row = end
	}
	p.PrintAll()
}

// measured counts the regions that have enough scores in both periods.
func (r *risk) measured() (n int) {
	for _, d := range r.drifts {
		n += xlsx.Int(d.measured())
	}
	return n
}

// driftHeadline names the regions that moved beyond chance, and nothing else.
func (r *risk) driftHeadline() string {
	var names []string
	measured := r.measured()
	for _, d := range r.drifts {
		if d.named {
			names = append(names, page.RegionName(d.now.region))
		}
	}
	switch {
	case measured == 0:
		return "Too few scored checks in one of the periods to measure drift"
	case len(names) == 0:
		return fmt.Sprintf("No region's scores moved beyond chance (%s measured)", page.Plural(int64(measured), "region", "regions"))
	case len(names) <= 3:
		return fmt.Sprintf("Scores moved beyond chance in %s (%s measured)", page.List(names), page.Plural(int64(measured), "region", "regions"))
	}
	return fmt.Sprintf("Scores moved beyond chance in %d of %d regions", len(names), measured)
}

func (r *risk) driftTable(p *page.Page) {
	p.Section("1  Drift by region", "Regions beyond chance first, then by PSI. Chance level: what PSI exceeds in 5% of comparisons without drift. Beyond chance takes into account how many regions are asked about (Holm). The usual bands of 0.10 and 0.25 are convention, not a test, and are not used.")
	t := p.Table(page.Column{Head: "Region", Span: 1, Format: xlsx.General}, page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "Scored before", Span: 1, Format: xlsx.Count}, page.Column{Head: "PSI", Span: 1, Format: xlsx.PSI}, page.Column{Head: "Chance level", Span: 1, Format: xlsx.PSI}, page.Column{Head: "Beyond chance", Span: 1, Format: xlsx.General},
		page.Column{Head: "KS distance", Span: 1, Format: xlsx.PSI}, page.Column{Head: "KS critical 5%", Span: 1, Format: xlsx.PSI}, page.Column{Head: "Median", Span: 1, Format: xlsx.Score}, page.Column{Head: "Median before", Span: 1, Format: xlsx.Score}, page.Column{Head: "P5 change", Span: 1, Format: xlsx.Signed}, page.Column{Head: "Change of rate", Span: 1, Format: xlsx.Points})
	r.places.drift = t
	left := p.Across + 3
	for i, head := range r.driftHeads() {
		p.Set(xlsx.Ref{Col: left + i, Row: t.First - 1}, xlsx.T(head).As(xlsx.Feeder))
	}
	moved := r.byChange()
	for i, d := range r.drifts {
		for k, c := range driftFeed(d, moved[i], axisLabel(d.now.region, tallies(r.drifts)), axisLabel(moved[i].now.region, tallies(moved))) {
			p.Set(xlsx.Ref{Col: left + k, Row: p.Row}, c.As(xlsx.Feeder))
		}
		t.Add(driftRow(t, d, cellOf(r.places.regions, 9, d.row))...)
	}
	if len(r.drifts) == 0 {
		p.Prose(xlsx.T("No region has answers in this period."))
	}
}

// driftRow is a region's row; change is the cell of its change of rate on the sheet of attack types. The index itself is
// added up bin by bin in the table below, for the region chosen there.
func driftRow(t *page.Table, d drift, change string) []xlsx.Cell {
	cells := []xlsx.Cell{xlsx.T(page.RegionName(d.now.region)), xlsx.N(d.now.scored()), xlsx.N(d.before.scored())}
	if !d.known {
		for range 9 {
			cells = append(cells, page.None())
		}
		cells[5] = xlsx.T(page.TooFew).As(xlsx.Quiet)
		return cells
	}
	psi, verdict := xlsx.F(d.psi.PSI, xlsx.PSI), xlsx.T("no").As(xlsx.Quiet)
	switch {
	case !d.enough:
		verdict = xlsx.T(page.TooFew).As(xlsx.Quiet)
	case d.named:
		psi, verdict = psi.As(xlsx.Strong), xlsx.T("▲ yes").As(xlsx.Alert)
	case d.psi.Beyond():
		verdict = xlsx.T("no, by itself yes").As(xlsx.Quiet)
	}
	n, m, bins := t.Ref(1), t.Ref(2), len(d.bins[0])
	inside := func(when int) string { // the checks inside the bins, which stand beside the table
		from := xlsx.Ref{Col: t.Page.Across + 3 + driftBins + when*bins, Row: t.Page.Row}
		return "SUM(" + from.String() + ":" + xlsx.Ref{Col: from.Col + bins - 1, Row: from.Row}.String() + ")"
	}
	return append(cells, psi, xlsx.F(d.psi.ChanceLevel, xlsx.PSI).By(fmt.Sprintf("CHIINV(0.05,%d)*(1/%s+1/%s)", bins-1, inside(0), inside(1))), verdict,
		xlsx.F(d.ks.Distance, xlsx.PSI), xlsx.F(d.ks.Critical, xlsx.PSI).By(fmt.Sprintf("1.358*SQRT((%[1]s+%[2]s)/(%[1]s*%[2]s))", n, m)), xlsx.F(d.medians[0], xlsx.Score), xlsx.F(d.medians[1], xlsx.Score),
		xlsx.F(d.fifths[0]-d.fifths[1], xlsx.Signed), xlsx.F(100*d.change.Difference, xlsx.Points).By(change))
}
