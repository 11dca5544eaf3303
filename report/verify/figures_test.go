package verify

import (
	"errors"
	"path/filepath"
	"testing"

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"
)

// What another version has written is compared by what its figures are called, wherever they stand and however they look.
func TestCompareFigures(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		right := f.Write(f.risk(reporttest.SecondNight()).Workbook)
		for _, c := range []struct {
			name   string
			change func(*excelize.File) error
			want   int // different
			alone  bool
		}{
			{"nothing", func(*excelize.File) error { return nil }, 0, false},
			{"the same further down", func(x *excelize.File) error { return x.InsertRows("Attack types", 3, 4) }, 0, false},
			{"another title", func(x *excelize.File) error { return x.SetCellStr("Coverage", "B2", "How much was seen") }, 0, false},
			{"a sheet less", func(x *excelize.File) error { return x.DeleteSheet("Threshold") }, 0, false},
			{"a figure", func(x *excelize.File) error { return x.SetCellInt("Attack types", "C25", 7777777) }, 1, false},
			{"a figure further down", func(x *excelize.File) error {
				return errors.Join(x.SetCellInt("Attack types", "C25", 7777777), x.InsertRows("Attack types", 3, 4))
			}, 1, false},
			{"a figure that only one has", func(x *excelize.File) error {
				return errors.Join(x.SetCellStr("Coverage", "B90", "A new figure"), x.SetCellInt("Coverage", "C90", 5))
			}, 0, true},
		} {
			given := filepath.Join(t.TempDir(), "given.xlsx")
			x := reporttest.Reopen(t, right)
			f.Must(errors.Join(c.change(x), x.SaveAs(given)))
			found, err := CompareFigures(right, given)
			f.Must(err)
			if found.Total != c.want || found.Alone > 0 != c.alone || found.Cells < 200 || len(found.Different) != c.want {
				t.Errorf("%s: %d compared, %d alone, different: %+v", c.name, found.Cells, found.Alone, found.Different)
			}
			if c.want == 1 && found.Total == 1 && (found.Different[0].Sheet != "Attack types" || found.Different[0].Got != "7777777") {
				t.Errorf("%s: %+v", c.name, found.Different)
			}
		}
	})
}
