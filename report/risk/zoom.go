package risk

import (
	"fmt"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
)

// The zoom shows the scores from zoomFrom up to but not including zoomTo point by point, with exactly 50 apart: there a
// small shift of scores, or another threshold, moves checks from one side to the other.
const (
	zoomFrom = 40
	zoomTo   = 60
	zoomBins = zoomTo - zoomFrom + 1
)

// zoomBin returns the number of a score's bin, false when it lies outside.
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
func zoom(t *survey.Tally) (bins [zoomBins]int64, all int64) {
	for score, n := range t.Scores {
		if i, ok := zoomBin(score); ok {
			bins[i] += n
			all += n
		}
	}
	return bins, all
}

// zoomTable counts the scores around the middle.
func zoomTable(p *page.Page, v *survey.Survey) *page.Table {
	_, near := zoom(v.All)
	p.Section(fmt.Sprintf("5  Scores from %d to %d, point by point", zoomFrom, zoomTo),
		fmt.Sprintf("Count of checks; %s of %s scored lie here. Closed on the left, open on the right; exactly 50 "+
			"stands apart, 50–51 begins above it.", humanize.Comma(near), humanize.Comma(v.All.Scored())))
	cols := []page.Column{page.Col("Region", xlsx.General)}
	for bin := range zoomBins {
		cols = append(cols, page.Col(zoomName(bin), xlsx.Count))
	}
	t := p.Table(append(cols, page.Col(fmt.Sprintf("%d–%d", zoomFrom, zoomTo), xlsx.Count),
		page.Col("Scored", xlsx.Count), page.Col("Share", xlsx.Share))...)
	writeRegions(t, v, func(_ int, g *survey.Tally) []xlsx.Cell { return zoomRow(t, g) }, fromOne(zoomBins+2)...)
	return t
}

func zoomRow(t *page.Table, g *survey.Tally) []xlsx.Cell {
	bins, all := zoom(g)
	cells := []xlsx.Cell{xlsx.T(page.RegionName(g.Region))}
	for _, n := range bins {
		cells = append(cells, xlsx.N(n))
	}
	near, scored := t.Ref(zoomBins+1), t.Ref(zoomBins+2)
	return append(cells, xlsx.N(all).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(zoomBins))),
		xlsx.N(g.Scored()),
		shareCell(all, g.Scored()).WithFormula(fmt.Sprintf(`IF(%[2]s=0,"",%[1]s/%[2]s)`, near, scored)))
}

// zoomBands adds up the scores of the zoom from the table of bands, as the second route of a check.
func zoomBands(all *survey.Tally, table *page.Table) xlsx.Cell {
	var n int64
	var areas []xlsx.Area
	for b := survey.Band(zoomFrom); b < survey.Band(zoomTo); b++ {
		n += all.Bands[b]
		areas = append(areas, table.Area(b+1))
	}
	if table.Rows == 0 {
		return xlsx.N(n)
	}
	return xlsx.N(n).WithFormula(xlsx.Sum(areas...))
}
