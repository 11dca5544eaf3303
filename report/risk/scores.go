package risk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/xlsx"
)

// scoreRefs holds the tables of the sheet of scores that the checks refer to.
type scoreRefs struct{ bands, zoom *page.Table }

// writeScores writes the sheet of scores by region: panels, bands as counts and shares, percentiles.
func writeScores(book *xlsx.Workbook, d *Data) scoreRefs {
	p := page.New(book, "Score distribution", "Score distribution by region",
		fmt.Sprintf("Scored checks %s %s · livenessScore 0–100, bands of 5 points, closed on the left; "+
			"exactly 0, 50 "+
			"and 100 stand apart, as does what lies outside", d.dated(), d.Period.Describe()),
		append([]float64{20}, slices.Repeat([]float64{6.3}, survey.Bands+2)...)...)
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

// scoreHeadline describes which findings there are about scores, and between which regions the bulk of them differs.
func scoreHeadline(d *Data) string {
	all, minimum := d.now.All, d.MinimumN
	n := all.Scored()
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
		text = fmt.Sprintf("%s of %s scores are 95 or more (%s)", humanize.Comma(top(all)), humanize.Comma(n),
			page.Percent(float64(top(all))/float64(n)))
	case len(said) == 0:
		text = "No region's passing scores moved beyond chance against " + d.claims.Against()
	}
	enough := d.now.Regions[:d.now.Enough(minimum)]
	if len(enough) < 2 {
		return text
	}
	share := func(g *survey.Tally) float64 { return float64(top(g)) / float64(g.Scored()) }
	least := slices.MinFunc(enough, func(a, b *survey.Tally) int { return cmp.Compare(share(a), share(b)) })
	most := slices.MaxFunc(enough, func(a, b *survey.Tally) int { return cmp.Compare(share(a), share(b)) })
	return fmt.Sprintf("%s. Between regions %.0f%% (%s) to %.0f%% (%s) score 95 or more", text, 100*share(least),
		page.RegionName(least.Region), 100*share(most), page.RegionName(most.Region))
}

// top counts the scores of 95 and more.
func top(g *survey.Tally) int64 {
	return g.Bands[survey.BandFull] + g.Bands[survey.BandFull-1] + g.Bands[survey.BandAbove]
}

func bandColumns(f xlsx.Format) []page.Column {
	cols := []page.Column{page.Col("Region", xlsx.General)}
	for b := range survey.Bands {
		cols = append(cols, page.Col(survey.BandName(b), f))
	}
	return cols
}

// bandTable counts the scores of each band; scored is the sum, and ties with the sheet of attack types.
func bandTable(p *page.Page, v *survey.Survey) *page.Table {
	p.Section("2  Scored checks per band", "Count of checks. 45–50 holds scores from 45 up to but not including 50; "+
		"0–5 and 50–55 leave out exactly 0 and 50.")
	t := p.Table(append(bandColumns(xlsx.Count), page.Col("Scored", xlsx.Count), page.Col("No score", xlsx.Count))...)
	writeRegions(t, v, func(_ int, g *survey.Tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.Region))}
		for b := range survey.Bands {
			cells = append(cells, page.Odd(g.Bands[b], b == survey.BandBelow || b == survey.BandAbove))
		}
		return append(cells, xlsx.N(g.Scored()).WithFormula(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(survey.Bands))),
			xlsx.N(g.Side(survey.Scoreless)))
	}, append(fromOne(survey.Bands), survey.Bands+2)...)
	return t
}

// shareTable writes the counts of the table of bands as shares of each region, shaded.
func shareTable(p *page.Page, v *survey.Survey, counts *page.Table) {
	p.Section("3  Share of each region's scored checks", "n is the number of scored checks. The darker, the larger "+
		"the share.")
	t := p.Table(append(bandColumns(xlsx.Share), page.Col("n", xlsx.Count), page.Col("", xlsx.General))...)
	writeRegions(t, v, func(i int, g *survey.Tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.Region))}
		n := t.Ref(survey.Bands + 1)
		for b := range survey.Bands {
			share := shareCell(g.Bands[b], g.Scored())
			cells = append(cells, share.WithFormula(fmt.Sprintf(`IF(%s=0,"",%s/%s)`, n, counts.Cell(b+1, i), n)))
		}
		return append(cells, xlsx.N(g.Scored()).WithFormula(counts.Cell(survey.Bands+1, i).String()), xlsx.Cell{})
	})
	if t.Rows > 0 {
		p.Shaded = append(p.Shaded, xlsx.Area{From: t.Cell(1, 0), To: t.Cell(survey.Bands, t.Rows-1)})
	}
}

// percentileTable describes each region's scores.
func percentileTable(p *page.Page, v *survey.Survey, minimum int64, r survey.Rule) {
	p.Section("4  Percentiles of the score", fmt.Sprintf("Linear interpolation between order statistics (R type 7, "+
		"PERCENTILE.INC), of all scores as received; – below the minimum of %d scored checks.", minimum))
	levels := []float64{0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90}
	cols := []page.Column{page.Col("Region", xlsx.General), page.Wide("n", 2, xlsx.Count)}
	for _, level := range levels {
		cols = append(cols, page.Wide(fmt.Sprintf("P%g", 100*level), 2, xlsx.Score))
	}
	cols = append(cols, page.Wide("Mean", 2, xlsx.Score), page.Wide(r.Words()[len("score "):], 2, xlsx.Count))
	t := p.Table(cols...)
	writeRegions(t, v, func(_ int, g *survey.Tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.Region)), xlsx.N(g.Scored())}
		h, err := g.Histogram()
		for _, level := range levels {
			x, ok := h.Percentile(level)
			cells = append(cells, scoreCell(x, ok && err == nil && g.Scored() >= minimum))
		}
		mean, ok := h.Mean()
		return append(cells, scoreCell(mean, ok && err == nil && g.Scored() >= minimum), xlsx.N(g.Suspicious()))
	})
}

func scoreCell(x float64, ok bool) xlsx.Cell {
	if !ok {
		return page.None().WithFormat(xlsx.Score)
	}
	return xlsx.F(x, xlsx.Score)
}
