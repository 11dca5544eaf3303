package risk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

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
	p.Headline(scoreHeadline(d))
	profiles := profilesOf(d)
	drawPanels(p, profiles, d)
	if profiles.compared() {
		movedTable(p, profiles, d)
		p.Skip(1)
	}
	refs := scoreRefs{bands: bandTable(p, d.now)}
	p.Skip(1)
	shareTable(p, d.now, refs.bands)
	p.Skip(1)
	percentileTable(p, d.now, d.MinimumN, d.rule())
	p.Skip(1)
	refs.zoom = zoomTable(p, d.now)
	p.PrintAll()
	return refs
}

// scoreHeadline says which findings there are about scores, and between which regions the bulk of them differs.
func scoreHeadline(d *Data) string {
	all, minimum := d.now.all, d.MinimumN
	n := all.scored()
	if n == 0 {
		return "No check was scored in this period"
	}
	if n < minimum {
		return fmt.Sprintf("Too few scored checks to describe their scores: %d, the minimum is %d", n, minimum)
	}
	said := d.claims.ScoreSentences()
	text := strings.Join(said, "; ")
	switch {
	case !d.claims.Compared():
		text = fmt.Sprintf("%s of %s scores are 95 or more (%s)", calendar.Thousands(top(all)), calendar.Thousands(n),
			page.Percent(float64(top(all))/float64(n)))
	case len(said) == 0:
		text = "No region's passing scores moved beyond chance against " + d.claims.Against()
	}
	enough := d.now.regions[:d.now.enough(minimum)]
	if len(enough) < 2 {
		return text
	}
	share := func(g *tally) float64 { return float64(top(g)) / float64(g.scored()) }
	least := slices.MinFunc(enough, func(a, b *tally) int { return cmp.Compare(share(a), share(b)) })
	most := slices.MaxFunc(enough, func(a, b *tally) int { return cmp.Compare(share(a), share(b)) })
	return fmt.Sprintf("%s. Between regions %.0f%% (%s) to %.0f%% (%s) score 95 or more", text, 100*share(least),
		page.RegionName(least.region), 100*share(most), page.RegionName(most.region))
}

// top counts the scores of 95 and more.
func top(g *tally) int64 { return g.bands[bandFull] + g.bands[bandFull-1] + g.bands[bandAbove] }

func bandColumns(f xlsx.Format) []page.Column {
	cols := []page.Column{page.Col("Region", xlsx.General)}
	for b := range bands {
		cols = append(cols, page.Col(bandName(b), f))
	}
	return cols
}

// bandTable counts the scores of each band; scored is the sum, and ties with the sheet of attack types.
func bandTable(p *page.Page, v *survey) *page.Table {
	p.Section("2  Scored checks per band", "Count of checks. 45–50 holds scores from 45 up to but not including 50; "+
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
func shareTable(p *page.Page, v *survey, counts *page.Table) {
	p.Section("3  Share of each region's scored checks", "n is the number of scored checks. The darker, the larger "+
		"the share.")
	t := p.Table(append(bandColumns(xlsx.Share), page.Col("n", xlsx.Count), page.Col("", xlsx.General))...)
	writeRegions(t, v, func(i int, g *tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.region))}
		n := t.Ref(bands + 1)
		for b := range bands {
			share := shareCell(g.bands[b], g.scored())
			cells = append(cells, share.By(fmt.Sprintf(`IF(%s=0,"",%s/%s)`, n, counts.Cell(b+1, i), n)))
		}
		return append(cells, xlsx.N(g.scored()).By(counts.Cell(bands+1, i).String()), xlsx.Cell{})
	})
	if t.Rows > 0 {
		p.Shaded = append(p.Shaded, xlsx.Area{From: t.Cell(1, 0), To: t.Cell(bands, t.Rows-1)})
	}
}

// percentileTable describes each region's scores.
func percentileTable(p *page.Page, v *survey, minimum int64, r rule) {
	p.Section("4  Percentiles of the score", fmt.Sprintf("Linear interpolation between order statistics (R type 7, "+
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
