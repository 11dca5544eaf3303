package finance

import (
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/page"
)

// TestChartsEndOnTheirPage: with a bridge for each of two currencies no page of the sheet ends within a chart, or before all
// rows have had their room.
func TestChartsEndOnTheirPage(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		w := f.settledBook(11, nil)
		s := w.Sheet("Reconciliation")
		p := &page.Page{Sheet: s, Across: s.Print.To.Col - 1, Row: s.Print.To.Row}
		if len(s.Breaks) == 0 || s.Percent == 0 || s.OnePage {
			t.Fatalf("printed at %d%%, with breaks before the rows %v", s.Percent, s.Breaks)
		}
		top := 1
		for _, end := range append(s.Breaks[:len(s.Breaks):len(s.Breaks)], p.Row) {
			if height := p.Height(top, end) * float64(s.Percent) / 100; height > page.PaperHeight {
				t.Errorf("rows %d to %d are %.0f points high on paper", top, end-1, height)
			}
			top = end
		}
		for _, c := range s.Charts {
			last := c.At.Row + int(float64(c.Height)*page.PointsAPixel/page.RowHeight)
			for _, row := range s.Breaks {
				if row > c.At.Row && row <= last {
					t.Errorf("a page ends before row %d, within the chart from row %d to %d", row, c.At.Row, last)
				}
			}
		}
		x := reporttest.Reopen(t, f.Write(w.Workbook))
		layout, err := x.GetPageLayout(s.Name)
		f.Must(err)
		if *layout.AdjustTo != uint(s.Percent) {
			t.Errorf("the file is printed at %d%%, want %d%%", *layout.AdjustTo, s.Percent)
		}
	})
}
