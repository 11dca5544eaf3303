package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/batch/table"
	"liverecon/report/xlsx"
)

// written returns the heads of the columns that are read, in runs that stand side by side in a workbook as it is made.
// Of several columns of one name, ours is the one among its neighbours.
func written() [][]string {
	return [][]string{{HeadTransact, HeadID, "Region"}, {HeadScore, "Attack type"},
		{HeadDecision, HeadReviewer, HeadDecidedAt, HeadComment, HeadKey}}
}

// queueForm describes where a table's columns stand, by their heads.
type queueForm struct {
	sheet   string // "" for a text
	columns map[string]int
	zone    *time.Location
	others  []otherColumn
}

// otherColumn represents a column that bears a name of ours and is none of ours.
type otherColumn struct {
	head   string
	column int
	filled int // cells below it
}

// foldHead brings a head to the form in which it is compared, without the zone in brackets that times have.
func foldHead(text string) (head, zone string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, dated := range []string{HeadDecidedAt, headAnswered} {
		if name, in, ok := strings.Cut(text, " ("); ok && strings.EqualFold(name, dated) {
			return strings.ToLower(name), strings.TrimSuffix(in, ")")
		}
	}
	return strings.ToLower(text), ""
}

// newQueueForm reads a row as the header, nil when it is none.
func newQueueForm(sheet string, cells []table.Cell) (*queueForm, error) {
	heads, zones := make([]string, len(cells)), make([]string, len(cells))
	for i, c := range cells {
		heads[i], zones[i] = foldHead(c.Text)
	}
	has := func(head string) bool { return slices.Contains(heads, strings.ToLower(head)) }
	if !has(HeadKey) || !has(HeadDecision) {
		if has(HeadReviewer) && (has(HeadKey) || has(HeadDecision)) {
			return nil, missingColumn(map[bool]string{true: HeadDecision, false: HeadKey}[has(HeadKey)])
		}
		return nil, nil //nolint:nilnil // no header, no mistake
	}
	f := &queueForm{sheet: sheet, columns: map[string]int{}}
	for _, run := range written() {
		for at, head := range run {
			if head == "Region" || head == "Attack type" {
				continue
			}
			if err := f.place(heads, run, at); err != nil {
				return nil, err
			}
		}
	}
	if at := slices.Index(heads, strings.ToLower(headAnswered)); at >= 0 {
		f.columns[headAnswered] = at
	}
	zone := zones[f.columns[HeadDecidedAt]]
	var err error
	if f.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
		return nil, fmt.Errorf("%w; %q is no time zone", ErrNoQueue, zone)
	}
	return f, nil
}

func missingColumn(head string) error {
	return fmt.Errorf("%w; the column %s is missing", ErrNoQueue, head)
}

// place finds the column of a head: of several, the one that has the most of its neighbours around it.
func (f *queueForm) place(heads, run []string, at int) error {
	best, most, alike := -1, -1, false
	var all []int
	for i, head := range heads {
		if head != strings.ToLower(run[at]) {
			continue
		}
		all = append(all, i)
		near := 0
		for j, neighbour := range run {
			if k := i + j - at; j != at && k >= 0 && k < len(heads) && heads[k] == strings.ToLower(neighbour) {
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
	switch {
	case best < 0:
		return missingColumn(run[at])
	case alike:
		return &UnreadableError{fmt.Errorf("%d columns of the name %s, and none stands where liverecon has put it: "+
			"give those that are not to be read another name", len(all), run[at])}
	}
	f.columns[run[at]] = best
	for _, i := range all {
		if i != best {
			f.others = append(f.others, otherColumn{head: run[at], column: i})
		}
	}
	return nil
}

// shape says of a text's rows which of their cells matter.
func (f *queueForm) shape(fields int) table.Shape {
	s := table.Shape{Fields: fields, Used: make([]bool, fields)}
	for _, i := range f.columns {
		s.Used[i] = true
	}
	return s
}

// notes names the columns that were not read.
func (f *queueForm) notes() (all []string) {
	for _, o := range f.others {
		text := fmt.Sprintf("column %s is another of the name %s: it is not read", xlsx.ColumnName(o.column+1), o.head)
		if o.filled > 0 {
			text += fmt.Sprintf(", and %d of its cells are filled in; what is to be kept of them belongs in column %s",
				o.filled, xlsx.ColumnName(f.columns[o.head]+1))
		}
		all = append(all, text)
	}
	return all
}

// queueRow describes one row of the queue as it was read.
type queueRow struct {
	*queueForm
	number int
	cells  []table.Cell
}

func (w queueRow) cell(head string) table.Cell {
	if i, ok := w.columns[head]; ok && i < len(w.cells) {
		return w.cells[i]
	}
	return table.Cell{}
}

func (w queueRow) text(head string) string { return w.cell(head).Text }

func (w queueRow) location(head string) string {
	return xlsx.Ref{Col: w.columns[head] + 1, Row: w.number}.String()
}
