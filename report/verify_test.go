package report

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
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
		{"a formula", func(f *excelize.File) error { return f.SetCellInt("Definitions", "C9", 8888888) }, []Difference{{Sheet: "Definitions", Cell: "C9", Got: "8888888"}, {Sheet: "Definitions", Cell: "C9", Got: "no formula"}}, nil},
		{"a text", func(f *excelize.File) error { return f.SetCellStr("Coverage", "B2", "All is well") }, []Difference{{Sheet: "Coverage", Cell: "B2", Got: "All is well"}}, nil},
		{"a row of a list", func(f *excelize.File) error { return f.SetCellStr("Detail", "C7", "nobody") }, []Difference{{Sheet: "Detail", Cell: "C7", Got: "nobody"}}, nil},
		{"a decision", func(f *excelize.File) error { return f.SetCellStr("Attack types", "Z3", "genuine") }, nil, []Difference{{Sheet: "Attack types", Cell: "Z3", Got: "genuine"}}},
		{"a sheet less", func(f *excelize.File) error { return f.DeleteSheet("Threshold") }, []Difference{{Sheet: "Threshold", Got: "no sheet"}}, nil},
		{"a sheet more", func(f *excelize.File) error { _, err := f.NewSheet("Notes"); return err }, []Difference{{Sheet: "Notes", Got: "a sheet"}}, nil},
	}
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		right := f.write(f.risk(secondNight()))
		for _, c := range changes {
			given := filepath.Join(t.TempDir(), "given.xlsx")
			x := reopen(t, right)
			f.must(errors.Join(c.change(x), x.SaveAs(given)))
			found, err := Compare(right, given)
			f.must(err)
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

func TestOrigin(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		w := f.risk(secondNight())
		file := f.write(w)
		origin, err := ReadOrigin(file)
		f.must(err)
		if origin != w.Origin || origin.Kind != "risk" || origin.Period(singapore()).Label != "2026-11-02" || origin.Compared(singapore()).Label != "2026-11-01" {
			t.Errorf("origin: %+v, written %+v", origin, w.Origin)
		}
		foreign := filepath.Join(t.TempDir(), "foreign.xlsx")
		f.must(excelize.NewFile().SaveAs(foreign))
		text := filepath.Join(t.TempDir(), "text.xlsx")
		f.must(os.WriteFile(text, []byte("a,b\n"), 0o600))
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
	if a, b := ordinary("SUM('Attack types'!$A$1)"), ordinary("SUM('Attack types'!$A$2)"); a == b {
		t.Errorf("%s and %s", a, b)
	}
}
