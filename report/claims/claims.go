// Package claims counts what the findings of a risk workbook are made from, asks for them, and says them: the sentences
// of the first page.
package claims

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/rollup"
	"liverecon/store/snapshot"
)

// baselineNights sets how many nights before a month its findings are claimed against, where they exist.
const baselineNights = 84

// Claims holds what the first page may say changed: the findings of a period against a baseline of its own, which is
// longer than the period that figures stand beside. New begins them, Count counts, Ask asks; then they may be said.
type Claims struct {
	*findings.Page
	Control *findings.Control // limits of days, against the baseline of the findings
	// Sources returns what is to be asked about partners and so on; nil for none.
	Sources  func() ([]findings.Source, map[string]findings.SourceSums)
	Hours    []Hour // of capture whose suspicious answers could be a burst
	period   calendar.Period
	baseline calendar.Period
	against  int  // nights of the baseline
	chosen   bool // the baseline is the period that was asked to be compared with
	night    bool // the period is one night
	nights   []findings.Night
	from     int           // the first night of Page's period among nights
	days     map[int64]int // of a day's midnight, its place among nights
	regions  map[string][]findings.Tally
}

// New returns what is to be counted for the findings of a period: the nights of its baseline and its own, and for one
// night those before it that tell what goes on. nights is how long the baseline of one night is, 0 for
// findings.NightBaseline. The zero Period stands for the usual baseline, and so do the period before and what Beside
// returns for either length: a workbook says which period its figures stand beside, and is the same when it is made
// again from that, whatever is the usual length then.
func New(p, compare calendar.Period, nights int) *Claims {
	c := &Claims{period: p, night: len(p.Days()) == 1, days: map[int64]int{}, regions: map[string][]findings.Tally{}}
	c.chosen = compare != calendar.Period{} && !compare.From.Equal(p.Previous().From)
	for _, usual := range []int{findings.NightBaseline, findings.LongNightBaseline} {
		if compare.From.Equal(Beside(p, usual).From) {
			nights, c.chosen = usual, false
		}
	}
	n := baselineNights
	c.against = n
	if c.night {
		c.against = cmp.Or(nights, findings.NightBaseline)
		n = findings.NightBefore(c.against)
	}
	y, m, d := p.From.In(p.Zone).Date()
	c.baseline = calendar.Days(y, m, d-n, n, p.Zone)
	if c.chosen {
		c.baseline, c.night, c.against = compare, false, len(compare.Days())
	}
	for _, of := range c.Periods() {
		for _, d := range of.Days() {
			c.days[d.From.Unix()] = len(c.nights)
			c.nights = append(c.nights, findings.Night{Day: d.From.In(p.Zone)})
		}
	}
	c.from = len(c.nights) - len(p.Days())
	return c
}

// Beside returns the period that a period's figures stand beside: that before it of equal length, or of one night, as
// one night is too little, so many nights before the watched ones that its findings are claimed against; 0 stands for
// findings.NightBaseline.
func Beside(p calendar.Period, nights int) calendar.Period {
	if len(p.Days()) != 1 {
		return p.Previous()
	}
	nights = cmp.Or(nights, findings.NightBaseline)
	y, m, d := p.From.In(p.Zone).Date()
	return calendar.Days(y, m, d-nights-findings.Watched+1, nights, p.Zone)
}

// Periods returns the periods whose answers are to be counted.
func (c *Claims) Periods() []calendar.Period { return []calendar.Period{c.baseline, c.period} }

// Baseline returns the period that findings are claimed against.
func (c *Claims) Baseline() calendar.Period { return c.baseline }

// Count counts answers of a day.
func (c *Claims) Count(s *rollup.Scores, passes func(score float64) bool) {
	from, _ := calendar.Day(s.Day, c.period.Zone)
	at, ok := c.days[from.Unix()]
	if !ok {
		return
	}
	if c.regions[s.Region] == nil {
		c.regions[s.Region] = make([]findings.Tally, len(c.nights))
	}
	t := &c.regions[s.Region][at]
	for _, b := range s.Bins {
		if t.Scored += b.Answers; passes(b.Score) {
			countPassing(t, b)
			continue
		}
		t.Suspicious += b.Answers
		t.Kinds[kindOf(s.AttackType)] += b.Answers
		if b.Score == 0 {
			t.Zero += b.Answers
		}
	}
}

func countPassing(t *findings.Tally, b rollup.ScoreBin) {
	t.Bins[findings.BinOf(b.Score)] += b.Answers
	switch b.Score {
	case 50:
		t.Fifty += b.Answers
	case 100:
		t.Full += b.Answers
	}
}

// kindOf returns the kind of the vendor's code of an attack type.
func kindOf(code string) findings.Kind {
	switch code {
	case "1":
		return findings.Presentation
	case "2":
		return findings.Injection
	case "3":
		return findings.Unsure
	}
	return findings.OtherOrNone
}

// spokenName returns a region as sentences say it.
func spokenName(code string) string {
	name := page.RegionName(code)
	for _, plural := range []string{"Philippines", "Netherlands", "Bahamas", "Maldives", "Comoros", "Seychelles",
		"Gambia", "United ", " Islands", " Republic"} {
		if strings.Contains(name, plural) {
			return "the " + name
		}
	}
	return name
}

// Limits returns what a day's suspicious checks of a region, or with "" of all regions, may be without a change; false
// where there are no limits, or no scored checks on the day. The day is given by its first moment.
func (c *Claims) Limits(region string, day time.Time) (findings.Limits, bool) {
	night, ok := c.days[day.Unix()]
	if !ok {
		return findings.Limits{}, false
	}
	if region == "" {
		return c.Control.All(night)
	}
	return c.Control.Region(region, night)
}

// MarkTrouble marks a night of the baseline, counted from 0, that so much is missing of that it is no baseline.
func (c *Claims) MarkTrouble(night int) { c.nights[night].Trouble = true }

// Hour counts the scored checks of a region whose pictures were taken within one hour.
type Hour struct {
	snapshot.HourSuspicious
	Scored int64
}

// Missing returns how many of a region's listed IDs are not counted, in the period and before it.
type Missing func(region string) (now, before findings.Missing)

// Ask asks the questions of the page. Lists with a burst are read from the database; a score below the threshold is
// suspicious, and one on it unless inclusive.
func (c *Claims) Ask(
	ctx context.Context, lists snapshot.ListReader, threshold float64, inclusive bool, missing Missing,
) error {
	s := &findings.Series{Nights: c.nights, Baseline: c.against}
	for _, code := range page.SortedKeys(c.regions) {
		now, before := missing(code)
		s.Regions = append(s.Regions, findings.Region{Code: code, Name: spokenName(code), Nights: c.regions[code],
			MissingNow: now, MissingBefore: before})
	}
	if c.Sources != nil {
		s.Sources, s.SourceSums = c.Sources()
	}
	found, err := lists.Suspicious(ctx, c.period.From, c.period.To, threshold, inclusive, findings.FewestInCell)
	if err != nil {
		return err
	}
	places, err := c.addLists(ctx, lists, found, s)
	if err != nil {
		return err
	}
	c.addHours(c.Hours, s)
	if c.night {
		c.Page, c.Control = findings.NightPage(s, c.from), findings.NightControl(s, c.from)
		c.from = max(0, c.from-findings.Watched+1)
	} else {
		c.Page, c.Control = findings.MonthPage(s, c.from), findings.MonthControl(s, c.from)
	}
	for _, f := range c.Findings {
		list := places[listCell{f.Region, f.Place, c.from + f.From}]
		if f.Family != findings.Bursts || list == 0 {
			continue
		}
		span, err := lists.SuspiciousSpan(ctx, list, f.Region, c.period.From, c.period.To, threshold, inclusive)
		if err != nil {
			return err
		}
		f.When = c.spanWords(span)
	}
	return nil
}

// spanWords words within which hours pictures were taken, or answers came where that is not known: "" of a day or more,
// which is as good as any time.
func (c *Claims) spanWords(s snapshot.Span) string {
	first, last := s.First.In(c.period.Zone), s.Last.In(c.period.Zone)
	if s.First.IsZero() || last.Sub(first) >= 24*time.Hour {
		return ""
	}
	verb := map[bool]string{true: "taken", false: "answered"}[s.Captured]
	from, until := first.Format("15:04"), last.Format("15:04")
	switch {
	case first.YearDay() != last.YearDay():
		return fmt.Sprintf("%s %s %s to %s %s", verb, first.Format("2 Jan"), from, last.Format("2 Jan"), until)
	case s.Captured:
		return fmt.Sprintf("%s %s %s–%s", verb, first.Format("2 Jan"), from, until)
	}
	return fmt.Sprintf("%s %s–%s", verb, from, until)
}

// listCell names the cell of a list: its region's code, its place in words, and its night.
type listCell struct {
	region, place string
	night         int
}

// listAge sets how many days before the period a list may have been read whose answers came in it.
const listAge = 31

// addLists adds the lists whose suspicious answers could be a burst. A list's checks are its new IDs of the region: as
// many as were scored, or more, which makes a burst less likely than it is. It returns the lists of these cells;
// where two of a night are called the same, none.
func (c *Claims) addLists(
	ctx context.Context, lists snapshot.ListReader, found []snapshot.ListSuspicious, s *findings.Series,
) (map[listCell]int64, error) {
	if len(found) == 0 {
		return nil, nil
	}
	read, err := lists.Regions(ctx, c.period.From.AddDate(0, 0, -listAge), c.period.To)
	if err != nil {
		return nil, err
	}
	places := map[listCell]int64{}
	type listRegion struct {
		list   int64
		region string
	}
	known := map[listRegion]snapshot.ListRegion{}
	for _, l := range read {
		known[listRegion{l.ListID, l.Region}] = l
	}
	for _, l := range found {
		of, ok := known[listRegion{l.ListID, l.Region}]
		r := slices.IndexFunc(s.Regions, func(r findings.Region) bool { return r.Code == l.Region })
		night := c.nightOf(l.First)
		if !ok || r < 0 || night < c.from {
			continue
		}
		place := listPlace + page.Shortened(xlsx.Visible(filepath.Base(of.Path)), 40)
		cell := listCell{l.Region, place, night}
		if _, twice := places[cell]; twice {
			places[cell] = 0
		} else {
			places[cell] = l.ListID
		}
		s.Regions[r].Cells = append(s.Regions[r].Cells, findings.Cell{Night: night, Place: place,
			Scored: max(of.New, l.Suspicious), Suspicious: l.Suspicious, Injection: l.Injection})
	}
	return places, nil
}

// addHours adds the hours of capture whose suspicious answers could be a burst. The others of each night and region are
// counted: hardly any picture is asked about later than a day after it was taken.
func (c *Claims) addHours(found []Hour, s *findings.Series) {
	s.Hours = 24
	for _, h := range found {
		r := slices.IndexFunc(s.Regions, func(r findings.Region) bool { return r.Code == h.Region })
		if night := c.nightOf(h.First); r >= 0 && night >= c.from {
			from := h.Hour.In(c.period.Zone)
			s.Regions[r].Cells = append(s.Regions[r].Cells, findings.Cell{Night: night,
				Place:  "taken " + from.Format("2 Jan 15:04") + "–" + from.Add(time.Hour).Format("15:04"),
				Scored: h.Scored, Suspicious: h.Suspicious, Injection: h.Injection})
		}
	}
}

// nightOf returns the place of an instant among the nights.
func (c *Claims) nightOf(at time.Time) int {
	return sort.Search(len(c.nights), func(i int) bool { return c.nights[i].Day.After(at) }) - 1
}

// day returns a night of the period that findings count from.
func (c *Claims) day(i int) time.Time { return c.nights[c.from+i].Day }

// byRegion returns the findings about regions, those of one region together, the most important first.
func (c *Claims) byRegion() [][]*findings.Finding {
	var all [][]*findings.Finding
	for _, f := range c.Findings {
		if f.Family == findings.Overall {
			continue
		}
		i := slices.IndexFunc(all, func(g []*findings.Finding) bool {
			return g[0].Region == f.Region && g[0].Family != findings.Sources && f.Family != findings.Sources
		})
		if i < 0 {
			all = append(all, []*findings.Finding{f})
			continue
		}
		all[i] = append(all[i], f)
	}
	return all
}

// Moved reports whether a finding says that a region's passing scores moved.
func (c *Claims) Moved(region string) bool {
	return slices.ContainsFunc(c.Findings, func(f *findings.Finding) bool {
		return f.Family == findings.Scores && f.Region == region
	})
}

// listPlace begins the place of a burst that is one of a list, before the name of its file.
const listPlace = "list "

// Unnamed returns the same claims without the names of lists and of their columns, for what leaves the house: who reads it may not be told
// what files are called.
func (c *Claims) Unnamed() *Claims {
	page, all := *c.Page, *c
	page.Findings = slices.Clone(page.Findings)
	for i, f := range page.Findings {
		if f.Family == findings.Sources || strings.HasPrefix(f.Place, listPlace) {
			g := *f
			g.Place = "one list"
			if f.Family == findings.Sources {
				g.Name, g.Place = "one value", "of a column"
			}
			page.Findings[i] = &g
		}
	}
	all.Page = &page
	return &all
}

// ScoreSentences words the findings about passing scores.
func (c *Claims) ScoreSentences() (said []string) {
	for _, f := range c.Findings {
		if f.Family == findings.Scores {
			said = append(said, c.Sentence(f))
		}
	}
	return said
}

// Marks names the findings about a region, each in a word or two with a mark: the one that concerns most checks first.
func (c *Claims) Marks(region string) string {
	var words []string
	for _, f := range c.Findings {
		if f.Region != region || region == "" {
			continue
		}
		if w := mark(f); !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return strings.Join(words, ", ")
}

func mark(f *findings.Finding) string {
	arrow := "▼ "
	if f.Up {
		arrow = "▲ "
	}
	switch f.Family {
	case findings.Rate:
		return arrow + "rate"
	case findings.Ramp:
		return arrow + "through the period"
	case findings.Type:
		return arrow + strings.ToLower(f.Kind.String())
	case findings.Scores:
		return "◆ scores"
	case findings.Bursts:
		return "▲ burst"
	case findings.Heaps:
		return fmt.Sprintf("◆ exactly %g", f.Score)
	}
	return arrow + "some nights"
}

// InjectionBefore counts the injections among the suspicious checks of the baseline.
func (c *Claims) InjectionBefore() stats.Proportion {
	var p stats.Proportion
	for _, nights := range c.regions {
		for _, t := range nights[max(0, c.from-c.against):c.from] {
			p.Count, p.Total = p.Count+t.Kinds[findings.Injection], p.Total+t.Suspicious
		}
	}
	return p
}
