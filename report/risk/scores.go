package risk

import (
	"fmt"
	"slices"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// panels is how many regions have a panel of their own.
const panels = 8

// scoreRefs are the tables of the sheet of scores that the checks refer to.
type scoreRefs struct{ bands, zoom *page.Table }

// writeScores writes the sheet of scores by region: panels, bands as counts and shares, percentiles.
func writeScores(book *xlsx.Workbook, d *Data) scoreRefs {
	p := page.New(book, "Score distribution", "Score distribution by region",
		fmt.Sprintf("Scored checks %s %s · livenessScore 0–100, bands of 5 points, closed on the left; "+
			"exactly 0, 50 "+
			"and 100 stand apart, as does what lies outside", d.dated(), d.Period.Describe()),
		append([]float64{20}, slices.Repeat([]float64{6.3}, bands+2)...)...)
	p.Tab = xlsx.Navy
	p.Headline(scoreHeadline(d.now.all, d.MinimumN))
	charts, shown := p.Row, min(len(d.now.regions), panels)
	if shown > 0 {
		p.Skip(1 + 13*((shown+3)/4))
	}
	refs := scoreRefs{bands: bandTable(p, d.now)}
	p.Skip(1)
	shares := shareTable(p, d.now, refs.bands)
	p.Skip(1)
	percentileTable(p, d.now, d.MinimumN, d.rule())
	p.Skip(1)
	refs.zoom = zoomTable(p, d.now)
	p.PrintAll()
	if shown == 0 {
		return refs
	}
	end := p.Row
	p.Row = charts
	p.Set(p.At(1), xlsx.T("Share of scored checks per band, one common axis. Columns show scores from exactly 0 up "+
		"to 95; the share scoring 95 or more stands in each panel's title. "+
		"Orange: "+d.rule().words()+".").As(xlsx.Caption))
	p.Row++
	drawPanels(p, shares, d.now.regions[:shown], d)
	p.Row = end
	return refs
}

// scoreHeadline counts the scores at both ends of the scale.
func scoreHeadline(all *tally, minimum int64) string {
	n := all.scored()
	if n == 0 {
		return "No check was scored in this period"
	}
	if n < minimum {
		return fmt.Sprintf("Too few scored checks to describe their scores: %d, the minimum is %d", n, minimum)
	}
	high := all.bands[bandFull] + all.bands[bandFull-1] + all.bands[bandAbove]
	low := all.bands[bandBelow] + all.bands[bandZero] + all.bands[bandZero+1]
	return fmt.Sprintf("%s of %s scores are 95 or more (%s); %s are below 5 (%s)", calendar.Thousands(high),
		calendar.Thousands(n), page.Percent(float64(high)/float64(n)), calendar.Thousands(low),
		page.Percent(float64(low)/float64(n)))
}

func bandColumns(f xlsx.Format) []page.Column {
	cols := []page.Column{page.Col("Region", xlsx.General)}
	for b := range bands {
		cols = append(cols, page.Col(bandName(b), f))
	}
	return cols
}

// bandTable counts the scores of each band; scored is the sum, and ties with the sheet of attack types.
func bandTable(p *page.Page, v *survey) *page.Table {
	p.Section("1  Scored checks per band", "Count of checks. 45–50 holds scores from 45 up to but not including 50; "+
		"0–5 and 50–55 leave out exactly 0 and 50.")
	t := p.Table(append(bandColumns(xlsx.Count), page.Col("Scored", xlsx.Count), page.Col("No score", xlsx.Count))...)
	writeRegions(t, v, func(_ int, g *tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.region))}
		for b := range bands {
			cells = append(cells, page.Odd(g.bands[b], b == bandBelow || b == bandAbove))
		}
		return append(cells, xlsx.N(g.scored()).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(bands))),
			xlsx.N(g.side(scoreless)))
	}, append(fromOne(bands), bands+2)...)
	return t
}

// shareTable writes the counts of the table of bands as shares of each region, shaded.
func shareTable(p *page.Page, v *survey, counts *page.Table) *page.Table {
	p.Section("2  Share of each region's scored checks", "n is the number of scored checks. The darker, the larger "+
		"the share.")
	t := p.Table(append(bandColumns(xlsx.Share), page.Col("n", xlsx.Count), page.Col("", xlsx.General))...)
	writeRegions(t, v, func(i int, g *tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.region))}
		n := t.Ref(bands + 1)
		for b := range bands {
			share := shareCell(g.bands[b], g.scored())
			cells = append(cells, share.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, n, counts.Cell(b+1, i), n)))
		}
		return append(cells, xlsx.N(g.scored()).By(counts.Cell(bands+1, i).String()), xlsx.Cell{})
	})
	if t.Rows > 0 {
		p.Shaded = append(p.Shaded, xlsx.Area{From: t.Cell(1, 0), To: t.Cell(bands, t.Rows-1)})
	}
	return t
}

// percentileTable describes each region's scores.
func percentileTable(p *page.Page, v *survey, minimum int64, r rule) {
	p.Section("3  Percentiles of the score", fmt.Sprintf("Linear interpolation between order statistics (R type 7, "+
		"PERCENTILE.INC), of all scores as received; – below the minimum of %d scored checks.", minimum))
	levels := []float64{0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90}
	cols := []page.Column{page.Col("Region", xlsx.General), page.Wide("n", 2, xlsx.Count)}
	for _, level := range levels {
		cols = append(cols, page.Wide(fmt.Sprintf("P%g", 100*level), 2, xlsx.Score))
	}
	cols = append(cols, page.Wide("Mean", 2, xlsx.Score), page.Wide(r.words()[len("score "):], 2, xlsx.Count))
	t := p.Table(cols...)
	writeRegions(t, v, func(_ int, g *tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.region)), xlsx.N(g.scored())}
		h, err := g.histogram()
		for _, level := range levels {
			x, ok := h.Percentile(level)
			cells = append(cells, scoreCell(x, ok && err == nil && g.scored() >= minimum))
		}
		mean, ok := h.Mean()
		return append(cells, scoreCell(mean, ok && err == nil && g.scored() >= minimum), xlsx.N(g.suspicious()))
	})
}

func scoreCell(x float64, ok bool) xlsx.Cell {
	if !ok {
		return page.None().In(xlsx.Score)
	}
	return xlsx.F(x, xlsx.Score)
}

// drawPanels draws one small chart a region, four in a row, all on the same axis.
func drawPanels(p *page.Page, shares *page.Table, regions []*tally, d *Data) {
	const first, last = bandZero, bandFull - 2 // exactly 0 .. 90-95
	highest := 0.0
	for _, g := range regions {
		for b := first; b <= last; b++ {
			x, _ := stats.Proportion{Count: g.bands[b], Total: g.scored()}.Rate()
			highest = max(highest, x)
		}
	}
	colors := map[int]string{}
	for b := first; b <= last; b++ {
		if bandSuspicious(b, d.Threshold) {
			colors[b-first] = xlsx.Orange
		}
	}
	labels := panelLabels(p, first, last)
	spans := []int{6, 7, 7, 7}
	for i, g := range regions {
		col := 1
		for _, s := range spans[:i%4] {
			col += s
		}
		at := xlsx.Ref{Col: col + 1, Row: p.Row + 13*(i/4)}
		p.Set(at, xlsx.T(panelTitle(g, d.MinimumN)).As(xlsx.Finding))
		p.Merged = append(p.Merged, xlsx.Area{From: at, To: xlsx.Ref{Col: at.Col + spans[i%4] - 1, Row: at.Row}})
		p.Charts = append(p.Charts, xlsx.Chart{
			At:     xlsx.Ref{Col: at.Col, Row: at.Row + 1},
			Width:  p.Pixels(col, spans[i%4]) - 24,
			Height: 11 * 20, Dense: true, Format: xlsx.Share, Max: page.AxisEnd(highest),
			Alt:        "Histogram of the scores of " + page.RegionName(g.region) + ", exactly 0 up to 95",
			Categories: labels,
			Series: []xlsx.Series{{Color: xlsx.Slate, Other: colors,
				Values: shares.Page.Area(shares.Cell(first+1, i), shares.Cell(last+1, i))}},
		})
	}
}

func panelTitle(g *tally, minimum int64) string {
	top, _ := stats.Proportion{Count: g.bands[bandFull] + g.bands[bandFull-1], Total: g.scored()}.Rate()
	title := fmt.Sprintf("%s · n = %s · 95–100: %.1f%%", page.ShortName(g.region), calendar.Thousands(g.scored()),
		100*top)
	if g.scored() < minimum {
		title += " · too few"
	}
	return title
}

// panelLabels writes, outside the printed page, the labels under the columns of a panel: a mark every 25 points.
func panelLabels(p *page.Page, first, last int) xlsx.Area {
	for b := first; b <= last; b++ {
		text := map[int]string{bandZero: "0", bandZero + 6: "25", bandFifty: "50", bandFifty + 6: "75"}[b]
		p.SetBeside(b-first, p.Row, xlsx.T(text))
	}
	return p.Area(p.Beside(0, p.Row), p.Beside(last-first, p.Row))
}
