package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// trendRegions is how many regions have a sparkline of their own.
const trendRegions = 12

// trendColumns is how many columns the sheet has: one more than the grid.
const trendColumns = page.GridColumns + 1

// trendRefs is the table of days, a row a day, that other sheets refer to.
type trendRefs struct{ days *page.Table }

// The columns beside the days, for charts.
const (
	dayLabels = iota // month and day, as they stand on an axis
	dayInjections
	dayRates
	dayLower
	dayUpper
	dayTroubled
	dayCoefficients // three of them, from which the limits follow
)

// chart returns one of these columns.
func (refs trendRefs) chart(column int) xlsx.Area { return refs.days.Beside(column, refs.days.Rows) }

// writeTrend writes the sheet of days: volume, rate, limits, signals.
func writeTrend(book *xlsx.Workbook, d *Data) trendRefs {
	t := d.trend
	subtitle := fmt.Sprintf("Days %s · limits at 3 standard errors from %s, pooled over its %s", t.period.Describe(),
		t.earlier.Describe(), page.Plural(int64(t.used), "day without vendor trouble", "days without vendor trouble"))
	p := page.New(book, "Daily trend", "Daily trend", subtitle,
		slices.Repeat([]float64{page.GridWidth}, trendColumns)...)
	p.Tab = xlsx.Orange
	p.Headline(trendHeadline(d))
	chart := p.Row
	p.Skip(17)
	sparks := p.Row
	regions := t.largest()
	regions = regions[:min(len(regions), trendRegions)]
	if len(regions) > 0 {
		p.Skip(2 + 2*((len(regions)+3)/4))
	}
	baseline := baselineTable(p, t)
	p.Skip(1)
	refs := trendRefs{dayTable(p, t, &d.Options, baseline)}
	end := p.Row
	p.Row = chart
	p.Figures(14, trendFigure(t, refs))
	if len(regions) > 0 {
		p.Row = sparks
		regionSparks(p, regions)
	}
	p.Row = end
	p.PrintAll()
	return refs
}

// trendHeadline counts the signals and the days with vendor trouble.
func trendHeadline(d *Data) string {
	t := d.trend
	if t.baseline.Total == 0 {
		return "No limits: the period before has no day with scored checks and without vendor trouble"
	}
	above, below := t.signals()
	var parts []string
	for _, side := range []struct {
		name string
		days []trendDay
	}{{"above the upper", above}, {"below the lower", below}} {
		if n := len(side.days); n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d days %s control limit, the first on %s", n, len(t.days),
				side.name, side.days[0].label))
		}
	}
	text := "No day lies outside the control limits"
	if parts != nil {
		text = strings.Join(parts, "; ")
		if d.now.all.couldFlip(d.listed.all.missing()) {
			text += "; coverage is too low to be sure"
		}
	}
	switch troubled := t.troubledDays(); len(troubled) {
	case 0:
	case 1:
		text += "; vendor trouble on " + troubled[0].label
	default:
		text += fmt.Sprintf("; %d days with vendor trouble, the first on %s", len(troubled), troubled[0].label)
	}
	return text
}

// baseline holds the cells that the limits are drawn from: suspicious and scored checks of the days before.
type baseline struct{ suspicious, scored string }

func baselineTable(p *page.Page, of *trend) baseline {
	p.Section("1  Baseline of the limits", fmt.Sprintf("The days of %s that have scored checks and no vendor "+
		"trouble, pooled.", of.earlier.Describe()))
	t := p.Table(page.Col("Days", xlsx.Count), page.Col("Scored", xlsx.Count), page.Col("Suspicious", xlsx.Count),
		page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate))
	rate, low, high := page.RateCells(of.baseline, t.Ref(2), t.Ref(1), xlsx.Rate)
	t.Add(xlsx.N(int64(of.used)), xlsx.N(of.baseline.Total), xlsx.N(of.baseline.Count), rate, low, high)
	return baseline{t.Cell(2, 0).Fixed(), t.Cell(1, 0).Fixed()}
}

// dayRows make the rows of the table of days, with limits from a baseline and its cells.
type dayRows struct {
	table      *page.Table
	baseline   stats.Proportion
	baselineAt baseline
}

// limitCells are a day's control limits and its signal. Beside the row stand the coefficients of the quadratic whose
// roots the limits are: a d² - 2b d - c = 0 for the distance d from the baseline's rate (see stats.Control).
func (r dayRows) limitCells(d trendDay) (lower, upper, signal xlsx.Cell) {
	lower, upper, signal = page.None().In(xlsx.Rate), page.None().In(xlsx.Rate), xlsx.T("no checks").As(xlsx.Quiet)
	if !d.known {
		if d.counts.scored > 0 {
			signal = xlsx.T("no limits").As(xlsx.Quiet)
		}
		return lower, upper, signal
	}
	t, p := r.table, r.table.Page
	rate, n, m := r.baselineAt.suspicious+"/"+r.baselineAt.scored, t.Ref(2), r.baselineAt.scored
	k := limitCoefficients(float64(d.counts.scored), r.baseline)
	p.SetBeside(dayCoefficients, p.Row,
		xlsx.F(k[0], xlsx.PSI).By(fmt.Sprintf("1+9*%[1]s/(%[2]s*(%[1]s+%[2]s))", n, m)),
		xlsx.F(k[1], xlsx.PSI).By(fmt.Sprintf("9*(1-2*%s)/(2*%s)", rate, m)),
		xlsx.F(k[2], xlsx.PSI).By(fmt.Sprintf("9*%[1]s*(1-%[1]s)*(1/%[2]s+1/%[3]s)", rate, n, m)))
	refs := []any{rate}
	for i := range k {
		refs = append(refs, p.Beside(dayCoefficients+i, p.Row))
	}
	refs = append(refs, n)
	lower = xlsx.F(d.point.Limits.Low, xlsx.Rate).By(
		fmt.Sprintf("MAX(0,%[1]s-(SQRT(%[3]s^2+%[2]s*%[4]s)-%[3]s)/%[2]s-1/%[5]s)", refs...))
	upper = xlsx.F(d.point.Limits.High, xlsx.Rate).By(
		fmt.Sprintf("MIN(1,%[1]s+(SQRT(%[3]s^2+%[2]s*%[4]s)+%[3]s)/%[2]s+1/%[5]s)", refs...))
	return lower, upper, d.signal().By(
		fmt.Sprintf(`IF(%[1]s>%[2]s,"▲ above",IF(%[1]s<%[3]s,"▼ below","within"))`, t.Ref(4), t.Ref(8), t.Ref(7)))
}

// limitCoefficients are a, b and c for a day of n checks.
func limitCoefficients(n float64, from stats.Proportion) [3]float64 {
	m := float64(from.Total)
	p := float64(from.Count) / m
	return [3]float64{1 + 9*n/(m*(n+m)), 9 * (1 - 2*p) / (2 * m), 9 * p * (1 - p) * (1/n + 1/m)}
}

// signal says in a cell on which side of the limits a day lies.
func (d trendDay) signal() xlsx.Cell {
	switch d.point.Signal {
	case stats.Above:
		return xlsx.T("▲ above").As(xlsx.Alert)
	case stats.Below:
		return xlsx.T("▼ below").As(xlsx.Good)
	}
	return xlsx.T("within").As(xlsx.Quiet)
}

func (r dayRows) row(d trendDay) []xlsx.Cell {
	t := r.table
	rate, low, high := page.RateCells(d.rate(), t.Ref(3), t.Ref(2), xlsx.Rate)
	lower, upper, signal := r.limitCells(d)
	if d.troubled() {
		signal = xlsx.T("✗ trouble").As(xlsx.Watch)
	}
	return []xlsx.Cell{xlsx.T(d.label), xlsx.N(d.counts.answered), xlsx.N(d.counts.scored), xlsx.N(d.counts.suspicious),
		rate, low, high, lower, upper, xlsx.N(d.sent), page.Odd(d.trouble, tooMany(d.trouble, d.sent)),
		page.Odd(d.left, tooMany(d.left, d.listed)), signal}
}

// dayTable writes a row a day.
func dayTable(p *page.Page, of *trend, o *Options, from baseline) *page.Table {
	p.Section("2  Days", "Vendor trouble: "+o.troubleWords()+". Such days give no signal and do not set limits. "+
		"About one month in twelve shows a signal by chance.")
	t := p.Table(page.Col("Day", xlsx.General), page.Col("Answered", xlsx.Count), page.Col("Scored", xlsx.Count),
		page.Col("Suspicious", xlsx.Count), page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate),
		page.Col("95% high", xlsx.Rate), page.Col("Lower limit", xlsx.Rate), page.Col("Upper limit", xlsx.Rate),
		page.Col("Calls sent", xlsx.Count), page.Col("Without final answer", xlsx.Count),
		page.Col("IDs left without", xlsx.Count), page.Col("Signal", xlsx.General))
	rows := dayRows{t, of.baseline, from}
	var sum trendDay
	for i, d := range of.days {
		troubled := xlsx.Cell{}
		if d.troubled() {
			troubled = page.Plot(d.rate())
		}
		p.SetBeside(dayLabels, p.Row, xlsx.T(of.dayLabel(i)), xlsx.N(d.counts.injection), page.Plot(d.rate()),
			d.limit(d.point.Limits.Low), d.limit(d.point.Limits.High), troubled)
		t.Add(rows.row(d)...)
		sum.add(d)
	}
	cells := rows.row(sum)
	cells[0], cells[7], cells[8], cells[12] = xlsx.T("All days"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}
	t.SumUp(cells, 1, 2, 3, 9, 10)
	if o.Clock == calendar.ByCapture { // an ID that was left stands at two days
		cells[11] = xlsx.Cell{}
	} else {
		t.SumUp(cells, 11)
	}
	t.Total(cells...)
	return t
}

// add counts another day's answers, calls and IDs.
func (d *trendDay) add(other trendDay) {
	d.counts.answered, d.counts.scored = d.counts.answered+other.counts.answered, d.counts.scored+other.counts.scored
	d.counts.suspicious += other.counts.suspicious
	d.sent, d.trouble = d.sent+other.sent, d.trouble+other.trouble
	d.listed, d.left = d.listed+other.listed, d.left+other.left
}

// dayLabel names the i-th day on an axis: by month and day, or in a longer row of days by the day, with the month below
// it where it begins.
func (t *trend) dayLabel(i int) string {
	label := t.days[i].label
	if len(t.days) <= trendDays {
		return label[len("2026-"):]
	}
	day, err := time.Parse(time.DateOnly, label)
	switch {
	case err != nil: // not possible: a day's label is its date
		return label
	case i == 0 || day.Day() == 1:
		return day.Format("2 Jan")
	}
	return strconv.Itoa(day.Day())
}

// limit is a control limit for a chart: nothing on a day without one.
func (d trendDay) limit(x float64) xlsx.Cell {
	if !d.known {
		return xlsx.Cell{}
	}
	return xlsx.F(x, xlsx.Rate)
}

// rateSeries are the daily rate, its limits, and crosses on the days with vendor trouble.
func rateSeries(t *trend, refs trendRefs, second bool) []xlsx.Series {
	series := []xlsx.Series{{Name: "Rate", Color: xlsx.Orange, Mark: xlsx.Line, Values: refs.chart(dayRates)}}
	if t.baseline.Total > 0 {
		series = append(series,
			xlsx.Series{Name: "Lower limit", Color: xlsx.Grey, Mark: xlsx.Dashed, Values: refs.chart(dayLower)},
			xlsx.Series{Name: "Upper limit", Color: xlsx.Grey, Mark: xlsx.Dashed, Values: refs.chart(dayUpper)})
	}
	if len(t.troubledDays()) > 0 {
		series = append(series,
			xlsx.Series{Name: "Vendor trouble", Color: xlsx.Ink, Mark: xlsx.Cross, Values: refs.chart(dayTroubled)})
	}
	for i := range series {
		series[i].Second = second
	}
	return series
}

// rateEnd returns where an axis ends that holds the daily rates and their limits.
func (t *trend) rateEnd() float64 {
	highest := 0.0
	for _, d := range t.days {
		x, _ := d.rate().Rate()
		highest = max(highest, x)
		if d.known {
			highest = max(highest, d.point.Limits.High)
		}
	}
	return page.AxisEnd(highest)
}

func trendFigure(t *trend, refs trendRefs) page.Figure {
	most := int64(0)
	for _, d := range t.days {
		most = max(most, d.counts.scored)
	}
	scored := xlsx.Series{Name: "Scored checks", Color: xlsx.Hairline, Values: refs.days.Area(2)}
	chart := xlsx.Chart{Format: xlsx.Count, Max: 3 * float64(most), Second: xlsx.Rate, SecondMax: t.rateEnd(),
		Categories: refs.chart(dayLabels),
		Alt:        "Suspicious share of scored checks by day with control limits, and the number of scored checks",
		Series:     append([]xlsx.Series{scored}, rateSeries(t, refs, true)...)}
	return page.Figure{Finding: t.limitFinding(), Chart: chart, Col: 1, Span: trendColumns,
		Caption: "Suspicious share of scored checks by day (line, right axis) with control limits (dashed); scored " +
			"checks (columns, left axis)"}
}

func (t *trend) limitFinding() string {
	x, ok := t.baseline.Rate()
	if !ok {
		return "Suspicious rate by day, without limits"
	}
	return fmt.Sprintf("Limits stand around %s, the rate of %s scored checks in %s", page.Percent(x),
		calendar.Thousands(t.baseline.Total), t.earlier.Label)
}

// regionSparks shows each large region's days on its own scale; the figures stand outside the printed page.
func regionSparks(p *page.Page, regions []regionTrend) {
	p.Set(p.At(1), xlsx.T("By region: suspicious rate of the days shown and its course, each on its own scale; "+
		"orange: highest day").As(xlsx.Finding))
	p.Merged = append(p.Merged, xlsx.Area{From: p.At(1), To: p.At(p.Across)})
	p.Row++
	for i, g := range regions {
		at := xlsx.Ref{Col: 2 + 3*(i%4), Row: p.Row + 2*(i/4)}
		row := at.Row + i%2                  // two rows a region, so that four fit beside two rows of sparklines
		first := 1 + (i%4/2)*(len(g.days)+1) // column beside the page
		all := stats.Proportion{}
		for k, d := range g.days {
			all.Count, all.Total = all.Count+d.suspicious, all.Total+d.scored
			if x, ok := (stats.Proportion{Count: d.suspicious, Total: d.scored}).Rate(); ok { // else a gap
				p.SetBeside(first+k, row, xlsx.F(x, xlsx.Rate))
			}
		}
		x, _ := all.Rate()
		p.Heights[at.Row] = 26
		p.Set(xlsx.Ref{Col: at.Col + 1, Row: at.Row}, xlsx.T(page.ShortName(g.region)).As(xlsx.Prose))
		note := fmt.Sprintf("%s of %s scored", page.Percent(x), calendar.Thousands(all.Total))
		if all.Total == 0 {
			note = "no scored check"
		}
		p.Set(xlsx.Ref{Col: at.Col + 1, Row: at.Row + 1}, xlsx.T(note).As(xlsx.Caption))
		days := p.Area(p.Beside(first, row), p.Beside(first+len(g.days)-1, row))
		p.Sparks = append(p.Sparks, xlsx.Sparkline{At: at, Values: days})
	}
}
