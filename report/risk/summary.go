package risk

import (
	"fmt"
	"slices"

	"liverecon/report/page"
	"liverecon/report/review"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// summaryWidths are the columns of the first sheet: wider than others, as wide as one page of A4 is for its height. The first
// one holds the regions' names.
func summaryWidths() []float64 {
	return append([]float64{20.5}, slices.Repeat([]float64{15}, page.GridColumns-1)...)
}

// summary writes the first sheet: the verdict, tiles, charts and what to look at next, on one page.
func (r *risk) summary(p *page.Page, checks *page.Checks) {
	p.Tab = xlsx.Navy
	p.OnePage = true
	if r.Verdict != "" {
		p.Verdict(r.Verdict)
	}
	p.Headline(r.headline())
	p.Skip(1)
	p.Tiles(r.tiles()...)
	if shown := min(len(r.now.regions), summaryRegions); shown > 0 {
		p.Figures(9, r.rateFigure(min(shown, r.enough())), r.kindFigure(shown))
		p.Figures(9, r.dayFigure(), r.psiBars(shown))
	}
	r.regionTable(p)
	p.Skip(1)
	p.Section("What to look at next", "")
	for _, line := range r.next() {
		p.Set(p.At(11), xlsx.T("→ "+line.Sheet).As(xlsx.LinkTo).To(xlsx.QuoteSheet(line.Sheet)+"!A1"))
		p.Pointer("•  "+line.Text, 10)
	}
	p.Set(p.At(3), checks.Verdict().As(checks.Verdict().Style.Role))
	p.Set(p.At(11), xlsx.T("→ Definitions").As(xlsx.LinkTo).To("'Definitions'!A1"))
	p.Prose(xlsx.T("•  Data quality:"))
	p.PrintAll()
}

// headline is the finding of the period, by rule: what is not known is said first.
func (r *risk) headline() string {
	all := r.now.all
	if all.answered == 0 {
		if n := r.covered.listed(); n > 0 {
			return fmt.Sprintf("No check was %s in this period; %s of %s listed IDs are missing", r.dated(), calendar.Thousands(r.covered.missing()), calendar.Thousands(n))
		}
		return fmt.Sprintf("No check was %s in this period, and no list brought a new ID", r.dated())
	}
	if all.scored() < r.MinimumN {
		return fmt.Sprintf("Too few scored checks to state a rate: %s (%s suspicious), the minimum is %d", calendar.Thousands(all.scored()), calendar.Thousands(all.suspicious()), r.MinimumN)
	}
	text := r.changeSentence() + r.risenRegion()
	if of := r.doubtful(); of != nil {
		text += "; coverage is too low to be sure of " + page.List(of)
	}
	return text
}

// doubtful is what the answers that are missing could change.
func (r *risk) doubtful() (of []string) {
	if couldFlip(r.now.all, r.covered.missing()) {
		of = append(of, "the overall rate")
	}
	switch regions := r.doubtfulRegions(); len(regions) {
	case 0:
		return of
	case 1:
		return append(of, regions[0])
	default:
		return append(of, fmt.Sprintf("%d regions", len(regions)))
	}
}

// changeSentence calls a change a change only if its interval excludes zero, and what is not counted could not undo it.
func (r *risk) changeSentence() string {
	rate, _ := r.now.all.rate().Rate()
	c := r.changeOfAll()
	text := fmt.Sprintf("%s of scored checks were suspicious", page.Percent(rate))
	if !c.known || c.Reading == stats.TooFew {
		return text + fmt.Sprintf("; too few in %s to compare with", r.Compare.Label)
	}
	points := fmt.Sprintf("%+.2f pp against %s", 100*c.Difference, r.Compare.Label)
	doubt := ""
	if c.shaky {
		doubt = fmt.Sprintf("; what is missing of %s could undo that", r.worseCovered())
	}
	switch {
	case c.uncovered:
		return text + fmt.Sprintf(" (%s); too much is missing of %s to call that a change", points, r.worseCovered())
	case c.Reading == stats.Higher:
		return fmt.Sprintf("The suspicious rate rose to %s (%s)", page.Percent(rate), points) + doubt
	case c.Reading == stats.Lower:
		return fmt.Sprintf("The suspicious rate fell to %s (%s)", page.Percent(rate), points) + doubt
	}
	text += fmt.Sprintf("; no clear change (%s)", points)
	if gone := r.past.covered.uncounted(); tooMany(gone, r.past.covered.listed()) && couldFlip(r.before.all, gone) {
		text += "; much is missing of " + r.worseCovered()
	}
	return text
}

// worseCovered names the period of which more of the listed IDs were not settled in time.
func (r *risk) worseCovered() string {
	period, counted := r.Compare.Label, r.past.covered.share()
	if own := r.covered.share(); r.past.covered.listed() == 0 || own < counted {
		period, counted = r.Period.Label, own
	}
	return fmt.Sprintf("%s (coverage %.1f%%)", period, 100*counted)
}

func (r *risk) tiles() []page.Tile {
	all := r.now.all
	rate, _, _ := page.RateCells(all.rate(), "0", "0", xlsx.Rate)
	rate.Formula = ""
	note := "no scored check"
	if i, ok := all.rate().Wilson(); ok {
		note = fmt.Sprintf("95%% interval %s–%s", page.Percent(i.Low), page.Percent(i.High))
	}
	covered := "no list in this period"
	if n := r.covered.listed(); n > 0 {
		covered = fmt.Sprintf("coverage %.1f%% of %s listed", 100*float64(r.covered.settled())/float64(n), calendar.Thousands(n))
	}
	t := r.places.days
	return []page.Tile{
		{Label: "Answered", Value: xlsx.N(all.answered), Note: covered, Spark: t.Area(1)},
		{Label: "Scored", Value: xlsx.N(all.scored()), Note: fmt.Sprintf("%s without a score", calendar.Thousands(all.side(scoreless))), Spark: t.Area(2)},
		{Label: "Suspicious rate", Value: rate, Note: note, Spark: r.dayFeed(dayRates)},
		{Label: "Injection attacks", Value: xlsx.N(all.kind(Injection)), Note: fmt.Sprintf("of %s suspicious", calendar.Thousands(all.suspicious())), Spark: r.dayFeed(dayInjections)},
		{Label: "Manual queue, open", Value: xlsx.N(r.open()).By(xlsx.CellRef(r.places.queue[0])), Note: fmt.Sprintf("%s of %s decided", calendar.Thousands(r.queue.decided), calendar.Thousands(all.suspicious())), Spark: t.Area(3)},
		r.driftTile(),
	}
}

// driftTile shows the highest PSI of the regions that have enough scores, and whether chance explains it.
func (r *risk) driftTile() page.Tile {
	t := page.Tile{Label: "Highest drift (PSI)", Value: page.None(), Note: "too few to compare"}
	highest := -1.0
	for _, d := range r.drifts {
		if !d.measured() || d.psi.PSI <= highest {
			continue
		}
		highest = d.psi.PSI
		t.Value, t.Note = xlsx.F(d.psi.PSI, xlsx.PSI), page.ShortName(d.now.region)+", within chance"
		if d.named {
			t.Note = page.ShortName(d.now.region) + ", ▲ beyond chance"
		}
	}
	return t
}

// dayFigure shows the daily rate between its limits.
func (r *risk) dayFigure() page.Figure {
	chart := xlsx.Chart{Format: xlsx.Rate, Max: r.rateCeiling(), Categories: r.dayFeed(dayLabels), Alt: "Suspicious share of scored checks by day, with control limits", Series: r.rateSeries(false)}
	return page.Figure{Finding: r.trendHeadline(), Caption: "Suspicious share of scored checks by day, with limits from " + r.trend.earlier.Label, Chart: chart, Col: 1, Span: 6}
}

// psiBars shows the drift of each region beside its chance level.
func (r *risk) psiBars(shown int) page.Figure {
	f := r.psiFigure(shown)
	f.Finding, f.Caption, f.Col = r.driftHeadline(), "PSI of the score against "+r.Compare.Label+", and its chance level"+r.movedNote(r.drawn(shown)), 7
	return f
}

// rateFigure shows each region's rate with its interval.
func (r *risk) rateFigure(shown int) page.Figure {
	chart := xlsx.Chart{Format: xlsx.Rate, Max: r.highest(shown, (*tally).rate), Categories: r.feed(feedLabel, shown), Alt: "Suspicious share of scored checks by region, with 95 percent intervals",
		Series: []xlsx.Series{{Color: xlsx.Orange, Mark: xlsx.Point, Values: r.feed(feedRate, shown), Down: r.feed(feedDown, shown), Up: r.feed(feedUp, shown)}}}
	return page.Figure{Finding: r.rateFinding(), Caption: "Suspicious share of scored checks: estimate and 95% interval" + r.enoughNote(shown), Chart: chart, Col: 1, Span: 6}
}

// highest is where an axis ends that holds the intervals of the first regions.
func (r *risk) highest(shown int, of func(*tally) stats.Proportion) float64 {
	highest := 0.0
	for _, g := range r.now.regions[:shown] {
		if i, ok := of(g).Wilson(); ok {
			highest = max(highest, i.High)
		}
	}
	return ceiling(highest)
}

// rateFinding names a region only when its interval lies above the rate of all regions.
func (r *risk) rateFinding() string {
	mean, ok := r.now.all.rate().Rate()
	if !ok || len(r.now.regions) == 0 {
		return "No check was scored"
	}
	if len(r.now.regions) == 1 {
		only := r.now.regions[0]
		if only.scored() < r.MinimumN {
			return fmt.Sprintf("%s: too few scored checks to read a rate (%s)", page.ShortName(only.region), calendar.Thousands(only.scored()))
		}
		return page.ShortName(only.region) + ": " + page.RateText(only.rate())
	}
	first := r.now.regions[0]
	if i, known := first.rate().Wilson(); known && first.scored() >= r.MinimumN && i.Low > mean {
		x, _ := first.rate().Rate()
		return fmt.Sprintf("%s has the highest suspicious rate: %s, against %s over all regions", page.ShortName(first.region), page.Percent(x), page.Percent(mean))
	}
	return fmt.Sprintf("No region is clearly above the rate over all regions, %s", page.Percent(mean))
}

// kindFigure shows how many suspicious checks of each type a region has.
func (r *risk) kindFigure(shown int) page.Figure {
	t := r.places.kinds
	chart := xlsx.Chart{Bars: xlsx.Stacked, Format: xlsx.Count, Categories: r.feed(feedLabel, shown), Alt: "Suspicious checks by attack type and region, in stacked columns"}
	for i, s := range kindSeries() {
		s.Values = page.Top(t, 1+i, shown)
		chart.Series = append(chart.Series, s)
	}
	return page.Figure{Finding: r.mixFinding(), Caption: "Suspicious checks by attack type" + r.shownNote(shown), Chart: chart, Col: 7, Span: 6}
}

// next are three lines: what moved, what waits, what is missing or cannot be.
func (r *risk) next() []page.Pointer {
	moved := "No region's suspicious rate is clearly higher than in " + r.Compare.Label + "."
	if text := r.risen(); text != "" {
		moved = text
	} else if r.before.all.scored() < r.MinimumN {
		moved = "Too few scored checks in " + r.Compare.Label + " to compare regions with."
	}
	missing := r.coverageHeadline()
	if n := r.now.all.passingTyped(); n > 0 {
		missing += fmt.Sprintf("; %s with an attack type all the same", page.Plural(n, "check passes", "checks pass"))
	}
	if n := r.fresh(); n > 0 {
		missing += fmt.Sprintf("; the vendor's answers hold %s it does not document", page.Plural(n, "new thing", "new things"))
	}
	return []page.Pointer{{Text: moved, Sheet: "Attack types"}, {Text: r.queueSentence(), Sheet: review.QueueSheet}, {Text: missing + ".", Sheet: "Coverage"}}
}

// queueSentence says how many checks wait for a person, and what was decided about the others.
func (r *risk) queueSentence() string {
	if r.now.all.suspicious() == 0 {
		return "No check waits for a manual decision."
	}
	text := fmt.Sprintf("%s of %s for a manual decision", calendar.Thousands(r.open()), page.Plural(r.now.all.suspicious(), "suspicious check waits", "suspicious checks wait"))
	var parts []string
	for i, word := range store.Decisions() {
		if n := r.queue.counts[i]; n > 0 {
			parts = append(parts, calendar.Thousands(n)+" "+word)
		}
	}
	if parts != nil {
		text += "; decided: " + page.List(parts)
	}
	return text + "."
}

// highestRise is the region whose rate rose most of those that rose beyond what asking about many regions explains by chance
// (Holm); ok is false when there is none.
func (r *risk) highestRise() (highest change, ok bool) {
	for _, x := range r.changes() {
		if x.named && x.Reading == stats.Higher && (!ok || x.Difference > highest.Difference) {
			highest, ok = x, true
		}
	}
	return highest, ok
}

// risen is a sentence about the region whose rate rose most.
func (r *risk) risen() string {
	x, ok := r.highestRise()
	if !ok {
		return ""
	}
	rate, _ := x.region.rate().Rate()
	return fmt.Sprintf("%s: suspicious rate %s, %+.2f pp against %s, beyond chance among %s.", page.RegionName(x.region.region), page.Percent(rate), 100*x.Difference, r.Compare.Label, page.Plural(int64(x.among), "region", "regions"))
}

// headlineAlpha is the level at which the headline names a region. It says something about all regions first, at 5 %; with this
// level for the second statement, headlines that call a change where there is none stay at about 5.5 %.
const headlineAlpha = 0.01

// risenRegion is what the headline says of that region; nothing where it is the only one.
func (r *risk) risenRegion() string {
	x, ok := r.highestRise()
	if !ok || x.p > headlineAlpha || len(r.now.regions) == 1 {
		return ""
	}
	rate, _ := x.region.rate().Rate()
	return fmt.Sprintf("; %s rose to %s (%+.2f pp)", page.ShortName(x.region.region), page.Percent(rate), 100*x.Difference)
}
