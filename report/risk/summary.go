package risk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/report/claims"
	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/risk/survey"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// newSummary begins the first sheet. Its columns are wider than others, as wide as one page of A4 is for its height;
// the first one holds the regions' names.
func newSummary(book *xlsx.Workbook, d *Data) *page.Page {
	widths := append([]float64{22.5}, slices.Repeat([]float64{18.2}, page.GridColumns-1)...)
	return page.New(book, "Summary", page.RiskTitle+d.Period.Label, d.subtitle(), widths...)
}

// writeSummary fills the first sheet: the verdict, tiles, charts and what to look at next, on one page.
func writeSummary(p *page.Page, d *Data, refs sheetRefs, checks *page.Checks) {
	p.Tab = xlsx.Navy
	p.OnePage = true
	if d.Verdict != "" {
		p.Verdict(d.Verdict)
	}
	p.Headline(headline(d))
	p.Gap()
	p.Tiles(tiles(d, refs.trend, refs.queue)...)
	findingsTable(p, d)
	if shown := min(len(d.now.Regions), summaryRegions); shown > 0 {
		var figures []page.Figure
		if d.now.Enough(d.MinimumN) > 0 { // else there is a frame without a mark
			figures = append(figures, rateFigure(d, refs.attacks, shown))
		}
		figures = append(figures, kindFigure(d, refs.attacks, shown), dayFigure(d, refs.trend))
		if d.drifts.measured() > 0 {
			figures = append(figures, summaryPSIFigure(d, refs.drift, shown))
		}
		for i := range figures {
			figures[i].Col, figures[i].Span = 1+3*i, 3
		}
		p.Figures(10, figures...)
	}
	summaryTable(p, d, refs.attacks, refs.coverage)
	p.Gap()
	p.Section(page.NextTitle, "")
	for _, line := range next(d) {
		p.Set(p.At(11), xlsx.T("→ "+line.Sheet).WithRole(xlsx.LinkTo).LinkTo(xlsx.QuoteSheet(line.Sheet)+"!A1"))
		p.Pointer("•  "+line.Text, 10)
	}
	p.Set(p.At(3), checks.Verdict())
	p.Set(p.At(11), xlsx.T("→ Definitions").WithRole(xlsx.LinkTo).LinkTo("'Definitions'!A1"))
	p.Prose(xlsx.T("•  Data quality:"))
	p.PrintAll()
}

// headline states the finding of the period; what is unknown comes first.
func headline(d *Data) string {
	all, listed := d.now.All, d.listed.all
	if all.Answered == 0 {
		if n := listed.listed(); n > 0 {
			return fmt.Sprintf("No check was %s in this period; %s of %s listed IDs are missing", d.dated(),
				humanize.Comma(listed.missing()), humanize.Comma(n))
		}
		return fmt.Sprintf("No check was %s in this period, and no list brought a new ID", d.dated())
	}
	if all.Scored() < d.MinimumN {
		return fmt.Sprintf("Too few scored checks to state a rate: %s (%s suspicious), the minimum is %d",
			humanize.Comma(all.Scored()), humanize.Comma(all.Suspicious()), d.MinimumN)
	}
	return d.claims.Headline(all.Rate())
}

func tiles(d *Data, trend trendRefs, queue queueRefs) []page.Tile {
	all, listed := d.now.All, d.listed.all
	rate, _, _ := page.RateCells(all.Rate(), "0", "0", xlsx.Rate)
	rate.Formula = ""
	interval := "no scored check"
	if i, ok := all.Rate().Wilson(); ok {
		interval = fmt.Sprintf("95%% interval %s–%s", page.Percent(i.Low), page.Percent(i.High))
	}
	covered := "no list in this period"
	if n := listed.listed(); n > 0 {
		share := 100 * float64(listed.settled()) / float64(n)
		covered = fmt.Sprintf("coverage %.1f%% of %s listed", share, humanize.Comma(n))
	}
	suspicious := humanize.Comma(all.Suspicious())
	return []page.Tile{
		{Label: "Answered", Value: xlsx.N(all.Answered), Note: covered, Spark: trend.days.Area(1)},
		{Label: "Scored", Value: xlsx.N(all.Scored()), Spark: trend.days.Area(2),
			Note: fmt.Sprintf("%s without a score", humanize.Comma(all.Side(survey.Scoreless)))},
		{Label: "Suspicious rate", Value: rate, Note: rateChange(d.claims, interval), Spark: trend.chart(dayRates)},
		injectionTile(d, trend),
		{Label: "Manual queue, open", Value: xlsx.N(d.queue.open).WithFormula(xlsx.CellRef(queue.counts[0])),
			Spark: trend.days.Area(3), Note: fmt.Sprintf("%s of %s decided", humanize.Comma(d.queue.decided),
				suspicious)},
		driftTile(d),
	}
}

// rateChange adds to a rate's interval by how much it differs from the baseline of the findings.
func rateChange(c *claims.Claims, interval string) string {
	f := c.Overall
	if f == nil || !c.Compared() {
		return interval
	}
	now, before := f.Shares()
	text := fmt.Sprintf("%s; %+.2f pp", strings.TrimPrefix(interval, "95% interval "), 100*(now-before))
	switch {
	case !c.OverallClaimed():
		return text
	case f.Up:
		return text + " ▲"
	}
	return text + " ▼"
}

// injectionTile shows which share of the suspicious checks are injection attacks, and by how much it differs from the
// baseline of the findings, with the interval of that.
func injectionTile(d *Data, trend trendRefs) page.Tile {
	all := d.now.All
	t := page.Tile{Label: "Injection, of suspicious", Value: shareCell(all.Kind(survey.Injection), all.Suspicious()),
		Spark: trend.chart(dayInjections)}
	t.Note = fmt.Sprintf("%s of %s", humanize.Comma(all.Kind(survey.Injection)),
		humanize.Comma(all.Suspicious()))
	if p := d.claims.InjectionBefore(); d.claims.Compared() && p.Total > 0 && all.Suspicious() > 0 {
		share := stats.Proportion{Count: all.Kind(survey.Injection), Total: all.Suspicious()}
		c, _ := stats.Compare(share, p, 1)
		t.Note += fmt.Sprintf("; %+.1f pp (%+.1f to %+.1f)", 100*c.Difference, 100*c.Interval.Low, 100*c.Interval.High)
	}
	return t
}

// driftTile shows the highest PSI of the regions that a finding names: also a rate that changed moves scores. Without one
// there is nothing to show but chance: the note has the highest PSI of all with enough scores beside what chance alone exceeds.
func driftTile(d *Data) page.Tile {
	t := page.Tile{Label: "Highest drift (PSI)", Value: page.None(), Note: "too few to compare"}
	highest, found, measured := -1.0, false, false
	for _, x := range d.drifts {
		moved := d.claims.Marks(x.now.Region) != ""
		if !x.measured() || found && !moved || found == moved && x.psi.PSI <= highest {
			continue
		}
		highest, found, measured = x.psi.PSI, moved, true
		name := page.ShortName(x.now.Region)
		t.Note = fmt.Sprintf("at most %.3f, %s; by chance up to %.3f", x.psi.PSI, name, x.psi.ChanceLevel)
		if moved {
			t.Value, t.Note = xlsx.F(x.psi.PSI, xlsx.PSI), name+", a finding"
			if !d.claims.Moved(x.now.Region) { // what is found there is something else
				t.Note = fmt.Sprintf("%s, by chance up to %.3f; no finding by itself", name,
					x.psi.ChanceLevel)
			}
		}
	}
	if measured && !found {
		t.Value = xlsx.T("no finding")
	}
	return t
}

// dayFigure shows the daily rate between its limits.
func dayFigure(d *Data, refs trendRefs) page.Figure {
	chart := xlsx.Chart{Format: xlsx.Rate, Max: d.trend.rateEnd(), Categories: refs.chart(dayMarks),
		Alt:    "Suspicious share of scored checks by day, with control limits",
		Series: rateSeries(d.trend, refs, false)}
	f := page.Figure{Finding: "Suspicious rate by day", Chart: chart, Col: 1, Span: 6,
		Caption: "Suspicious share of scored checks by day"}
	if d.trend.limited() {
		f.Caption += ", with limits from " + d.claims.Against()
	}
	return f
}

// summaryPSIFigure shows the drift of each region beside its chance level.
func summaryPSIFigure(d *Data, refs driftRefs, room int) page.Figure {
	f := psiFigure(d.drifts, refs, room)
	f.Finding, f.Col = "Drift of scores by region", 7
	f.Caption = "PSI of the score against " + d.Compare.Label + ", and its chance level" +
		d.drifts.omitted(d.drifts.drawn(room))
	return f
}

// rateFigure shows each region's rate with its interval.
func rateFigure(d *Data, refs attackRefs, room int) page.Figure {
	shown := min(room, d.now.Enough(d.MinimumN))
	end, beyond := intervalEnd(d.now.Regions[:shown], (*survey.Tally).Rate)
	chart := xlsx.Chart{Format: xlsx.Rate, Max: end, Categories: refs.chart(regionLabel, shown),
		Alt: "Suspicious share of scored checks by region, with 95 percent intervals",
		Series: []xlsx.Series{{Color: xlsx.Orange, Mark: xlsx.Point, Values: refs.chart(regionRate, shown),
			Down: refs.chart(regionDown, shown), Up: refs.chart(regionUp, shown)}}}
	caption := "Suspicious share of scored checks: estimate and 95% interval" + enoughNote(d.now, d.MinimumN, shown) +
		beyondNote(beyond, (*survey.Tally).Rate)
	return page.Figure{Finding: rateFinding(d.now, d.MinimumN), Caption: caption, Chart: chart, Col: 1, Span: 6}
}

// rateFinding names a region only when its interval lies above the rate of all regions.
func rateFinding(v *survey.Survey, minimum int64) string {
	mean, ok := v.All.Rate().Rate()
	if !ok || len(v.Regions) == 0 {
		return "No check was scored"
	}
	first := v.Regions[0]
	name := page.ShortName(first.Region)
	if len(v.Regions) == 1 {
		if first.Scored() < minimum {
			return fmt.Sprintf("%s: too few scored checks to read a rate (%s)", name,
				humanize.Comma(first.Scored()))
		}
		return name + ": " + page.RateText(first.Rate())
	}
	if i, known := first.Rate().Wilson(); known && first.Scored() >= minimum && i.Low > mean {
		x, _ := first.Rate().Rate()
		return fmt.Sprintf("%s has the highest suspicious rate: %s, against %s over all regions", name, page.Percent(x),
			page.Percent(mean))
	}
	return fmt.Sprintf("No region is clearly above the rate over all regions, %s", page.Percent(mean))
}

// kindFigure shows how many suspicious checks of each type a region has.
func kindFigure(d *Data, refs attackRefs, shown int) page.Figure {
	chart := xlsx.Chart{Bars: xlsx.Stacked, Format: xlsx.Count, Categories: refs.chart(regionLabel, shown),
		Alt:    "Suspicious checks by attack type and region, in stacked columns",
		Series: kindSeries(refs.kinds, shown, false)}
	caption := "Suspicious checks by attack type" + shownNote(len(d.now.Regions), shown)
	return page.Figure{Finding: mixFinding(d.now.All, d.MinimumN), Caption: caption, Chart: chart, Col: 7, Span: 6}
}

// next returns two lines: what waits, what is missing or cannot be.
func next(d *Data) []page.Pointer {
	missing := d.coverageHeadline()
	if n := d.now.All.PassingTyped(); n > 0 {
		missing += fmt.Sprintf("; %s with an attack type all the same", page.Plural(n, "check passes", "checks pass"))
	}
	if n := d.apiChanges.since(d.Period.From); n > 0 {
		things := page.Plural(n, "new thing", "new things")
		missing += fmt.Sprintf("; the vendor's answers hold %s it does not document", things)
	}
	return []page.Pointer{{Text: d.queue.sentence(d.now.All.Suspicious()), Sheet: review.QueueSheet},
		{Text: missing + ".", Sheet: "Coverage"}}
}
