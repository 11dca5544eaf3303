package main

import (
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// rowsWhere calls a function with each row of a workbook's sheet in which a column's text begins with some letters, and
// returns how many there are. The condition is HEAD=TEXT; a row is one below the header that has this head.
func rowsWhere(ts *testscript.TestScript, x *excelize.File, sheet, where string, each func(row int, heads, cells []string)) (n int) {
	rows, err := x.GetRows(sheet, excelize.Options{RawCellValue: sheet != "Disputes"})
	ts.Check(err)
	head, text, _ := strings.Cut(where, "=")
	var heads []string
	for i, cells := range rows {
		switch at := slices.Index(heads, head); {
		case strings.Join(cells, "") == "": // the table ends
			heads = nil
		case slices.Contains(cells, head):
			heads = cells
		case at >= 0 && at < len(cells) && cells[at] != "" && strings.HasPrefix(cells[at], text):
			n++
			each(i+1, heads, cells)
		}
	}
	return n
}

// columnOf returns where a head stands; that of a time has its zone behind it.
func columnOf(heads []string, name string) int {
	return slices.IndexFunc(heads, func(h string) bool { return h == name || strings.HasPrefix(h, name+" (") })
}

// typeIn is `type FILE SHEET HEAD=TEXT [HEAD VALUE]...`: it fills in cells of all rows where it is so, and saves the file.
func typeIn(ts *testscript.TestScript, _ bool, args []string) {
	x, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	n := rowsWhere(ts, x, args[1], args[2], func(row int, heads, _ []string) {
		for i := 3; i+1 < len(args); i += 2 {
			cell, err := excelize.CoordinatesToCellName(columnOf(heads, args[i])+1, row)
			ts.Check(err)
			ts.Check(x.SetCellValue(args[1], cell, args[i+1]))
		}
	})
	if n == 0 {
		ts.Fatalf("%s!%s: no row where %s", args[0], args[1], args[2])
	}
	ts.Check(x.SetAppProps(&excelize.AppProperties{Application: "Microsoft Excel"}))
	ts.Check(x.Save())
	ts.Check(x.Close())
}

// reads is `reads FILE SHEET HEAD=TEXT [HEAD VALUE]...`: a row where it is so shows these values; `! reads FILE SHEET`:
// there is no such sheet.
func reads(ts *testscript.TestScript, neg bool, args []string) {
	x, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	if neg {
		if len(args) != 2 || slices.Contains(x.GetSheetList(), args[1]) {
			ts.Fatalf("%s has a sheet %s", args[0], args[1])
		}
		ts.Check(x.Close())
		return
	}
	n := rowsWhere(ts, x, args[1], args[2], func(_ int, heads, cells []string) {
		for i := 3; i+1 < len(args); i += 2 {
			got, at := "", columnOf(heads, args[i])
			if at >= 0 && at < len(cells) {
				got = cells[at]
			}
			if got != args[i+1] {
				ts.Fatalf("%s!%s, %s: %s is %q, want %q", args[0], args[1], args[2], args[i], got, args[i+1])
			}
		}
	})
	if n == 0 {
		ts.Fatalf("%s!%s: no row where %s", args[0], args[1], args[2])
	}
	ts.Check(x.Close())
}
