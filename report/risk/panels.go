package risk

import (
	"fmt"
	"math"
	"slices"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// panels sets how many regions have a panel of their own.
const panels = 8

// steps holds the number of bins of a panel, of five points each: heights of bins of one width are densities. The last
// one holds 100, and what lies outside counts as the outermost.
const steps = 20

// profile represents a region's scores by step, beside those of the period before.
type profile struct {
	region      *survey.Tally
	now, before [steps]stats.Proportion
	known       bool                 // both periods have the minimum
	moved       [steps]stats.Reading // beyond chance among all steps of all regions (Holm)
	drifted     bool                 // some step of those that pass moved, or a finding says that they did
}

// profiles holds the regions that have enough scores, those that drifted first, then as the survey has them.
type profiles []profile

// stepsOf counts the scores of a region by step.
func stepsOf(g *survey.Tally) (all [steps]stats.Proportion) {
	for b, n := range g.Bands {
		step := 0
		switch {
		case b >= survey.BandFull-1:
			step = steps - 1
		case b >= survey.BandFifty: // exactly 50, and what follows
			step = max(steps/2, b-3)
		case b > survey.BandZero:
			step = b - 2
		}
		all[step].Count += n
	}
	for i := range all {
		all[i].Total = g.Scored()
	}
	return all
}

// stepName names a step.
func stepName(i int) string {
	if i == steps-1 {
		return "95–100"
	}
	return fmt.Sprintf("%d–", 5*i)
}

// profilesOf sets the scores of each region beside those of the period before.
func profilesOf(d *Data) profiles {
	var all profiles
	var p []float64
	var asked [][2]int
	for _, g := range d.now.Regions[:d.now.Enough(d.MinimumN)] {
		x := profile{region: g, now: stepsOf(g)}
		if before := d.before.Of(g.Region); before.Scored() >= d.MinimumN {
			x.before, x.known = stepsOf(before), true
			for i := range steps {
				c, _ := stats.Compare(x.now[i], x.before[i], d.MinimumN)
				if x.moved[i] = c.Reading; c.Reading != stats.TooFew {
					p, asked = append(p, c.P), append(asked, [2]int{len(all), i})
				}
			}
		}
		all = append(all, x)
	}
	adjusted, err := stats.Holm(p)
	for k, at := range asked {
		x := &all[at[0]]
		if err != nil || adjusted[k] > stats.Alpha { // an error is not possible: every p comes from Compare
			x.moved[at[1]] = stats.NoChange
		}
		x.drifted = x.drifted || x.moved[at[1]] != stats.NoChange && 5*float64(at[1]) >= d.Threshold
	}
	for i := range all {
		all[i].drifted = all[i].drifted || d.claims.Moved(all[i].region.Region)
	}
	slices.SortStableFunc(all, func(a, b profile) int { return trueFirst(a.drifted, b.drifted) })
	return all
}

// compared reports whether there is a period before of any region.
func (all profiles) compared() bool {
	return slices.ContainsFunc(all, func(x profile) bool { return x.known })
}

// drawPanels draws a small chart a region, four in a row, on one axis of square roots (Tukey's rootogram): the tail and
// the bulk both show, and gaps of one size are equally surprising.
func drawPanels(p *page.Page, all profiles, d *Data) {
	shown := all[:min(len(all), panels)]
	if len(shown) == 0 {
		return
	}
	caption := fmt.Sprintf("Share of a region's scored checks by score, bins of 5; heights on a scale of square roots, dotted at "+
		"1%%, 10%% and 50%%. Orange: %s.", d.rule().Words())
	if all.compared() {
		caption += " Outline: " + d.Compare.Label +
			"; amber: passing, and moved beyond chance among all bins of all regions (Holm)."
	}
	if left := len(d.now.Regions) - len(all); left > 0 {
		caption += fmt.Sprintf(" Without %s of fewer than %d.", page.Plural(int64(left), "region", "regions"),
			d.MinimumN)
	}
	if len(all) > len(shown) {
		caption += fmt.Sprintf(" %d of %d regions.", len(shown), len(all))
	}
	p.Set(p.At(1), xlsx.T(caption).WithRole(xlsx.Caption))
	p.Row++
	labels := panelLabels(p)
	const rows, perRow = 11, 4
	spans := []int{6, 7, 7, 7}
	top := p.Row
	for i, x := range shown {
		col := 1
		for _, s := range spans[:i%perRow] {
			col += s
		}
		at := xlsx.Ref{Col: col + 1, Row: top + (rows+1)*(i/perRow)}
		title := xlsx.T(x.title()).WithRole(xlsx.Finding)
		p.Set(at, title)
		p.Merged = append(p.Merged, xlsx.Area{From: at, To: xlsx.Ref{Col: at.Col + spans[i%perRow] - 1, Row: at.Row}})
		p.Charts = append(p.Charts, xlsx.Chart{
			At:     xlsx.Ref{Col: at.Col, Row: at.Row + 1},
			Width:  p.Pixels(col, spans[i%perRow]) - 24,
			Height: (rows - 1) * 20, Dense: true, Over: true, Bare: true, Format: xlsx.Share, Max: 1,
			Alt: "Histogram of the scores of " + page.RegionName(x.region.Region) +
				" in bins of 5, the period before as " + "an outline",
			Categories: labels, Series: x.series(p, top+i, d),
		})
	}
	p.Row = top + (rows+1)*((len(shown)+perRow-1)/perRow) + 1
}

// title names a region and how many scores it has.
func (x *profile) title() string {
	title := fmt.Sprintf("%s · n %s", page.ShortName(x.region.Region), humanize.Comma(x.region.Scored()))
	if x.drifted {
		return "◆ " + title
	}
	return title
}

// series writes the heights of a region's bins beside a row, and returns what a panel draws of them.
func (x *profile) series(p *page.Page, row int, d *Data) []xlsx.Series {
	colors := map[int]string{}
	for i := range steps {
		p.SetBeside(steps+i, row, height(x.now[i]))
		if x.known {
			p.SetBeside(2*steps+i, row, height(x.before[i]))
		}
		switch {
		case 5*float64(i) < d.Threshold:
			colors[i] = xlsx.Orange
		case x.moved[i] == stats.Higher || x.moved[i] == stats.Lower:
			colors[i] = xlsx.Amber
		}
	}
	values := func(from int) xlsx.Area { return p.Area(p.Beside(from, row), p.Beside(from+steps-1, row)) }
	all := []xlsx.Series{{Color: xlsx.Slate, Other: colors, Values: values(steps)}}
	if x.known {
		all = append(all, xlsx.Series{Color: xlsx.Ink, Hollow: true, Values: values(2 * steps)})
	}
	for i, share := range []float64{.01, .1, .5} {
		for k := range steps {
			p.SetBeside((3+i)*steps+k, row, xlsx.F(math.Sqrt(share), xlsx.Share))
		}
		all = append(all, xlsx.Series{Color: xlsx.Grey, Mark: xlsx.Dashed, Values: values((3 + i) * steps)})
	}
	return all
}

// height returns the square root of a share.
func height(p stats.Proportion) xlsx.Cell {
	x, _ := p.Rate()
	return xlsx.F(math.Sqrt(x), xlsx.Share)
}

// panelLabels writes, outside the printed page, the labels under the bars of a panel: a mark every 25 points.
func panelLabels(p *page.Page) xlsx.Area {
	for i := range steps {
		text := map[int]string{0: "0", 5: "25", 10: "50", 15: "75", 19: "95"}[i]
		p.SetBeside(i, p.Row, xlsx.T(text))
	}
	return p.Area(p.Beside(0, p.Row), p.Beside(steps-1, p.Row))
}

// movedTable shows by how many points the share of each bin differs from the period before.
func movedTable(p *page.Page, all profiles, d *Data) {
	n := 0
	for _, x := range all {
		for _, reading := range x.moved {
			n += xlsx.Int(reading == stats.Higher || reading == stats.Lower)
		}
	}
	p.Section("1  Share of each bin against the period before", fmt.Sprintf("Points by which the share of a region's "+
		"scored checks differs from %s; amber more, teal fewer. ◆: passing scores moved. %s beyond chance among all "+
		"(Holm).", d.Compare.Describe(), page.Plural(int64(n), "bin moved", "bins moved")))
	cols := []page.Column{page.Col("Region", xlsx.General)}
	for i := range steps {
		cols = append(cols, page.Col(stepName(i), xlsx.Signed))
	}
	t := p.Table(append(cols, page.Wide("n", 2, xlsx.Count), page.Wide("n before", 2, xlsx.Count))...)
	for _, x := range all {
		if !x.known {
			continue
		}
		name := page.RegionName(x.region.Region)
		if x.drifted {
			name = "◆ " + name
		}
		cells := []xlsx.Cell{xlsx.T(name)}
		for i := range steps {
			now, _ := x.now[i].Rate()
			before, _ := x.before[i].Rate()
			c := xlsx.F(100*(now-before), xlsx.Signed)
			if x.moved[i] == stats.Higher || x.moved[i] == stats.Lower {
				c = c.WithRole(xlsx.Strong)
			}
			cells = append(cells, c)
		}
		t.Add(append(cells, xlsx.N(x.region.Scored()), xlsx.N(x.before[0].Total))...)
	}
	p.Changed = append(p.Changed, xlsx.Area{From: t.Cell(1, 0), To: t.Cell(steps, t.Rows-1)})
}
