package page

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/biter777/countries"
	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"

	"liverecon/report/xlsx"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// The grid that most sheets are laid out on: a margin, then twelve columns.
const (
	GridColumns = 12
	GridWidth   = 12.7
	RowHeight   = 15.0 // points, of a row with nothing said about it; 20 pixels
)

// Page writes a sheet from top to bottom. Column A is the margin; columns below are counted from 1 = B.
type Page struct {
	*xlsx.Sheet
	book    *xlsx.Workbook
	Row     int // the next row to write
	Across  int // columns of the grid
	section string
	blocks  []int // first rows of what is to stay on one printed page
}

// New begins a sheet: its title in row 2, what it measures in row 3, a rule under row 4.
func New(w *xlsx.Workbook, name, title, subtitle string, widths ...float64) *Page {
	if widths == nil {
		for range GridColumns {
			widths = append(widths, GridWidth)
		}
	}
	p := &Page{Sheet: w.NewSheet(name, append([]float64{2}, widths...)...), book: w, Row: 6, Across: len(widths)}
	p.Set(xlsx.Ref{Col: 2, Row: 2}, xlsx.T(title).WithRole(xlsx.Title))
	p.Set(xlsx.Ref{Col: 2, Row: 3}, xlsx.T(subtitle).WithRole(xlsx.Subtitle))
	for col := range p.Across {
		p.Set(xlsx.Ref{Col: col + 2, Row: 4}, xlsx.Cell{Style: xlsx.Style{Role: xlsx.TitleRule}})
	}
	for i, height := range []float64{6, 26, 17, 5, gap} {
		p.Heights[i+1] = height
	}
	p.Frozen, p.Repeat = 4, 2 // every printed page says which sheet it is of
	return p
}

// At returns the place of a grid column in the next row.
func (p *Page) At(col int) xlsx.Ref { return xlsx.Ref{Col: col + 1, Row: p.Row} }

// Beside returns the place, in a row, of the i-th column outside the printed page, counted from 0: the cells there
// feed charts and formulas, and nobody prints them.
func (p *Page) Beside(i, row int) xlsx.Ref { return xlsx.Ref{Col: p.Across + 3 + i, Row: row} }

// SetBeside writes cells outside the printed page, from the i-th column on.
func (p *Page) SetBeside(i, row int, cells ...xlsx.Cell) {
	for k, c := range cells {
		p.Set(p.Beside(i+k, row), c.WithRole(xlsx.ChartData))
	}
}

// gap sets how high an empty row is that only sets two things apart, in points.
const gap = 8

// Gap sets what follows apart by less than a row.
func (p *Page) Gap() {
	p.Heights[p.Row] = gap
	p.Row++
}

// Skip leaves rows empty.
func (p *Page) Skip(rows int) { p.Row += rows }

// Headline writes the finding of a sheet over its whole width.
func (p *Page) Headline(text string) {
	p.Set(p.At(1), xlsx.T(text).WithRole(xlsx.Headline))
	p.Merged = append(p.Merged, xlsx.Area{From: p.At(1), To: p.At(p.Across)})
	p.Heights[p.Row] = float64(21 * lines(text, p.chars(1, p.Across)*10/15))
	p.Row++
}

// Section begins a part of a sheet.
func (p *Page) Section(title, caption string) {
	p.section = title
	p.blocks = append(p.blocks, p.Row)
	p.Set(p.At(1), xlsx.T(title).WithRole(xlsx.Section))
	p.Heights[p.Row] = 20
	p.Row++
	if caption == "" {
		return
	}
	p.Set(p.At(1), xlsx.T(caption).WithRole(xlsx.Caption))
	if n := lines(caption, p.chars(1, p.Across)*12/10); n > 1 {
		p.Set(p.At(1), xlsx.T(caption).WithRole(xlsx.CaptionLong))
		p.Merged = append(p.Merged, xlsx.Area{From: p.At(1), To: p.At(p.Across)})
		p.Heights[p.Row] = float64(1 + 13*n)
	}
	p.Row++
}

// Prose writes a line of text.
func (p *Page) Prose(c xlsx.Cell) {
	if c.Style.Role == xlsx.Body {
		c.Style.Role = xlsx.Prose
	}
	p.Set(p.At(1), c)
	p.Row++
}

// Verdict writes a run's verdict into the first cell, over the width of the sheet. Its row is one of those that stay in
// view, so that it takes four lines at most.
func (p *Page) Verdict(text string) {
	c := xlsx.Untrusted(text).WithRole(xlsx.Caption).WithFormat(xlsx.General)
	n := lines(text, p.chars(1, p.Across)*12/10)
	p.Heights[1] = RowHeight
	if n > 1 {
		c.Style.Role = xlsx.CaptionLong
		p.Heights[1] = float64(1 + 13*min(n, 4))
		p.Merged = append(p.Merged, xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: p.Across + 1, Row: 1}})
	}
	p.Set(xlsx.Ref{Col: 1, Row: 1}, c)
}

// Pointer writes a text into the first columns of a row, in as many lines as it takes: a link stands behind it.
func (p *Page) Pointer(text string, span int) {
	c := xlsx.T(text)
	if n := lines(text, p.chars(1, span)); n > 1 {
		c.Style.Wrap = true
		p.Heights[p.Row] = float64(2 + 13*min(n, 4))
		p.Merged = append(p.Merged, xlsx.Area{From: p.At(1), To: p.At(span)})
	}
	p.Prose(c)
}

// Table writes a header in the next row. Other programs find the table by the name of the sheet and of its section.
func (p *Page) Table(cols ...Column) *Table {
	t := &Table{Page: p, Cols: cols, named: len(p.Tables)}
	at, tallest := 1, 1
	for i, c := range cols {
		t.At = append(t.At, at)
		span := max(1, c.Span)
		for k := range span {
			p.Set(p.At(at+k), xlsx.Cell{Style: xlsx.Style{Role: xlsx.Head, Format: c.Format}})
		}
		head := xlsx.T(c.Head).WithRole(xlsx.Head).WithFormat(c.Format)
		head.Style.Inset = insetAfter(cols, i)
		p.Set(p.At(at), head)
		tallest = max(tallest, HeadLines(c.Head, p.chars(at, span)*125/100)) // of 9.5 points
		if span > 1 {
			p.Merged = append(p.Merged, xlsx.Area{From: p.At(at), To: p.At(at + span - 1)})
		}
		at += span
	}
	p.Tables = append(p.Tables, xlsx.Named{Name: cmp.Or(p.section, "Table"), At: xlsx.Area{From: p.At(1),
		To: p.At(at - 1)}})
	p.Heights[p.Row] = float64(3 + 13*tallest)
	p.Row++
	t.First = p.Row
	return t
}

// chars returns the width of some grid columns in characters of body text.
func (p *Page) chars(col, span int) int {
	width := 0.0
	for i := col; i < col+span; i++ {
		width += p.Widths[i]
	}
	return max(1, int(width))
}

// lines returns how many lines a text takes in a width.
func lines(text string, width int) int {
	return max(1, (utf8.RuneCountInString(text)+width-1)/width)
}

// Figure represents a chart with the finding it shows above it.
type Figure struct {
	Finding string
	Caption string
	Chart   xlsx.Chart
	Col     int // first grid column
	Span    int
}

// Figures puts charts side by side, each under its finding, rows high, and leaves the next row below them.
func (p *Page) Figures(rows int, all ...Figure) {
	tallest := 1
	for _, f := range all {
		tallest = max(tallest, lines(f.Finding, p.chars(f.Col, f.Span)*10/12))
	}
	p.Heights[p.Row] = float64(16 * tallest)
	for _, f := range all {
		at, end := p.At(f.Col), p.At(f.Col+f.Span-1)
		p.Set(at, xlsx.T(f.Finding).WithRole(xlsx.Finding))
		p.Merged = append(p.Merged, xlsx.Area{From: at, To: end})
		p.figureCaption(f, at)
		f.Chart.At = xlsx.Ref{Col: at.Col, Row: at.Row + 2}
		if !f.Chart.Drawable(p.book) { // axes alone would look like a result
			p.Set(xlsx.Ref{Col: at.Col, Row: at.Row + 3}, xlsx.T("Nothing to draw: there are no such figures in this "+
				"period.").WithRole(xlsx.Caption))
			continue
		}
		f.Chart.Width, f.Chart.Height = p.Pixels(f.Col, f.Span)-8, rows*20
		p.Charts = append(p.Charts, f.Chart)
	}
	p.Row += rows + 2
	p.Gap()
}

// figureCaption writes what is drawn, in as many lines as the width of the chart asks for.
func (p *Page) figureCaption(f Figure, at xlsx.Ref) {
	from := xlsx.Ref{Col: at.Col, Row: at.Row + 1}
	c := xlsx.T(f.Caption).WithRole(xlsx.Caption)
	if n := lines(f.Caption, p.chars(f.Col, f.Span)*12/10); n > 1 {
		c = c.WithRole(xlsx.CaptionLong)
		p.Merged = append(p.Merged, xlsx.Area{From: from, To: xlsx.Ref{Col: at.Col + f.Span - 1, Row: from.Row}})
		p.Heights[from.Row] = max(p.Heights[from.Row], float64(1+13*min(n, 4)))
	}
	p.Set(from, c)
}

// Pixels returns the width of some grid columns on the screen: seven pixels a character and five for the cell's edges.
func (p *Page) Pixels(col, span int) int {
	sum := 0
	for i := col; i < col+span; i++ {
		sum += int(p.Widths[i]*7 + 5)
	}
	return sum
}

// Tile describes one of the figures side by side, with its label above and a note below, two grid columns wide.
type Tile struct {
	Label string
	Value xlsx.Cell
	Note  string
	Spark xlsx.Area
}

// Tiles writes up to six tiles; with a row for sparklines when one of them has one.
func (p *Page) Tiles(tiles ...Tile) {
	rows, sparks := 3, false
	for _, t := range tiles {
		sparks = sparks || t.Spark != xlsx.Area{}
	}
	if sparks {
		rows = 4
	}
	for i, t := range tiles {
		p.tile(1+2*i, t, rows)
	}
	for i, height := range []float64{18, 28, 16, 26}[:rows] {
		p.Heights[p.Row+i] = height
	}
	p.Row += rows
	p.Gap()
}

func (p *Page) tile(col int, t Tile, rows int) {
	first := p.At(col)
	if t.Value.Kind == xlsx.Text && t.Value.Text == "" {
		t.Value = xlsx.T(NoValue)
	}
	for i, c := range []xlsx.Cell{xlsx.T(t.Label).WithRole(xlsx.TileLabel), t.Value.WithRole(xlsx.TileValue),
		xlsx.T(t.Note).WithRole(xlsx.TileNote), xlsx.Cell{}.WithRole(xlsx.TileSpace)}[:rows] {
		from, to := xlsx.Ref{Col: first.Col, Row: first.Row + i}, xlsx.Ref{Col: first.Col + 1, Row: first.Row + i}
		p.Set(from, c)
		p.Set(to, xlsx.Cell{}.WithRole(c.Style.Role))
		p.Merged = append(p.Merged, xlsx.Area{From: from, To: to})
	}
	if t.Spark != (xlsx.Area{}) {
		p.Sparks = append(p.Sparks, xlsx.Sparkline{At: xlsx.Ref{Col: first.Col, Row: first.Row + 3}, Values: t.Spark})
	}
}

// Plural returns a count with its noun.
func Plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(n) + " " + many
}

// Percent writes a share of 1 as per cent with two decimals.
func Percent(x float64) string { return fmt.Sprintf("%.2f%%", 100*x) }

// Pointer represents a line that sends the reader to a sheet.
type Pointer struct{ Text, Sheet string }

// RegionName returns a region in words; one that no country has keeps its code.
func RegionName(code string) string {
	if len(code) > len("PH") { // no code; looking for it takes long where it is
		return xlsx.Visible(code)
	}
	country := countries.ByName(code)
	if country == countries.Unknown || country.Alpha2() != code {
		if code == "" {
			return "(no region)"
		}
		return xlsx.Visible(code)
	}
	name, _, _ := strings.Cut(country.String(), " (")
	return name
}

// ShortName returns a region as it stands on an axis.
func ShortName(code string) string { return Shortened(RegionName(code), 20) }

// Shortened cuts a text to a number of letters.
func Shortened(text string, letters int) string {
	if r := []rune(text); len(r) > letters {
		return string(r[:letters-1]) + "…"
	}
	return text
}

// Generated returns the time a report bears: the one given, or that of the newest fact.
func Generated(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period, given time.Time) (time.Time, error) {
	if !given.IsZero() {
		return given, nil
	}
	return snap.Newest(ctx, p.From, p.To)
}

// RunRanges names runs by their numbers, those that follow one another as a range.
func RunRanges(runs []snapshot.RunSpan) string {
	if len(runs) == 0 {
		return "none"
	}
	var ranges []string
	for i := 0; i < len(runs); {
		last := i
		for last+1 < len(runs) && runs[last+1].ID == runs[last].ID+1 {
			last++
		}
		text := fmt.Sprint(runs[i].ID)
		if last > i {
			text += fmt.Sprintf("–%d", runs[last].ID)
		}
		ranges = append(ranges, text)
		i = last + 1
	}
	return strings.Join(ranges, ", ")
}

// ChartRegions sets how many regions a chart shows at most; the tables show all.
const ChartRegions = 12

// Note writes a text where a chart would, from grid column col on.
func (p *Page) Note(col int, text string) {
	p.Set(p.At(col), xlsx.T(text).WithRole(xlsx.Finding))
	p.Merged = append(p.Merged, xlsx.Area{From: p.At(col), To: p.At(p.Across)})
}

// Money writes an amount with two decimals and commas, rounded half away from zero.
func Money(d decimal.Decimal) string {
	whole, cents, _ := strings.Cut(d.Abs().StringFixed(2), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if d.Sign() < 0 {
		whole = "-" + whole
	}
	return whole + "." + cents
}

// Exact writes an amount with two decimals and as many more as it has: what is at issue is not rounded.
func Exact(d decimal.Decimal) string {
	if d.Equal(d.Round(2)) {
		return Money(d)
	}
	return d.String()
}
