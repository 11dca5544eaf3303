package report

import (
	"fmt"

	"liverecon/report/stats"
)

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
	return figure{finding: r.changeFinding(), caption: "Change of the suspicious rate, percentage points, with 95% interval (each by itself)" + r.shownNote(shown), chart: chart, col: 7, span: 6}
}

// changeFinding counts the regions whose rate changed beyond chance among all, and says of how many others the interval by itself
// excludes zero.
func (r *risk) changeFinding() string {
	rose, fell, alone := 0, 0, 0
	for _, d := range r.drifts {
		rose += btoi(d.change.named && d.change.Reading == stats.Higher)
		fell += btoi(d.change.named && d.change.Reading == stats.Lower)
		alone += btoi(!d.change.named && (d.change.Reading == stats.Higher || d.change.Reading == stats.Lower))
	}
	finding := "No region's suspicious rate changed beyond chance"
	if rose+fell > 0 {
		finding = fmt.Sprintf("The suspicious rate clearly rose in %s, fell in %d", plural(int64(rose), "region", "regions"), fell)
	}
	if alone > 0 {
		finding += fmt.Sprintf(" (%d of %d by itself only)", alone, r.measured())
	}
	return finding
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
