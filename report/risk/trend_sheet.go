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
	"liverecon/store"
	"liverecon/store/calendar"
)

// trendRegions is how many regions have a sparkline of their own.
const trendRegions = 12

// trendColumns is how many columns the sheet has: one more than the grid.
const trendColumns = page.GridColumns + 1

// dailyTrend writes the sheet of days: volume, rate, limits, signals.
func (r *risk) dailyTrend() {
	p := page.New(r.book, "Daily trend", "Daily trend", fmt.Sprintf("Days %s · limits at 3 standard errors from %s, pooled over its %s", r.trend.period.Describe(), r.trend.earlier.Describe(),
		page.Plural(int64(r.trend.used), "day without vendor trouble", "days without vendor trouble")), slices.Repeat([]float64{page.GridWidth}, trendColumns)...)
	p.Tab = xlsx.Orange
	p.Headline(r.trendHeadline())
	chart := p.Row
	p.Skip(17)
	sparks := p.Row
	regions := r.trend.largest()
	regions = regions[:min(len(regions), trendRegions)]
	if len(regions) > 0 {
		p.Skip(2 + 2*((len(regions)+3)/4))
	}
	baseline := r.baselineTable(p)
	p.Skip(1)
	r.dayTable(p, baseline)
	end := p.Row
	p.Row = chart
	p.Figures(14, r.trendFigure())
	if len(regions) > 0 {
		p.Row = sparks
		r.regionSparks(p, regions)
	}
	p.Row = end
	p.PrintAll()
}

// trendHeadline counts the signals, and says what they are measured against.
func (r *risk) trendHeadline() string {
	t := r.trend
	if t.baseline.Total == 0 {
		return "No limits: the period before has no day with scored checks and without vendor trouble"
	}
	above, below := t.signals()
	var parts []string
	if n := len(above); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d days above the upper control limit, the first on %s", n, len(t.days), above[0].label))
	}
	if n := len(below); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d days below the lower control limit, the first on %s", n, len(t.days), below[0].label))
	}
	text := "No day lies outside the control limits"
	if parts != nil {
		text = strings.Join(parts, "; ")
		if couldFlip(r.now.all, r.covered.missing()) {
			text += "; coverage is too low to be sure"
		}
	}
	switch troubled := r.troubledDays(); len(troubled) {
	case 0:
	case 1:
		text += "; vendor trouble on " + troubled[0].label
	default:
		text += fmt.Sprintf("; %d days with vendor trouble, the first on %s", len(troubled), troubled[0].label)
	}
	return text
}

func (r *risk) troubledDays() []trendDay {
	var troubled []trendDay
	for _, d := range r.trend.days {
		if d.troubled() {
			troubled = append(troubled, d)
		}
	}
	return troubled
}

// baseline is the place of what the limits are drawn from: suspicious and scored checks of the days before.
type baseline struct{ suspicious, scored string }

func (r *risk) baselineTable(p *page.Page) baseline {
	p.Section("1  Baseline of the limits", fmt.Sprintf("The days of %s that have scored checks and no vendor trouble, pooled.", r.trend.earlier.Describe()))
	t := p.Table(page.Column{Head: "Days", Span: 1, Format: xlsx.Count}, page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "Suspicious", Span: 1, Format: xlsx.Count}, page.Column{Head: "Rate", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% low", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% high", Span: 1, Format: xlsx.Rate})
	rate, low, high := page.RateCells(r.trend.baseline, t.Ref(2), t.Ref(1), xlsx.Rate)
	place := baseline{xlsx.Ref{Col: t.At[2] + 1, Row: p.Row}.Fixed(), xlsx.Ref{Col: t.At[1] + 1, Row: p.Row}.Fixed()}
	t.Add(xlsx.N(int64(r.trend.used)), xlsx.N(r.trend.baseline.Total), xlsx.N(r.trend.baseline.Count), rate, low, high)
	return place
}

// limitCells are a day's control limits and its signal. Beside the row stand the coefficients of the quadratic whose roots
// the limits are: a d² - 2b d - c = 0 for the distance d from the baseline's rate (see stats.Control).
func (r *risk) limitCells(t *page.Table, d trendDay, from baseline) (lower, upper, signal xlsx.Cell) {
	lower, upper, signal = page.None().In(xlsx.Rate), page.None().In(xlsx.Rate), xlsx.T("no checks").As(xlsx.Quiet)
	if !d.known {
		if d.counts.scored > 0 {
			signal = xlsx.T("no limits").As(xlsx.Quiet)
		}
		return lower, upper, signal
	}
	p, m, n, rate := from.suspicious+"/"+from.scored, from.scored, t.Ref(2), t.Ref(4)
	feed := xlsx.Ref{Col: t.Page.Across + 3 + dayCoefficients, Row: t.Page.Row}
	a, b, c := feed.String(), xlsx.Ref{Col: feed.Col + 1, Row: feed.Row}.String(), xlsx.Ref{Col: feed.Col + 2, Row: feed.Row}.String()
	k := limitCoefficients(float64(d.counts.scored), r.trend.baseline)
	t.Page.Set(feed, xlsx.F(k[0], xlsx.PSI).As(xlsx.Feeder).By(fmt.Sprintf("1+9*%[1]s/(%[2]s*(%[1]s+%[2]s))", n, m)))
	t.Page.Set(xlsx.Ref{Col: feed.Col + 1, Row: feed.Row}, xlsx.F(k[1], xlsx.PSI).As(xlsx.Feeder).By(fmt.Sprintf("9*(1-2*%s)/(2*%s)", p, m)))
	t.Page.Set(xlsx.Ref{Col: feed.Col + 2, Row: feed.Row}, xlsx.F(k[2], xlsx.PSI).As(xlsx.Feeder).By(fmt.Sprintf("9*%[1]s*(1-%[1]s)*(1/%[2]s+1/%[3]s)", p, n, m)))
	lower = xlsx.F(d.point.Limits.Low, xlsx.Rate).By(fmt.Sprintf("MAX(0,%[1]s-(SQRT(%[3]s^2+%[2]s*%[4]s)-%[3]s)/%[2]s-1/%[5]s)", p, a, b, c, n))
	upper = xlsx.F(d.point.Limits.High, xlsx.Rate).By(fmt.Sprintf("MIN(1,%[1]s+(SQRT(%[3]s^2+%[2]s*%[4]s)+%[3]s)/%[2]s+1/%[5]s)", p, a, b, c, n))
	return lower, upper, signalCell(d).By(fmt.Sprintf(`IF(%[1]s>%[2]s,"▲ above",IF(%[1]s<%[3]s,"▼ below","within"))`, rate, t.Ref(8), t.Ref(7)))
}

// limitCoefficients are a, b and c for a day of n checks.
func limitCoefficients(n float64, from stats.Proportion) [3]float64 {
	m := float64(from.Total)
	p := float64(from.Count) / m
	return [3]float64{1 + 9*n/(m*(n+m)), 9 * (1 - 2*p) / (2 * m), 9 * p * (1 - p) * (1/n + 1/m)}
}

func signalCell(d trendDay) xlsx.Cell {
	switch d.point.Signal {
	case stats.Above:
		return xlsx.T("▲ above").As(xlsx.Alert)
	case stats.Below:
		return xlsx.T("▼ below").As(xlsx.Good)
	}
	return xlsx.T("within").As(xlsx.Quiet)
}

// dayTable writes a row a day.
func (r *risk) dayTable(p *page.Page, from baseline) {
	p.Section("2  Days", "Vendor trouble: "+r.troubleWords()+". Such days give no signal and do not set limits. About one month in twelve shows a signal by chance.")
	t := p.Table(page.Column{Head: "Day", Span: 1, Format: xlsx.General}, page.Column{Head: "Answered", Span: 1, Format: xlsx.Count}, page.Column{Head: "Scored", Span: 1, Format: xlsx.Count}, page.Column{Head: "Suspicious", Span: 1, Format: xlsx.Count}, page.Column{Head: "Rate", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% low", Span: 1, Format: xlsx.Rate}, page.Column{Head: "95% high", Span: 1, Format: xlsx.Rate},
		page.Column{Head: "Lower limit", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Upper limit", Span: 1, Format: xlsx.Rate}, page.Column{Head: "Calls sent", Span: 1, Format: xlsx.Count}, page.Column{Head: "Without final answer", Span: 1, Format: xlsx.Count}, page.Column{Head: "IDs left without", Span: 1, Format: xlsx.Count}, page.Column{Head: "Signal", Span: 1, Format: xlsx.General})
	r.places.days = t
	var sum trendDay
	for i, d := range r.trend.days {
		p.Set(xlsx.Ref{Col: p.Across + 3, Row: p.Row}, xlsx.T(r.dayLabel(i)).As(xlsx.Feeder))
		troubled := xlsx.Cell{}
		if d.troubled() {
			troubled = plot(d.rate())
		}
		for i, c := range []xlsx.Cell{xlsx.N(d.counts.injection), plot(d.rate()), d.limit(d.point.Limits.Low), d.limit(d.point.Limits.High), troubled} {
			p.Set(xlsx.Ref{Col: p.Across + 4 + i, Row: p.Row}, c.As(xlsx.Feeder))
		}
		t.Add(r.dayRow(t, d, from)...)
		sum.counts.answered, sum.counts.scored, sum.counts.suspicious = sum.counts.answered+d.counts.answered, sum.counts.scored+d.counts.scored, sum.counts.suspicious+d.counts.suspicious
		sum.sent, sum.trouble, sum.listed, sum.left = sum.sent+d.sent, sum.trouble+d.trouble, sum.listed+d.listed, sum.left+d.left
	}
	cells := r.dayRow(t, sum, from)
	cells[0], cells[7], cells[8], cells[12] = xlsx.T("All days"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}
	summed := []int{1, 2, 3, 9, 10, 11}
	if r.Clock == store.ByCapture { // an ID that was left stands at two days
		cells[11], summed = xlsx.Cell{}, summed[:5]
	}
	for _, col := range summed {
		cells[col] = cells[col].By(fmt.Sprintf("SUM(%s)", page.Local(t.Area(col))))
	}
	t.Total(cells...)
}

// troubleWords say when a day has vendor trouble.
func (r *risk) troubleWords() string {
	lists := "its lists got none by the end of its runs"
	if r.Clock == store.ByCapture {
		lists = "its lists and those of the next day got none by the end of their runs"
	}
	return fmt.Sprintf("more than %.0f%% of the day's calls brought no final answer, or of the IDs new with %s", 100*troubleShare, lists)
}

// dayLabel is the i-th day as it stands on an axis: month and day, or in a longer row of days the day, and the month below it
// where it begins.
func (r *risk) dayLabel(i int) string {
	label := r.trend.days[i].label
	if len(r.trend.days) <= trendDays {
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

func (r *risk) dayRow(t *page.Table, d trendDay, from baseline) []xlsx.Cell {
	rate, low, high := page.RateCells(d.rate(), t.Ref(3), t.Ref(2), xlsx.Rate)
	lower, upper, signal := r.limitCells(t, d, from)
	if d.troubled() {
		signal = xlsx.T("✗ trouble").As(xlsx.Watch)
	}
	return []xlsx.Cell{xlsx.T(d.label), xlsx.N(d.counts.answered), xlsx.N(d.counts.scored), xlsx.N(d.counts.suspicious), rate, low, high, lower, upper, xlsx.N(d.sent), page.Odd(d.trouble, tooMany(d.trouble, d.sent)), page.Odd(d.left, tooMany(d.left, d.listed)), signal}
}

// limit is a control limit as a chart takes it.
func (d trendDay) limit(x float64) xlsx.Cell {
	if !d.known {
		return xlsx.Cell{}
	}
	return xlsx.F(x, xlsx.Rate)
}

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

// dayFeed is one of these columns.
func (r *risk) dayFeed(column int) xlsx.Area {
	t := r.places.days
	col := t.Page.Across + 3 + column
	return t.Page.Area(xlsx.Ref{Col: col, Row: t.First}, xlsx.Ref{Col: col, Row: t.First + t.Rows - 1})
}

// rateSeries are the daily rate, its limits, and crosses on the days with vendor trouble.
func (r *risk) rateSeries(second bool) []xlsx.Series {
	series := []xlsx.Series{{Name: "Rate", Color: xlsx.Orange, Mark: xlsx.Line, Values: r.dayFeed(dayRates), Second: second}}
	if r.trend.baseline.Total > 0 {
		series = append(series, xlsx.Series{Name: "Lower limit", Color: xlsx.Grey, Mark: xlsx.Dashed, Values: r.dayFeed(dayLower), Second: second}, xlsx.Series{Name: "Upper limit", Color: xlsx.Grey, Mark: xlsx.Dashed, Values: r.dayFeed(dayUpper), Second: second})
	}
	if len(r.troubledDays()) > 0 {
		series = append(series, xlsx.Series{Name: "Vendor trouble", Color: xlsx.Ink, Mark: xlsx.Cross, Values: r.dayFeed(dayTroubled), Second: second})
	}
	return series
}

// rateCeiling is where an axis ends that holds the daily rates and their limits.
func (r *risk) rateCeiling() float64 {
	highest := 0.0
	for _, d := range r.trend.days {
		x, _ := d.rate().Rate()
		highest = max(highest, x)
		if d.known {
			highest = max(highest, d.point.Limits.High)
		}
	}
	return ceiling(highest)
}

func (r *risk) trendFigure() page.Figure {
	most := int64(0)
	for _, d := range r.trend.days {
		most = max(most, d.counts.scored)
	}
	chart := xlsx.Chart{Format: xlsx.Count, Max: 3 * float64(most), Second: xlsx.Rate, SecondMax: r.rateCeiling(), Categories: r.dayFeed(dayLabels), Alt: "Suspicious share of scored checks by day with control limits, and the number of scored checks",
		Series: append([]xlsx.Series{{Name: "Scored checks", Color: xlsx.Hairline, Values: r.places.days.Area(2)}}, r.rateSeries(true)...)}
	return page.Figure{Finding: r.limitFinding(), Caption: "Suspicious share of scored checks by day (line, right axis) with control limits (dashed); scored checks (columns, left axis)", Chart: chart, Col: 1, Span: trendColumns}
}

func (r *risk) limitFinding() string {
	x, ok := r.trend.baseline.Rate()
	if !ok {
		return "Suspicious rate by day, without limits"
	}
	return fmt.Sprintf("Limits stand around %s, the rate of %s scored checks in %s", page.Percent(x), calendar.Thousands(r.trend.baseline.Total), r.trend.earlier.Label)
}

// regionSparks shows each large region's days on its own scale; the figures stand outside the printed page.
func (r *risk) regionSparks(p *page.Page, regions []regionTrend) {
	p.Set(p.At(1), xlsx.T("By region: suspicious rate of the days shown and its course, each on its own scale; orange: highest day").As(xlsx.Finding))
	p.Merged = append(p.Merged, xlsx.Area{From: p.At(1), To: p.At(p.Across)})
	p.Row++
	for i, g := range regions {
		at := xlsx.Ref{Col: 2 + 3*(i%4), Row: p.Row + 2*(i/4)}
		feed := xlsx.Ref{Col: p.Across + 4, Row: at.Row + i%2} // two rows a region, so that four fit beside two rows of sparklines
		feed.Col += (i % 4 / 2) * (len(g.days) + 1)
		all := stats.Proportion{}
		for k, d := range g.days {
			all.Count, all.Total = all.Count+d.suspicious, all.Total+d.scored
			if x, ok := (stats.Proportion{Count: d.suspicious, Total: d.scored}).Rate(); ok { // a day without scores is a gap
				p.Set(xlsx.Ref{Col: feed.Col + k, Row: feed.Row}, xlsx.F(x, xlsx.Rate).As(xlsx.Feeder))
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
		p.Sparks = append(p.Sparks, xlsx.Sparkline{At: at, Values: p.Area(feed, xlsx.Ref{Col: feed.Col + len(g.days) - 1, Row: feed.Row})})
	}
}
