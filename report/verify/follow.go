package verify

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// follow types what was filled in into the right workbook, calculates the formulas whose values differ, and parts those
// that come to what the given workbook holds from those that do not.
func (c *Comparison) follow(right *excelize.File) error {
	for _, d := range c.Filled {
		if len(c.values) == 0 {
			return nil
		}
		if err := typeIn(right, d); err != nil {
			return fmt.Errorf("%s!%s: %w", d.Sheet, d.Cell, err)
		}
	}
	for _, d := range c.values {
		if len(c.Filled) > 0 && follows(right, d) {
			c.Following = append(c.Following, d)
		} else {
			c.differs(d)
		}
	}
	return nil
}

// typeIn puts what was filled in into its cell.
func typeIn(f *excelize.File, d Difference) error {
	d.Cell = cmp.Or(d.right, d.Cell)
	if x, err := strconv.ParseFloat(d.Got, 64); err == nil {
		return f.SetCellFloat(d.Sheet, d.Cell, x, -1, 64)
	}
	if d.Got == "" {
		return f.SetCellValue(d.Sheet, d.Cell, nil)
	}
	return f.SetCellStr(d.Sheet, d.Cell, d.Got)
}

// follows reports whether the cell's formula has the given value; what cannot be calculated has none.
func follows(f *excelize.File, d Difference) bool {
	value, err := f.CalcCellValue(d.Sheet, cmp.Or(d.right, d.Cell), excelize.Options{RawCellValue: true})
	return err == nil && (value == d.Got || sameNumber(value, d.Got, d.Want))
}
