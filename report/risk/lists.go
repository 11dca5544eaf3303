package risk

import (
	"fmt"
	"strings"
	"time"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// listRefs holds the sheets of one long list, in order.
type listRefs []*xlsx.Sheet

// longList represents a list that may go on in further sheets; rows yields at most limit rows after skip.
type longList struct {
	name, title, note, tab string
	columns                []xlsx.ListColumn
	total                  int
	rows                   func(skip, limit int, yield func([]xlsx.Cell) error) error
}

// write adds the sheets of the list to a workbook, a new one after every page.ListRows rows.
func (l longList) write(book *xlsx.Workbook) (parts listRefs) {
	for part := 0; part == 0 || part*page.ListRows < l.total; part++ {
		s := book.NewSheet(l.name)
		if part > 0 {
			s.Name = fmt.Sprintf("%s (%d)", l.name, part+1)
		}
		s.Tab = l.tab
		page.ListTitle(s, l.title, l.note)
		s.Heights[5] = l.headHeight()
		skip, count := part*page.ListRows, min(page.ListRows, l.total-part*page.ListRows)
		s.List = &xlsx.List{First: 5, Count: count, Columns: l.columns,
			Roles: []xlsx.Role{xlsx.Input, xlsx.Quiet, xlsx.ListLink},
			Rows:  func(yield func([]xlsx.Cell) error) error { return l.rows(skip, page.ListRows, yield) }}
		s.Frozen, s.Repeat = 5, 5
		parts = append(parts, s)
	}
	return parts
}

// headHeight returns the height of a list's header in points.
func (l longList) headHeight() float64 {
	tallest := 1
	for _, c := range l.columns {
		tallest = max(tallest, page.HeadLines(c.Head, int(c.Width)))
	}
	return float64(5 + 13*tallest)
}

// count returns the formula that counts the rows over all sheets; the first column is never empty.
func (parts listRefs) count() string { return parts.each(0, "COUNTA(%s)") }

// under adds up a formula over the column under a head; %s in it is replaced by the column's rows.
func (parts listRefs) under(head, formula string) string {
	for i, c := range parts[0].List.Columns {
		if c.Head == head {
			return parts.each(i, formula)
		}
	}
	return ""
}

func (parts listRefs) each(column int, formula string) string {
	var terms []string
	for _, s := range parts {
		if s.List.Count > 0 {
			rows := rowsUnder(s, column)
			terms = append(terms, fmt.Sprintf(formula, s.Area(rows.From, rows.To)))
		}
	}
	return strings.Join(terms, "+")
}

// rowsUnder returns the rows of a column of a list.
func rowsUnder(s *xlsx.Sheet, column int) xlsx.Area {
	return xlsx.Area{From: xlsx.Ref{Col: column + 1, Row: s.List.First + 1},
		To: xlsx.Ref{Col: column + 1, Row: s.List.First + s.List.Count}}
}

// timeColumns returns the columns of a check's times: by the clock of capture also that of its picture, which ties it
// to its day.
func (o *Options) timeColumns() []xlsx.ListColumn {
	zone := " (" + o.Period.Zone.String() + ")"
	columns := []xlsx.ListColumn{{Head: "Answered at" + zone, Format: xlsx.Moment, Width: 19}}
	if o.Clock == calendar.ByCapture {
		columns = append(columns, xlsx.ListColumn{Head: "Captured at" + zone, Format: xlsx.Moment, Width: 19})
	}
	return columns
}

// appendTimes appends the cells of these columns; where the vendor does not say when a picture was taken, there is
// none.
func (o *Options) appendTimes(row []xlsx.Cell, answered, captured time.Time) []xlsx.Cell {
	row = append(row, xlsx.At(answered, o.Period.Zone))
	if o.Clock != calendar.ByCapture {
		return row
	}
	if captured.IsZero() {
		return append(row, xlsx.Cell{})
	}
	return append(row, xlsx.At(captured, o.Period.Zone))
}
