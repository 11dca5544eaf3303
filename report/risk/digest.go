package risk

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"liverecon/report/claims"
	"liverecon/report/digest"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// mailPage represents a workbook's first page as a page for mail, without the names of lists.
type mailPage struct {
	*Data
	refs   sheetRefs
	checks *page.Checks
}

// Digest returns the workbook's first page as a page for mail: its sentences, its figures, no name of a list.
func (w *Workbook) Digest() digest.Page {
	unnamed := *w.data
	unnamed.claims = unnamed.claims.Unnamed()
	m := mailPage{&unnamed, w.refs, w.checks}
	p := digest.Page{Audience: "analysts", Title: page.RiskTitle + m.Period.Label, Subtitle: m.subtitle(),
		Headline: headline(m.Data) + ".",
		Foot: "No ID and no name of a person or a list is in this message. The risk " +
			"workbook has every figure, with the formula behind it."}
	for _, t := range tiles(m.Data, w.refs.trend, w.refs.queue) {
		p.Tiles = append(p.Tiles, digest.Tile{Label: t.Label, Value: page.Said(t.Value), Note: t.Note})
	}
	if m.claiming() {
		p.Findings = int64(len(m.claims.Findings))
		p.Sections = append(p.Sections, m.findings())
	}
	if shown := min(summaryRegions, m.now.Enough(m.MinimumN)); shown > 0 {
		p.Sections = append(p.Sections, m.regions(shown))
	}
	if m.claims.Compared() && len(m.claims.Parts) > 1 {
		p.Sections = append(p.Sections, m.parts())
	}
	if m.now.All.Scored() > 0 {
		p.Sections = append(p.Sections, m.days())
	}
	p.Sections = append(p.Sections, m.next())
	return p
}

func (m mailPage) findings() digest.Section {
	c := m.claims
	s := digest.Section{Title: claims.Title, Caption: c.Caption()}
	if len(c.Findings) == 0 {
		s.Lines = []digest.Line{{Mark: "–", Tone: digest.Quiet, Text: c.Nothing()}}
	}
	for _, f := range c.Findings[:min(len(c.Findings), claims.Shown)] {
		line := digest.Line{Mark: "◆", Tone: digest.Alert, Text: c.Sentence(f) + ".", More: m.figures(f)}
		switch {
		case f.Family == findings.Scores || f.Family == findings.Type: // more or fewer of something, not worse or better
		case f.Up:
			line.Mark = "▲"
		default:
			line.Mark, line.Tone = "▼", digest.Good
		}
		s.Lines = append(s.Lines, line)
	}
	if more := len(c.Findings) - claims.Shown; more > 0 {
		s.Note = fmt.Sprintf("and %d more", more)
	}
	return s
}

// figures returns what stands in the table of findings beside a sentence.
func (m mailPage) figures(f *findings.Finding) string {
	now, before := f.Shares()
	text := fmt.Sprintf("%s → %s, %s", page.Percent(before), page.Percent(now), m.points(now-before))
	if i, ok := f.Interval(); ok && claims.HasInterval(f) {
		text += fmt.Sprintf(" (%s to %s)", m.points(i.Low), m.points(i.High))
	}
	p := page.Said(claims.AdjustedCell(f))
	if f.Adjusted >= 0.0005 {
		p = "= " + p
	}
	return text + ", p " + p + " · sheet " + claims.Sheet(f)
}

// points words a change of a share in percentage points.
func (m mailPage) points(x float64) string { return page.Said(xlsx.F(100*x, xlsx.Points)) }

// regions shows the rates of regions as the first page's chart does, each beside its own of the period before.
func (m mailPage) regions(shown int) digest.Section {
	figure := rateFigure(m.Data, m.refs.attacks, shown)
	s := digest.Section{Title: figure.Finding, Caption: figure.Caption}
	compared := m.before.All.Scored() > 0
	if compared {
		s.Caption += " · pale: " + m.Compare.Describe()
		s.Note = "Right: change in percentage points, with its 95% interval. ▲ ▼: beyond chance among all regions."
	}
	changes := m.changes()
	for i, g := range m.now.Regions[:shown] {
		x := changes[i]
		r := digest.Range{Name: page.ShortName(g.Region), Now: m.estimate(g.Rate()),
			Before: m.estimate(m.before.Of(g.Region).Rate()), Tone: digest.Plain}
		if rate, ok := g.Rate().Rate(); ok {
			r.Text = page.Percent(rate)
		}
		switch {
		case !compared:
		case !x.known || x.Reading == stats.TooFew:
			r.Note = page.TooFew
		default:
			r.Note = strings.ReplaceAll(fmt.Sprintf("%s (%s to %s)", m.points(x.Difference), m.points(x.Interval.Low),
				m.points(x.Interval.High)), " pp", "")
		}
		switch {
		case x.named && x.Reading == stats.Higher:
			r.Name, r.Tone = "▲ "+r.Name, digest.Alert
		case x.named && x.Reading == stats.Lower:
			r.Name, r.Tone = "▼ "+r.Name, digest.Good
		}
		s.Ranges = append(s.Ranges, r)
	}
	return s
}

func (m mailPage) estimate(p stats.Proportion) digest.Interval {
	i, ok := p.Wilson()
	if !ok {
		return digest.Interval{}
	}
	rate, _ := p.Rate()
	return digest.Interval{Low: i.Low, Value: rate, High: i.High, Known: true}
}

// parts splits the change of the overall rate as the sheet of attack types does: the regions that contribute most, then
// the others together. A region is marked that a finding is about.
func (m mailPage) parts() digest.Section {
	found := func(x findings.RegionPart) bool {
		return slices.ContainsFunc(m.claims.Findings, func(f *findings.Finding) bool { return f.Region == x.Code })
	}
	both := func(x findings.RegionPart) float64 { return x.Part.Mix + x.Part.Rate }
	parts := slices.Clone(m.claims.Parts)
	slices.SortStableFunc(parts, func(a, b findings.RegionPart) int {
		return cmp.Compare(math.Abs(both(b)), math.Abs(both(a)))
	})
	s := digest.Section{Title: claims.PartsTitle, Caption: m.claims.PartsCaption()}
	bar := func(name string, value float64, tone digest.Tone) {
		s.Bars = append(s.Bars, digest.Bar{Name: name, Value: value, Text: m.points(value), Tone: tone})
	}
	shown := min(len(parts), summaryRegions)
	if len(parts) == shown+1 {
		shown++
	}
	var sum, rest float64
	for i, x := range parts {
		sum += both(x)
		switch {
		case i >= shown:
			rest += both(x)
		case found(x):
			s.Note = "◆: a finding is about the region."
			bar("◆ "+page.ShortName(x.Code), both(x), digest.Alert)
		default:
			bar(page.ShortName(x.Code), both(x), digest.Quiet)
		}
	}
	if more := len(parts) - shown; more > 0 {
		bar(fmt.Sprintf("%d others", more), rest, digest.Quiet)
	}
	bar("All regions", sum, digest.Plain)
	return s
}

// days shows the daily rate, and which days lie outside their limits.
func (m mailPage) days() digest.Section {
	t := m.trend
	s := digest.Section{Title: trendHeadline(m.Data), Caption: dayFigure(m.Data, m.refs.trend).Caption}
	highest := 0.0
	for i, day := range t.days {
		rate, _ := day.rate().Rate()
		highest = max(highest, rate)
		c := digest.Column{Value: rate, Tone: digest.Quiet}
		c.Label = t.dayMark(i)
		switch k := day.counts.Suspicious; {
		case day.troubled():
			c.Tone = digest.Watch
		case day.known && day.limits.Above(k):
			c.Tone = digest.Alert
		case day.known && day.limits.Below(k):
			c.Tone = digest.Good
		}
		s.Columns = append(s.Columns, c)
	}
	s.Caption += " · highest bar " + page.Percent(highest)
	return s
}

func (m mailPage) next() digest.Section {
	s := digest.Section{Title: page.NextTitle}
	for _, line := range next(m.Data) {
		s.Lines = append(s.Lines, digest.Line{Mark: "•", Tone: digest.Plain, Text: line.Text,
			More: "Sheet " + line.Sheet})
	}
	s.Lines = append(s.Lines, m.checks.Line())
	return s
}
