package risk

import (
	"fmt"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// panels is how many regions have a panel of their own.
const panels = 8

// scoreDistribution writes the sheet of scores by region: panels, bands as counts and shares, percentiles.
func (r *risk) scoreDistribution() {
	widths := []float64{20}
	for range bands + 2 {
		widths = append(widths, 6.3)
	}
	p := page.New(r.book, "Score distribution", "Score distribution by region", fmt.Sprintf("Scored checks %s %s · livenessScore 0–100, bands of 5 points, closed on the left; exactly 0, 50 and 100 stand apart, as does what lies outside", r.dated(), r.Period.Describe()), widths...)
	p.Tab = xlsx.Navy
	p.Headline(r.scoreHeadline())
	charts, shown := p.Row, min(len(r.now.regions), panels)
	if shown > 0 {
		p.Skip(1 + 13*((shown+3)/4))
	}
	r.bandTable(p)
	p.Skip(1)
	shares := r.shareTable(p)
	p.Skip(1)
	r.percentileTable(p)
	p.Skip(1)
	r.zoomTable(p)
	p.PrintAll()
	if shown == 0 {
		return
	}
	end := p.Row
	p.Row = charts
	p.Set(p.At(1), xlsx.T("Share of scored checks per band, one common axis. Columns show scores from exactly 0 up to 95; the share scoring 95 or more stands in each panel's title. Orange: "+r.rule.words()+".").As(xlsx.Caption))
	p.Row++
	r.panels(p, shares, shown)
	p.Row = end
}

// scoreHeadline says where most scores lie.
func (r *risk) scoreHeadline() string {
	all := r.now.all
	if all.scored() == 0 {
		return "No check was scored in this period"
	}
	if all.scored() < r.MinimumN {
		return fmt.Sprintf("Too few scored checks to describe their scores: %d, the minimum is %d", all.scored(), r.MinimumN)
	}
	high := all.bands[bandFull] + all.bands[bandFull-1] + all.bands[bandAbove]
	low := all.bands[bandBelow] + all.bands[bandZero] + all.bands[bandZero+1]
	n := all.scored()
	return fmt.Sprintf("%s of %s scores are 95 or more (%s); %s are below 5 (%s)", calendar.Thousands(high), calendar.Thousands(n), page.Percent(float64(high)/float64(n)), calendar.Thousands(low), page.Percent(float64(low)/float64(n)))
}

func bandColumns(f xlsx.Format) []page.Column {
	cols := []page.Column{{Head: "Region", Span: 1, Format: xlsx.General}}
	for b := range bands {
		cols = append(cols, page.Column{Head: bandName(b), Span: 1, Format: f})
	}
	return cols
}

// bandTable counts the scores of each band; scored is the sum, and ties with the sheet of attack types.
func (r *risk) bandTable(p *page.Page) {
	p.Section("1  Scored checks per band", "Count of checks. 45–50 holds scores from 45 up to but not including 50; 0–5 and 50–55 leave out exactly 0 and 50.")
	t := p.Table(append(bandColumns(xlsx.Count), page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "No score", Span: 1, Format: xlsx.Count})...)
	r.places.bands = t
	row := func(g *tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.region))}
		for b := range bands {
			c := xlsx.N(g.bands[b])
			if g.bands[b] > 0 && (b == bandBelow || b == bandAbove) {
				c = c.As(xlsx.Alert)
			}
			cells = append(cells, c)
		}
		return append(cells, xlsx.N(g.scored()).By(fmt.Sprintf("SUM(%s:%s)", t.Ref(1), t.Ref(bands))), xlsx.N(g.side(scoreless)))
	}
	for _, g := range r.now.regions {
		t.Add(row(g)...)
	}
	cells := row(r.now.all)
	cells[0] = xlsx.T("All regions")
	if len(r.now.regions) > 0 {
		for col := range bands {
			cells[col+1] = cells[col+1].By(xlsx.Sum(page.Local(t.Area(col + 1))))
		}
		cells[bands+2] = cells[bands+2].By(xlsx.Sum(page.Local(t.Area(bands + 2))))
	}
	t.Total(cells...)
}

// shareTable is the same as shares of each region, shaded.
func (r *risk) shareTable(p *page.Page) *page.Table {
	p.Section("2  Share of each region's scored checks", "n is the number of scored checks. The darker, the larger the share.")
	t := p.Table(append(bandColumns(xlsx.Share), page.Column{Head: "n", Span: 1, Format: xlsx.Count}, page.Column{Head: "", Span: 1, Format: xlsx.General})...)
	counts := r.places.bands
	row := func(i int, g *tally) []xlsx.Cell {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.region))}
		n := t.Ref(bands + 1)
		for b := range bands {
			x, _ := stats.Proportion{Count: g.bands[b], Total: g.scored()}.Rate()
			c := xlsx.F(x, xlsx.Share)
			if g.scored() == 0 {
				c = page.None().In(xlsx.Share)
			}
			cells = append(cells, c.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, n, xlsx.Ref{Col: counts.At[b+1] + 1, Row: counts.First + i}, n)))
		}
		return append(cells, xlsx.N(g.scored()).By(xlsx.Ref{Col: counts.At[bands+1] + 1, Row: counts.First + i}.String()), xlsx.Cell{})
	}
	for i, g := range r.now.regions {
		t.Add(row(i, g)...)
	}
	if t.Rows > 0 {
		p.Shaded = append(p.Shaded, xlsx.Area{From: xlsx.Ref{Col: t.At[1] + 1, Row: t.First}, To: xlsx.Ref{Col: t.At[bands] + 1, Row: t.First + t.Rows - 1}})
	}
	cells := row(len(r.now.regions), r.now.all)
	cells[0] = xlsx.T("All regions")
	t.Total(cells...)
	return t
}

// percentileTable describes each region's scores.
func (r *risk) percentileTable(p *page.Page) {
	p.Section("3  Percentiles of the score", "Linear interpolation between order statistics (R type 7, PERCENTILE.INC), of all scores as received; – below the minimum of "+fmt.Sprint(r.MinimumN)+" scored checks.")
	levels := []float64{0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90}
	cols := []page.Column{{Head: "Region", Span: 1, Format: xlsx.General}, {Head: "n", Span: 2, Format: xlsx.Count}}
	for _, level := range levels {
		cols = append(cols, page.Column{Head: fmt.Sprintf("P%g", 100*level), Span: 2, Format: xlsx.Score})
	}
	cols = append(cols, page.Column{Head: "Mean", Span: 2, Format: xlsx.Score}, page.Column{Head: r.rule.words()[len("score "):], Span: 2, Format: xlsx.Count})
	t := p.Table(cols...)
	regions := append(append([]*tally(nil), r.now.regions...), r.now.all)
	for i, g := range regions {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(g.region)), xlsx.N(g.scored())}
		h, err := g.histogram()
		for _, level := range levels {
			x, ok := h.Percentile(level)
			cells = append(cells, scoreCell(x, ok && err == nil && g.scored() >= r.MinimumN))
		}
		mean, ok := h.Mean()
		cells = append(cells, scoreCell(mean, ok && err == nil && g.scored() >= r.MinimumN), xlsx.N(g.suspicious()))
		if i < len(regions)-1 {
			t.Add(cells...)
			continue
		}
		cells[0] = xlsx.T("All regions")
		t.Total(cells...)
	}
}

func scoreCell(x float64, ok bool) xlsx.Cell {
	if !ok {
		return page.None().In(xlsx.Score)
	}
	return xlsx.F(x, xlsx.Score)
}

// panels draws one small chart a region, four in a row, all on the same axis.
func (r *risk) panels(p *page.Page, shares *page.Table, shown int) {
	const first, last = bandZero, bandFull - 2 // exactly 0 .. 90-95
	highest := 0.0
	for _, g := range r.now.regions[:shown] {
		for b := first; b <= last; b++ {
			x, _ := stats.Proportion{Count: g.bands[b], Total: g.scored()}.Rate()
			highest = max(highest, x)
		}
	}
	colors := map[int]string{}
	for b := first; b <= last; b++ {
		if bandSuspicious(b, r.Threshold) {
			colors[b-first] = xlsx.Orange
		}
	}
	labels := panelLabels(p, first, last)
	spans := []int{6, 7, 7, 7}
	for i, g := range r.now.regions[:shown] {
		col := 1
		for _, s := range spans[:i%4] {
			col += s
		}
		at := xlsx.Ref{Col: col + 1, Row: p.Row + 13*(i/4)}
		top, _ := stats.Proportion{Count: g.bands[bandFull] + g.bands[bandFull-1], Total: g.scored()}.Rate()
		title := fmt.Sprintf("%s · n = %s · 95–100: %.1f%%", page.ShortName(g.region), calendar.Thousands(g.scored()), 100*top)
		if g.scored() < r.MinimumN {
			title += " · too few"
		}
		p.Set(at, xlsx.T(title).As(xlsx.Finding))
		p.Merged = append(p.Merged, xlsx.Area{From: at, To: xlsx.Ref{Col: at.Col + spans[i%4] - 1, Row: at.Row}})
		row := shares.First + i
		p.Charts = append(p.Charts, xlsx.Chart{At: xlsx.Ref{Col: at.Col, Row: at.Row + 1}, Width: p.Pixels(col, spans[i%4]) - 24, Height: 11 * 20, Dense: true, Format: xlsx.Share, Max: ceiling(highest),
			Alt:        "Histogram of the scores of " + page.RegionName(g.region) + ", exactly 0 up to 95",
			Categories: labels,
			Series:     []xlsx.Series{{Color: xlsx.Slate, Other: colors, Values: shares.Page.Area(xlsx.Ref{Col: shares.At[first+1] + 1, Row: row}, xlsx.Ref{Col: shares.At[last+1] + 1, Row: row})}}})
	}
}

// panelLabels writes, outside the printed page, what stands under the columns of a panel: a mark every 25 points.
func panelLabels(p *page.Page, first, last int) xlsx.Area {
	from := xlsx.Ref{Col: p.Across + 3, Row: p.Row}
	for b := first; b <= last; b++ {
		text := map[int]string{bandZero: "0", bandZero + 6: "25", bandFifty: "50", bandFifty + 6: "75"}[b]
		p.Set(xlsx.Ref{Col: from.Col + b - first, Row: from.Row}, xlsx.T(text).As(xlsx.Feeder))
	}
	return p.Area(from, xlsx.Ref{Col: from.Col + last - first, Row: from.Row})
}

// ceiling is a round number not below x, for the end of an axis; 0 leaves the end to the program.
func ceiling(x float64) float64 {
	for _, step := range []float64{0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1} {
		if x > 0 && x <= step {
			return step
		}
	}
	return 0
}
