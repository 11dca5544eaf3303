package page

import (
	"liverecon/report/xlsx"
)

// Column describes one column of a table.
type Column struct {
	Head   string
	Span   int // grid columns it takes, at least 1
	Format xlsx.Format
}

// Col returns a column one grid column wide.
func Col(head string, f xlsx.Format) Column { return Column{head, 1, f} }

// Wide returns a column that takes span grid columns.
func Wide(head string, span int, f xlsx.Format) Column { return Column{head, span, f} }

// Cols returns columns of one format, each one grid column wide.
func Cols(f xlsx.Format, heads ...string) []Column {
	all := make([]Column, len(heads))
	for i, head := range heads {
		all[i] = Col(head, f)
	}
	return all
}

// Table represents a block of rows under a header.
type Table struct {
	Page  *Page
	Cols  []Column
	At    []int // grid column of each
	First int   // first row of data
	Rows  int   // rows of data so far
	named int   // its place among the sheet's tables
}

// insetAfter reports whether column i is text after numbers.
func insetAfter(cols []Column, i int) bool {
	return i > 0 && !cols[i].Format.Numeric() && cols[i-1].Format.Numeric()
}

// HeadLines returns how many lines a header takes, which breaks between words.
func HeadLines(text string, width int) int {
	return min(5, xlsx.Lines(text, width))
}

// Add writes a row of data. A cell without a format of its own has its column's.
func (t *Table) Add(cells ...xlsx.Cell) {
	t.write(xlsx.Body, cells)
	t.Rows++
	t.Page.Tables[t.named].At.To.Row = t.First + t.Rows - 1
}

// Total writes the last row. Cells in a role of their own keep it.
func (t *Table) Total(cells ...xlsx.Cell) { t.write(xlsx.Total, cells) }

func (t *Table) write(role xlsx.Role, cells []xlsx.Cell) {
	p := t.Page
	tallest := 1
	for i, c := range cells {
		c.Style.Role = inRow(role, c.Style.Role)
		if c.Style.Format == xlsx.General {
			c.Style.Format = t.Cols[i].Format
		}
		if c.Kind == xlsx.Text && c.Style.Format.Numeric() && c.Text != "" && c.Text != NoValue && c.Text != TooFew {
			c.Style.Format = xlsx.General
		}
		c.Style.Inset = insetAfter(t.Cols, i)
		span := max(1, t.Cols[i].Span)
		high := 1
		if room := p.chars(t.At[i], span) * 115 / 100; c.Kind == xlsx.Text {
			high = lines(c.Text, room)
		}
		tallest, c.Style.Wrap = max(tallest, high), high > 1
		for k := range span {
			p.Set(p.At(t.At[i]+k), xlsx.Cell{Style: c.Style})
		}
		p.Set(p.At(t.At[i]), c)
		// a line of text may run on into its neighbours, numbers may not
		if span > 1 && (high > 1 || c.Style.Role == xlsx.Wrapped || c.Style.Format.Numeric()) {
			p.Merged = append(p.Merged, xlsx.Area{From: p.At(t.At[i]), To: p.At(t.At[i] + span - 1)})
		}
	}
	p.Heights[p.Row] = min(409, max(16, float64(3+13*tallest))) // no row can be higher than 409 points
	p.Row++
}

// inRow returns the role of a cell in a row: in the last row every cell has the rules above and below it.
func inRow(row, cell xlsx.Role) xlsx.Role {
	switch {
	case cell == xlsx.Body:
		return row
	case row != xlsx.Total:
		return cell
	case cell == xlsx.Good:
		return xlsx.TotalOK
	case cell == xlsx.Alert:
		return xlsx.TotalBad
	case cell == xlsx.Strong || cell == xlsx.Quiet:
		return xlsx.Total
	}
	return cell
}

// Placeholders: for a text that there is none of, and for a reading that could not be made.
const (
	NoValue = "–"
	TooFew  = "too few"
)

// None returns the cell of a figure that does not exist: an empty one, so that a column of numbers holds nothing else.
func None() xlsx.Cell { return xlsx.T("") }

// Area returns the data of a column so far, as other sheets refer to it.
func (t *Table) Area(col int) xlsx.Area {
	c := t.At[col] + 1
	return t.Page.Area(xlsx.Ref{Col: c, Row: t.First}, xlsx.Ref{Col: c, Row: max(t.First, t.First+t.Rows-1)})
}

// Ref returns the place of a column in the row that is written next.
func (t *Table) Ref(col int) string { return xlsx.Ref{Col: t.At[col] + 1, Row: t.Page.Row}.String() }

// Cell returns the place of a column in the i-th row of data, counted from 0; the row after the last is the total's.
func (t *Table) Cell(col, i int) xlsx.Ref { return xlsx.Ref{Col: t.At[col] + 1, Row: t.First + i} }

// CellRef returns the same place as other sheets refer to it.
func (t *Table) CellRef(col, i int) string {
	return xlsx.QuoteSheet(t.Page.Name) + "!" + t.Cell(col, i).Fixed()
}

// Beside returns the i-th column outside the printed page, beside the first rows of the table.
func (t *Table) Beside(i, rows int) xlsx.Area {
	return t.Page.Area(t.Page.Beside(i, t.First), t.Page.Beside(i, t.First+rows-1))
}

// SumUp gives cells of the total's row, which begins with the table's first column, the formula that adds up their
// columns. A table without rows has none.
func (t *Table) SumUp(cells []xlsx.Cell, cols ...int) {
	if t.Rows == 0 {
		return
	}
	for _, col := range cols {
		cells[col] = cells[col].WithFormula(xlsx.Sum(Local(t.Area(col))))
	}
}

// TableSum returns the sum of a table's column, "" when it has no row.
func TableSum(t *Table, col int) string {
	if t.Rows == 0 {
		return ""
	}
	return xlsx.Sum(t.Area(col))
}
