// Package verify compares a workbook with what the database says it should be.
package verify

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/report/xlsx"
)

// Difference represents a cell, or a whole sheet, in which a workbook is not what it should be.
type Difference struct {
	Sheet string
	Cell  string // "" for a sheet that is missing or was added
	Want  string
	Got   string

	right string // the cell of the right workbook where its row was sorted to another place, else ""
}

// Comparison holds the differences between two workbooks.
type Comparison struct {
	Cells        int          // compared
	Different    []Difference // the first maxDifferences of them
	Filled       []Difference // cells to be filled in that hold something else than was written
	Following    []Difference // values of unchanged formulas that follow from what was filled in
	Uncalculated int          // unchanged formulas beside which the program that saved the file has kept no value
	Total        int          // of cells that are different
	Decided      int          // cells that are as the workbook was written, and that decisions since have changed
	Alone        int          // figures that CompareFigures has found in one of the two alone
	Cut          []string     // sheets that CompareFigures has not read to their end

	values []Difference // of cells that should have a formula, until it is known why
}

// maxDifferences bounds how many differences are named one by one.
const maxDifferences = 1000

// formulaRows bounds the sheets whose formulas are compared where no value differs: reading formulas loads the whole
// sheet, and the long lists have none that matter.
const formulaRows = 20_000

// openBoth opens the workbook that is right and the one that is given.
func openBoth(right, given string) (want, got *excelize.File, closeBoth func() error, err error) {
	if want, err = excelize.OpenFile(right); err != nil {
		return nil, nil, nil, err
	}
	if got, err = excelize.OpenFile(given); err != nil {
		return nil, nil, nil, errors.Join(err, want.Close())
	}
	return want, got, func() error { return errors.Join(got.Close(), want.Close()) }, nil
}

// Compare reads two workbooks, the one that is right and the one that is given, sheet by sheet and row by row, and
// lists every cell that differs in its value or its formula. Numbers are the same when they agree in 12 digits, since
// spreadsheet programs write them in their own way. How cells look is not compared, nor how the rows of a list
// are sorted. Cells that are there to be filled
// in are counted apart, and so are values that the workbook's own formulas, calculated anew, draw from them.
func Compare(right, given string) (c Comparison, err error) {
	want, got, closeBoth, err := openBoth(right, given)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, closeBoth()) }()
	for i, sheet := range want.GetSheetList() {
		if !slices.Contains(got.GetSheetList(), sheet) {
			c.differs(Difference{Sheet: sheet, Want: "a sheet", Got: "no sheet"})
			continue
		}
		kinds, err := readKinds(right, i, want)
		if err != nil {
			return c, fmt.Errorf("sheet %q: %w", sheet, err)
		}
		sorted, err := readOrder(right, i, want, got, sheet)
		if err == nil {
			err = c.sheet(want, got, sheet, kinds, sorted)
		}
		if err = errors.Join(err, kinds.close()); err != nil {
			return c, fmt.Errorf("sheet %q: %w", sheet, err)
		}
	}
	for _, sheet := range got.GetSheetList() {
		if !slices.Contains(want.GetSheetList(), sheet) {
			c.differs(Difference{Sheet: sheet, Want: "no sheet", Got: "a sheet"})
		}
	}
	return c, c.follow(want)
}

// Frozen takes for different what was filled in of a workbook that nothing may be filled into any more, but on the sheet
// that goes on, and but for what is as in written, which is made of the database as it was decided when the given one
// was written.
func (c *Comparison) Frozen(written, given, goesOn string) error {
	if len(c.Filled) == 0 {
		return nil
	}
	then, err := Compare(written, given)
	if err != nil {
		return err
	}
	forged := map[Difference]bool{}
	for _, d := range then.Filled {
		forged[Difference{Sheet: d.Sheet, Cell: d.Cell}] = true
	}
	filled := c.Filled
	c.Filled = nil
	for _, d := range filled {
		switch {
		case d.Sheet == goesOn, sameMoment(d.Want, d.Got):
			c.Filled = append(c.Filled, d)
		case forged[Difference{Sheet: d.Sheet, Cell: d.Cell}]:
			c.differs(d)
		default:
			c.Decided++
		}
	}
	return nil
}

// sameMoment reports whether a text that somebody typed is the moment that a cell has as a number of days.
func sameMoment(days, text string) bool {
	want, err := strconv.ParseFloat(days, 64)
	if err != nil {
		return false
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime} {
		if at, err := time.Parse(layout, text); err == nil {
			is := at.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
			return math.Abs(is-want) < 0.5/86_400
		}
	}
	return false
}

// Since sets apart which cells are different because something was decided since the given workbook was written: in
// written, which is made of the database as it was decided then, they are as in the given one.
func (c *Comparison) Since(written, given string) error {
	then, err := Compare(written, given)
	if err != nil {
		return err
	}
	if then.Total > len(then.Different) { // too many to tell which they are
		return nil
	}
	still := map[Difference]bool{}
	for _, d := range then.Different {
		still[Difference{Sheet: d.Sheet, Cell: d.Cell}] = true
	}
	if len(still) == 0 {
		c.Decided, c.Total, c.Different = c.Total, 0, nil
		return nil
	}
	before := len(c.Different)
	c.Different = slices.DeleteFunc(c.Different, func(d Difference) bool {
		return !still[Difference{Sheet: d.Sheet, Cell: d.Cell}]
	})
	c.Decided = before - len(c.Different)
	c.Total -= c.Decided
	return nil
}

func (c *Comparison) differs(d Difference) {
	c.Total++
	if len(c.Different) < maxDifferences {
		c.Different = append(c.Different, d)
	}
}

// sheet goes through the rows of both sheets side by side.
func (c *Comparison) sheet(want, got *excelize.File, sheet string, kinds *kindReader, sorted *order) (err error) {
	right, err := want.Rows(sheet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, right.Close()) }()
	given, err := got.Rows(sheet)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, given.Close()) }()
	row, inputs := 0, map[xlsx.Ref]bool{}
	moved := sortedRows{order: sorted, right: map[int][]string{}, given: map[int][]string{}, kinds: map[int][]cellKind{}}
	before := len(c.values)
	for {
		a, more, err := nextRow(right)
		if err != nil {
			return err
		}
		b, also, err := nextRow(given)
		if err != nil {
			return err
		}
		if !more && !also {
			break
		}
		row++
		of, err := kinds.next(row)
		if err != nil {
			return err
		}
		for i, kind := range of {
			if kind == toFillIn {
				inputs[xlsx.Ref{Col: i + 1, Row: row}] = true
			}
		}
		if !moved.keep(row, a, b, of) {
			c.row(sheet, row, row, a, b, of)
		}
	}
	for _, given := range slices.Sorted(maps.Keys(moved.given)) {
		right := sorted.rightOf(given)
		c.row(sheet, given, right, moved.right[right], moved.given[given], moved.kinds[right])
	}
	if row > formulaRows && len(c.values) == before {
		return nil
	}
	return c.formulas(want, got, sheet, inputs, before, sorted)
}

func nextRow(rows *excelize.Rows) (cells []string, more bool, err error) {
	if !rows.Next() {
		return nil, false, rows.Error()
	}
	cells, err = rows.Columns(excelize.Options{RawCellValue: true})
	return cells, true, err
}

// row compares the values of a row with those of the right one; kinds are those of the right one's cells.
func (c *Comparison) row(sheet string, row, right int, want, got []string, kinds []cellKind) {
	for i := range max(len(want), len(got)) {
		a, b := at(want, i), at(got, i)
		c.Cells++
		if sameValue(a, b) {
			continue
		}
		d := Difference{Sheet: sheet, Cell: xlsx.Ref{Col: i + 1, Row: row}.String(), Want: a, Got: b}
		if right != row {
			d.right = xlsx.Ref{Col: i + 1, Row: right}.String()
		}
		switch at(kinds, i) {
		case toFillIn:
			c.Filled = append(c.Filled, d)
		case calculated:
			c.values = append(c.values, d)
		default:
			c.differs(d)
		}
	}
}

// at returns the i-th element, the zero value beyond the last.
func at[T any](all []T, i int) (none T) {
	if i < len(all) {
		return all[i]
	}
	return none
}

// formulas compares the formulas of the cells that should have one, and finds those that should have none; inputs may
// have any. The sheet's own values, those from a place in the list on, differ for good where their formula does, or
// where nothing but the program that saved the file has let them go.
func (c *Comparison) formulas(
	want, got *excelize.File, sheet string, inputs map[xlsx.Ref]bool, from int, sorted *order,
) error {
	changed := map[string]bool{}
	for _, side := range []struct {
		file *excelize.File
		both bool
	}{{want, true}, {got, false}} {
		dimension, err := side.file.GetSheetDimension(sheet)
		if err != nil {
			return err
		}
		cols, rows, err := extent(dimension)
		if err != nil {
			return err
		}
		for _, ref := range (xlsx.Area{From: xlsx.Ref{Col: 1, Row: 1}, To: xlsx.Ref{Col: cols, Row: rows}}).Refs() {
			right, given := ref, ref
			if side.both {
				given.Row = sorted.givenOf(ref.Row)
			} else {
				right.Row = sorted.rightOf(ref.Row)
			}
			if inputs[right] {
				continue
			}
			a, err := want.GetCellFormula(sheet, right.String())
			if err != nil {
				return err
			}
			b, err := got.GetCellFormula(sheet, given.String())
			if err != nil {
				return err
			}
			if sameFormula(a, b, right.Row, given.Row) || side.both != (a != "") {
				continue
			}
			changed[given.String()] = true
			c.differs(Difference{Sheet: sheet, Cell: given.String(), Want: withSign(a), Got: withSign(b)})
		}
	}
	own := slices.Clone(c.values[from:])
	c.values = c.values[:from]
	for _, d := range own {
		switch {
		case changed[d.Cell]:
			c.differs(d)
		case d.Got == "":
			c.Uncalculated++
		default:
			c.values = append(c.values, d)
		}
	}
	return nil
}

// sameFormula reports whether a formula is another one, which may have been sorted into another row.
func sameFormula(right, given string, rightRow, givenRow int) bool {
	right, given = ordinary(right), ordinary(given)
	if rightRow == givenRow {
		return right == given
	}
	return inRow(right, rightRow) == inRow(given, givenRow)
}

func withSign(formula string) string {
	if formula == "" {
		return "no formula"
	}
	return "=" + formula
}

// extent returns how many columns and rows a dimension such as A1:K40 has from the first on.
func extent(dimension string) (cols, rows int, err error) {
	_, last, found := strings.Cut(dimension, ":")
	if !found {
		last = dimension
	}
	return excelize.CellNameToCoordinates(last)
}
