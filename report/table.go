package report

import (
	"strings"
	"unicode/utf8"
)

// column is one column of a table.
type column struct {
	head   string
	span   int // grid columns it takes, at least 1
	format Format
}

// table is a block of rows under a header.
type table struct {
	page  *page
	cols  []column
	at    []int // grid column of each
	first int   // first row of data
	rows  int   // rows of data so far
}

// table writes a header in the next row.
func (p *page) table(cols ...column) *table {
	t := &table{page: p, cols: cols}
	at, tallest := 1, 1
	for i, c := range cols {
		t.at = append(t.at, at)
		span := max(1, c.span)
		for k := range span {
			p.Set(p.at(at+k), Cell{Style: Style{Role: Head, Format: c.format}})
		}
		head := T(c.head).As(Head).In(c.format)
		head.Style.Inset = insetAfter(cols, i)
		p.Set(p.at(at), head)
		tallest = max(tallest, headLines(c.head, p.chars(at, 1)))
		if span > 1 {
			p.Merged = append(p.Merged, Area{From: p.at(at), To: p.at(at + span - 1)})
		}
		at += span
	}
	p.Heights[p.row] = float64(3 + 13*tallest)
	p.row++
	t.first = p.row
	return t
}

// insetAfter says whether column i is text after numbers.
func insetAfter(cols []column, i int) bool {
	return i > 0 && !cols[i].format.numeric() && cols[i-1].format.numeric()
}

// headLines is how many lines a header takes, which breaks between words.
func headLines(text string, width int) int {
	lines, used := 1, 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		if used > 0 && used+1+n > width {
			lines, used = lines+1, 0
		}
		used += n + btoi(used > 0)
		lines += (n - 1) / max(1, width)
	}
	return min(5, lines)
}

// add writes a row of data. A cell without a format of its own has its column's.
func (t *table) add(cells ...Cell) {
	t.write(Body, cells)
	t.rows++
}

// total writes the last row. Cells in a role of their own keep it.
func (t *table) total(cells ...Cell) { t.write(Total, cells) }

func (t *table) write(role Role, cells []Cell) {
	p := t.page
	tallest := 1
	for i, c := range cells {
		c.Style.Role = inRow(role, c.Style.Role)
		if c.Style.Format == General {
			c.Style.Format = t.cols[i].format
		}
		if c.Kind == Text && c.Style.Format.numeric() && c.Text != "" && c.Text != noValue && c.Text != tooFew {
			c.Style.Format = General
		}
		c.Style.Inset = insetAfter(t.cols, i)
		span := max(1, t.cols[i].span)
		high := 1
		if room := p.chars(t.at[i], span) * 115 / 100; c.Kind == Text {
			high = lines(c.Text, room)
		}
		tallest, c.Style.Wrap = max(tallest, high), high > 1
		for k := range span {
			p.Set(p.at(t.at[i]+k), Cell{Style: c.Style})
		}
		p.Set(p.at(t.at[i]), c)
		if span > 1 && (high > 1 || c.Style.Role == Wrapped || c.Style.Format.numeric()) { // a line of text may run on into its neighbours, numbers may not
			p.Merged = append(p.Merged, Area{From: p.at(t.at[i]), To: p.at(t.at[i] + span - 1)})
		}
	}
	p.Heights[p.row] = min(409, max(16, float64(3+13*tallest))) // no row can be higher than 409 points
	p.row++
}

// inRow is the role of a cell in a row: in the last row every cell has the rules above and below it.
func inRow(row, cell Role) Role {
	switch {
	case cell == Body:
		return row
	case row != Total:
		return cell
	case cell == Good:
		return TotalOK
	case cell == Alert:
		return TotalBad
	case cell == Strong || cell == Quiet:
		return Total
	}
	return cell
}

// What stands in a figure's place: where it does not exist, and where it could not be read.
const (
	noValue = "–"
	tooFew  = "too few"
)

// none is the cell of a figure that does not exist.
func none() Cell { return T(noValue) }

// area is the data of a column so far, as other sheets refer to it.
func (t *table) area(col int) Area {
	c := t.at[col] + 1
	return t.page.Area(Ref{c, t.first}, Ref{c, max(t.first, t.first+t.rows-1)})
}

// ref is the place of a column in the row that is written next.
func (t *table) ref(col int) string { return Ref{t.at[col] + 1, t.page.row}.String() }
