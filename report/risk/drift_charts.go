package risk

import (
	"fmt"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// The columns beside the drift table: what the chart of the PSI shows, what that of the change shows in an order of its
// own, then the bins of both periods.
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

func driftHeads() []string {
	heads := []string{"Label", "PSI", "Chance level", "Label", "Whisker down", "Whisker up", "Change"}
	for _, when := range []string{"now", "before"} {
		for i := range len(stats.ScoreEdges().Values()) - 1 {
			heads = append(heads, binName(i)+" "+when)
		}
	}
	return heads
}

// binName names a bin of the PSI; the last one is closed on both sides.
func binName(i int) string {
	edges := stats.ScoreEdges().Values()
	return fmt.Sprintf("%g–%g", edges[i], edges[i+1])
}

// driftData makes the row beside a drift; moved is the one in the same place in the order of the changes.
func driftData(d, moved drift, label, movedLabel string) []xlsx.Cell {
	cells := make([]xlsx.Cell, driftBins) // nothing rather than a dash: a chart would draw that as zero
	cells[driftLabel], cells[changeLabel] = xlsx.T(label), xlsx.T(movedLabel)
	if d.measured() {
		cells[driftPSI], cells[driftChance] = xlsx.F(d.psi.PSI, xlsx.PSI), xlsx.F(d.psi.ChanceLevel, xlsx.PSI)
	}
	if c := moved.change; moved.measured() {
		cells[changeDown] = xlsx.F(100*(c.Difference-c.Interval.Low), xlsx.Points)
		cells[changeUp] = xlsx.F(100*(c.Interval.High-c.Difference), xlsx.Points)
		cells[changePoints] = xlsx.F(100*c.Difference, xlsx.Points)
	}
	for _, bins := range d.bins {
		for _, n := range bins {
			cells = append(cells, xlsx.N(n))
		}
	}
	return cells
}

// drawn returns how many regions a chart of drift shows in its room. Regions that could not be measured have nothing to
// draw.
func (all drifts) drawn(room int) int { return max(1, min(room, all.measured())) }

// omitted names the regions that a chart of drift leaves out.
func (all drifts) omitted(shown int) string {
	switch measured := all.measured(); {
	case measured > shown:
		return fmt.Sprintf(" · top %d of %d regions", shown, len(all))
	case measured < len(all):
		return fmt.Sprintf(" · without %s of too few checks", page.Plural(int64(len(all)-measured), "region",
			"regions"))
	}
	return ""
}

// psiFigure shows the drift of each region beside its chance level.
func psiFigure(all drifts, refs driftRefs, room int) page.Figure {
	shown := all.drawn(room)
	chart := xlsx.Chart{Format: xlsx.PSI, Categories: refs.drifts.Beside(driftLabel, shown),
		Alt: "Population stability index of the score by region, with its chance level",
		Series: []xlsx.Series{{Name: "PSI", Color: xlsx.Navy, Values: refs.drifts.Beside(driftPSI, shown)},
			{Name: "Chance level 95%", Color: xlsx.Amber, Mark: xlsx.Dash,
				Values: refs.drifts.Beside(driftChance, shown)}}}
	caption := "PSI of the score, and what chance alone exceeds in 1 of 20 comparisons"
	return page.Figure{Finding: all.psiFinding(), Caption: caption + all.omitted(shown), Chart: chart, Col: 1, Span: 6}
}

// psiFinding counts the regions above their own chance level, which some are without drift.
func (all drifts) psiFinding() string {
	above, named := 0, 0
	for _, d := range all {
		above += xlsx.Int(d.measured() && d.psi.Beyond())
		named += xlsx.Int(d.named)
	}
	if above == 0 {
		return "PSI: no region is above its chance level"
	}
	return fmt.Sprintf("PSI: %s above the chance level, %d of them beyond what chance explains among all",
		page.Plural(int64(above), "region", "regions"), named)
}

// changeFigure shows the regions whose rates moved most.
func changeFigure(all drifts, refs driftRefs, room int) page.Figure {
	shown := all.drawn(room)
	end := all.changeEnd(shown)
	beside := func(column int) xlsx.Area { return refs.drifts.Beside(column, shown) }
	chart := xlsx.Chart{Format: xlsx.Points, Min: -end, Max: end, Categories: beside(changeLabel),
		Alt: "Change of the suspicious rate by region in percentage points, with 95 percent intervals",
		Series: []xlsx.Series{{Color: xlsx.Orange, Mark: xlsx.Point, Values: beside(changePoints),
			Down: beside(changeDown), Up: beside(changeUp)}}}
	caption := "Change of the suspicious rate in points, with 95% interval (each by itself)"
	return page.Figure{Finding: all.changeFinding(), Caption: caption + all.omitted(shown), Chart: chart, Col: 7,
		Span: 6}
}

// changeFinding counts the regions whose rate changed beyond chance among all, and the others whose interval by itself
// excludes zero.
func (all drifts) changeFinding() string {
	rose, fell, alone := 0, 0, 0
	for _, d := range all {
		c := d.change
		rose += xlsx.Int(c.named && c.Reading == stats.Higher)
		fell += xlsx.Int(c.named && c.Reading == stats.Lower)
		alone += xlsx.Int(!c.named && (c.Reading == stats.Higher || c.Reading == stats.Lower))
	}
	finding := "No region's suspicious rate changed beyond chance"
	if rose+fell > 0 {
		regions := page.Plural(int64(rose), "region", "regions")
		finding = fmt.Sprintf("The suspicious rate clearly rose in %s, fell in %d", regions, fell)
	}
	if alone > 0 {
		finding += fmt.Sprintf(" (%d of %d by itself only)", alone, all.measured())
	}
	return finding
}

// changeEnd returns where an axis ends, in points to both sides, that holds the intervals of the regions whose rates
// moved most.
func (all drifts) changeEnd(shown int) float64 {
	widest := 0.0
	for _, d := range all.byChange()[:shown] {
		if d.measured() {
			widest = max(widest, -d.change.Interval.Low, d.change.Interval.High)
		}
	}
	return 100 * page.AxisEnd(widest)
}
