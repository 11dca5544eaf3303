package report

import (
	"fmt"
	"unicode/utf8"
)

// gridColumns and gridWidth are the grid that most sheets stand on: a margin, then twelve columns.
const (
	gridColumns = 12
	gridWidth   = 12.7
	rowHeight   = 15.0 // points, of a row with nothing said about it; 20 pixels
)

// page writes a sheet from top to bottom. Column A is the margin; columns below are counted from 1 = B.
type page struct {
	*Sheet
	book   *Workbook
	row    int // the next row to write
	across int // columns of the grid
}

// newPage begins a sheet: its title in row 2, what it measures in row 3, a rule under row 4.
func newPage(w *Workbook, name, title, subtitle string, widths ...float64) *page {
	if widths == nil {
		for range gridColumns {
			widths = append(widths, gridWidth)
		}
	}
	p := &page{Sheet: w.NewSheet(name, append([]float64{2}, widths...)...), book: w, row: 6, across: len(widths)}
	p.Set(Ref{2, 2}, T(title).As(Title))
	p.Set(Ref{2, 3}, T(subtitle).As(Subtitle))
	for col := range p.across {
		p.Set(Ref{col + 2, 4}, Cell{Style: Style{Role: TitleRule}})
	}
	p.Heights[2], p.Heights[3], p.Heights[4] = 26, 17, 5
	p.Frozen, p.Repeat = 4, 2 // every printed page says which sheet it is of
	return p
}

// at is the place of a grid column in the next row.
func (p *page) at(col int) Ref { return Ref{col + 1, p.row} }

func (p *page) skip(rows int) { p.row += rows }

// headline writes the finding of a sheet over its whole width.
func (p *page) headline(text string) {
	p.Set(p.at(1), T(text).As(Headline))
	p.Merged = append(p.Merged, Area{From: p.at(1), To: p.at(p.across)})
	p.Heights[p.row] = float64(21 * lines(text, p.chars(1, p.across)*10/15))
	p.row++
}

// section begins a part of a sheet.
func (p *page) section(title, caption string) {
	p.Set(p.at(1), T(title).As(Section))
	p.Heights[p.row] = 20
	p.row++
	if caption == "" {
		return
	}
	p.Set(p.at(1), T(caption).As(Caption))
	if n := lines(caption, p.chars(1, p.across)*12/10); n > 1 {
		p.Set(p.at(1), T(caption).As(CaptionLong))
		p.Merged = append(p.Merged, Area{From: p.at(1), To: p.at(p.across)})
		p.Heights[p.row] = float64(1 + 13*n)
	}
	p.row++
}

// prose writes a line of text.
func (p *page) prose(c Cell) {
	if c.Style.Role == Body {
		c.Style.Role = Prose
	}
	p.Set(p.at(1), c)
	p.row++
}

// verdict writes a run's verdict into the first cell, over the width of the sheet. Its row is one of those that stay in view,
// so that it takes four lines at most.
func (p *page) verdict(text string) {
	c := Outside(text).As(Caption).In(General)
	if n := lines(text, p.chars(1, p.across)*12/10); n > 1 {
		c.Style.Role = CaptionLong
		p.Heights[1] = float64(1 + 13*min(n, 4))
		p.Merged = append(p.Merged, Area{From: Ref{1, 1}, To: Ref{p.across + 1, 1}})
	}
	p.Set(Ref{1, 1}, c)
}

// pointer writes a text into the first columns of a row, in as many lines as it takes: a link stands behind it.
func (p *page) pointer(text string, span int) {
	c := T(text)
	if n := lines(text, p.chars(1, span)); n > 1 {
		c.Style.Wrap = true
		p.Heights[p.row] = float64(2 + 13*min(n, 4))
		p.Merged = append(p.Merged, Area{From: p.at(1), To: p.at(span)})
	}
	p.prose(c)
}

// chars is the width of some grid columns in characters of body text.
func (p *page) chars(col, span int) int {
	width := 0.0
	for i := col; i < col+span; i++ {
		width += p.Widths[i]
	}
	return max(1, int(width))
}

// lines is how many lines a text takes in a width.
func lines(text string, width int) int {
	return max(1, (utf8.RuneCountInString(text)+width-1)/width)
}

// figure is a chart with the finding it shows above it.
type figure struct {
	finding string
	caption string
	chart   Chart
	col     int // first grid column
	span    int
}

// figures puts charts side by side, each under its finding, rows high, and leaves the next row below them.
func (p *page) figures(rows int, all ...figure) {
	tallest := 1
	for _, f := range all {
		tallest = max(tallest, lines(f.finding, p.chars(f.col, f.span)*10/12))
	}
	p.Heights[p.row] = float64(16 * tallest)
	for _, f := range all {
		at, end := p.at(f.col), p.at(f.col+f.span-1)
		p.Set(at, T(f.finding).As(Finding))
		p.Merged = append(p.Merged, Area{From: at, To: end})
		p.Set(Ref{at.Col, at.Row + 1}, T(f.caption).As(Caption))
		f.chart.At = Ref{at.Col, at.Row + 2}
		if !f.chart.drawable(p.book) { // axes alone would look like a result
			p.Set(Ref{at.Col, at.Row + 3}, T("Nothing to draw: there are no such figures in this period.").As(Caption))
			continue
		}
		f.chart.Width, f.chart.Height = p.pixels(f.col, f.span)-8, rows*20
		p.Charts = append(p.Charts, f.chart)
	}
	p.row += rows + 3
}

// pixels is the width of some grid columns on the screen: seven pixels a character and five for the cell's edges.
func (p *page) pixels(col, span int) int {
	sum := 0
	for i := col; i < col+span; i++ {
		sum += int(p.Widths[i]*7 + 5)
	}
	return sum
}

// tiles are figures side by side, each with its label above and a note below, two grid columns wide.
type tileCell struct {
	label string
	value Cell
	note  string
	spark Area
}

// tiles writes up to six tiles; with a row for sparklines when one of them has one.
func (p *page) tiles(tiles ...tileCell) {
	rows, sparks := 3, false
	for _, t := range tiles {
		sparks = sparks || t.spark != Area{}
	}
	if sparks {
		rows = 4
	}
	for i, t := range tiles {
		p.tile(1+2*i, t, rows)
	}
	for i, height := range []float64{18, 28, 16, 26}[:rows] {
		p.Heights[p.row+i] = height
	}
	p.row += rows + 1
}

func (p *page) tile(col int, t tileCell, rows int) {
	first := p.at(col)
	for i, c := range []Cell{T(t.label).As(TileLabel), t.value.As(TileValue), T(t.note).As(TileNote), Cell{}.As(TileSpace)}[:rows] {
		from, to := Ref{first.Col, first.Row + i}, Ref{first.Col + 1, first.Row + i}
		p.Set(from, c)
		p.Set(to, Cell{}.As(c.Style.Role))
		p.Merged = append(p.Merged, Area{From: from, To: to})
	}
	if t.spark != (Area{}) {
		p.Sparks = append(p.Sparks, Sparkline{At: Ref{first.Col, first.Row + 3}, Values: t.spark})
	}
}

// plural is a count with its noun.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes a count with commas.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return sign + text
}

func percent(x float64) string { return fmt.Sprintf("%.2f%%", 100*x) }
