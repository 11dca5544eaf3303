// Package sources counts where a period's checks come from and how their pictures were taken: by list, by the columns
// of
// the lists that the configuration keeps, by platform and version, by hour of capture and by whose attempt they are. It
// writes the sheets Sources and Capture times.
package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"liverecon/report/claims"
	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/remarks"
	"liverecon/store/snapshot"
)

const (
	// mostBefore bounds how many answers of the period before are read: of more, its newest days are. With as many, a
	// source of one check in a hundred has a thousand before; the precision of a comparison is the smaller side's.
	mostBefore = 100_000
	// mostValues bounds the different values of a column.
	mostValues = page.MostValues
	// mostKeys bounds the different keys that attempts are counted by.
	mostKeys = 500_000
)

// The columns that answers carry, beside those of the lists.
const (
	platformColumn = "platform"
	versionColumn  = "sdkVersion"
)

// Question describes what is to be counted.
type Question struct {
	Period, Compare calendar.Period
	Keep            []string // columns of the lists
	Key             string   // the one that names whose attempt a check is; "" for none
	Threshold       float64
	Inclusive       bool
	Now, Before     int64 // answers of Period and Compare
	Minimum         int64 // scored checks before a rate is read
}

// Count counts scored checks.
type Count struct{ Scored, Suspicious, Injection int64 }

func (c *Count) plus(o Count) {
	c.Scored, c.Suspicious, c.Injection = c.Scored+o.Scored, c.Suspicious+o.Suspicious, c.Injection+o.Injection
}

func (c *Count) add(suspicious, injection bool) {
	c.Scored++
	if suspicious {
		c.Suspicious++
	}
	if suspicious && injection {
		c.Injection++
	}
}

// Rate returns the suspicious among the scored.
func (c Count) Rate() stats.Proportion { return stats.Proportion{Count: c.Suspicious, Total: c.Scored} }

// Value counts the checks of one value of a column.
type Value struct {
	Name        string
	Now, Before Count
	regions     [2]map[string]*findings.Share // now and before
}

// Column holds the values of one column.
type Column struct {
	Name   string
	Values map[string]*Value
	Full   bool // there are more values than are kept apart
	folded string
}

// Sources holds what was counted.
type Sources struct {
	Question
	Columns  []*Column
	Lists    []*List // of the period
	Captures map[string]*Capture
	Attempts *attempts     // nil without a key
	Hours    []claims.Hour // of capture, with enough suspicious checks for a burst
	BeforeOf calendar.Period
	Cut      bool           // BeforeOf is a part of the period before
	Claims   []Claim        // of the first page, about sources
	said     []remarks.Said // of the newest lists that were read in the period
	saidMore int            // lists that something was said of, too
	lists    map[int64]*List
	paths    map[int64]string
	words    map[*snapshot.OriginWords]int64 // checks that are not counted by platform and version yet
	hours    map[hourOf]*claims.Hour
}

// Claim holds what the first page claims about a value.
type Claim struct {
	Column, Value, Sentence string
	Up                      bool
}

// Claim takes over what the first page claims about values, once it was asked.
func (s *Sources) Claim(c *claims.Claims) {
	for _, f := range c.Findings {
		if f.Family == findings.Sources {
			s.Claims = append(s.Claims, Claim{f.Name, f.Place, c.Sentence(f), f.Up})
		}
	}
}

// hourOf names an hour of capture in a region, in hours since 1970.
type hourOf struct {
	region string
	hour   int64
}

// List counts the checks of one list.
type List struct {
	Path string
	Count
}

// Load counts the answers of a period, and those of the period before: of many, its newest days.
func Load(ctx context.Context, snap *snapshot.Snapshot, q Question) (*Sources, error) {
	s := &Sources{Question: q, Captures: map[string]*Capture{}, lists: map[int64]*List{},
		words: map[*snapshot.OriginWords]int64{}, hours: map[hourOf]*claims.Hour{}}
	for _, name := range append(append([]string{}, q.Keep...), platformColumn, versionColumn) {
		s.Columns = append(s.Columns, newColumn(name))
	}
	if q.Key != "" {
		s.Attempts = newAttempts()
	}
	s.BeforeOf, s.Cut = newest(q.Compare, q.Before)
	var err error
	if s.paths, err = snap.Answers().ListPaths(ctx); err != nil {
		return nil, err
	}
	if s.said, s.saidMore, err = snap.Lists().Remarks(ctx, q.Period.From, q.Period.To, mostShown); err != nil {
		return nil, err
	}
	if err = s.findHours(ctx, snap.Lists()); err != nil {
		return nil, err
	}
	for when, p := range []calendar.Period{q.Period, s.BeforeOf} {
		err = errors.Join(err, snap.Answers().EachOrigin(ctx, snapshot.OriginQuestion{From: p.From, To: p.To,
			Threshold: q.Threshold, Inclusive: q.Inclusive, Places: when == 0, Reference: len(q.Keep) > 0 ||
				q.Key != "" && when == 0, Answers: []int64{q.Now, min(q.Before, mostBefore)}[when]},
			func(o *snapshot.Origin) error {
				s.count(when, o)
				return nil
			}))
		s.fold(when)
	}
	for _, h := range s.hours {
		s.Hours = append(s.Hours, *h)
	}
	slices.SortFunc(s.Hours, func(a, b claims.Hour) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), a.Hour.Compare(b.Hour))
	})
	s.sort()
	return s, err
}

// findHours reads which hours of capture could be a burst; their checks are counted as they are read.
func (s *Sources) findHours(ctx context.Context, lists snapshot.ListReader) error {
	found, err := lists.SuspiciousHours(ctx, s.Period.From, s.Period.To, s.Threshold, s.Inclusive,
		findings.FewestInCell)
	for _, h := range found {
		s.hours[hourOf{h.Region, h.Hour.Unix() / 3600}] = &claims.Hour{HourSuspicious: h}
	}
	return err
}

// newest returns the last days of a period that have few enough answers if all of its days have as many.
func newest(p calendar.Period, answers int64) (calendar.Period, bool) {
	days := p.Days()
	fit := len(days)
	if answers > mostBefore {
		fit = max(1, int(int64(len(days))*mostBefore/answers))
	}
	if fit == len(days) {
		return p, false
	}
	from := days[len(days)-fit].From.In(p.Zone)
	return calendar.Days(from.Year(), from.Month(), from.Day(), fit, p.Zone), true
}

func newColumn(name string) *Column {
	return &Column{Name: name, folded: page.Folded(name), Values: map[string]*Value{}}
}

// notGiven names the value of checks without one.
const notGiven = "(not given)"

// mostWords bounds how many different words of answers are counted before they are taken apart.
const mostWords = 10_000

// count counts an answer, of the period when that is 0, else of the one before.
func (s *Sources) count(when int, o *snapshot.Origin) {
	suspicious, injection := o.Suspicious, o.AttackType == "2"
	if s.words[o.OriginWords]++; len(s.words) > mostWords {
		s.fold(when)
	}
	kept := s.kept(o.Reference)
	for _, c := range s.Columns[:len(s.Keep)] {
		c.count(when, kept[c.folded], o.OriginWords, 1)
	}
	if when > 0 {
		return
	}
	l := s.lists[o.ListID]
	if l == nil {
		l = &List{Path: s.paths[o.ListID]}
		s.lists[o.ListID] = l
	}
	l.add(suspicious, injection)
	s.captured(o, suspicious, injection)
	if s.Attempts != nil {
		s.Attempts.count(kept[page.Folded(s.Key)], suspicious)
	}
}

// fold counts by platform and version what was counted by words.
func (s *Sources) fold(when int) {
	for w, n := range s.words {
		for _, c := range s.Columns[len(s.Keep):] {
			value := w.SDKVersion
			if c.Name == platformColumn {
				value = w.Platform
			}
			c.count(when, value, w, n)
		}
	}
	clear(s.words)
}

// Shown returns the kept columns of a row, as sheets show them, and whose attempt it is in words: "" where the row names
// nobody, or nobody with another attempt.
func (s *Sources) Shown(reference []byte) (columns []string, attempt string) {
	kept := s.kept(reference)
	for _, c := range s.Columns[:len(s.Keep)] {
		columns = append(columns, xlsx.Visible(kept[c.folded]))
	}
	if key := kept[page.Folded(s.Key)]; s.Attempts != nil && key != "" {
		if c := s.Attempts.keys[maphash.String(s.Attempts.seed, key)]; c != nil && c.Scored > 1 {
			attempt = fmt.Sprintf("one of %d attempts of its %s, %d suspicious", c.Scored, shown(s.Key), c.Suspicious)
		}
	}
	return columns, attempt
}

// kept returns the columns of a row by their folded names.
func (s *Sources) kept(reference []byte) map[string]string {
	if len(s.Keep) == 0 && s.Key == "" {
		return nil
	}
	return page.KeptColumns(reference)
}

// count counts n answers of one value.
func (c *Column) count(when int, value string, w *snapshot.OriginWords, n int64) {
	if value == "" {
		value = notGiven
	}
	v := c.Values[value]
	if v == nil {
		if c.Full = c.Full || len(c.Values) >= mostValues; c.Full {
			return
		}
		v = &Value{Name: strings.Clone(value), regions: [2]map[string]*findings.Share{{}, {}}}
		c.Values[v.Name] = v
	}
	add := Count{Scored: n}
	if w.Suspicious {
		add.Suspicious = n
		if w.AttackType == "2" {
			add.Injection = n
		}
	}
	counts := [2]*Count{&v.Now, &v.Before}
	counts[when].plus(add)
	share := v.regions[when][w.Region]
	if share == nil {
		share = &findings.Share{}
		v.regions[when][w.Region] = share
	}
	share.Checks += n
	share.Suspicious += add.Suspicious
}

// shares returns a value's checks by region, and adds them to those of its column.
func (v *Value) shares(when int, sums map[string]findings.Share) map[string]findings.Share {
	own := map[string]findings.Share{}
	for region, s := range v.regions[when] {
		own[region] = *s
		sums[region] = findings.Share{Suspicious: sums[region].Suspicious + s.Suspicious,
			Checks: sums[region].Checks + s.Checks}
	}
	return own
}

// Candidates returns the values that findings are asked about: none of a column that has only one, or too many.
func (s *Sources) Candidates() (all []findings.Source, sums map[string]findings.SourceSums) {
	sums = map[string]findings.SourceSums{}
	for _, c := range s.Columns {
		if c.Full || len(c.Values) < 2 {
			continue
		}
		of := findings.SourceSums{Now: map[string]findings.Share{}, Before: map[string]findings.Share{}}
		for _, v := range c.sorted() {
			now, before := v.shares(0, of.Now), v.shares(1, of.Before)
			if v.Name != notGiven {
				all = append(all, findings.Source{Column: c.Name, Value: shown(v.Name), Now: now, Before: before})
			}
		}
		sums[c.Name] = of
	}
	return all, sums
}

// shown returns a value as a sheet and a sentence show it.
func shown(value string) string {
	text := []rune(xlsx.Visible(value))
	if len(text) > 40 {
		return string(text[:39]) + "…"
	}
	return string(text)
}

// attempts counts the checks of each key.
type attempts struct {
	seed maphash.Seed
	keys map[uint64]*Count
	full bool
	none int64 // checks without a key
}

func newAttempts() *attempts { return &attempts{seed: maphash.MakeSeed(), keys: map[uint64]*Count{}} }

func (a *attempts) count(key string, suspicious bool) {
	if key == "" {
		a.none++
		return
	}
	h := maphash.String(a.seed, key)
	c := a.keys[h]
	if c == nil {
		if a.full = a.full || len(a.keys) >= mostKeys; a.full {
			return
		}
		c = &Count{}
		a.keys[h] = c
	}
	c.add(suspicious, false)
}
