package review

import (
	"fmt"
	"strings"

	"liverecon/batch/table"
	"liverecon/report/xlsx"
)

// Every column that is read back is found by its head. Somebody may have put another of the same name beside it, so
// ours is the one that stands among the columns that the program has written around it.

// header holds the heads of a table's columns as they are compared, and the zones that those of times name.
type header struct{ heads, zones []string }

// headerOf reads a row as a header. A head of a time names its zone in brackets: those of these names.
func headerOf(cells []table.Cell, dated ...string) header {
	h := header{make([]string, len(cells)), make([]string, len(cells))}
	for i, c := range cells {
		h.heads[i], h.zones[i] = foldHead(c.Text, dated)
	}
	return h
}

// foldHead brings a head to the form in which it is compared, without the zone in brackets that times have.
func foldHead(text string, dated []string) (head, zone string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, d := range dated {
		if name, in, ok := strings.Cut(text, " ("); ok && strings.EqualFold(name, d) {
			return strings.ToLower(name), strings.TrimSuffix(in, ")")
		}
	}
	return strings.ToLower(text), ""
}

// otherColumn represents a column that bears a name of ours and is none of ours.
type otherColumn struct {
	head   string
	column int
	filled int // cells below it
}

// place finds the column of one of the heads of a run, which stand side by side as the program writes them: of several
// the one with the most of its neighbours around it; -1 where there is none. Where two stand side by side, or equally
// well, nobody can tell which is ours: an *UnreadableError.
func (h header) place(run []string, at int) (best int, others []otherColumn, err error) {
	best, most, alike := -1, -1, false
	var all []int
	for i, head := range h.heads {
		if head != strings.ToLower(run[at]) {
			continue
		}
		all = append(all, i)
		near := 0
		for j, neighbour := range run {
			if k := i + j - at; j != at && k >= 0 && k < len(h.heads) && h.heads[k] == strings.ToLower(neighbour) {
				near++
			}
		}
		switch {
		case near > most:
			best, most, alike = i, near, false
		case near == most:
			alike = true
		}
	}
	for _, i := range all {
		alike = alike || i == best-1 || i == best+1
	}
	if alike {
		return -1, nil, &UnreadableError{fmt.Errorf("%d columns of the name %s, and nobody can tell which of them "+
			"liverecon has put there: give those that are not to be read another name", len(all), run[at])}
	}
	for _, i := range all {
		if i != best {
			others = append(others, otherColumn{head: run[at], column: i})
		}
	}
	return best, others, nil
}

// otherNotes names columns that were not read; ours are those that were.
func otherNotes(others []otherColumn, ours map[string]int) (all []string) {
	for _, o := range others {
		text := fmt.Sprintf("column %s is another of the name %s: it is not read", xlsx.ColumnName(o.column+1), o.head)
		if o.filled > 0 {
			text += fmt.Sprintf(", and %d of its cells are filled in; what is to be kept of them belongs in column %s",
				o.filled, xlsx.ColumnName(ours[o.head]+1))
		}
		all = append(all, text)
	}
	return all
}
