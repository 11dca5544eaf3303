package risk

import (
	"context"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// baselineNights is how many nights before a month its findings are claimed against, where they exist.
const baselineNights = 84

// claims are what the first page may say changed: the findings of a period against a baseline of its own, which is
// longer than the period that figures stand beside.
type claims struct {
	*findings.Page
	period   calendar.Period
	baseline calendar.Period
	chosen   bool // the baseline is the period that was asked to be compared with
	night    bool // the period is one night
	nights   []findings.Night
	from     int // the first night of Page's period among nights
}

// newClaims returns what is to be counted for the findings of a period: the nights of its baseline and its own, and for
// one night those before it that tell what goes on.
func newClaims(p, compare calendar.Period) *claims {
	c := &claims{period: p, night: len(p.Days()) == 1}
	c.chosen = compare != calendar.Period{}
	n := baselineNights
	if c.night {
		n = findings.NightBefore
	}
	y, m, d := p.From.In(p.Zone).Date()
	c.baseline = calendar.Days(y, m, d-n, n, p.Zone)
	if c.chosen {
		c.baseline, c.night = compare, false
	}
	return c
}

// counter counts answers by night and region.
type counter struct {
	days    map[int64]int
	regions map[string][]findings.Tally
	nights  int
}

// sinks count the nights of the baseline and of the period, into one row of nights.
func (c *claims) sinks(r rule, to *counter) []sink {
	to.days, to.regions = map[int64]int{}, map[string][]findings.Tally{}
	var all []sink
	for _, p := range []calendar.Period{c.baseline, c.period} {
		for _, d := range p.Days() {
			to.days[d.From.Unix()] = to.nights
			c.nights = append(c.nights, findings.Night{Day: d.From.In(p.Zone)})
			to.nights++
		}
		all = append(all, sink{p, func(s *store.Scores) { to.add(p, s, r) }})
	}
	c.from = to.nights - len(c.period.Days())
	return all
}

// add counts the answers of a day.
func (to *counter) add(p calendar.Period, s *store.Scores, r rule) {
	from, _ := calendar.Day(s.Day, p.Zone)
	at, ok := to.days[from.Unix()]
	if !ok {
		return
	}
	if to.regions[s.Region] == nil {
		to.regions[s.Region] = make([]findings.Tally, to.nights)
	}
	t := &to.regions[s.Region][at]
	for _, b := range s.Bins {
		countScore(t, b, r.side(b.Score), s.AttackType)
	}
}

func countScore(t *findings.Tally, b store.ScoreBin, s side, attackType string) {
	t.Scored += b.Answers
	if s == passing {
		t.Bins[findings.BinOf(b.Score)] += b.Answers
		switch b.Score {
		case 50:
			t.Fifty += b.Answers
		case 100:
			t.Full += b.Answers
		}
		return
	}
	t.Suspicious += b.Answers
	t.Kinds[kindOf(attackOf(attackType, s))] += b.Answers
	if b.Score == 0 {
		t.Zero += b.Answers
	}
}

// kindOf returns the group of types that findings ask about.
func kindOf(a Attack) findings.Kind {
	switch a {
	case Presentation:
		return findings.Presentation
	case Injection:
		return findings.Injection
	case Unsure:
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

// finish marks nights with vendor trouble, adds what is missing, and asks the questions.
func (c *claims) finish(ctx context.Context, d *Data, counted *counter) error {
	snap, now, past := d.snap, &d.listed, &d.past
	if err := c.markTrouble(ctx, snap); err != nil {
		return err
	}
	s := &findings.Series{Nights: c.nights}
	for _, code := range page.SortedKeys(counted.regions) {
		listed, before := now.of(code), past.of(code)
		s.Regions = append(s.Regions, findings.Region{Code: code, Name: spokenName(code),
			Nights:        counted.regions[code],
			MissingNow:    findings.Missing{IDs: listed.uncounted(), Listed: listed.listed()},
			MissingBefore: findings.Missing{IDs: before.uncounted(), Listed: before.listed()}})
	}
	if err := c.addLists(ctx, d, s); err != nil {
		return err
	}
	if c.night {
		c.Page = findings.NightPage(s, c.from)
		c.from = max(0, c.from-findings.Watched+1)
	} else {
		c.Page = findings.MonthPage(s, c.from)
	}
	return nil
}

// addLists adds the lists whose suspicious answers could be a burst. A list's checks are its new IDs of the region: as
// many as were scored, or more, which makes a burst less likely than it is.
func (c *claims) addLists(ctx context.Context, d *Data, s *findings.Series) error {
	found, err := d.snap.Lists().Suspicious(ctx, c.period.From, c.period.To, d.Threshold, d.Inclusive,
		findings.FewestInCell)
	if err != nil || len(found) == 0 {
		return err
	}
	first := c.period.From
	for i := range found {
		if found[i].First.Before(first) {
			first = found[i].First
		}
	}
	lists, err := d.snap.Lists().Regions(ctx, first.AddDate(0, 0, -listAge), c.period.To)
	if err != nil {
		return err
	}
	known := map[listRegion]store.ListRegion{}
	for _, l := range lists {
		known[listRegion{l.ListID, l.Region}] = l
	}
	for _, l := range found {
		of, ok := known[listRegion{l.ListID, l.Region}]
		r := slices.IndexFunc(s.Regions, func(r findings.Region) bool { return r.Code == l.Region })
		night := sort.Search(len(c.nights), func(i int) bool { return c.nights[i].Day.After(l.First) }) - 1
		if !ok || r < 0 || night < c.from {
			continue
		}
		s.Regions[r].Cells = append(s.Regions[r].Cells, findings.Cell{Night: night,
			Place:  "list " + page.Shortened(xlsx.Visible(filepath.Base(of.Path)), 40),
			Scored: max(of.New, l.Suspicious), Suspicious: l.Suspicious, Injection: l.Injection})
	}
	return nil
}

// listAge is how many days before the period a list may have been read whose answers came in it.
const listAge = 31

// markTrouble marks the nights of the baseline that vendor trouble makes worthless.
func (c *claims) markTrouble(ctx context.Context, snap *store.Snapshot) error {
	days := make([]trendDay, len(c.baseline.Days()))
	if err := addTrouble(ctx, snap, c.baseline, days); err != nil {
		return err
	}
	for i := range days {
		c.nights[i].Trouble = days[i].troubled()
	}
	return nil
}

// day returns a night of the period that findings count from.
func (c *claims) day(i int) time.Time { return c.nights[c.from+i].Day }

// headline returns the findings of regions, those of one region together, the most important first.
func (c *claims) byRegion() [][]*findings.Finding {
	var all [][]*findings.Finding
	for _, f := range c.Findings {
		if f.Family == findings.Overall {
			continue
		}
		i := slices.IndexFunc(all, func(g []*findings.Finding) bool { return g[0].Region == f.Region })
		if i < 0 {
			all = append(all, []*findings.Finding{f})
			continue
		}
		all[i] = append(all[i], f)
	}
	return all
}

// moved reports whether a finding says that a region's passing scores moved.
func (c *claims) moved(region string) bool {
	return slices.ContainsFunc(c.Findings, func(f *findings.Finding) bool {
		return f.Family == findings.Scores && f.Region == region
	})
}
