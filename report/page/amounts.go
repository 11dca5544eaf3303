package page

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/report/xlsx"
)

// Cents returns a cell of an amount that shows two decimals, or as many as the workbook's amounts have.
func Cents(d decimal.Decimal) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount2) }

// Difference returns a cell of an amount less others. Its formula rounds away what subtracting in binary leaves over,
// and no digit that the amounts have.
func Difference(d decimal.Decimal, format xlsx.Format, formula string) xlsx.Cell {
	return xlsx.D(d.String(), format).WithFormula(fmt.Sprintf("ROUND(%s,%d)", formula, max(4, -d.Exponent())))
}

// ColumnTotal adds up the amounts of a table in one currency; "" when it has no row.
func ColumnTotal(t *Table, amounts, currencies int, name string) string {
	if t.Rows == 0 {
		return ""
	}
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", Local(t.Area(amounts)), Local(t.Area(currencies)), Literal(name))
}

// Literal returns a text as a formula writes it.
func Literal(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
