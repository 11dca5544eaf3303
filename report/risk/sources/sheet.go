package sources

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
)

// mostShown bounds the rows of a table; the rest is counted.
const mostShown = 25

// Write writes the sheets Sources and Capture times.
func Write(book *xlsx.Workbook, s *Sources) {
	p := page.New(book, "Sources", "Sources: where suspicious checks come from", fmt.Sprintf("Scored checks of %s · "+
		"suspicious share of each value, beside %s", s.Period.Describe(), s.BeforeOf.Describe()), 27, 10, 10, 10,
		10, 10,
		11, 11, 10, 10, 10, 15)
	p.Tab = xlsx.Navy
	p.Headline(s.headline())
	if s.Cut {
		p.Prose(xlsx.T(fmt.Sprintf("The period before has more than %s answers: its newest days stand for it.",
			humanize.Comma(mostBefore))).WithRole(xlsx.Caption))
	}
	number := 1
	for _, c := range s.Columns {
		if s.empty(c) {
			continue
		}
		p.Skip(1)
		s.columnTable(p, c, number)
		number++
	}
	p.Skip(1)
	s.listTable(p, number)
	if s.Attempts != nil {
		p.Skip(1)
		number++
		s.attemptTable(p, number)
	}
	if len(s.said) > 0 {
		p.Skip(1)
		s.saidTable(p, number+1)
	}
	p.PrintAll()
	s.writeCaptures(book)
}

// empty reports whether no check of the period has a value in a column.
func (s *Sources) empty(c *Column) bool {
	for name, v := range c.Values {
		if name != notGiven && v.Now.Scored+v.Before.Scored > 0 {
			return false
		}
	}
	return true
}

// headline names first what is new and what the first page claims of it, then how many of the values that there were
// before have changed.
func (s *Sources) headline() string {
	compared, marked := 0, 0
	for _, c := range s.Columns {
		for _, r := range s.rows(c) {
			compared += xlsx.Int(r.reading != stats.TooFew)
			marked += xlsx.Int(r.reading == stats.Higher || r.reading == stats.Lower)
		}
	}
	text := s.newWords()
	switch {
	case compared == 0 && text == "" && len(s.Keep) == 0:
		return "No column of the lists is kept: name those with the partner, the campaign and so on in [input] keep"
	case compared == 0 && text == "":
		return "Too few checks of any value to compare with the period before"
	case compared == 0:
		return text + ". No value has enough checks in both periods to compare"
	case text != "":
		text += ". "
	}
	known := page.Plural(int64(compared), "value with checks before", "values with checks before")
	if marked == 0 {
		return text + fmt.Sprintf("None of %s differs from the period before beyond chance", known)
	}
	return text + fmt.Sprintf("%d of %s changed, beyond chance among those of its table", marked, known)
}

// mostNew bounds the sentences about new values in a headline; the rest is counted.
const mostNew = 2

// newWords names the new values: those that the first page claims something about, then the one with most suspicious
// checks of which it claims nothing. It returns "" where nothing is new.
func (s *Sources) newWords() string {
	var said []string
	var claimed, others int64
	var most *Value
	name := ""
	for _, c := range s.Columns {
		for _, v := range c.sorted() {
			if !c.isNew(v) {
				continue
			}
			if claim, ok := s.claimOf(c, v); ok {
				if claimed++; claimed <= mostNew {
					said = append(said, "New: "+claim.Sentence)
				}
				continue
			}
			if others++; most == nil || v.Now.Suspicious > most.Now.Suspicious {
				most, name = v, shown(c.Name)
			}
		}
	}
	if claimed > mostNew {
		said = append(said, "The first page claims "+page.Plural(claimed-mostNew, "more new value", "more new values"))
	}
	if most != nil {
		text := fmt.Sprintf("New: %s %s, %s of %s suspicious", name, shown(most.Name),
			humanize.Comma(most.Now.Suspicious), humanize.Comma(most.Now.Scored))
		if others > 1 {
			text += ", and " + page.Plural(others-1, "more value", "more values")
		}
		said = append(said, text+", of which the first page claims nothing")
	}
	return strings.Join(said, ". ")
}

// isNew reports whether a value has checks now and had none, in a column that had values before.
func (c *Column) isNew(v *Value) bool {
	if v.Name == notGiven || v.Now.Scored == 0 || v.Before.Scored > 0 || c.Full {
		return false
	}
	for name, other := range c.Values {
		if name != notGiven && other.Before.Scored > 0 {
			return true
		}
	}
	return false
}

// claimOf returns what the first page claims about a value.
func (s *Sources) claimOf(c *Column, v *Value) (Claim, bool) {
	i := slices.IndexFunc(s.Claims, func(x Claim) bool { return x.Column == c.Name && x.Value == shown(v.Name) })
	if i < 0 || v.Name == notGiven {
		return Claim{}, false
	}
	return s.Claims[i], true
}

// row holds a value with its change.
type row struct {
	*Value
	stats.Change
	known   bool
	reading stats.Reading
}

// rows compares the values of a column with the period before; changes are beyond chance among all of the column
// (Holm).
func (s *Sources) rows(c *Column) (all []row) {
	var p []float64
	var asked []int
	for _, v := range c.sorted() {
		r := row{Value: v, reading: stats.TooFew}
		r.Change, r.known = stats.Compare(v.Now.Rate(), v.Before.Rate(), s.Minimum)
		if r.reading = r.Reading; v.Name == notGiven {
			r.reading = stats.TooFew
		}
		if r.reading != stats.TooFew {
			p, asked = append(p, r.P), append(asked, len(all))
		}
		all = append(all, r)
	}
	adjusted, err := stats.Holm(p)
	for i, at := range asked {
		if err != nil || adjusted[i] > stats.Alpha { // an error is not possible: every p comes from Compare
			all[at].reading = stats.NoChange
		}
	}
	return all
}

func (s *Sources) columnTable(p *page.Page, c *Column, number int) {
	p.Section(fmt.Sprintf("%d  By %s", number, shown(c.Name)), "Change in percentage points with its Newcombe "+
		"interval. ▲ ▼: beyond "+
		"chance among the values of this table (Holm). New: no check of it before. What changed, or is new, and differs beside the others of "+
		"its regions, nights and mix allowed for, is claimed on the first page.")
	if c.Full {
		p.Prose(xlsx.T(fmt.Sprintf("More than %s different values: such a column names persons, not sources.",
			humanize.Comma(mostValues))))
		return
	}
	t := p.Table(page.Col("Value", xlsx.Literal), page.Col("Scored", xlsx.Count), page.Col("Suspicious", xlsx.Count),
		page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate),
		page.Col("Of these injection", xlsx.Count), page.Col("Rate before", xlsx.Rate), page.Col("Change", xlsx.Points),
		page.Col("change low", xlsx.Points), page.Col("change high", xlsx.Points), page.Col("Reading", xlsx.General))
	all := s.rows(c)
	for _, r := range all[:min(len(all), mostShown)] {
		rate, low, high := page.RateCells(r.Now.Rate(), t.Ref(2), t.Ref(1), xlsx.Rate)
		before, change := page.None().WithFormat(xlsx.Rate), [3]xlsx.Cell{page.None(), page.None(), page.None()}
		if x, ok := r.Before.Rate().Rate(); ok {
			before = xlsx.F(x, xlsx.Rate)
		}
		if r.known {
			for i, x := range []float64{r.Difference, r.Interval.Low, r.Interval.High} {
				change[i] = xlsx.F(100*x, xlsx.Points)
			}
		}
		t.Add(xlsx.Untrusted(shown(r.Name)), xlsx.N(r.Now.Scored), xlsx.N(r.Now.Suspicious), rate, low, high,
			xlsx.N(r.Now.Injection), before, change[0], change[1], change[2], s.judged(c, r))
	}
	rest(p, len(all), "value", "values")
}

// judged judges a row in a cell. Checks without a value are no source; a new value is held against the others of its
// regions, by the first page.
func (s *Sources) judged(c *Column, r row) xlsx.Cell {
	claim, claimed := s.claimOf(c, r.Value)
	switch {
	case r.Name == notGiven:
		return xlsx.T("–").WithRole(xlsx.Quiet)
	case c.isNew(r.Value) && claimed && claim.Up:
		return xlsx.T("▲ new, high").WithRole(xlsx.Alert)
	case c.isNew(r.Value) && claimed:
		return xlsx.T("▼ new, low").WithRole(xlsx.Alert)
	case c.isNew(r.Value):
		return xlsx.T("new").WithRole(xlsx.Quiet)
	}
	switch r.reading {
	case stats.Higher:
		return xlsx.T("▲ higher").WithRole(xlsx.Alert)
	case stats.Lower:
		return xlsx.T("▼ lower").WithRole(xlsx.Alert)
	case stats.TooFew:
		return xlsx.T(page.TooFew).WithRole(xlsx.Quiet)
	}
	return xlsx.T("within chance").WithRole(xlsx.Quiet)
}

// rest counts what a table does not show.
func rest(p *page.Page, n int, one, many string) {
	if more := n - mostShown; more > 0 {
		p.Prose(xlsx.T("and " + page.Plural(int64(more), "more "+one, "more "+many)).WithRole(xlsx.Quiet))
	}
}

func (s *Sources) listTable(p *page.Page, number int) {
	p.Section(fmt.Sprintf("%d  By list", number), "Lists whose checks were answered in the period, most suspicious "+
		"ones "+
		"first. A burst of one list is claimed on the first page; a list has no period before.")
	t := p.Table(page.Wide("List", 2, xlsx.Literal), page.Col("Scored", xlsx.Count), page.Col("Suspicious", xlsx.Count),
		page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate), page.Col("95% high", xlsx.Rate),
		page.Col("Of these injection", xlsx.Count))
	for _, l := range s.Lists[:min(len(s.Lists), mostShown)] {
		rate, low, high := page.RateCells(l.Rate(), t.Ref(2), t.Ref(1), xlsx.Rate)
		t.Add(xlsx.Untrusted(shown(filepath.Base(l.Path))), xlsx.N(l.Scored), xlsx.N(l.Suspicious), rate, low, high,
			xlsx.N(l.Injection))
	}
	rest(p, len(s.Lists), "list", "lists")
}

// saidTable shows how the lists were read: what somebody should know who counts by them.
func (s *Sources) saidTable(p *page.Page, number int) {
	p.Section(fmt.Sprintf("%d  How the lists were read", number), "Lists read in the period, the newest first: where "+
		"their regions come from, what was concluded, and why rows were rejected.")
	t := p.Table(page.Wide("List", 2, xlsx.Literal), page.Wide("Said when it was read", 10, xlsx.General))
	for _, l := range s.said {
		for _, note := range l.Notes {
			t.Add(xlsx.Untrusted(shown(filepath.Base(l.Path))), xlsx.Untrusted(note).WithRole(xlsx.Wrapped))
		}
	}
	rest(p, s.saidMore+mostShown, "list", "lists")
}

// attemptTable shows whether those who try often are suspicious more often.
func (s *Sources) attemptTable(p *page.Page, number int) {
	p.Section(fmt.Sprintf("%d  Attempts by %s", number, shown(s.Key)), "Checks of the period with one value in that "+
		"column are attempts of one person. The rate of those that were repeated stands beside that of single ones.")
	names := [...]string{"one attempt", "2", "3", "4 or 5", "6 or more"}
	var groups [len(names)]Count
	var keys [len(names)]int64
	for _, c := range s.Attempts.keys {
		i := 0
		switch n := c.Scored; {
		case n >= 6:
			i = 4
		case n >= 4:
			i = 3
		default:
			i = int(n) - 1
		}
		keys[i]++
		groups[i].Scored += c.Scored
		groups[i].Suspicious += c.Suspicious
	}
	t := p.Table(page.Col("Attempts", xlsx.General), page.Col("Persons", xlsx.Count), page.Col("Checks", xlsx.Count),
		page.Col("Suspicious", xlsx.Count), page.Col("Rate", xlsx.Rate), page.Col("95% low", xlsx.Rate),
		page.Col("95% high", xlsx.Rate), page.Col("Against one", xlsx.Points), page.Col("against low", xlsx.Points),
		page.Col("against high", xlsx.Points))
	for i, g := range groups {
		rate, low, high := page.RateCells(g.Rate(), t.Ref(3), t.Ref(2), xlsx.Rate)
		change := [3]xlsx.Cell{page.None(), page.None(), page.None()}
		if c, ok := stats.Compare(g.Rate(), groups[0].Rate(), s.Minimum); ok && i > 0 {
			for j, x := range []float64{c.Difference, c.Interval.Low, c.Interval.High} {
				change[j] = xlsx.F(100*x, xlsx.Points)
			}
		}
		t.Add(xlsx.T(names[i]), xlsx.N(keys[i]), xlsx.N(g.Scored), xlsx.N(g.Suspicious), rate, low, high, change[0],
			change[1], change[2])
	}
	if s.Attempts.none > 0 {
		p.Prose(xlsx.T(page.Plural(s.Attempts.none, "check has", "checks have") + " no value there, and count as " +
			"nobody's.").
			WithRole(xlsx.Caption))
	}
	if s.Attempts.full {
		p.Prose(xlsx.T(fmt.Sprintf("More than %s persons: further ones are not counted.",
			humanize.Comma(mostKeys))))
	}
}

// fewestInHour sets the checks below which an hour has no share.
const fewestInHour = 5

// writeCaptures writes the sheet of capture times.
func (s *Sources) writeCaptures(book *xlsx.Workbook) {
	widths := []float64{22, 9, 9}
	for range 24 {
		widths = append(widths, 5)
	}
	p := page.New(book, "Capture times", "Capture times", fmt.Sprintf("Scored checks of %s by the hour of their "+
		"picture, %s",
		s.Period.Describe(), s.Period.Zone), widths...)
	p.Tab = xlsx.Navy
	regions := s.regions()
	if len(regions) == 0 {
		p.Headline("The vendor gave no time of capture in this period")
		p.PrintAll()
		return
	}
	hour, share := s.densest(regions)
	p.Headline(fmt.Sprintf("The hour farthest above its region's share: %s, %02d h; only the first page says what is "+
		"beyond chance", page.RegionName(share), hour))
	s.hourTable(p, regions)
	p.Skip(1)
	s.delayTable(p, regions)
	p.PrintAll()
}

// densest returns the hour and the region farthest above the region's share, in standard errors.
func (s *Sources) densest(regions []*Capture) (hour int, region string) {
	most := -1.0
	for _, c := range regions {
		for h := range c.Hours {
			if z := c.excess(h); z > most {
				most, hour, region = z, h, c.Region
			}
		}
	}
	return hour, region
}

func (s *Sources) hourTable(p *page.Page, regions []*Capture) {
	p.Section("1  Hours by region: suspicious share, %", fmt.Sprintf("The darker, the larger among the region's "+
		"hours; orange: "+
		"above its own share by more than two standard errors. Of 24 hours and %s some stand out by chance: what "+
		"is beyond "+
		"it is a burst of the first page. Empty: under %d checks.", page.Plural(int64(len(regions)), "region",
		"regions"), fewestInHour))
	cols := []page.Column{page.Col("Region", xlsx.General), page.Col("Scored", xlsx.Count), page.Col("Share",
		xlsx.Share)}
	for h := range 24 {
		cols = append(cols, page.Col(fmt.Sprintf("%02d", h), xlsx.Count))
	}
	t := p.Table(cols...)
	for _, c := range regions {
		all, _ := c.All.Rate().Rate()
		cells := []xlsx.Cell{xlsx.T(page.RegionName(c.Region)), xlsx.N(c.All.Scored), xlsx.F(all, xlsx.Share)}
		for h, n := range c.Hours {
			share, ok := n.Rate().Rate()
			cell := xlsx.F(100*share, xlsx.Count)
			switch {
			case !ok || n.Scored < fewestInHour:
				cell = page.None().WithFormat(xlsx.Count)
			case c.excess(h) > 2:
				cell = cell.WithRole(xlsx.Alert)
			}
			cells = append(cells, cell)
		}
		t.Add(cells...)
		p.Shaded = append(p.Shaded, xlsx.Area{From: t.Cell(3, t.Rows-1), To: t.Cell(26, t.Rows-1)})
	}
}

// excess returns how far an hour stands above the region's share, in standard errors of that share; 0 of few checks.
func (c *Capture) excess(h int) float64 {
	n := c.Hours[h]
	if n.Scored < fewestInHour {
		return 0
	}
	p := (float64(c.All.Suspicious) + 0.5) / (float64(c.All.Scored) + 1)
	return (float64(n.Suspicious) - p*float64(n.Scored)) / math.Sqrt(p*(1-p)*float64(n.Scored))
}

func (s *Sources) delayTable(p *page.Page, regions []*Capture) {
	p.Section("2  From the far image to the near one, and from the picture to the answer", "Half of the checks lie "+
		"below "+
		"the median, nearly all below the 95th percentile; to 2%. Unusual: both images of the same millisecond, "+
		"the near "+
		"one first, or a picture later than its answer, which a camera does not make and a clock may.")
	t := p.Table(page.Col("Region", xlsx.General), page.Wide("Gap, ms: median", 3, xlsx.Count),
		page.Wide("Gap, ms: 95% below", 3, xlsx.Count), page.Wide("Answer after, min: median", 4, xlsx.Score),
		page.Wide("Answer after: 95% below", 3, xlsx.Score), page.Wide("Same moment", 3, xlsx.Count),
		page.Wide("Near one first", 3, xlsx.Count),
		page.Wide("After the answer", 3, xlsx.Count))
	for _, c := range regions {
		cells := []xlsx.Cell{xlsx.T(page.RegionName(c.Region))}
		for _, of := range []*spread{&c.Gaps, &c.Delays} {
			format := map[bool]xlsx.Format{true: xlsx.Count, false: xlsx.Score}[of == &c.Gaps]
			for _, q := range []float64{.5, .95} {
				cell := page.None()
				if x, ok := of.quantile(q); ok {
					cell = xlsx.F(x, format)
				}
				cells = append(cells, cell)
			}
		}
		for _, n := range []int64{c.Same, c.Back, c.Late} {
			cells = append(cells, page.Odd(n, true))
		}
		t.Add(cells...)
	}
}
