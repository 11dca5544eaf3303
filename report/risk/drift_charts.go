package risk

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// The columns beside the drift table: what the chart of the PSI takes, what that of the change takes in an order of its own,
// then the bins of both periods.
const (
	driftLabel = iota
	driftPSI
	driftChance
	changeLabel
	changeDown
	changeUp
	changePoints
	driftBins
)

func (r *risk) driftHeads() []string {
	heads := []string{"Label", "PSI", "Chance level", "Label", "Whisker down", "Whisker up", "Change"}
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

// driftFeed is the row beside a drift; moved is the one that stands in the same place in the order of the changes.
func driftFeed(d, moved drift, label, movedLabel string) []xlsx.Cell {
	cells := make([]xlsx.Cell, driftBins) // nothing rather than a dash: a chart would draw that as zero
	cells[driftLabel], cells[changeLabel] = xlsx.T(label), xlsx.T(movedLabel)
	if d.measured() {
		cells[driftPSI], cells[driftChance] = xlsx.F(d.psi.PSI, xlsx.PSI), xlsx.F(d.psi.ChanceLevel, xlsx.PSI)
	}
	if c := moved.change; moved.measured() {
		cells[changeDown], cells[changeUp] = xlsx.F(100*(c.Difference-c.Interval.Low), xlsx.Points), xlsx.F(100*(c.Interval.High-c.Difference), xlsx.Points)
		cells[changePoints] = xlsx.F(100*c.Difference, xlsx.Points)
	}
	for _, bins := range d.bins {
		for _, n := range bins {
			cells = append(cells, xlsx.N(n))
		}
	}
	return cells
}

// byChange are the drifts in the order of their rates' changes: regions that are named for it first, then the largest.
func (r *risk) byChange() []drift {
	moved := slices.Clone(r.drifts)
	slices.SortStableFunc(moved, func(a, b drift) int {
		return cmp.Or(first(a.change.named, b.change.named), first(a.measured(), b.measured()), cmp.Compare(math.Abs(b.change.Difference), math.Abs(a.change.Difference)))
	})
	return moved
}

// tallies are the regions of drifts.
func tallies(drifts []drift) []*tally {
	all := make([]*tally, len(drifts))
	for i, d := range drifts {
		all[i] = d.now
	}
	return all
}

// drawn is how many regions a chart of drift shows that has room for some: regions that could not be measured have nothing
// to draw.
func (r *risk) drawn(room int) int { return max(1, min(room, r.measured())) }

// movedNote says which regions a chart of drift leaves out.
func (r *risk) movedNote(shown int) string {
	all, measured := len(r.drifts), r.measured()
	switch {
	case measured > shown:
		return fmt.Sprintf(" · top %d of %d regions", shown, all)
	case measured < all:
		return fmt.Sprintf(" · without %s of too few checks", page.Plural(int64(all-measured), "region", "regions"))
	}
	return ""
}

// driftArea is a column beside the table, for the first regions.
func (r *risk) driftArea(column, regions int) xlsx.Area {
	t := r.places.drift
	col := t.Page.Across + 3 + column
	return t.Page.Area(xlsx.Ref{Col: col, Row: t.First}, xlsx.Ref{Col: col, Row: t.First + regions - 1})
}

func (r *risk) psiFigure(room int) page.Figure {
	shown := r.drawn(room)
	chart := xlsx.Chart{Format: xlsx.PSI, Categories: r.driftArea(driftLabel, shown), Alt: "Population stability index of the score by region, with its chance level",
		Series: []xlsx.Series{{Name: "PSI", Color: xlsx.Navy, Values: r.driftArea(driftPSI, shown)}, {Name: "Chance level 95%", Color: xlsx.Amber, Mark: xlsx.Dash, Values: r.driftArea(driftChance, shown)}}}
	return page.Figure{Finding: r.psiFinding(), Caption: "PSI of the score, and what chance alone exceeds in 1 of 20 comparisons" + r.movedNote(shown), Chart: chart, Col: 1, Span: 6}
}

// psiFinding says how many regions lie above their own chance level, which some do without drift.
func (r *risk) psiFinding() string {
	above, named := 0, 0
	for _, d := range r.drifts {
		above += xlsx.Int(d.measured() && d.psi.Beyond())
		named += xlsx.Int(d.named)
	}
	if above == 0 {
		return "PSI: no region is above its chance level"
	}
	return fmt.Sprintf("PSI: %s above the chance level, %d of them beyond what chance explains among all", page.Plural(int64(above), "region", "regions"), named)
}

func (r *risk) changeFigure(room int) page.Figure {
	shown := r.drawn(room)
	chart := xlsx.Chart{Format: xlsx.Points, Min: -r.widest(shown), Max: r.widest(shown), Categories: r.driftArea(changeLabel, shown), Alt: "Change of the suspicious rate by region in percentage points, with 95 percent intervals",
		Series: []xlsx.Series{{Color: xlsx.Orange, Mark: xlsx.Point, Values: r.driftArea(changePoints, shown), Down: r.driftArea(changeDown, shown), Up: r.driftArea(changeUp, shown)}}}
	return page.Figure{Finding: r.changeFinding(), Caption: "Change of the suspicious rate in points, with 95% interval (each by itself)" + r.movedNote(shown), Chart: chart, Col: 7, Span: 6}
}

// changeFinding counts the regions whose rate changed beyond chance among all, and says of how many others the interval by itself
// excludes zero.
func (r *risk) changeFinding() string {
	rose, fell, alone := 0, 0, 0
	for _, d := range r.drifts {
		rose += xlsx.Int(d.change.named && d.change.Reading == stats.Higher)
		fell += xlsx.Int(d.change.named && d.change.Reading == stats.Lower)
		alone += xlsx.Int(!d.change.named && (d.change.Reading == stats.Higher || d.change.Reading == stats.Lower))
	}
	finding := "No region's suspicious rate changed beyond chance"
	if rose+fell > 0 {
		finding = fmt.Sprintf("The suspicious rate clearly rose in %s, fell in %d", page.Plural(int64(rose), "region", "regions"), fell)
	}
	if alone > 0 {
		finding += fmt.Sprintf(" (%d of %d by itself only)", alone, r.measured())
	}
	return finding
}

// widest is where an axis ends, in points to both sides, that holds the intervals of the regions whose rates moved most.
func (r *risk) widest(shown int) float64 {
	widest := 0.0
	for _, d := range r.byChange()[:shown] {
		if d.measured() {
			widest = max(widest, -d.change.Interval.Low, d.change.Interval.High)
		}
	}
	return 100 * ceiling(widest)
}
