// Package xlsx is a workbook before it is a file, and its writer: sheets of typed cells, formulas with their values,
// charts, and long lists that are read while the file is written.
package xlsx
