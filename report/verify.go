package report

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Difference is a cell, or a whole sheet, in which a workbook is not what it should be.
type Difference struct {
	Sheet string
	Cell  string // "" for a sheet that is missing or was added
	Want  string
	Got   string
}

// Comparison is what comparing two workbooks found.
type Comparison struct {
	Cells     int          // compared
	Different []Difference // the first maxDifferences of them
	Filled    []Difference // cells that should be empty and hold something: what people have filled in
	Total     int          // of cells that are different
}

// maxDifferences bounds how many differences are named one by one.
const maxDifferences = 1000

// formulaRows bounds the sheets whose formulas are compared as well as their values: reading formulas loads the whole
// sheet, and the long lists have none that matter.
const formulaRows = 20_000

// Compare reads two workbooks, the one that is right and the one that is given, sheet by sheet and row by row, and lists
// every cell that differs in its value or its formula. Numbers are the same when they agree in 12 digits, since
// spreadsheet programs write them in their own way. How cells look is not compared.
func Compare(right, given string) (c Comparison, err error) {
	want, err := excelize.OpenFile(right)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, want.Close()) }()
	got, err := excelize.OpenFile(given)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, got.Close()) }()
	for _, sheet := range want.GetSheetList() {
		if !slices.Contains(got.GetSheetList(), sheet) {
			c.differs(Difference{Sheet: sheet, Want: "a sheet", Got: "no sheet"})
			continue
		}
		if err := c.sheet(want, got, sheet); err != nil {
			return c, fmt.Errorf("sheet %q: %w", sheet, err)
		}
	}
	for _, sheet := range got.GetSheetList() {
		if !slices.Contains(want.GetSheetList(), sheet) {
			c.differs(Difference{Sheet: sheet, Want: "no sheet", Got: "a sheet"})
		}
	}
	return c, nil
}

func (c *Comparison) differs(d Difference) {
	c.Total++
	if len(c.Different) < maxDifferences {
		c.Different = append(c.Different, d)
	}
}

// sheet goes through the rows of both sheets side by side.
func (c *Comparison) sheet(want, got *excelize.File, sheet string) (err error) {
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
	row := 0
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
		c.values(sheet, row, a, b)
	}
	if row > formulaRows {
		return nil
	}
	return c.formulas(want, got, sheet)
}

func nextRow(rows *excelize.Rows) (cells []string, more bool, err error) {
	if !rows.Next() {
		return nil, false, rows.Error()
	}
	cells, err = rows.Columns(excelize.Options{RawCellValue: true})
	return cells, true, err
}

func (c *Comparison) values(sheet string, row int, want, got []string) {
	at := func(cells []string, i int) string {
		if i < len(cells) {
			return cells[i]
		}
		return ""
	}
	for i := range max(len(want), len(got)) {
		a, b := at(want, i), at(got, i)
		c.Cells++
		if sameValue(a, b) {
			continue
		}
		d := Difference{sheet, Ref{i + 1, row}.String(), a, b}
		if a == "" && len(c.Filled) < maxDifferences {
			c.Filled = append(c.Filled, d)
			continue
		}
		c.differs(d)
	}
}

// formulas compares the formulas of the cells that should have one, and finds those that should have none.
func (c *Comparison) formulas(want, got *excelize.File, sheet string) error {
	for _, at := range []struct {
		file *excelize.File
		both bool
	}{{want, true}, {got, false}} {
		dimension, err := at.file.GetSheetDimension(sheet)
		if err != nil {
			return err
		}
		cols, rows, err := extent(dimension)
		if err != nil {
			return err
		}
		for _, ref := range (Area{From: Ref{1, 1}, To: Ref{cols, rows}}).Refs() {
			a, err := want.GetCellFormula(sheet, ref.String())
			if err != nil {
				return err
			}
			b, err := got.GetCellFormula(sheet, ref.String())
			if err != nil {
				return err
			}
			if ordinary(a) != ordinary(b) && (at.both == (a != "")) {
				c.differs(Difference{sheet, ref.String(), withSign(a), withSign(b)})
			}
		}
	}
	return nil
}

var (
	plainSheet   = regexp.MustCompile(`'([A-Za-z_][A-Za-z_.]*)'!`)
	longConstant = regexp.MustCompile(`[0-9]+\.[0-9]{12,}`)
)

// ordinary is a formula without what a spreadsheet program changes when it saves one: quotes around a sheet's name that
// needs none, and digits of a constant beyond those it keeps.
func ordinary(formula string) string {
	formula = plainSheet.ReplaceAllString(formula, "$1!")
	return longConstant.ReplaceAllStringFunc(formula, func(digits string) string {
		x, err := strconv.ParseFloat(digits, 64)
		if err != nil {
			return digits
		}
		return strconv.FormatFloat(x, 'g', 12, 64)
	})
}

func withSign(formula string) string {
	if formula == "" {
		return "no formula"
	}
	return "=" + formula
}

// extent is how many columns and rows a dimension such as A1:K40 has from the first on.
func extent(dimension string) (cols, rows int, err error) {
	_, last, found := strings.Cut(dimension, ":")
	if !found {
		last = dimension
	}
	return excelize.CellNameToCoordinates(last)
}

// sameValue says whether two raw values are the same number, or the same text.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	const digits = 1e-12
	return errX == nil && errY == nil && math.Abs(x-y) <= digits*max(math.Abs(x), math.Abs(y))
}
