package reporttest

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"liverecon/report/xlsx"
)

// Update makes tests write the golden files that they compare with.
var Update = flag.Bool("update", false, "write the golden files anew")

// Write writes a workbook, ends its reading and returns the file.
func (f *Database) Write(w *xlsx.Workbook) string {
	f.T.Helper()
	path := filepath.Join(f.T.TempDir(), "report.xlsx")
	f.Must(xlsx.Write(w, path))
	f.Must(w.Close())
	return path
}

// CompareGolden compares every cell of a workbook with testdata/NAME.golden of the package under test.
func CompareGolden(t *testing.T, name, file string) {
	t.Helper()
	got := CellText(t, file)
	golden := filepath.Join("testdata", name+".golden")
	if *Update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "(end)", "(end)"
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Fatalf("%s, line %d:\n got %s\nwant %s\n(run with -update when the change is meant)", golden, i+1, g, w)
		}
	}
}

// CellText returns a workbook as text: a line a row, each cell with its formula.
func CellText(t *testing.T, file string) string {
	t.Helper()
	x := Reopen(t, file)
	var b strings.Builder
	for _, sheet := range x.GetSheetList() {
		fmt.Fprintf(&b, "## %s\n", sheet)
		rows, err := x.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			var cells []string
			for c, value := range row {
				at := xlsx.Ref{Col: c + 1, Row: r + 1}.String()
				formula, err := x.GetCellFormula(sheet, at)
				if err != nil {
					t.Fatal(err)
				}
				if formula != "" {
					value += " {=" + formula + "}"
				}
				if value != "" {
					cells = append(cells, at+" "+value)
				}
			}
			if cells != nil {
				b.WriteString(strings.Join(cells, " | ") + "\n")
			}
		}
	}
	return b.String()
}

// Reopen opens a workbook that was written, and closes it with the test.
func Reopen(t *testing.T, file string) *excelize.File {
	t.Helper()
	x, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// CompareFormula makes sure that a file's cell has the value of the model, and that its formula comes to the same.
func CompareFormula(t *testing.T, x *excelize.File, sheet string, at xlsx.Ref, c xlsx.Cell) {
	t.Helper()
	cached, err := x.GetCellValue(sheet, at.String(), excelize.Options{RawCellValue: true})
	if err != nil || cached != c.Value() {
		t.Errorf("%s!%s: file has %q (%v), model %q", sheet, at, cached, err, c.Value())
	}
	got, err := x.CalcCellValue(sheet, at.String(), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Errorf("%s!%s: =%s: %v", sheet, at, c.Formula, err)
		return
	}
	if c.Kind == xlsx.Text {
		if got != c.Text {
			t.Errorf("%s!%s: =%s is %q, stored %q", sheet, at, c.Formula, got, c.Text)
		}
		return
	}
	x1, err := strconv.ParseFloat(got, 64)
	if err != nil || math.Abs(x1-c.Float()) > 1e-9*math.Max(1, math.Abs(c.Float())) {
		t.Errorf("%s!%s: =%s is %s, stored %s", sheet, at, c.Formula, got, c.Number)
	}
}

// CheckParts makes sure that every part of a file is well-formed XML and bears the fixed time.
func CheckParts(t *testing.T, file string) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close() //nolint:errcheck // opened for reading
	for _, part := range z.File {
		if part.Modified.Year() != 1980 {
			t.Errorf("%s bears the time %s", part.Name, part.Modified)
		}
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(r)
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// RowOf returns the values to the right of a text in column B, the figures beside the printed page left out.
func RowOf(s *xlsx.Sheet, label string) string {
	for row := range 100 {
		if s.Cell(xlsx.Ref{Col: 2, Row: row + 1}).Text != label {
			continue
		}
		var values []string
		for col := 3; col <= s.Print.To.Col; col++ {
			if v := s.Cell(xlsx.Ref{Col: col, Row: row + 1}).Value(); v != "" {
				values = append(values, v)
			}
		}
		return strings.Join(values, " ")
	}
	return ""
}
