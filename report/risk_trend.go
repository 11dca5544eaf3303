package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"liverecon/report/stats"
	"liverecon/store"
)

// trendRegions is how many regions have a sparkline of their own.
const trendRegions = 12

// trendColumns is how many columns the sheet has: one more than the grid.
const trendColumns = gridColumns + 1

// dailyTrend writes the sheet of days: volume, rate, limits, signals.
func (r *risk) dailyTrend() {
	p := newPage(r.book, "Daily trend", "Daily trend", fmt.Sprintf("Days %s · limits at 3 standard errors from %s, pooled over its %s", r.trend.period.describe(), r.trend.earlier.describe(),
		plural(int64(r.trend.used), "day without vendor trouble", "days without vendor trouble")), slices.Repeat([]float64{gridWidth}, trendColumns)...)
	p.Tab = orange
	p.headline(r.trendHeadline())
	chart := p.row
	p.skip(17)
	sparks := p.row
	regions := r.trend.largest()
	regions = regions[:min(len(regions), trendRegions)]
	if len(regions) > 0 {
		p.skip(2 + 2*((len(regions)+3)/4))
	}
	baseline := r.baselineTable(p)
	p.skip(1)
	r.dayTable(p, baseline)
	end := p.row
	p.row = chart
	p.figures(14, r.trendFigure())
	if len(regions) > 0 {
		p.row = sparks
		r.regionSparks(p, regions)
	}
	p.row = end
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
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

func (r *risk) baselineTable(p *page) baseline {
	p.section("1  Baseline of the limits", fmt.Sprintf("The days of %s that have scored checks and no vendor trouble, pooled.", r.trend.earlier.describe()))
	t := p.table(column{"Days", 1, Count}, column{"Scored", 1, Count}, column{"Suspicious", 1, Count}, column{"Rate", 1, Rate}, column{"95% low", 1, Rate}, column{"95% high", 1, Rate})
	rate, low, high := rateCells(r.trend.baseline, t.ref(2), t.ref(1), Rate)
	place := baseline{Ref{t.at[2] + 1, p.row}.Fixed(), Ref{t.at[1] + 1, p.row}.Fixed()}
	t.add(N(int64(r.trend.used)), N(r.trend.baseline.Total), N(r.trend.baseline.Count), rate, low, high)
	return place
}

// limitCells are a day's control limits and its signal. Beside the row stand the coefficients of the quadratic whose roots
// the limits are: a d² - 2b d - c = 0 for the distance d from the baseline's rate (see stats.Control).
func (r *risk) limitCells(t *table, d trendDay, from baseline) (lower, upper, signal Cell) {
	lower, upper, signal = none().In(Rate), none().In(Rate), T("no checks").As(Quiet)
	if !d.known {
		if d.counts.scored > 0 {
			signal = T("no limits").As(Quiet)
		}
		return lower, upper, signal
	}
	p, m, n, rate := from.suspicious+"/"+from.scored, from.scored, t.ref(2), t.ref(4)
	feed := Ref{t.page.across + 3 + dayCoefficients, t.page.row}
	a, b, c := feed.String(), Ref{feed.Col + 1, feed.Row}.String(), Ref{feed.Col + 2, feed.Row}.String()
	k := limitCoefficients(float64(d.counts.scored), r.trend.baseline)
	t.page.Set(feed, F(k[0], PSI).As(Feeder).By(fmt.Sprintf("1+9*%[1]s/(%[2]s*(%[1]s+%[2]s))", n, m)))
	t.page.Set(Ref{feed.Col + 1, feed.Row}, F(k[1], PSI).As(Feeder).By(fmt.Sprintf("9*(1-2*%s)/(2*%s)", p, m)))
	t.page.Set(Ref{feed.Col + 2, feed.Row}, F(k[2], PSI).As(Feeder).By(fmt.Sprintf("9*%[1]s*(1-%[1]s)*(1/%[2]s+1/%[3]s)", p, n, m)))
	lower = F(d.point.Limits.Low, Rate).By(fmt.Sprintf("MAX(0,%[1]s-(SQRT(%[3]s^2+%[2]s*%[4]s)-%[3]s)/%[2]s-1/%[5]s)", p, a, b, c, n))
	upper = F(d.point.Limits.High, Rate).By(fmt.Sprintf("MIN(1,%[1]s+(SQRT(%[3]s^2+%[2]s*%[4]s)+%[3]s)/%[2]s+1/%[5]s)", p, a, b, c, n))
	return lower, upper, signalCell(d).By(fmt.Sprintf(`IF(%[1]s>%[2]s,"▲ above",IF(%[1]s<%[3]s,"▼ below","within"))`, rate, t.ref(8), t.ref(7)))
}

// limitCoefficients are a, b and c for a day of n checks.
func limitCoefficients(n float64, from stats.Proportion) [3]float64 {
	m := float64(from.Total)
	p := float64(from.Count) / m
	return [3]float64{1 + 9*n/(m*(n+m)), 9 * (1 - 2*p) / (2 * m), 9 * p * (1 - p) * (1/n + 1/m)}
}

func signalCell(d trendDay) Cell {
	switch d.point.Signal {
	case stats.Above:
		return T("▲ above").As(Alert)
	case stats.Below:
		return T("▼ below").As(Good)
	}
	return T("within").As(Quiet)
}

// dayTable writes a row a day.
func (r *risk) dayTable(p *page, from baseline) {
	p.section("2  Days", "Vendor trouble: "+r.troubleWords()+". Such days give no signal and do not set limits. About one month in twelve shows a signal by chance.")
	t := p.table(column{"Day", 1, General}, column{"Answered", 1, Count}, column{"Scored", 1, Count}, column{"Suspicious", 1, Count}, column{"Rate", 1, Rate}, column{"95% low", 1, Rate}, column{"95% high", 1, Rate},
		column{"Lower limit", 1, Rate}, column{"Upper limit", 1, Rate}, column{"Calls sent", 1, Count}, column{"Without final answer", 1, Count}, column{"IDs left without", 1, Count}, column{"Signal", 1, General})
	r.places.days = t
	var sum trendDay
	for i, d := range r.trend.days {
		p.Set(Ref{p.across + 3, p.row}, T(r.dayLabel(i)).As(Feeder))
		troubled := Cell{}
		if d.troubled() {
			troubled = plot(d.rate())
		}
		for i, c := range []Cell{N(d.counts.injection), plot(d.rate()), d.limit(d.point.Limits.Low), d.limit(d.point.Limits.High), troubled} {
			p.Set(Ref{p.across + 4 + i, p.row}, c.As(Feeder))
		}
		t.add(r.dayRow(t, d, from)...)
		sum.counts.answered, sum.counts.scored, sum.counts.suspicious = sum.counts.answered+d.counts.answered, sum.counts.scored+d.counts.scored, sum.counts.suspicious+d.counts.suspicious
		sum.sent, sum.trouble, sum.listed, sum.left = sum.sent+d.sent, sum.trouble+d.trouble, sum.listed+d.listed, sum.left+d.left
	}
	cells := r.dayRow(t, sum, from)
	cells[0], cells[7], cells[8], cells[12] = T("All days"), Cell{}, Cell{}, Cell{}
	summed := []int{1, 2, 3, 9, 10, 11}
	if r.Clock == store.ByCapture { // an ID that was left stands at two days
		cells[11], summed = Cell{}, summed[:5]
	}
	for _, col := range summed {
		cells[col] = cells[col].By(fmt.Sprintf("SUM(%s)", local(t.area(col))))
	}
	t.total(cells...)
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

func (r *risk) dayRow(t *table, d trendDay, from baseline) []Cell {
	rate, low, high := rateCells(d.rate(), t.ref(3), t.ref(2), Rate)
	lower, upper, signal := r.limitCells(t, d, from)
	if d.troubled() {
		signal = T("✗ trouble").As(Watch)
	}
	return []Cell{T(d.label), N(d.counts.answered), N(d.counts.scored), N(d.counts.suspicious), rate, low, high, lower, upper, N(d.sent), odd(d.trouble, tooMany(d.trouble, d.sent)), odd(d.left, tooMany(d.left, d.listed)), signal}
}

// limit is a control limit as a chart takes it.
func (d trendDay) limit(x float64) Cell {
	if !d.known {
		return Cell{}
	}
	return F(x, Rate)
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
func (r *risk) dayFeed(column int) Area {
	t := r.places.days
	col := t.page.across + 3 + column
	return t.page.Area(Ref{col, t.first}, Ref{col, t.first + t.rows - 1})
}

// rateSeries are the daily rate, its limits, and crosses on the days with vendor trouble.
func (r *risk) rateSeries(second bool) []Series {
	series := []Series{{Name: "Rate", Color: orange, Mark: Line, Values: r.dayFeed(dayRates), Second: second}}
	if r.trend.baseline.Total > 0 {
		series = append(series, Series{Name: "Lower limit", Color: grey, Mark: Dashed, Values: r.dayFeed(dayLower), Second: second}, Series{Name: "Upper limit", Color: grey, Mark: Dashed, Values: r.dayFeed(dayUpper), Second: second})
	}
	if len(r.troubledDays()) > 0 {
		series = append(series, Series{Name: "Vendor trouble", Color: ink, Mark: Cross, Values: r.dayFeed(dayTroubled), Second: second})
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

func (r *risk) trendFigure() figure {
	most := int64(0)
	for _, d := range r.trend.days {
		most = max(most, d.counts.scored)
	}
	chart := Chart{Format: Count, Max: 3 * float64(most), Second: Rate, SecondMax: r.rateCeiling(), Categories: r.dayFeed(dayLabels), Alt: "Suspicious share of scored checks by day with control limits, and the number of scored checks",
		Series: append([]Series{{Name: "Scored checks", Color: hairline, Values: r.places.days.area(2)}}, r.rateSeries(true)...)}
	return figure{finding: r.limitFinding(), caption: "Suspicious share of scored checks by day (line, right axis) with control limits (dashed); scored checks (columns, left axis)", chart: chart, col: 1, span: trendColumns}
}

func (r *risk) limitFinding() string {
	x, ok := r.trend.baseline.Rate()
	if !ok {
		return "Suspicious rate by day, without limits"
	}
	return fmt.Sprintf("Limits stand around %s, the rate of %s scored checks in %s", percent(x), thousands(r.trend.baseline.Total), r.trend.earlier.Label)
}

// regionSparks shows each large region's days on its own scale; the figures stand outside the printed page.
func (r *risk) regionSparks(p *page, regions []regionTrend) {
	p.Set(p.at(1), T("By region: suspicious rate of the days shown and its course, each on its own scale; orange: highest day").As(Finding))
	p.Merged = append(p.Merged, Area{From: p.at(1), To: p.at(p.across)})
	p.row++
	for i, g := range regions {
		at := Ref{2 + 3*(i%4), p.row + 2*(i/4)}
		feed := Ref{p.across + 4, at.Row + i%2} // two rows a region, so that four fit beside two rows of sparklines
		feed.Col += (i % 4 / 2) * (len(g.days) + 1)
		all := stats.Proportion{}
		for k, d := range g.days {
			all.Count, all.Total = all.Count+d.suspicious, all.Total+d.scored
			if x, ok := (stats.Proportion{Count: d.suspicious, Total: d.scored}).Rate(); ok { // a day without scores is a gap
				p.Set(Ref{feed.Col + k, feed.Row}, F(x, Rate).As(Feeder))
			}
		}
		x, _ := all.Rate()
		p.Heights[at.Row] = 26
		p.Set(Ref{at.Col + 1, at.Row}, T(shortName(g.region)).As(Prose))
		note := fmt.Sprintf("%s of %s scored", percent(x), thousands(all.Total))
		if all.Total == 0 {
			note = "no scored check"
		}
		p.Set(Ref{at.Col + 1, at.Row + 1}, T(note).As(Caption))
		p.Sparks = append(p.Sparks, Sparkline{At: at, Values: p.Area(feed, Ref{feed.Col + len(g.days) - 1, feed.Row})})
	}
}
