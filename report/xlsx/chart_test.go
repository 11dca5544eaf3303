package xlsx_test

import (
	"testing"

	"liverecon/report/xlsx"
)

// TestDrawable draws no axes without a figure between them.
func TestDrawable(t *testing.T) {
	book := &xlsx.Workbook{}
	s := book.NewSheet("Figures")
	s.Set(xlsx.Ref{Col: 1, Row: 1}, xlsx.N(0))
	s.Set(xlsx.Ref{Col: 1, Row: 2}, xlsx.N(3))
	s.Set(xlsx.Ref{Col: 1, Row: 3}, xlsx.T("–"))
	cell := func(row int) xlsx.Area {
		return xlsx.Area{Sheet: s.Name, From: xlsx.Ref{Col: 1, Row: row}, To: xlsx.Ref{Col: 1, Row: row}}
	}
	for _, c := range []struct {
		mark xlsx.Mark
		row  int
		want bool
	}{{xlsx.Bar, 1, false}, {xlsx.Bar, 2, true}, {xlsx.Bar, 3, false}, {xlsx.Bar, 4, false}, {xlsx.Point, 1, true},
		{xlsx.Line, 1, true}, {xlsx.Line, 3, false}} {
		if got := (&xlsx.Chart{Series: []xlsx.Series{{Mark: c.mark,
			Values: cell(c.row)}}}).Drawable(book); got != c.want {
			t.Errorf("mark %d of row %d: drawn %v", c.mark, c.row, got)
		}
	}
}
