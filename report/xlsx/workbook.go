package xlsx

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"time"
)

// Workbook represents a report before it is a file.
type Workbook struct {
	Title        string    // as in the footer and the file's properties: "Liveness risk report · 2026-11"
	Subject      string    // what is measured
	Generator    string    // who made it: "liverecon 1.2.3"
	Origin       Origin    // how it was made, for whoever makes it again to compare
	Created      time.Time // of the facts, not of the file, so that the same facts give the same bytes
	Sheets       []*Sheet
	Places       int      // decimals that amounts are shown with, where those are more than their format has
	FailedChecks []string // checks whose two routes differ: the workbook says so too
	Beside       string   // name of a CSV file that goes with it, which WriteLines writes; "" for none

	Source io.Closer // what long lists are read from while they are written; nil for none
}

// GeneratorName begins every workbook's Generator.
const GeneratorName = "liverecon"

// Close ends the reading of the database. The workbook cannot be written after it.
func (w *Workbook) Close() error {
	if w.Source == nil {
		return nil
	}
	return w.Source.Close()
}

// Sheet describes one worksheet: a grid of cells, what is drawn over it, and perhaps a long list below it.
type Sheet struct {
	Name     string
	Widths   []float64       // of the columns from A, in characters
	Heights  map[int]float64 // of rows, in points; others have the default
	Tab      string          // colour of the tab, "" for none
	Merged   []Area
	Charts   []Chart
	Sparks   []Sparkline
	Choices  []Choice
	Marks    []Marking
	Shaded   []Area // the larger a number among its neighbours, the darker its cell
	Changed  []Area // points: the more above 0, the more amber, the more below, the more teal; full at 6
	Frozen   int    // rows that stay in view, 0 for none
	Repeat   int    // the row printed again on every page, 0 for none
	OnePage  bool   // print on one page, not just one page wide
	Percent  int    // of its size at which the sheet is printed; 0: as wide as a page
	Breaks   []int  // rows a printed page begins with, where there is a Percent
	Print    Area   // what is printed; the zero area means everything
	Locked   bool   // only cells in the role Input may be typed into; there is no password
	List     *List
	Tables   []Named // heads and rows, which other programs find by name
	Selected Ref

	cells map[Ref]Cell
	last  Ref // the lowest row and rightmost column in use
}

// Named represents an area with a name of its own in the sheet: "Regions".
type Named struct {
	Name string
	At   Area
}

// List represents a table of any length below a sheet's cells, read while the file is written.
type List struct {
	First   int // its header's row
	Left    int // columns that stay empty before it: 1 where the sheet has a margin
	Columns []ListColumn
	Count   int    // how many rows Rows gives; any other number is an error
	Roles   []Role // of cells, beside Body; a cell has its column's format
	Rows    func(yield func([]Cell) error) error
}

// at returns the place of column i, from 0, in a row.
func (l *List) at(i, row int) Ref { return Ref{l.Left + i + 1, row} }

// Column returns the rows of column i, from 0; only a list with rows has it.
func (l *List) Column(i int) Area {
	return Area{From: l.at(i, l.First+1), To: l.at(i, l.First+l.Count)}
}

// inset reports whether column i is text after numbers.
func (l *List) inset(i int) bool {
	return i > 0 && !l.Columns[i].Format.Numeric() && l.Columns[i-1].Format.Numeric()
}

// ListColumn describes one column of a List.
type ListColumn struct {
	Head   string
	Format Format
	Width  float64
	Wrap   bool // a text longer than the column runs on in further lines
}

// Choice represents an input cell, or a column of them, that takes one of some texts, or what a rule allows.
type Choice struct {
	At     Area
	Items  []string // the texts
	From   Area     // cells that hold the texts, when there are no Items
	Rule   string   // a formula that is true of what may be typed, when there is neither
	Advice string   // shown to whoever types something else
}

// Marking makes cells stand out while their text begins with some letters: it follows what people type, and the
// value of a formula.
type Marking struct {
	At     Area
	Begins string
}

// Ref represents a place in a sheet; A1 is {1, 1}.
type Ref struct{ Col, Row int }

// String returns the reference as spreadsheets write it: B7.
func (r Ref) String() string { return ColumnName(r.Col) + fmt.Sprint(r.Row) }

// Fixed returns the reference as formulas write it when it must not move: $B$7.
func (r Ref) Fixed() string { return fmt.Sprintf("$%s$%d", ColumnName(r.Col), r.Row) }

// ColumnName returns the letters of a column, counted from 1.
func ColumnName(col int) string {
	name := ""
	for ; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}

// Area represents a rectangle of a sheet, both corners included. Sheet may be "" where it is plain which one is meant.
type Area struct {
	Sheet    string
	From, To Ref
}

// String returns the area as formulas write it: 'Attack types'!$B$7:$B$15, or $B$7:$B$15 without a sheet.
func (a Area) String() string {
	text := a.From.Fixed() + ":" + a.To.Fixed()
	if a.Sheet == "" {
		return text
	}
	return QuoteSheet(a.Sheet) + "!" + text
}

// Refs returns the places of the area, row by row.
func (a Area) Refs() []Ref {
	var refs []Ref
	for row := a.From.Row; row <= a.To.Row; row++ {
		for col := a.From.Col; col <= a.To.Col; col++ {
			refs = append(refs, Ref{col, row})
		}
	}
	return refs
}

// QuoteSheet returns a sheet's name as formulas write it.
func QuoteSheet(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// NewSheet adds an empty sheet. The name has at most 31 characters, without any of []:*?/\.
func (w *Workbook) NewSheet(name string, widths ...float64) *Sheet {
	s := &Sheet{Name: name, Widths: widths, Heights: map[int]float64{}, cells: map[Ref]Cell{}, Selected: Ref{1, 1}}
	w.Sheets = append(w.Sheets, s)
	return s
}

// Sheet returns the sheet of that name, nil when there is none.
func (w *Workbook) Sheet(name string) *Sheet {
	for _, s := range w.Sheets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Set puts a cell in its place; one that is there already is replaced.
func (s *Sheet) Set(at Ref, c Cell) {
	s.cells[at] = c
	s.last.Col, s.last.Row = max(s.last.Col, at.Col), max(s.last.Row, at.Row)
}

// Cell returns the cell at a place; the zero Cell is an empty one.
func (s *Sheet) Cell(at Ref) Cell { return s.cells[at] }

// Refs returns the places that have cells, row by row.
func (s *Sheet) Refs() []Ref {
	refs := make([]Ref, 0, len(s.cells))
	for at := range s.cells {
		refs = append(refs, at)
	}
	sort.Slice(refs, func(i, j int) bool {
		if refs[i].Row != refs[j].Row {
			return refs[i].Row < refs[j].Row
		}
		return refs[i].Col < refs[j].Col
	})
	return refs
}

// Area returns the sheet's own rectangle between two places.
func (s *Sheet) Area(from, to Ref) Area { return Area{Sheet: s.Name, From: from, To: to} }
