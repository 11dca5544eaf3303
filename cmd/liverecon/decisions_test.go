package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
)

// fillIn is `fillin FILE ROW HEAD VALUE [HEAD VALUE...]`: it types values into the columns of a workbook's manual queue, as a
// reviewer does, in a row counted from 1. `fillin -sort FILE` turns the order of the rows round, as a spreadsheet program
// does that sorts them.
func fillIn(ts *testscript.TestScript, _ bool, args []string) {
	turn := args[0] == "-sort"
	if turn {
		args = args[1:]
	}
	file := ts.MkAbs(args[0])
	x, err := excelize.OpenFile(file)
	ts.Check(err)
	rows, err := x.GetRows("Manual queue", excelize.Options{RawCellValue: true})
	ts.Check(err)
	const head = 5
	if turn {
		turnRows(ts, x, rows, head)
	}
	if len(args) > 1 {
		row, err := strconv.Atoi(args[1])
		ts.Check(err)
		for i := 2; i+1 < len(args); i += 2 {
			column := slices.IndexFunc(rows[head-1], func(name string) bool { return name == args[i] || strings.HasPrefix(name, args[i]+" (") })
			cell, err := excelize.CoordinatesToCellName(column+1, head+row)
			ts.Check(err)
			ts.Check(x.SetCellValue("Manual queue", cell, args[i+1]))
		}
	}
	ts.Check(x.SetAppProps(&excelize.AppProperties{Application: "Microsoft Excel"})) // as whoever saves a workbook says
	ts.Check(x.Save())
	ts.Check(x.Close())
}

func turnRows(ts *testscript.TestScript, x *excelize.File, rows [][]string, head int) {
	width := len(rows[head-1])
	for i, row := range rows[head:] {
		cells := make([]any, width)
		for c, text := range row {
			if text != "" {
				cells[c] = text
			}
		}
		ts.Check(x.SetSheetRow("Manual queue", fmt.Sprintf("A%d", len(rows)-i), &cells))
	}
}

// shows is `shows FILE SHEET CELL TEXT`: a cell of a workbook, as it is displayed.
func shows(ts *testscript.TestScript, _ bool, args []string) {
	x, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	got, err := x.GetCellValue(args[1], args[2])
	ts.Check(err)
	ts.Check(x.Close())
	if got != args[3] {
		ts.Fatalf("%s!%s shows %q, want %q", args[1], args[2], got, args[3])
	}
}
