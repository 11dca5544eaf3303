package list

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Below a list's header stand lines that are no rows, and that nobody has to look at: rulers, a count of the rows, the
// end-of-file mark of old systems. They are no rejects, but named in a note. So is another header, which is the one of
// the rows below it.

// noRows counts such lines.
type noRows struct {
	lines int
	first []string // the first of them, as they are shown
}

func (n *noRows) add(line int, shown string) {
	const most = 3
	if n.lines++; n.lines <= most {
		n.first = append(n.first, fmt.Sprintf("%s on line %d", shown, line))
	}
}

// words returns a note about them; none for none.
func (n *noRows) words() []string {
	if n.lines == 0 {
		return nil
	}
	shown := n.first
	if more := n.lines - len(shown); more > 0 {
		shown = append(slices.Clip(shown), fmt.Sprintf("and %d more", more))
	}
	return []string{"no rows, and not counted as such: " + strings.Join(shown, ", ")}
}

// errHeader ends the reading of rows at another header.
var errHeader = errors.New("another header")

var (
	// as SQL*Plus, psql and SAP write them
	ruler     = regexp.MustCompile(`^[-+=_*~|. ]*(?:-{3}|={3}|_{3}|\*{3}|~{3}|-\+-)[-+=_*~|. ]*$`)
	rowsCount = regexp.MustCompile(`(?i)^\(?[0-9][0-9,.]* (?:rows?|records?|filas?|registros?|baris)` +
		`(?: (?:affected|selected|returned))?\.?\)?$`)
)

// noData shows cells that hold no data; "" for others.
func noData(cells []string) string {
	filled := slices.DeleteFunc(slices.Clone(cells), func(cell string) bool { return cell == "" })
	all := func(one func(string) bool) bool {
		return !slices.ContainsFunc(filled, func(cell string) bool { return !one(cell) })
	}
	switch {
	case len(filled) == 0:
		return "nothing that can be seen"
	case all(ruler.MatchString), len(filled) == 1 && rowsCount.MatchString(filled[0]):
		return strconv.Quote(cutListValue(filled[0], false))
	}
	return ""
}
