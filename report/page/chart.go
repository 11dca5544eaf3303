package page

import (
	"slices"

	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// Local returns an area as its own sheet's formulas write it.
func Local(a xlsx.Area) xlsx.Area {
	a.Sheet = ""
	return a
}

// Top returns the first rows of a column.
func Top(t *Table, col, rows int) xlsx.Area {
	a := t.Area(col)
	a.To.Row = min(a.To.Row, t.First+rows-1)
	return a
}

// Plot returns a rate for a chart: a cell with nothing in it leaves a gap, where a dash would be drawn as zero.
func Plot(p stats.Proportion) xlsx.Cell {
	x, ok := p.Rate()
	if !ok {
		return xlsx.Cell{}
	}
	return xlsx.F(x, xlsx.Rate)
}

// AxisEnd returns a round number not below x, for the end of an axis; 0 leaves the end to the program.
func AxisEnd(x float64) float64 {
	for _, step := range []float64{0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1} {
		if x > 0 && x <= step {
			return step
		}
	}
	return 0
}

// TenthLabel returns the label of the at-th of many categories, counted from 0: its number on every tenth, nothing on the
// others, so that labels do not run into each other. The chart shows each label.
func TenthLabel(at int) xlsx.Cell {
	if at%10 > 0 {
		return xlsx.T("")
	}
	return xlsx.N(int64(at))
}

// An interval lies beyond the others when it begins above so many times the end of the median one, of at least so many.
const (
	beyondMedian = 3
	fewestOnAxis = 4
)

// IntervalEnd returns where an axis ends that holds the intervals of some rates, but of those that lie so far beyond the
// others that they would press them flat: their places come back, for the caption to name.
func IntervalEnd(rates []stats.Proportion) (end float64, beyond []int) {
	var highs []float64
	for _, p := range rates {
		if i, ok := p.Wilson(); ok {
			highs = append(highs, i.High)
		}
	}
	slices.Sort(highs)
	limit := 1.0
	if len(highs) >= fewestOnAxis {
		limit = beyondMedian * highs[(len(highs)-1)/2]
	}
	highest := 0.0
	for at, p := range rates {
		i, ok := p.Wilson()
		if ok && i.Low > limit {
			beyond = append(beyond, at)
		} else if ok {
			highest = max(highest, i.High)
		}
	}
	return AxisEnd(highest), beyond
}
