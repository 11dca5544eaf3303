package page

import "liverecon/report/xlsx"

// Local is an area as its own sheet's formulas write it.
func Local(a xlsx.Area) xlsx.Area {
	a.Sheet = ""
	return a
}

// Top is the first rows of a column.
func Top(t *Table, col, rows int) xlsx.Area {
	a := t.Area(col)
	a.To.Row = min(a.To.Row, t.First+rows-1)
	return a
}
