// Package sources counts where a period's checks come from and how their pictures were taken: by list, by the columns
// of
// the lists that the configuration keeps, by platform and version, by hour of capture and by whose attempt they are. It
// writes the sheets Sources and Capture times.
package sources

import (
	"context"
	"encoding/json"
	"errors"
	"hash/maphash"
	"strings"
	"unicode"

	"liverecon/report/findings"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

const (
	// mostBefore bounds how many answers of the period before are read: of more, its newest days are.
	mostBefore = 500_000
	// mostValues bounds the different values of a column: one with more names persons, not sources.
	mostValues = 1_000
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
	Passes          func(score float64) bool
	Before          int64 // answers of Compare
	Minimum         int64 // scored checks before a rate is read
}

// Count counts scored checks.
type Count struct{ Scored, Suspicious, Injection int64 }

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
	regions     [2]map[string]findings.Share // now and before
}

// Column holds the values of one column.
type Column struct {
	Name   string
	Values map[string]*Value
	Full   bool // there are more values than are kept apart
	folded string
	sums   [2]map[string]findings.Share
}

// Sources holds what was counted.
type Sources struct {
	Question
	Columns  []*Column
	Lists    []*List // of the period
	Captures map[string]*Capture
	Attempts *attempts // nil without a key
	BeforeOf calendar.Period
	Cut      bool // BeforeOf is a part of the period before
	lists    map[int64]*List
	paths    map[int64]string
}

// List counts the checks of one list.
type List struct {
	Path string
	Count
}

// Load counts the answers of a period, and those of the period before: of many, its newest days.
func Load(ctx context.Context, snap *snapshot.Snapshot, q Question) (*Sources, error) {
	s := &Sources{Question: q, Captures: map[string]*Capture{}, lists: map[int64]*List{}}
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
	for when, p := range []calendar.Period{q.Period, s.BeforeOf} {
		err = errors.Join(err, snap.Answers().EachOrigin(ctx, p.From, p.To, func(o *snapshot.Origin) error {
			s.count(when, o)
			return nil
		}))
	}
	s.sort()
	return s, err
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
	return &Column{Name: name, folded: fold(name), Values: map[string]*Value{},
		sums: [2]map[string]findings.Share{{}, {}}}
}

// fold brings names of columns together that differ in case and marks only, as lists are read.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// notGiven names the value of checks without one.
const notGiven = "(not given)"

// count counts an answer, of the period when that is 0, else of the one before.
func (s *Sources) count(when int, o *snapshot.Origin) {
	suspicious, injection := !s.Passes(o.Score), o.AttackType == "2"
	kept := s.kept(o.Reference)
	for i, c := range s.Columns {
		value := ""
		switch {
		case i < len(s.Keep):
			value = kept[c.folded]
		case c.Name == platformColumn:
			value = o.Platform
		default:
			value = o.SDKVersion
		}
		c.count(when, value, o.Region, suspicious, injection)
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
		s.Attempts.count(kept[fold(s.Key)], suspicious)
	}
}

// kept returns the columns of a row by their folded names.
func (s *Sources) kept(reference []byte) map[string]string {
	if len(reference) == 0 || len(s.Keep) == 0 && s.Key == "" {
		return nil
	}
	var all map[string]string
	if json.Unmarshal(reference, &all) != nil {
		return nil // written by liverecon; a row that is not counts as not given
	}
	kept := make(map[string]string, len(all))
	for name, value := range all {
		kept[fold(name)] = strings.TrimSpace(value)
	}
	return kept
}

func (c *Column) count(when int, value, region string, suspicious, injection bool) {
	if value == "" {
		value = notGiven
	}
	v := c.Values[value]
	if v == nil {
		if c.Full = c.Full || len(c.Values) >= mostValues; c.Full {
			return
		}
		v = &Value{Name: strings.Clone(value), regions: [2]map[string]findings.Share{{}, {}}}
		c.Values[v.Name] = v
	}
	counts := [2]*Count{&v.Now, &v.Before}
	counts[when].add(suspicious, injection)
	for _, of := range []map[string]findings.Share{v.regions[when], c.sums[when]} {
		share := of[region]
		share.Checks++
		if suspicious {
			share.Suspicious++
		}
		of[region] = share
	}
}

// Candidates returns the values that findings are asked about: none of a column that has only one, or too many.
func (s *Sources) Candidates() (all []findings.Source, sums map[string]findings.SourceSums) {
	sums = map[string]findings.SourceSums{}
	for _, c := range s.Columns {
		if c.Full || len(c.Values) < 2 {
			continue
		}
		sums[c.Name] = findings.SourceSums{Now: c.sums[0], Before: c.sums[1]}
		for _, v := range c.sorted() {
			if v.Name == notGiven {
				continue
			}
			all = append(all, findings.Source{Column: c.Name, Value: shown(v.Name), Now: v.regions[0],
				Before: v.regions[1]})
		}
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
