package report

import (
	"fmt"

	"liverecon/report/stats"
)

// The zoom shows the scores from zoomFrom up to but not including zoomTo point by point, with exactly 50 apart: there a small
// shift of scores, or another threshold, moves checks from one side to the other.
const (
	zoomFrom = 40
	zoomTo   = 60
	zoomBins = zoomTo - zoomFrom + 1
)

// zoomBin is the number of a score's bin, false when it lies outside.
func zoomBin(score float64) (int, bool) {
	switch {
	case !(score >= zoomFrom && score < zoomTo):
		return 0, false
	case score < 50:
		return int(score) - zoomFrom, true
	case score == 50:
		return 50 - zoomFrom, true
	}
	return int(score) - zoomFrom + 1, true
}

func zoomName(bin int) string {
	switch low := zoomFrom + bin; {
	case low < 50:
		return fmt.Sprintf("%d–%d", low, low+1)
	case low == 50:
		return "= 50"
	default:
		return fmt.Sprintf("%d–%d", low-1, low)
	}
}

// zoom counts a region's scores by these bins, and all of them.
func (t *tally) zoom() (bins [zoomBins]int64, all int64) {
	for score, n := range t.scores {
		if i, ok := zoomBin(score); ok {
			bins[i] += n
			all += n
		}
	}
	return bins, all
}

// zoomTable counts the scores around the middle.
func (r *risk) zoomTable(p *page) {
	_, near := r.now.all.zoom()
	p.section(fmt.Sprintf("4  Scores from %d to %d, point by point", zoomFrom, zoomTo), fmt.Sprintf("Count of checks; %s of %s scored lie here. Closed on the left, open on the right; exactly 50 stands apart, 50–51 begins above it.",
		thousands(near), thousands(r.now.all.scored())))
	cols := []column{{"Region", 1, General}}
	for bin := range zoomBins {
		cols = append(cols, column{zoomName(bin), 1, Count})
	}
	t := p.table(append(cols, column{fmt.Sprintf("%d–%d", zoomFrom, zoomTo), 1, Count}, column{"Scored", 1, Count}, column{"Share", 1, Share})...)
	r.places.zoom = t
	for _, g := range r.now.regions {
		t.add(zoomRow(t, g)...)
	}
	cells := zoomRow(t, r.now.all)
	cells[0] = T("All regions")
	if t.rows > 0 {
		for col := 1; col <= zoomBins+2; col++ {
			cells[col] = cells[col].By(sum(local(t.area(col))))
		}
	}
	t.total(cells...)
}

func zoomRow(t *table, g *tally) []Cell {
	bins, all := g.zoom()
	cells := []Cell{T(regionName(g.region))}
	for _, n := range bins {
		cells = append(cells, N(n))
	}
	share := none().In(Share)
	if x, ok := (stats.Proportion{Count: all, Total: g.scored()}).Rate(); ok {
		share = F(x, Share)
	}
	near, scored := t.ref(zoomBins+1), t.ref(zoomBins+2)
	return append(cells, N(all).By(fmt.Sprintf("SUM(%s:%s)", t.ref(1), t.ref(zoomBins))), N(g.scored()), share.By(fmt.Sprintf(`IF(%[2]s=0,"–",%[1]s/%[2]s)`, near, scored)))
}

// zoomBands is what the bands count of the same scores, and the formula that adds them up.
func (r *risk) zoomBands() Cell {
	var n int64
	var areas []Area
	for b := band(zoomFrom); b < band(zoomTo); b++ {
		n += r.now.all.bands[b]
		areas = append(areas, r.places.bands.area(b+1))
	}
	if r.places.bands.rows == 0 {
		return N(n)
	}
	return N(n).By(sum(areas...))
}
