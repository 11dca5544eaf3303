package report

import (
	"fmt"

	"liverecon/report/stats"
)

// panels is how many regions have a panel of their own.
const panels = 8

// scoreDistribution writes the sheet of scores by region: panels, bands as counts and shares, percentiles.
func (r *risk) scoreDistribution() {
	widths := []float64{20}
	for range bands + 2 {
		widths = append(widths, 6.3)
	}
	p := newPage(r.book, "Score distribution", "Score distribution by region", fmt.Sprintf("Scored checks %s %s · livenessScore 0–100, bands of 5 points, closed on the left; exactly 0, 50 and 100 stand apart, as does what lies outside", r.dated(), r.Period.describe()), widths...)
	p.Tab = navy
	p.headline(r.scoreHeadline())
	charts, shown := p.row, min(len(r.now.regions), panels)
	if shown > 0 {
		p.skip(1 + 13*((shown+3)/4))
	}
	r.bandTable(p)
	p.skip(1)
	shares := r.shareTable(p)
	p.skip(1)
	r.percentileTable(p)
	p.skip(1)
	r.zoomTable(p)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
	if shown == 0 {
		return
	}
	end := p.row
	p.row = charts
	p.Set(p.at(1), T("Share of scored checks per band, one common axis. Columns show scores from exactly 0 up to 95; the share scoring 95 or more stands in each panel's title. Orange: "+r.rule.words()+".").As(Caption))
	p.row++
	r.panels(p, shares, shown)
	p.row = end
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
	return fmt.Sprintf("%s of %s scores are 95 or more (%s); %s are below 5 (%s)", thousands(high), thousands(n), percent(float64(high)/float64(n)), thousands(low), percent(float64(low)/float64(n)))
}

func bandColumns(f Format) []column {
	cols := []column{{"Region", 1, General}}
	for b := range bands {
		cols = append(cols, column{bandName(b), 1, f})
	}
	return cols
}

// bandTable counts the scores of each band; scored is the sum, and ties with the sheet of attack types.
func (r *risk) bandTable(p *page) {
	p.section("1  Scored checks per band", "Count of checks. 45–50 holds scores from 45 up to but not including 50; 0–5 and 50–55 leave out exactly 0 and 50.")
	t := p.table(append(bandColumns(Count), column{"Scored", 1, Count}, column{"No score", 1, Count})...)
	r.places.bands = t
	row := func(g *tally) []Cell {
		cells := []Cell{T(regionName(g.region))}
		for b := range bands {
			c := N(g.bands[b])
			if g.bands[b] > 0 && (b == bandBelow || b == bandAbove) {
				c = c.As(Alert)
			}
			cells = append(cells, c)
		}
		return append(cells, N(g.scored()).By(fmt.Sprintf("SUM(%s:%s)", t.ref(1), t.ref(bands))), N(g.side(scoreless)))
	}
	for _, g := range r.now.regions {
		t.add(row(g)...)
	}
	cells := row(r.now.all)
	cells[0] = T("All regions")
	if len(r.now.regions) > 0 {
		for col := range bands {
			cells[col+1] = cells[col+1].By(sum(local(t.area(col + 1))))
		}
		cells[bands+2] = cells[bands+2].By(sum(local(t.area(bands + 2))))
	}
	t.total(cells...)
}

// shareTable is the same as shares of each region, shaded.
func (r *risk) shareTable(p *page) *table {
	p.section("2  Share of each region's scored checks", "n is the number of scored checks. The darker, the larger the share.")
	t := p.table(append(bandColumns(Share), column{"n", 1, Count}, column{"", 1, General})...)
	counts := r.places.bands
	row := func(i int, g *tally) []Cell {
		cells := []Cell{T(regionName(g.region))}
		n := t.ref(bands + 1)
		for b := range bands {
			x, _ := stats.Proportion{Count: g.bands[b], Total: g.scored()}.Rate()
			c := F(x, Share)
			if g.scored() == 0 {
				c = none().In(Share)
			}
			cells = append(cells, c.By(fmt.Sprintf(`IF(%s=0,"–",%s/%s)`, n, Ref{counts.at[b+1] + 1, counts.first + i}, n)))
		}
		return append(cells, N(g.scored()).By(Ref{counts.at[bands+1] + 1, counts.first + i}.String()), Cell{})
	}
	for i, g := range r.now.regions {
		t.add(row(i, g)...)
	}
	if t.rows > 0 {
		p.Shaded = append(p.Shaded, Area{From: Ref{t.at[1] + 1, t.first}, To: Ref{t.at[bands] + 1, t.first + t.rows - 1}})
	}
	cells := row(len(r.now.regions), r.now.all)
	cells[0] = T("All regions")
	t.total(cells...)
	return t
}

// percentileTable describes each region's scores.
func (r *risk) percentileTable(p *page) {
	p.section("3  Percentiles of the score", "Linear interpolation between order statistics (R type 7, PERCENTILE.INC), of all scores as received; – below the minimum of "+fmt.Sprint(r.MinimumN)+" scored checks.")
	levels := []float64{0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90}
	cols := []column{{"Region", 1, General}, {"n", 2, Count}}
	for _, level := range levels {
		cols = append(cols, column{fmt.Sprintf("P%g", 100*level), 2, Score})
	}
	cols = append(cols, column{"Mean", 2, Score}, column{r.rule.words()[len("score "):], 2, Count})
	t := p.table(cols...)
	regions := append(append([]*tally(nil), r.now.regions...), r.now.all)
	for i, g := range regions {
		cells := []Cell{T(regionName(g.region)), N(g.scored())}
		h, err := g.histogram()
		for _, level := range levels {
			x, ok := h.Percentile(level)
			cells = append(cells, scoreCell(x, ok && err == nil && g.scored() >= r.MinimumN))
		}
		mean, ok := h.Mean()
		cells = append(cells, scoreCell(mean, ok && err == nil && g.scored() >= r.MinimumN), N(g.suspicious()))
		if i < len(regions)-1 {
			t.add(cells...)
			continue
		}
		cells[0] = T("All regions")
		t.total(cells...)
	}
}

func scoreCell(x float64, ok bool) Cell {
	if !ok {
		return none().In(Score)
	}
	return F(x, Score)
}

// panels draws one small chart a region, four in a row, all on the same axis.
func (r *risk) panels(p *page, shares *table, shown int) {
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
			colors[b-first] = orange
		}
	}
	labels := panelLabels(p, first, last)
	spans := []int{6, 7, 7, 7}
	for i, g := range r.now.regions[:shown] {
		col := 1
		for _, s := range spans[:i%4] {
			col += s
		}
		at := Ref{col + 1, p.row + 13*(i/4)}
		top, _ := stats.Proportion{Count: g.bands[bandFull] + g.bands[bandFull-1], Total: g.scored()}.Rate()
		title := fmt.Sprintf("%s · n = %s · 95–100: %.1f%%", shortName(g.region), thousands(g.scored()), 100*top)
		if g.scored() < r.MinimumN {
			title += " · too few"
		}
		p.Set(at, T(title).As(Finding))
		p.Merged = append(p.Merged, Area{From: at, To: Ref{at.Col + spans[i%4] - 1, at.Row}})
		row := shares.first + i
		p.Charts = append(p.Charts, Chart{At: Ref{at.Col, at.Row + 1}, Width: p.pixels(col, spans[i%4]) - 24, Height: 11 * 20, Dense: true, Format: Share, Max: ceiling(highest),
			Alt:        "Histogram of the scores of " + regionName(g.region) + ", exactly 0 up to 95",
			Categories: labels,
			Series:     []Series{{Color: slate, Other: colors, Values: shares.page.Area(Ref{shares.at[first+1] + 1, row}, Ref{shares.at[last+1] + 1, row})}}})
	}
}

// panelLabels writes, outside the printed page, what stands under the columns of a panel: a mark every 25 points.
func panelLabels(p *page, first, last int) Area {
	from := Ref{p.across + 3, p.row}
	for b := first; b <= last; b++ {
		text := map[int]string{bandZero: "0", bandZero + 6: "25", bandFifty: "50", bandFifty + 6: "75"}[b]
		p.Set(Ref{from.Col + b - first, from.Row}, T(text).As(Feeder))
	}
	return p.Area(from, Ref{from.Col + last - first, from.Row})
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
