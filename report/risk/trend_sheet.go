package risk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// trendRegions sets how many regions have a sparkline of their own.
const trendRegions = 12

// trendColumns sets how many columns the sheet has: one more than the grid.
const trendColumns = page.GridColumns + 1

// trendRefs represents the table of days, a row a day, that other sheets refer to.
type trendRefs struct{ days *page.Table }

// The columns beside the days, for charts.
const (
	dayLabels = iota // month and day, as they stand on an axis
	dayInjections
	dayRates
	dayLower
	dayUpper
	dayTroubled
	dayLowest // suspicious checks at the limits
	dayHighest
	dayMarks // the labels for a chart that has no room for each
)

// chart returns one of these columns.
func (refs trendRefs) chart(column int) xlsx.Area { return refs.days.Beside(column, refs.days.Rows) }

// writeTrend writes the sheet of days: volume, rate, limits, signals.
func writeTrend(book *xlsx.Workbook, d *Data) trendRefs {
	t := d.trend
	subtitle := fmt.Sprintf("Days %s · limits from %s with checks before", t.period.Describe(),
		page.Plural(int64(t.control.Nights), "night", "nights"))
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
	baselineTable(p, d)
	p.Skip(1)
	refs := trendRefs{dayTable(p, t, &d.Options)}
	p.Skip(1)
	t.listRegions(p)
	end := p.Row
	p.Row = chart
	p.Figures(14, trendFigure(d, refs))
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
	if !t.limited() {
		return fmt.Sprintf("No limits: %s with scored checks before, the minimum is %d",
			page.Plural(int64(t.control.Nights), "night", "nights"), findings.MinimumNights)
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
		if d.now.All.CouldFlip(d.listed.all.missing()) {
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

// baselineTable shows what the limits are drawn from.
func baselineTable(p *page.Page, d *Data) {
	p.Section("1  Baseline of the limits",
		"From "+d.claims.Against()+", without vendor trouble and without bursts of a "+
			"region. Nights vary: by how much their rate does beyond chance, at its upper 90% limit.")
	t := p.Table(page.Col("Nights", xlsx.Count), page.Col("Scored", xlsx.Count), page.Col("Suspicious", xlsx.Count),
		page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate),
		page.Col("Nights vary", xlsx.Share))
	c := d.trend.control
	rate, low, high := page.RateCells(d.trend.baseline(), t.Ref(2), t.Ref(1), xlsx.Rate)
	t.Add(xlsx.N(int64(c.Nights)), xlsx.N(c.Before.Checks), xlsx.N(c.Before.Suspicious), rate, low, high,
		xlsx.F(c.Variation, xlsx.Share))
}

// limitCells returns a row's control limits and its signal, from counts that stand in cells: scored and suspicious
// checks, and the fewest and the most suspicious checks within the limits.
func limitCells(l findings.Limits, count int64, scored, suspicious, lowest, highest string) (low, high, signal xlsx.Cell) {
	n := float64(l.Total)
	low = xlsx.F(float64(l.Low)/n, xlsx.Rate).WithFormula(lowest + "/" + scored)
	high = xlsx.F(float64(l.High)/n, xlsx.Rate).WithFormula(highest + "/" + scored)
	signal = xlsx.T("within").WithRole(xlsx.Quiet)
	switch {
	case l.Above(count):
		signal = xlsx.T("▲ above").WithRole(xlsx.Alert)
	case l.Below(count):
		signal = xlsx.T("▼ below").WithRole(xlsx.Good)
	}
	return low, high, signal.WithFormula(fmt.Sprintf(`IF(%[1]s>%[3]s,"▲ above",IF(%[1]s<%[2]s,"▼ below","within"))`,
		suspicious, lowest, highest))
}

// limitCells returns a day's control limits and its signal.
func (d trendDay) limitCells(t *page.Table) (lower, upper, signal xlsx.Cell) {
	if d.known {
		p := t.Page
		p.SetBeside(dayLowest, p.Row, xlsx.N(d.limits.Low), xlsx.N(d.limits.High))
		return limitCells(d.limits, d.counts.Suspicious, t.Ref(2), t.Ref(3), p.Beside(dayLowest, p.Row).String(),
			p.Beside(dayHighest, p.Row).String())
	}
	signal = xlsx.T("no checks").WithRole(xlsx.Quiet)
	if d.counts.Scored > 0 {
		signal = xlsx.T("no limits").WithRole(xlsx.Quiet)
	}
	return page.None().WithFormat(xlsx.Rate), page.None().WithFormat(xlsx.Rate), signal
}

func (d trendDay) row(t *page.Table) []xlsx.Cell {
	rate, low, high := page.RateCells(d.rate(), t.Ref(3), t.Ref(2), xlsx.Rate)
	lower, upper, signal := d.limitCells(t)
	if d.troubled() {
		signal = xlsx.T("✗ trouble").WithRole(xlsx.Watch)
	}
	return []xlsx.Cell{xlsx.T(d.label), xlsx.N(d.counts.Answered), xlsx.N(d.counts.Scored), xlsx.N(d.counts.Suspicious),
		rate, low, high, lower, upper, xlsx.N(d.sent), page.Odd(d.trouble, tooMany(d.trouble, d.sent)),
		page.Odd(d.left, tooMany(d.left, d.listed)), signal}
}

// dayTable writes a row a day.
func dayTable(p *page.Page, of *trend, o *Options) *page.Table {
	p.Section("2  Days", "Vendor trouble: "+o.troubleWords()+". Such days give no signal and do not set limits. "+
		"By chance fewer than 5 days of 1,000 lie outside.")
	t := p.Table(page.Col("Day", xlsx.General), page.Col("Answered", xlsx.Count), page.Col("Scored", xlsx.Count),
		page.Col("Suspicious", xlsx.Count), page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate),
		page.Col("95% high", xlsx.Rate), page.Col("Lower limit", xlsx.Rate), page.Col("Upper limit", xlsx.Rate),
		page.Col("Calls sent", xlsx.Count), page.Col("Without final answer", xlsx.Count),
		page.Col("IDs left without", xlsx.Count), page.Col("Signal", xlsx.General))
	var sum trendDay
	for i, d := range of.days {
		troubled := xlsx.Cell{}
		if d.troubled() {
			troubled = page.Plot(d.rate())
		}
		p.SetBeside(dayMarks, p.Row, xlsx.T(of.dayMark(i)))
		p.SetBeside(dayLabels, p.Row, xlsx.T(of.dayLabel(i)), xlsx.N(d.counts.Injection), page.Plot(d.rate()),
			d.limit(d.limits.Low), d.limit(d.limits.High), troubled)
		t.Add(d.row(t)...)
		sum.add(d)
	}
	cells := sum.row(t)
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
	d.counts = d.counts.Plus(other.counts)
	d.sent, d.trouble = d.sent+other.sent, d.trouble+other.trouble
	d.listed, d.left = d.listed+other.listed, d.left+other.left
}

// dayLabel names the i-th day on an axis: by the day, with the month where the row of days or a month begins.
func (t *trend) dayLabel(i int) string {
	label := t.days[i].label
	day, err := time.Parse(time.DateOnly, label)
	switch {
	case err != nil: // not possible: a day's label is its date
		return label
	case i == 0 || day.Day() == 1:
		return day.Format("2 Jan")
	}
	return strconv.Itoa(day.Day())
}

// dayMark returns the label of a day where there is no room for each: of more than two weeks every fifth.
func (t *trend) dayMark(i int) string {
	if len(t.days) > trendDays && i%5 > 0 {
		return ""
	}
	return t.dayLabel(i)
}

// limit returns a control limit for a chart: nothing on a day without one.
func (d trendDay) limit(count int64) xlsx.Cell {
	if !d.known {
		return xlsx.Cell{}
	}
	return xlsx.F(float64(count)/float64(d.limits.Total), xlsx.Rate)
}

// rateSeries returns the daily rate, its limits, and crosses on the days with vendor trouble.
func rateSeries(t *trend, refs trendRefs, second bool) []xlsx.Series {
	series := []xlsx.Series{{Name: "Rate", Color: xlsx.Orange, Mark: xlsx.Line, Values: refs.chart(dayRates)}}
	if t.limited() {
		series = append(series,
			xlsx.Series{Name: "Lower limit", Color: xlsx.Navy, Mark: xlsx.Dashed, Values: refs.chart(dayLower)},
			xlsx.Series{Name: "Upper limit", Color: xlsx.Navy, Mark: xlsx.Dashed, Values: refs.chart(dayUpper)})
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
			highest = max(highest, d.highest())
		}
	}
	return page.AxisEnd(highest)
}

func trendFigure(d *Data, refs trendRefs) page.Figure {
	t := d.trend
	most := int64(0)
	for _, d := range t.days {
		most = max(most, d.counts.Scored)
	}
	scored := xlsx.Series{Name: "Scored checks", Color: xlsx.Hairline, Values: refs.days.Area(2)}
	chart := xlsx.Chart{Format: xlsx.Count, Max: 3 * float64(most), Bare: true, Second: xlsx.Rate,
		SecondMax: t.rateEnd(), Categories: refs.chart(dayLabels),
		Alt:    "Suspicious share of scored checks by day with control limits, and the number of scored checks",
		Series: append([]xlsx.Series{scored}, rateSeries(t, refs, true)...)}
	return page.Figure{Finding: d.limitFinding(), Chart: chart, Col: 1, Span: trendColumns,
		Caption: fmt.Sprintf("Suspicious share of scored checks by day (line) with control limits (dashed); columns: scored "+
			"checks, at most %s on a day", humanize.Comma(most))}
}

func (d *Data) limitFinding() string {
	x, ok := d.trend.baseline().Rate()
	if !ok || !d.trend.limited() {
		return "Suspicious rate by day, without limits"
	}
	return fmt.Sprintf("Limits stand around what the regions' own rates lead to expect, %s of all %s scored checks in %s",
		page.Percent(x), humanize.Comma(d.trend.control.Before.Checks), d.claims.Against())
}

// listRegions lists the days of regions outside their own limits.
func (t *trend) listRegions(p *page.Page) {
	const most = 40
	all := t.regionSignals()
	note := fmt.Sprintf("Each region's days against its own rate and the variation of its own nights; by chance fewer "+
		"than 2 of 1,000 lie outside (%s here).", page.Plural(int64(t.limitedDays()), "day", "days"))
	if len(all) > most {
		note += fmt.Sprintf(" The first %d of %d.", most, len(all))
		all = all[:most]
	}
	p.Section("3  Days of regions outside their limits", note)
	switch {
	case t.limitedDays() == 0:
		p.Prose(xlsx.T("No region has limits.").WithRole(xlsx.Quiet))
		return
	case len(all) == 0:
		p.Prose(xlsx.T("None.").WithRole(xlsx.Quiet))
		return
	}
	table := p.Table(page.Col("Day", xlsx.General), page.Col("Region", xlsx.General), page.Col("Scored", xlsx.Count),
		page.Col("Suspicious", xlsx.Count), page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate),
		page.Col("95% high", xlsx.Rate), page.Col("Lower limit", xlsx.Rate), page.Col("Upper limit", xlsx.Rate),
		page.Col("Fewest within", xlsx.Count), page.Col("Most within", xlsx.Count), page.Col("Expected", xlsx.Score),
		page.Col("Signal", xlsx.General))
	for _, s := range all {
		rate, low, high := page.RateCells(s.counts.Rate(), table.Ref(3),
			table.Ref(2), xlsx.Rate)
		lower, upper, signal := limitCells(s.limits, s.counts.Suspicious, table.Ref(2), table.Ref(3), table.Ref(9),
			table.Ref(10))
		table.Add(xlsx.T(s.label), xlsx.T(page.ShortName(s.region)), xlsx.N(s.counts.Scored),
			xlsx.N(s.counts.Suspicious), rate,
			low, high, lower, upper, xlsx.N(s.limits.Low), xlsx.N(s.limits.High), xlsx.F(s.limits.Expected, xlsx.Score),
			signal)
	}
}

// regionSparks shows each large region's days on its own scale; the figures stand outside the printed page.
func regionSparks(p *page.Page, regions []regionTrend) {
	p.Set(p.At(1), xlsx.T("By region: suspicious rate of the days shown and its course, each on its own scale; "+
		"orange: highest day").WithRole(xlsx.Finding))
	p.Merged = append(p.Merged, xlsx.Area{From: p.At(1), To: p.At(p.Across)})
	p.Row++
	for i, g := range regions {
		at := xlsx.Ref{Col: 2 + 3*(i%4), Row: p.Row + 2*(i/4)}
		row := at.Row + i%2                  // two rows a region, so that four fit beside two rows of sparklines
		first := 1 + (i%4/2)*(len(g.days)+1) // column beside the page
		all := stats.Proportion{}
		for k, d := range g.days {
			all.Count, all.Total = all.Count+d.Suspicious, all.Total+d.Scored
			if x, ok := d.Rate().Rate(); ok { // else a gap
				p.SetBeside(first+k, row, xlsx.F(x, xlsx.Rate))
			}
		}
		x, _ := all.Rate()
		p.Heights[at.Row] = 26
		p.Set(xlsx.Ref{Col: at.Col + 1, Row: at.Row}, xlsx.T(page.ShortName(g.region)).WithRole(xlsx.Prose))
		note := fmt.Sprintf("%s of %s scored", page.Percent(x), humanize.Comma(all.Total))
		if all.Total == 0 {
			note = "no scored check"
		}
		p.Set(xlsx.Ref{Col: at.Col + 1, Row: at.Row + 1}, xlsx.T(note).WithRole(xlsx.Caption))
		days := p.Area(p.Beside(first, row), p.Beside(first+len(g.days)-1, row))
		p.Sparks = append(p.Sparks, xlsx.Sparkline{At: at, Values: days})
	}
}
