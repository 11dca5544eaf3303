package xlsx

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"
)

// names defines the printed area, the row repeated on every page, and the names of tables.
func (x *encoder) names(s *Sheet) error {
	if s.Print != (Area{}) {
		if err := x.define("_xlnm.Print_Area", s.Area(s.Print.From, s.Print.To).String(), s.Name); err != nil {
			return err
		}
	}
	if s.Repeat > 0 {
		row := fmt.Sprintf("%s!$%d:$%d", QuoteSheet(s.Name), s.Repeat, s.Repeat)
		if err := x.define("_xlnm.Print_Titles", row, s.Name); err != nil {
			return err
		}
	}
	for name, at := range s.tableNames() {
		if err := x.define(name, s.Area(at.From, at.To).String(), "Workbook"); err != nil {
			return err
		}
	}
	return nil
}

func (x *encoder) define(name, refersTo, scope string) error {
	return x.file.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: refersTo, Scope: scope})
}

// ListName ends the name of a sheet's list.
const ListName = ".List"

// tableNames gives the tables of a sheet, and its list, the names by which other programs find them:
// Attack_types.Suspicious_checks_by_region, Detail. They do not depend on where a table stands, nor on how many there
// are; only of two tables of one name in a sheet the second is called _2.
func (s *Sheet) tableNames() func(yield func(string, Area) bool) {
	return func(yield func(string, Area) bool) {
		used := map[string]int{}
		for _, t := range s.Tables {
			name := nameOf(s.Name) + "." + nameOf(t.Name)
			used[name]++
			if n := used[name]; n > 1 {
				name += fmt.Sprintf("_%d", n)
			}
			if !yield(name, t.At) {
				return
			}
		}
		if l := s.List; l != nil {
			yield(nameOf(s.Name)+ListName, Area{From: l.at(0, l.First), To: l.at(len(l.Columns)-1, l.First+l.Count)})
		}
	}
}

// longestName sets how long each half of a name is at most, so that both fit into the 255 characters that spreadsheets
// take.
const longestName = 100

// nameOf returns a text as a part of a defined name: letters and digits, with underscores between the words, and not
// beginning with the number that orders sections.
func nameOf(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) > 1 && unicode.IsDigit([]rune(words[0])[0]) {
		words = words[1:]
	}
	name := []rune(strings.Join(words, "_"))
	return string(name[:min(len(name), longestName)])
}
