package verify

import (
	"errors"
	"path/filepath"
	"testing"

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"

	"liverecon/report/xlsx"
)

// turn puts a list's rows in the opposite order, as a spreadsheet program sorts them: formulas go on to mean their own row.
func turn(x *excelize.File, sheet string, first, last, columns int) error {
	type cell struct{ value, formula string }
	at := func(row, col int) string { return xlsx.Ref{Col: col, Row: row}.String() }
	rows := map[int][]cell{}
	for row := first; row <= last; row++ {
		for col := 1; col <= columns; col++ {
			value, err := x.GetCellValue(sheet, at(row, col), excelize.Options{RawCellValue: true})
			formula, formulaErr := x.GetCellFormula(sheet, at(row, col))
			if err := errors.Join(err, formulaErr); err != nil {
				return err
			}
			rows[row] = append(rows[row], cell{value, formula})
		}
	}
	for row, cells := range rows {
		to := first + last - row
		for i, c := range cells {
			var err error
			if c.formula == "" {
				if err = x.SetCellFormula(sheet, at(to, i+1), ""); err == nil {
					err = x.SetCellDefault(sheet, at(to, i+1), c.value)
				}
			} else {
				moved := relativeCell.ReplaceAllStringFunc(c.formula, func(ref string) string {
					col, of, err := excelize.CellNameToCoordinates(ref)
					if err != nil || of != row {
						return ref
					}
					return at(to, col)
				})
				err = errors.Join(x.SetCellDefault(sheet, at(to, i+1), c.value), x.SetCellFormula(sheet, at(to, i+1), moved))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// TestCompareSorted: a list in another order is no difference; what was changed in it, or filled in, still is.
func TestCompareSorted(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		w := f.settledBook(11, nil)
		right := f.Write(w.Workbook)
		given := filepath.Join(t.TempDir(), "given.xlsx")
		for name, c := range map[string]struct {
			change                  func(x *excelize.File) error
			different, filled, most int
		}{
			"sorted":                        {func(*excelize.File) error { return nil }, 0, 0, 0},
			"and a text changed":            {func(x *excelize.File) error { return x.SetCellStr("Exceptions", "B9", "nobody") }, 1, 0, 1},
			"and a figure changed":          {func(x *excelize.File) error { return x.SetCellInt("Exceptions", "J9", 4711) }, 1, 0, 1},
			"and a figure for a formula":    {func(x *excelize.File) error { return x.SetCellInt("Exceptions", "K9", 4711) }, 1, 0, 2},
			"and a row of another list":     {func(x *excelize.File) error { return x.SetCellStr("Lines", "B20", "nobody") }, 1, 0, 1},
			"and a status, with its effect": {func(x *excelize.File) error { return x.SetCellStr("Exceptions", "N9", "accepted") }, 0, 1, 0},
		} {
			x := reporttest.Reopen(t, right)
			for _, sheet := range []string{"Exceptions", "Lines", "Ledger"} {
				list := w.Sheet(sheet).List
				f.Must(turn(x, sheet, list.First+1, list.First+list.Count, len(list.Columns)))
			}
			f.Must(errors.Join(c.change(x), x.SaveAs(given)))
			found, err := Compare(right, given)
			f.Must(err)
			if found.Total < c.different || found.Total > c.most || len(found.Filled) != c.filled || found.Cells < 1000 {
				t.Errorf("%s: different %+v, filled in %+v", name, found.Different, found.Filled)
			}
		}
		// A row more often than it was is one.
		x := reporttest.Reopen(t, right)
		f.Must(errors.Join(x.DuplicateRowTo("Ledger", 7, 8), x.RemoveRow("Ledger", 12), x.SaveAs(given)))
		if found, err := Compare(right, given); err != nil || found.Total == 0 {
			t.Errorf("a row doubled and another removed: %+v, %v", found.Different, err)
		}
	})
}
