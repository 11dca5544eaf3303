package list

import (
	"fmt"
	"strings"

	"github.com/biter777/countries"
)

// regionSource is where a row's region comes from.
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

// FileRegion is what counts for rows of a list that give no region themselves.
type FileRegion struct {
	Region string // alpha-2; "" is none: such rows are rejected
	source regionSource
	name   NameRegion
}

// FileRegion finds the region for rows of a list that give none: from {region} of the pattern that named the list, then
// from the file's name, then from DefaultRegion.
func (o Options) FileRegion(path string) FileRegion {
	if region := o.Placed[path]; region != "" {
		return FileRegion{Region: region, source: fromPattern}
	}
	f := FileRegion{name: RegionFromName(path, o)}
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

// EarlierReading is a rule of reading lists, by its number, and the region that it took for a list's.
type EarlierReading struct {
	Region string // alpha-2; "" is none
	Rule   int
}

// Earlier returns how the list at path may have been read before: by the first rule with the region of today, then
// with another. The rule of today had another where the list's name has a word that was taken for a country.
func (f FileRegion) Earlier(path string, today int) []EarlierReading {
	was := EarlierRegion(path)
	readings := []EarlierReading{{f.BeforeDefault(), 1}, {was, 1}}
	if f.name.Doubtful {
		readings = append(readings, EarlierReading{was, today})
	}
	return readings
}

// String says where the region comes from.
func (f FileRegion) String() string {
	switch f.source {
	case fromPattern:
		return f.Region + " by its pattern"
	case fromName:
		return f.Region + " by its name"
	case fromWord:
		return fmt.Sprintf("%s by %q in its name", f.Region, f.name.Word)
	case fromDefault:
		if f.name.Doubtful {
			return fmt.Sprintf("%s by default_region, as %q in its name is a word", f.Region, f.name.Word)
		}
		return f.Region + " by default_region"
	}
	if len(f.name.Rivals) > 0 {
		return "none: its name gives " + strings.Join(f.name.Rivals, " and ")
	}
	return "none"
}

// regionSourcesSeen counts where the regions of a list's rows come from, and which columns might have been meant.
type regionSourcesSeen struct {
	rows  [regionSources]int
	codes []codeColumn
}

// words says where the regions of a list that was read come from. column is the name of its column for them.
func (s *regionSourcesSeen) words(column string, file FileRegion) string {
	column = fmt.Sprintf("column %q", column)
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

// notes are words about a list that was read, each with what to do. waits is the line that may be cut off, 0 for none.
func (s *regionSourcesSeen) notes(file FileRegion, waits int) []string {
	var notes []string
	if s.rows[fromWord] > 0 {
		notes = append(notes, fmt.Sprintf("%q in its name is taken for %s; if it is a word, "+
			"set input.default_region, or put {region} into the pattern under lists", file.name.Word,
			countries.ByName(file.Region)))
	}
	if rest := s.rows[file.source]; rest > 0 && file.Region != "" {
		for _, c := range s.codes {
			if c.rows > 0 && !c.other {
				notes = append(notes, fmt.Sprintf("column %q is full of countries, and its rows go to %s; "+
					"if it is their region, name it under [input.columns] region", c.name, file))
			}
		}
	}
	if waits > 0 {
		notes = append(notes, fmt.Sprintf("line %d has no line end and may be cut off: "+
			"it waits until the next run finds the file unchanged", waits))
	}
	return notes
}

// codeColumn is a column that is not used, as far as it holds countries only.
type codeColumn struct {
	canonical, name string
	rows            int
	other           bool // it holds something else, too
}

const codeRows = 200 // rows that are looked at for columns of countries

// lookForCodes notes which unused columns hold nothing but countries.
func (s *regionSourcesSeen) lookForCodes(others map[string]string) {
	for i := range s.codes {
		c := &s.codes[i]
		if text := trimListCell(others[c.canonical]); !c.other && !listPlaceholder(text) && text != "" {
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
