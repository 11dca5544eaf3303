package verify

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"

	"liverecon/report/finance"
	"liverecon/report/xlsx"
)

// TestCompare changes a workbook in every way a person can, and expects each change to be named, and nothing else.
func TestCompare(t *testing.T) {
	changes := []struct {
		name   string
		change func(*excelize.File) error
		want   []Difference
		filled []Difference
	}{
		{"nothing", func(*excelize.File) error { return nil }, nil, nil},
		{"a figure", func(f *excelize.File) error { return f.SetCellInt("Attack types", "C25", 7777777) }, []Difference{{Sheet: "Attack types", Cell: "C25", Got: "7777777"}}, nil},
		{"a formula", func(f *excelize.File) error { return f.SetCellInt("Definitions", "C9", 8888888) }, []Difference{{Sheet: "Definitions", Cell: "C9", Got: "no formula"}, {Sheet: "Definitions", Cell: "C9", Got: "8888888"}}, nil},
		{"a text", func(f *excelize.File) error { return f.SetCellStr("Coverage", "B2", "All is well") }, []Difference{{Sheet: "Coverage", Cell: "B2", Got: "All is well"}}, nil},
		{"a row of a list", func(f *excelize.File) error { return f.SetCellStr("Detail", "C7", "nobody") }, []Difference{{Sheet: "Detail", Cell: "C7", Got: "nobody"}}, nil},
		{"a decision", func(f *excelize.File) error { return f.SetCellStr("Manual queue", "J6", "genuine") }, nil, []Difference{{Sheet: "Manual queue", Cell: "J6", Got: "genuine"}}},
		{"a note where none is asked for", func(f *excelize.File) error { return f.SetCellStr("Attack types", "Z3", "genuine") }, []Difference{{Sheet: "Attack types", Cell: "Z3", Got: "genuine"}}, nil},
		{"a sheet less", func(f *excelize.File) error { return f.DeleteSheet("Threshold") }, []Difference{{Sheet: "Threshold", Got: "no sheet"}}, nil},
		{"a sheet more", func(f *excelize.File) error { _, err := f.NewSheet("Notes"); return err }, []Difference{{Sheet: "Notes", Got: "a sheet"}}, nil},
	}
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		right := f.Write(f.risk(reporttest.SecondNight()).Workbook)
		for _, c := range changes {
			given := filepath.Join(t.TempDir(), "given.xlsx")
			x := reporttest.Reopen(t, right)
			f.Must(errors.Join(c.change(x), x.SaveAs(given)))
			found, err := Compare(right, given)
			f.Must(err)
			if found.Total != len(found.Different) || found.Cells < 1000 {
				t.Errorf("%s: %d of %d cells named, %d compared", c.name, len(found.Different), found.Total, found.Cells)
			}
			if got := withoutWant(found.Different); !slices.Equal(got, c.want) {
				t.Errorf("%s: found %+v, want %+v", c.name, got, c.want)
			}
			if got := withoutWant(found.Filled); !slices.Equal(got, c.filled) {
				t.Errorf("%s: filled in %+v, want %+v", c.name, got, c.filled)
			}
		}
	})
}

// withoutWant leaves out what the cells should hold, which the golden file tells.
func withoutWant(all []Difference) []Difference {
	var list []Difference
	for _, d := range all {
		d.Want = ""
		list = append(list, d)
	}
	return list
}

// TestCompareFilledIn sets the status of an exception, calculates the workbook anew as a spreadsheet program does, and then
// changes what no status explains.
func TestCompareFilledIn(t *testing.T) {
	inFixture(t, "2026-10-30", func(f *fixture) {
		f.ReconciledMonth()
		right := f.Write(f.settledBook(11, nil).Workbook)
		given := filepath.Join(t.TempDir(), "given.xlsx")
		x := reporttest.Reopen(t, right)
		status, err := x.SearchSheet("Exceptions", finance.StatusOpen)
		f.Must(err)
		f.Must(x.SetCellStr("Exceptions", status[0], "accepted"))
		changed := recalculate(t, x)
		f.Must(x.SaveAs(given))
		found, err := Compare(right, given)
		f.Must(err)
		if len(found.Filled) != 1 || len(found.Following) != len(changed) || len(changed) < 5 || found.Total != 0 {
			t.Errorf("filled in %+v, following %+v, different %+v; changed %v", found.Filled, found.Following, found.Different, changed)
		}
		for _, c := range []struct {
			name   string
			change func(sheet, cell string) error
		}{
			{"a value that follows", func(sheet, cell string) error { return setCached(x, sheet, cell, "4711") }},
			{"a formula whose value follows", func(sheet, cell string) error { return x.SetCellFormula(sheet, cell, "1+1") }},
			{"a figure in its place", func(sheet, cell string) error { return x.SetCellInt(sheet, cell, 4711) }},
		} {
			sheet, cell := changed[0][0], changed[0][1]
			f.Must(errors.Join(c.change(sheet, cell), x.SaveAs(given)))
			found, err := Compare(right, given)
			f.Must(err)
			if found.Total == 0 || found.Different[0].Cell != cell || found.Different[0].Sheet != sheet {
				t.Errorf("%s: %+v", c.name, found.Different)
			}
		}
	})
}

// TestCompareWithoutValues: what saves formulas without their values has changed nothing, unless it is a formula.
func TestCompareWithoutValues(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		right := f.Write(f.risk(reporttest.SecondNight()).Workbook)
		given := filepath.Join(t.TempDir(), "given.xlsx")
		x := reporttest.Reopen(t, right)
		formula, err := x.GetCellFormula("Definitions", "C9")
		f.Must(err)
		for _, c := range []struct {
			formula             string
			different, unvalued int
		}{{formula, 0, 1}, {formula + "+1", 2, 0}} {
			f.Must(errors.Join(x.SetCellDefault("Definitions", "C9", ""), x.SetCellFormula("Definitions", "C9", c.formula), x.SaveAs(given)))
			found, err := Compare(right, given)
			f.Must(err)
			if found.Total != c.different || found.Uncalculated != c.unvalued {
				t.Errorf("%s: %+v, %d without a value", c.formula, found.Different, found.Uncalculated)
			}
		}
	})
}

// recalculate gives every formula the value it comes to, and names the cells in which that is another.
func recalculate(t *testing.T, x *excelize.File) [][2]string {
	t.Helper()
	var changed [][2]string
	values := map[[2]string]string{}
	for _, sheet := range x.GetSheetList() {
		rows, err := x.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for i, old := range row {
				at := xlsx.Ref{Col: i + 1, Row: r + 1}.String()
				if formula, err := x.GetCellFormula(sheet, at); err != nil || formula == "" || old == "" {
					continue
				}
				value, err := x.CalcCellValue(sheet, at, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Fatal(err)
				}
				if !sameValue(value, old) {
					changed = append(changed, [2]string{sheet, at})
					values[[2]string{sheet, at}] = value
				}
			}
		}
	}
	for _, at := range changed {
		if err := setCached(x, at[0], at[1], values[at]); err != nil {
			t.Fatal(err)
		}
	}
	return changed
}

// setCached sets what a cell with a formula shows.
func setCached(x *excelize.File, sheet, cell, value string) error {
	formula, err := x.GetCellFormula(sheet, cell)
	return errors.Join(err, x.SetCellDefault(sheet, cell, value), x.SetCellFormula(sheet, cell, formula))
}

func TestOrigin(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		w := f.risk(reporttest.SecondNight())
		file := f.Write(w.Workbook)
		origin, err := ReadOrigin(file)
		f.Must(err)
		if origin != w.Origin || origin.Kind != "risk" || origin.Period(reporttest.Singapore()).Label != "2026-11-02" || origin.Compared(reporttest.Singapore()).Label != "2026-11-01" {
			t.Errorf("origin: %+v, written %+v", origin, w.Origin)
		}
		x := reporttest.Reopen(t, file)
		f.Must(x.SetCustomProps(excelize.CustomProperty{Name: xlsx.OriginProperty}))
		f.Must(x.Save())
		lost, err := ReadOrigin(file)
		f.Must(err)
		zone := reporttest.Singapore()
		if !lost.FromCells || lost.Period(zone) != origin.Period(zone) || lost.Compared(zone) != origin.Compared(zone) || lost.Version != origin.Version || lost.Kind != origin.Kind || lost.NoDetail != origin.NoDetail {
			t.Errorf("from its cells: %+v, from its property: %+v", lost, origin)
		}
		foreign := filepath.Join(t.TempDir(), "foreign.xlsx")
		f.Must(excelize.NewFile().SaveAs(foreign))
		text := filepath.Join(t.TempDir(), "text.xlsx")
		f.Must(os.WriteFile(text, []byte("a,b\n"), 0o600))
		for _, file := range []string{foreign, text} {
			if _, err := ReadOrigin(file); !errors.Is(err, ErrNotOurs) {
				t.Errorf("%s: %v", filepath.Base(file), err)
			}
		}
	})
}

func TestSameValue(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"", "", true}, {"0.1", "0.10000000000000001", true}, {"0.1", "0.1000000001", false}, {"1", "", false}, {"a", "a", true}, {"a", "b", false}, {"007", "7", true}, {"0", "1e-300", false}} {
		if sameValue(c.a, c.b) != c.same {
			t.Errorf("%q and %q", c.a, c.b)
		}
	}
}

// TestOrdinaryFormula: what LibreOffice makes of a formula of ours is the same formula.
func TestOrdinaryFormula(t *testing.T) {
	if a, b := ordinary("SUM('Coverage'!$L$26:$L$33)*3.8414588206941227"), ordinary("SUM(Coverage!$L$26:$L$33)*3.84145882069412"); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := ordinary("IF(FALSE,A1,IF(TRUE,B1))"), ordinary("IF(FALSE(),A1,IF(TRUE(),B1))"); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := ordinary("SUM('Attack types'!$A$1)"), ordinary("SUM('Attack types'!$A$2)"); a == b {
		t.Errorf("%s and %s", a, b)
	}
}
