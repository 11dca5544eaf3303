package list

import (
	"fmt"
	"strings"

	"github.com/biter777/countries"
)

// regionSource names where a row's region comes from.
type regionSource int

const (
	fromNowhere regionSource = iota
	fromColumn
	fromPattern
	fromName
	fromWord // of the name, that is a word as well
	fromDefault
	regionSources
)

// FileRegion holds what counts for rows of a list that give no region themselves.
type FileRegion struct {
	Region string // alpha-2; "" is none: such rows are rejected
	source regionSource
	name   NameRegion
	packed string // the name of the list in an archive, "" for none
}

// FileRegion finds the region for rows of a list that give none: from {region} of the pattern that named the list, then
// from the file's name, with that of the list packed in it ([Content.Packed], "" for none), then from DefaultRegion.
func (o Options) FileRegion(path, packed string) FileRegion {
	if region := o.Placed[path]; region != "" {
		return FileRegion{Region: region, source: fromPattern}
	}
	f := FileRegion{name: RegionFromName(path, packed, o), packed: packed}
	switch {
	case len(f.name.Rivals) > 0:
	case f.name.Region != "" && !f.name.Doubtful:
		f.Region, f.source = f.name.Region, fromName
	case o.DefaultRegion != "":
		f.Region, f.source = o.DefaultRegion, fromDefault
	case f.name.Doubtful:
		f.Region, f.source = f.name.Region, fromWord
	}
	return f
}

// EarlierReading represents a rule of reading lists, by its number, and the region that it took for a list's.
type EarlierReading struct {
	Region string // alpha-2; "" is none
	Rule   int
}

// Earlier returns how the list at path may have been read before with the region of today, by rules before today's, and
// then with which others: by any rule, also today's while it knew fewer words, with any of the countries whose code
// stands in its name, or none.
func (f FileRegion) Earlier(path string, today int) (same, others []EarlierReading) {
	for rule := today - 1; rule > 0; rule-- {
		same = append(same, EarlierReading{f.BeforeDefault(), rule})
	}
	if f.source == fromPattern { // names counted as well, before patterns did
		return same, []EarlierReading{{EarlierRegion(path), 1}}
	}
	regions := appendNew(codesIn(path, f.packed), "")
	for rule := today; rule > 0; rule-- {
		for _, region := range regions {
			if region != f.BeforeDefault() {
				others = append(others, EarlierReading{region, rule})
			}
		}
	}
	return same, others
}

// codesIn lists the countries (alpha-2) whose codes stand in names.
func codesIn(names ...string) (regions []string) {
	for _, name := range names {
		before := ""
		for _, word := range append(nameWords(name), nameWords(toFirstPoint(name))...) {
			if code, _ := regionWord(word, strings.ToLower(before)); code != "" {
				regions = appendNew(regions, code)
			}
			before = word
		}
	}
	return regions
}

// String describes where the region comes from.
func (f FileRegion) String() string {
	switch f.source {
	case fromPattern:
		return f.Region + " by its pattern"
	case fromName:
		return f.Region + " by " + f.names()
	case fromWord:
		return fmt.Sprintf("%s by %q in %s", f.Region, f.name.Word, f.names())
	case fromDefault:
		if f.name.Doubtful {
			return fmt.Sprintf("%s by default_region, as %q in %s is a word", f.Region, f.name.Word, f.names())
		}
		return f.Region + " by default_region"
	}
	if len(f.name.Rivals) > 0 {
		return "none: two countries stand in " + f.names() + ": " + strings.Join(f.name.Rivals, " and ")
	}
	return "none"
}

// names returns what the list is called by, which may be two names.
func (f FileRegion) names() string {
	if f.packed != "" {
		return "its name and that of the list in it"
	}
	return "its name"
}

// regionSourcesSeen counts where the regions of a list's rows come from, and which columns might have been meant.
type regionSourcesSeen struct {
	rows   [regionSources]int
	codes  []codeColumn
	column string // of regions, by the first header that has one
	short  int    // rows that end before it
}

// inherit reports whether a row gives no region.
func (s *regionSourcesSeen) inherit() bool {
	for source, rows := range s.rows {
		if rows > 0 && regionSource(source) != fromColumn {
			return true
		}
	}
	return false
}

// words describes where the regions of a list that was read come from.
func (s *regionSourcesSeen) words(file FileRegion) string {
	column := fmt.Sprintf("column %q", s.column)
	switch rest := s.rows[file.source]; {
	case s.rows[fromColumn] == 0 && rest == 0:
		return ""
	case s.rows[fromColumn] == 0:
		return file.String()
	case rest == 0:
		return column
	default:
		return fmt.Sprintf("%s, else %s", column, file)
	}
}

// notes returns words about a list that was read, each with what to do. waits is the line that may be cut off, 0 for
// none.
func (s *regionSourcesSeen) notes(file FileRegion, waits int) []string {
	var notes []string
	if s.rows[fromWord] > 0 {
		notes = append(notes, fmt.Sprintf("%q in its name is taken for %s; if it is a word, "+
			"set input.default_region, or put {region} into the pattern under lists", file.name.Word,
			countries.ByName(file.Region)))
	}
	if s.rows[fromDefault] > 0 && file.name.Doubtful && file.name.Region != file.Region {
		notes = append(notes, fmt.Sprintf("its rows go to %s; if it is %s, put {region} into the pattern under lists",
			file, countries.ByName(file.name.Region)))
	}
	if s.rows[fromDefault] > 0 && file.name.Like != "" && file.name.LikeOf != file.Region {
		notes = append(notes, fmt.Sprintf("%q in its name gives no region, and its rows go to %s; if it is %s, write it "+
			"there as %s, alone between separators, or put {region} into the pattern under lists", file.name.Like, file,
			countries.ByName(file.name.LikeOf), file.name.LikeOf))
	}
	if rest := s.rows[file.source]; rest > 0 && file.Region != "" {
		for _, c := range s.codes {
			if c.rows > 0 && !c.other {
				notes = append(notes, fmt.Sprintf("column %q is full of countries, and its rows go to %s; "+
					"if it is their region, name it under [input.columns] region", c.name, file))
			}
		}
	}
	if s.short > 0 {
		notes = append(notes, fmt.Sprintf("rows of it end before column %q (%d), and go to %s", s.column, s.short, file))
	}
	if waits > 0 {
		notes = append(notes, fmt.Sprintf("line %d has no line end and may be cut off: "+
			"it waits until the next run finds the file unchanged", waits))
	}
	return notes
}

// codeColumn represents a column that is not used, as far as it holds countries only.
type codeColumn struct {
	canonical, name string
	rows            int
	other           bool // it holds something else, too
	over            bool // another header stands above what follows
}

const codeRows = 200 // rows that are looked at for columns of countries

// lookForCodes notes which unused columns hold nothing but countries.
func (s *regionSourcesSeen) lookForCodes(others map[string]string) {
	for i := range s.codes {
		c := &s.codes[i]
		if text := trimListCell(others[c.canonical]); !c.other && !c.over && !listPlaceholder(text) && text != "" {
			_, ok := ParseRegion(text)
			c.rows++
			c.other = !ok
		}
	}
}

// BeforeDefault returns the region as far as it does not come from DefaultRegion; "" is none.
func (f FileRegion) BeforeDefault() string {
	if f.source == fromDefault {
		return ""
	}
	return f.Region
}
