package report

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/batch/billing"
	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

var update = flag.Bool("update", false, "write the golden files anew")

// twoNights fills a database with two nights of a few regions, the second worse than the first.
func (f *fixture) twoNights() {
	random := rand.New(rand.NewPCG(1, 2))
	for night, rate := range []float64{0.04, 0.12} {
		all := mixed(random, "PH", "ph", 90, rate, 0.5)
		all = append(all, mixed(random, "ID", "id", 110, 0.05, 0.2)...)
		all = append(all, mixed(random, "VN", "sg", 40, 0.1, 0.3)...)
		all = append(all, mixed(random, "SG", "sg", 12, 0.1, 0.3)...)
		if night == 1 {
			all = append(all, oddities()...)
		}
		f.night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
	}
}

// oddities are answers that the vendor's page does not foresee.
func oddities() []asked {
	below, above := scored("VN", -1, "9"), scored("VN", 100.01, "2")
	none, strange, missing, free, paidFailure := scored("VN", 0, ""), scored("VN", 90, ""), scored("VN", 91, ""), scored("VN", 92, ""), scored("VN", 0, "")
	none.score = nil
	strange.pricing, strange.tag = "MAYBE", "unknown"
	missing.pricing, missing.tag = "", "unknown"
	free.pricing, free.tag = "FREE", "free"
	paidFailure.code, paidFailure.score, paidFailure.state = "ERROR", nil, "given_up"
	return []asked{below, above, scored("VN", 50, ""), scored("VN", 50, "1"), none, strange, missing, free, paidFailure}
}

func testAmounts() []billing.Amount {
	return []billing.Amount{{Endpoint: "ph", Region: "PH", Currency: "USD", Floor: "3.0099", Ceiling: "3.1449"}, {Endpoint: "id", Region: "ID", Currency: "USD", Floor: "9.45", Ceiling: "9.4500"}, {Endpoint: "sg", Region: "SG", Currency: "SGD", Floor: "0.35", Ceiling: "0.385"}}
}

const testVerdict = "PARTIAL: 253 of 261 answered, 2 in doubt, USD 12.46-12.59; resumes next run"

func (f *fixture) risk(p calendar.Period) *risk.Workbook {
	f.t.Helper()
	w, err := risk.Build(context.Background(), f.store, risk.Options{Period: p, Threshold: 50, Inclusive: true, Version: "0.1.0", Verdict: testVerdict})
	f.must(err)
	return w
}

func (f *fixture) finance(p calendar.Period) *finance.Workbook {
	f.t.Helper()
	w, err := finance.Build(context.Background(), f.store, finance.Options{Period: p, Version: "0.1.0", Verdict: testVerdict, Amounts: testAmounts()})
	f.must(err)
	return w
}

// write writes a workbook, ends its reading and returns the file.
func (f *fixture) write(w *xlsx.Workbook) string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "report.xlsx")
	f.must(xlsx.Write(w, path))
	f.must(w.Close())
	return path
}

// secondNight is the period of the last of two nights that began on 2026-11-01.
func secondNight() calendar.Period { return calendar.Days(2026, 11, 2, 1, singapore()) }

// TestGolden compares every cell of both workbooks, as they stand in the file, with the golden text.
func TestGolden(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		compareGolden(t, "risk", f.write(f.risk(secondNight()).Workbook))
		compareGolden(t, "finance", f.write(f.finance(secondNight()).Workbook))
	})
}

func compareGolden(t *testing.T, name, file string) {
	t.Helper()
	got := cellText(t, file)
	golden := filepath.Join("testdata", name+".golden")
	if *update {
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

// cellText is a workbook as text: a line a row, each cell with its formula.
func cellText(t *testing.T, file string) string {
	t.Helper()
	x := reopen(t, file)
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

func reopen(t *testing.T, file string) *excelize.File {
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

// TestSameFactsSameBytes makes each workbook twice.
func TestSameFactsSameBytes(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		for name, build := range map[string]func() *xlsx.Workbook{
			"risk":    func() *xlsx.Workbook { return f.risk(secondNight()).Workbook },
			"finance": func() *xlsx.Workbook { return f.finance(secondNight()).Workbook },
		} {
			var files [3][]byte
			for i := range files {
				content, err := os.ReadFile(f.write(build()))
				f.must(err)
				files[i] = content
				time.Sleep(time.Hour)
			}
			if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[0], files[2]) {
				t.Errorf("%s: three builds from the same facts differ", name)
			}
		}
	})
}

// TestFormulasAgree recalculates every formula and compares it with the value that stands in the file.
func TestFormulasAgree(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		for _, w := range []*xlsx.Workbook{f.risk(secondNight()).Workbook, f.finance(secondNight()).Workbook} {
			x, formulas := reopen(t, f.write(w)), 0
			for _, s := range w.Sheets {
				for _, at := range s.Refs() {
					if c := s.Cell(at); c.Formula != "" {
						formulas++
						compareFormula(t, x, s.Name, at, c)
					}
				}
			}
			if formulas < 100 {
				t.Errorf("%s: only %d formulas", w.Title, formulas)
			}
		}
	})
}

func compareFormula(t *testing.T, x *excelize.File, sheet string, at xlsx.Ref, c xlsx.Cell) {
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

// TestRegions makes workbooks of no, one and forty regions, whose totals tie.
func TestRegions(t *testing.T) {
	for _, n := range []int{0, 1, 40} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inFixture(t, "2026-11-02", func(f *fixture) {
				var all []asked
				for i := range n {
					for k := range 4 {
						all = append(all, scored(fmt.Sprintf("%c%c", 'A'+i/26, 'A'+i%26), float64(7*i+30*k)/4, ""))
					}
				}
				if n > 0 {
					f.night("list.csv", all)
				}
				risk, finance := f.risk(secondNight()), f.finance(secondNight())
				for _, w := range []*xlsx.Workbook{risk.Workbook, finance.Workbook} {
					if len(w.FailedChecks) > 0 {
						t.Errorf("%s: untied %v", w.Title, w.FailedChecks)
					}
					checkParts(t, f.write(w))
				}
				want := map[int]string{0: "No check was answered in this period, and no list brought a new ID", 1: "Too few scored checks to state a rate: 4 (4 suspicious), the minimum is 30"}[n]
				if got := risk.Sheet("Summary").Cell(xlsx.Ref{Col: 2, Row: 6}).Text; want != "" && got != want {
					t.Errorf("headline %q, want %q", got, want)
				}
			})
		})
	}
}

// checkParts makes sure that every part of a file is well-formed XML and bears the fixed time.
func checkParts(t *testing.T, file string) {
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

// TestFirstCell is where scripts find a run's verdict.
func TestFirstCell(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.twoNights()
		for _, w := range []*xlsx.Workbook{f.risk(secondNight()).Workbook, f.finance(secondNight()).Workbook} {
			x := reopen(t, f.write(w))
			got, err := x.GetCellValue(x.GetSheetName(0), "A1")
			if err != nil || got != testVerdict {
				t.Errorf("first cell %q (%v), want the verdict", got, err)
			}
		}
	})
}

// TestCoverageWarns makes one region's host go down: its rate may not be read as if all had answered.
func TestCoverageWarns(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		random := rand.New(rand.NewPCG(3, 4))
		all := mixed(random, "ID", "id", 150, 0.05, 0.3)
		for i := range 100 {
			c := asked{region: "TH", endpoint: "th"}
			if i < 35 {
				c = scored("TH", 99, "")
			}
			all = append(all, c)
		}
		f.night("list.csv", all)
		w := f.risk(secondNight())
		if got := w.Sheet("Coverage").Cell(xlsx.Ref{Col: 2, Row: 6}).Text; !strings.HasSuffix(got, ", enough to change the reading of the overall rate and Thailand") {
			t.Errorf("headline of the coverage %q", got)
		}
		for _, region := range []string{"▲ Thailand (TH)", "▲ All regions"} {
			if rowOf(w.Sheet("Summary"), region) == "" {
				t.Errorf("the summary has no row %q", region)
			}
		}
		f.must(w.Close())
	})
}

// TestDownRegionStands makes the host of the tenth region go down: it has a row on the first page, marked, and one among the
// attack types, where it would not be by its rate.
func TestDownRegionStands(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		random := rand.New(rand.NewPCG(3, 4))
		var all []asked
		for _, region := range []string{"AU", "BR", "CL", "CO", "ID", "MX", "MY", "NG", "PH"} {
			all = append(all, mixed(random, region, "id", 40, 0.05, 0.3)...)
		}
		for range 50 {
			all = append(all, asked{region: "TH", endpoint: "th"})
		}
		f.night("list.csv", all)
		w := f.risk(secondNight())
		for _, c := range []struct{ sheet, region, want string }{
			{"Summary", "▲ Thailand (TH)", "50 50 0 0 too few"},
			{"Attack types", "Thailand", "0 0 0 0 too few"},
		} {
			if got := rowOf(w.Sheet(c.sheet), c.region); got != c.want {
				t.Errorf("%s: %s has %q, want %q", c.sheet, c.region, got, c.want)
			}
		}
		if rowOf(w.Sheet("Summary"), "▲ Philippines (PH)")+rowOf(w.Sheet("Summary"), "▲ Indonesia (ID)") != "" {
			t.Error("a region with all its answers is marked")
		}
		f.must(w.Close())
	})
}

// rowOf are the values to the right of a text in column B, the figures beside the printed page left out.
func rowOf(s *xlsx.Sheet, label string) string {
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
