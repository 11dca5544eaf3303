package report

import (
	"fmt"
	"math"

	"liverecon/report/stats"
)

// drift compares a region's scores with those of the period before.
type drift struct {
	now, before *tally
	psi         stats.Stability
	known       bool // whether there is a PSI: both periods have scores
	enough      bool // whether both have the minimum
	named       bool // beyond chance among all regions asked about (Holm)
	ks          stats.Separation
	medians     [2]float64
	fifths      [2]float64 // P5
	change      stats.Change
	bins        [2][]int64
}

// takeDrifts measures every region of the survey. A region is named for drift only when its PSI is beyond chance among
// all regions that were measured.
func (r *risk) takeDrifts() ([]drift, error) {
	var all []drift
	for _, g := range r.now.regions {
		d, err := r.takeDrift(g, r.earlier(g.region))
		if err != nil {
			return nil, fmt.Errorf("drift of %s: %w", g.region, err)
		}
		all = append(all, d)
	}
	var p []float64
	var asked []int
	for i, d := range all {
		if d.known && d.enough {
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
	return all, nil
}

func (r *risk) takeDrift(now, before *tally) (drift, error) {
	d := drift{now: now, before: before, enough: now.scored() >= r.MinimumN && before.scored() >= r.MinimumN}
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
	d.change, _ = stats.Compare(now.rate(), before.rate(), r.MinimumN)
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
	charts, shown := p.row, min(len(r.drifts), chartRegions)
	if r.measured() > 0 {
		p.skip(16)
	}
	r.driftTable(p)
	if shown > 0 {
		p.skip(1)
		r.explorer(p)
	}
	if end := p.row; r.measured() > 0 {
		p.row = charts
		p.figures(13, r.psiFigure(shown), r.changeFigure(shown))
		p.row = end
	}
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// measured counts the regions that have enough scores in both periods.
func (r *risk) measured() (n int) {
	for _, d := range r.drifts {
		n += btoi(d.known && d.enough)
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

// The columns beside the drift table: label, whiskers of the change, then the bins of both periods.
const (
	driftLabel = iota
	driftDown
	driftUp
	driftPSI
	driftChance
	driftChange
	driftBins
)

func (r *risk) driftTable(p *page) {
	p.section("1  Drift by region", "Chance level: what PSI exceeds in 5% of comparisons without drift. Beyond chance takes into account how many regions are asked about (Holm). The usual bands of 0.10 and 0.25 are convention, not a test, and are not used.")
	t := p.table(column{"Region", 1, General}, column{"Scored", 1, Count}, column{"Scored before", 1, Count}, column{"PSI", 1, PSI}, column{"Chance level", 1, PSI}, column{"Beyond chance", 1, General},
		column{"KS distance", 1, PSI}, column{"KS critical 5%", 1, PSI}, column{"Median", 1, Score}, column{"Median before", 1, Score}, column{"P5 change", 1, Signed}, column{"Change of rate", 1, Points})
	r.places.drift = t
	first := p.across + 3
	for i, head := range r.driftHeads() {
		p.Set(Ref{first + i, t.first - 1}, T(head).As(Feeder))
	}
	for i, d := range r.drifts {
		for k, c := range driftFeed(d, r.axisLabel(d.now.region)) {
			p.Set(Ref{first + k, p.row}, c.As(Feeder))
		}
		t.add(r.driftRow(t, d, i)...)
	}
	if len(r.drifts) == 0 {
		p.prose(T("No region has answers in this period."))
	}
}

// driftRow is the i-th region's row. The index itself is added up bin by bin in the table below, for the region chosen there.
func (r *risk) driftRow(t *table, d drift, i int) []Cell {
	cells := []Cell{T(regionName(d.now.region)), N(d.now.scored()), N(d.before.scored())}
	if !d.known {
		for range 9 {
			cells = append(cells, none())
		}
		cells[5] = T("too few").As(Quiet)
		return cells
	}
	psi, verdict := F(d.psi.PSI, PSI), T("no").As(Quiet)
	switch {
	case !d.enough:
		verdict = T("too few").As(Quiet)
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
		F(d.fifths[0]-d.fifths[1], Signed), F(100*d.change.Difference, Points).By(cellOf(r.places.regions, 9, i)))
}

func (r *risk) driftHeads() []string {
	heads := []string{"Label", "Whisker down", "Whisker up", "PSI", "Chance level", "Change"}
	for _, when := range []string{"now", "before"} {
		for i := range len(stats.ScoreEdges().Values()) - 1 {
			heads = append(heads, binName(i)+" "+when)
		}
	}
	return heads
}

// binName is a bin of the PSI; the last one is closed on both sides.
func binName(i int) string {
	edges := stats.ScoreEdges().Values()
	return fmt.Sprintf("%g–%g", edges[i], edges[i+1])
}

func driftFeed(d drift, label string) []Cell {
	cells := []Cell{T(label), {}, {}, {}, {}, {}} // nothing rather than a dash: a chart would draw that as zero
	if d.known && d.enough {
		cells[driftDown], cells[driftUp] = F(100*(d.change.Difference-d.change.Interval.Low), Points), F(100*(d.change.Interval.High-d.change.Difference), Points)
		cells[driftChange] = F(100*d.change.Difference, Points)
		cells[driftPSI], cells[driftChance] = F(d.psi.PSI, PSI), F(d.psi.ChanceLevel, PSI)
	}
	for _, bins := range d.bins {
		for _, n := range bins {
			cells = append(cells, N(n))
		}
	}
	return cells
}

// driftArea is a column beside the table, for the first regions.
func (r *risk) driftArea(column, regions int) Area {
	t := r.places.drift
	col := t.page.across + 3 + column
	return t.page.Area(Ref{col, t.first}, Ref{col, t.first + regions - 1})
}

func (r *risk) psiFigure(shown int) figure {
	chart := Chart{Format: PSI, Categories: r.driftArea(driftLabel, shown), Alt: "Population stability index of the score by region, with its chance level",
		Series: []Series{{Name: "PSI", Color: navy, Values: r.driftArea(driftPSI, shown)}, {Name: "Chance level 95%", Color: amber, Mark: Dash, Values: r.driftArea(driftChance, shown)}}}
	return figure{finding: r.psiFinding(), caption: "Population stability index of the score, and what chance alone exceeds in 1 of 20 comparisons" + r.shownNote(shown), chart: chart, col: 1, span: 6}
}

// psiFinding says how many regions lie above their own chance level, which some do without drift.
func (r *risk) psiFinding() string {
	above, named := 0, 0
	for _, d := range r.drifts {
		above += btoi(d.known && d.enough && d.psi.Beyond())
		named += btoi(d.named)
	}
	if above == 0 {
		return "PSI: no region is above its chance level"
	}
	return fmt.Sprintf("PSI: %s above the chance level, %d of them beyond what chance explains among all", plural(int64(above), "region", "regions"), named)
}

func (r *risk) changeFigure(shown int) figure {
	chart := Chart{Format: Points, Min: -r.widest(shown), Max: r.widest(shown), Categories: r.driftArea(driftLabel, shown), Alt: "Change of the suspicious rate by region in percentage points, with 95 percent intervals",
		Series: []Series{{Color: orange, Mark: Point, Values: r.driftArea(driftChange, shown), Down: r.driftArea(driftDown, shown), Up: r.driftArea(driftUp, shown)}}}
	rose, fell := 0, 0
	for _, d := range r.drifts {
		rose += btoi(d.change.Reading == stats.Higher)
		fell += btoi(d.change.Reading == stats.Lower)
	}
	finding := "No region's suspicious rate clearly changed"
	if rose+fell > 0 {
		finding = fmt.Sprintf("The suspicious rate clearly rose in %s, fell in %d", plural(int64(rose), "region", "regions"), fell)
	}
	return figure{finding: finding, caption: "Change of the suspicious rate, percentage points, with 95% interval (each by itself)" + r.shownNote(shown), chart: chart, col: 7, span: 6}
}

// widest is where an axis ends, in points to both sides, that holds the intervals of the first regions.
func (r *risk) widest(shown int) float64 {
	widest := 0.0
	for _, d := range r.drifts[:shown] {
		if d.known && d.enough {
			widest = max(widest, -d.change.Interval.Low, d.change.Interval.High)
		}
	}
	return 100 * ceiling(widest)
}

// explorer is a table that follows the region typed into its yellow cell.
func (r *risk) explorer(p *page) {
	p.section("2  One region's scores, bin by bin", "Choose a region in the yellow cell; the figures below follow it. Scores outside 0–100 take no part.")
	t := r.places.drift
	choice := p.at(2)
	p.Set(p.at(1), T("Region").As(Prose))
	p.Set(choice, T(regionName(r.drifts[0].now.region)).As(Input))
	for col := 3; col <= 4; col++ {
		p.Set(p.at(col), Cell{}.As(Input))
	}
	p.Merged = append(p.Merged, Area{From: choice, To: p.at(4)})
	p.Choices = append(p.Choices, Choice{At: Area{From: choice, To: choice}, From: local(t.area(0))})
	p.skip(2)
	x := p.table(column{"Score", 1, General}, column{"Checks", 1, Count}, column{"Checks before", 1, Count}, column{"Share", 1, Share}, column{"Share before", 1, Share}, column{"Difference", 1, Points}, column{"Part of PSI", 1, PSI})
	first := r.drifts[0]
	names := local(t.area(0))
	bins := len(first.bins[0])
	head, total := x.first, x.first+bins
	parts := 0.0
	for i := range bins {
		look := func(when int) string {
			return fmt.Sprintf("INDEX(%s,MATCH(%s,%s,0))", local(r.driftArea(driftBins+when*bins+i, len(r.drifts))), choice.Fixed(), names)
		}
		n, m := Ref{x.at[1] + 1, total}.Fixed(), Ref{x.at[2] + 1, total}.Fixed()
		share, before := shareOf(first.bins[0], i), shareOf(first.bins[1], i)
		part := psiPart(first.bins, i)
		parts += part.Float()
		x.add(T(binName(i)), N(first.bins[0][i]).By(look(0)), N(first.bins[1][i]).By(look(1)), share.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, n, x.ref(1), n)),
			before.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, m, x.ref(2), m)), pointsBetween(share, before).By(fmt.Sprintf(`IF(AND(ISNUMBER(%[1]s),ISNUMBER(%[2]s)),100*(%[1]s-%[2]s),"–")`, x.ref(3), x.ref(4))),
			part.By(psiPartBy(x.ref(1), x.ref(2), n, m, bins)))
	}
	psi := none().In(PSI)
	if first.known {
		psi = F(parts, PSI)
	}
	x.total(T("All bins"), N(total64(first.bins[0])).By(sum(local(x.area(1)))), N(total64(first.bins[1])).By(sum(local(x.area(2)))), Cell{}, Cell{}, Cell{},
		psi.By(fmt.Sprintf(`IF(COUNT(%[1]s)=0,"–",SUM(%[1]s))`, local(x.area(6)))))
	p.Charts = append(p.Charts, Chart{At: Ref{9, head - 1}, Width: p.pixels(8, 5) - 8, Height: 13 * 20, Format: Share, Categories: x.area(0), Alt: "Shares of the chosen region's scores by bin, now and before",
		Series: []Series{{Name: "This period", Color: navy, Values: x.area(3)}, {Name: "Before", Color: slate, Values: x.area(4)}}})
}

// psiPart is what a bin adds to the index: (p-q) ln(p/q), with half a check added to every bin of both periods.
func psiPart(bins [2][]int64, i int) Cell {
	n, m := total64(bins[0]), total64(bins[1])
	if n == 0 || m == 0 {
		return none().In(PSI)
	}
	added := 0.5 * float64(len(bins[0]))
	p, q := (float64(bins[0][i])+0.5)/(float64(n)+added), (float64(bins[1][i])+0.5)/(float64(m)+added)
	return F((p-q)*math.Log(p/q), PSI)
}

// psiPartBy is the same as a formula.
func psiPartBy(now, before, n, m string, bins int) string {
	p, q := fmt.Sprintf("(%s+0.5)/(%s+%g)", now, n, 0.5*float64(bins)), fmt.Sprintf("(%s+0.5)/(%s+%g)", before, m, 0.5*float64(bins))
	return fmt.Sprintf(`IF(%[1]s*%[2]s=0,"–",(%[3]s-%[4]s)*LN((%[3]s)/(%[4]s)))`, n, m, p, q)
}

func shareOf(bins []int64, i int) Cell {
	n := total64(bins)
	if n == 0 {
		return none().In(Share)
	}
	return F(float64(bins[i])/float64(n), Share)
}

func total64(bins []int64) (n int64) {
	for _, k := range bins {
		n += k
	}
	return n
}

func pointsBetween(a, b Cell) Cell {
	if a.Kind != Number || b.Kind != Number {
		return none().In(Points)
	}
	return F(100*(a.Float()-b.Float()), Points)
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
