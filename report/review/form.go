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

// newQueueForm reads a row as the header, nil when it is none.
func newQueueForm(sheet string, cells []table.Cell) (*queueForm, error) {
	h := headerOf(cells, HeadDecidedAt, headAnswered)
	has := func(head string) bool { return slices.Contains(h.heads, strings.ToLower(head)) }
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
			if err := f.place(h, run, at); err != nil {
				return nil, err
			}
		}
	}
	if at := slices.Index(h.heads, strings.ToLower(headAnswered)); at >= 0 {
		f.columns[headAnswered] = at
	}
	zone := h.zones[f.columns[HeadDecidedAt]]
	var err error
	if f.zone, err = time.LoadLocation(zone); err != nil || zone == "" {
		return nil, fmt.Errorf("%w; %q is no time zone", ErrNoQueue, zone)
	}
	return f, nil
}

func missingColumn(head string) error {
	return fmt.Errorf("%w; the column %s is missing", ErrNoQueue, head)
}

// place finds the column of a head.
func (f *queueForm) place(h header, run []string, at int) error {
	best, others, err := h.place(run, at)
	if err != nil {
		return err
	}
	if best < 0 {
		return missingColumn(run[at])
	}
	f.columns[run[at]], f.others = best, append(f.others, others...)
	return nil
}

// shape returns of a text's rows which of their cells matter.
func (f *queueForm) shape(fields int) table.Shape {
	s := table.Shape{Fields: fields, Used: make([]bool, fields)}
	for _, i := range f.columns {
		s.Used[i] = true
	}
	return s
}

// notes names the columns that were not read.
func (f *queueForm) notes() []string { return otherNotes(f.others, f.columns) }

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
