package report

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"liverecon/batch/billing"
	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

func testAmounts() []billing.Amount {
	return []billing.Amount{{Endpoint: "ph", Region: "PH", Currency: "USD", Floor: "3.0099", Ceiling: "3.1449"}, {Endpoint: "id", Region: "ID", Currency: "USD", Floor: "9.45", Ceiling: "9.4500"}, {Endpoint: "sg", Region: "SG", Currency: "SGD", Floor: "0.35", Ceiling: "0.385"}}
}

func (f *fixture) risk(p calendar.Period) *risk.Workbook {
	f.T.Helper()
	w, err := risk.Build(context.Background(), f.Store, f.riskOptions(p))
	f.Must(err)
	return w
}

func (f *fixture) riskOptions(p calendar.Period) risk.Options {
	return risk.Options{Period: p, Threshold: 50, Inclusive: true, Version: "0.1.0", Verdict: reporttest.Verdict}
}

func (f *fixture) finance(p calendar.Period) *finance.Workbook {
	f.T.Helper()
	w, err := finance.Build(context.Background(), f.Store, finance.Options{Period: p, Version: "0.1.0", Verdict: reporttest.Verdict, Amounts: testAmounts()})
	f.Must(err)
	return w
}

// TestGolden compares every cell of both workbooks, as they stand in the file, with the golden text.
func TestGolden(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		reporttest.CompareGolden(t, "risk", f.Write(f.risk(reporttest.SecondNight()).Workbook))
		reporttest.CompareGolden(t, "finance", f.Write(f.finance(reporttest.SecondNight()).Workbook))
	})
}

// TestSameFactsSameBytes makes each workbook twice.
func TestSameFactsSameBytes(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		for name, build := range map[string]func() *xlsx.Workbook{
			"risk":    func() *xlsx.Workbook { return f.risk(reporttest.SecondNight()).Workbook },
			"finance": func() *xlsx.Workbook { return f.finance(reporttest.SecondNight()).Workbook },
		} {
			var files [3][]byte
			for i := range files {
				content, err := os.ReadFile(f.Write(build()))
				f.Must(err)
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
		f.TwoNights()
		for _, w := range []*xlsx.Workbook{f.risk(reporttest.SecondNight()).Workbook, f.finance(reporttest.SecondNight()).Workbook} {
			x, formulas := reporttest.Reopen(t, f.Write(w)), 0
			for _, s := range w.Sheets {
				for _, at := range s.Refs() {
					if c := s.Cell(at); c.Formula != "" {
						formulas++
						reporttest.CompareFormula(t, x, s.Name, at, c)
					}
				}
			}
			if formulas < 100 {
				t.Errorf("%s: only %d formulas", w.Title, formulas)
			}
		}
	})
}

// TestRegions makes workbooks of no, one and forty regions, whose totals tie.
func TestRegions(t *testing.T) {
	for _, n := range []int{0, 1, 40} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			inFixture(t, "2026-11-02", func(f *fixture) {
				var all []reporttest.Check
				for i := range n {
					for k := range 4 {
						all = append(all, reporttest.Scored(fmt.Sprintf("%c%c", 'A'+i/26, 'A'+i%26), float64(7*i+30*k)/4, ""))
					}
				}
				if n > 0 {
					f.Night("list.csv", all)
				}
				risk, finance := f.risk(reporttest.SecondNight()), f.finance(reporttest.SecondNight())
				for _, w := range []*xlsx.Workbook{risk.Workbook, finance.Workbook} {
					if len(w.FailedChecks) > 0 {
						t.Errorf("%s: untied %v", w.Title, w.FailedChecks)
					}
					reporttest.CheckParts(t, f.Write(w))
				}
				want := map[int]string{0: "No check was answered in this period, and no list brought a new ID", 1: "Too few scored checks to state a rate: 4 (4 suspicious), the minimum is 30"}[n]
				if got := risk.Sheet("Summary").Cell(xlsx.Ref{Col: 2, Row: 6}).Text; want != "" && got != want {
					t.Errorf("headline %q, want %q", got, want)
				}
			})
		})
	}
}

// TestFirstCell is where scripts find a run's verdict.
func TestFirstCell(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		for _, w := range []*xlsx.Workbook{f.risk(reporttest.SecondNight()).Workbook, f.finance(reporttest.SecondNight()).Workbook} {
			x := reporttest.Reopen(t, f.Write(w))
			got, err := x.GetCellValue(x.GetSheetName(0), "A1")
			if err != nil || got != reporttest.Verdict {
				t.Errorf("first cell %q (%v), want the verdict", got, err)
			}
		}
	})
}

// TestCoverageWarns makes one region's host go down: its rate may not be read as if all had answered.
func TestCoverageWarns(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		random := rand.New(rand.NewPCG(3, 4))
		all := reporttest.Mixed(random, "ID", "id", 150, 0.05, 0.3)
		for i := range 100 {
			c := reporttest.Check{Region: "TH", Endpoint: "th"}
			if i < 35 {
				c = reporttest.Scored("TH", 99, "")
			}
			all = append(all, c)
		}
		f.Night("list.csv", all)
		w := f.risk(reporttest.SecondNight())
		if got := w.Sheet("Coverage").Cell(xlsx.Ref{Col: 2, Row: 6}).Text; !strings.HasSuffix(got, ", enough to change the reading of the overall rate and Thailand") {
			t.Errorf("headline of the coverage %q", got)
		}
		for _, region := range []string{"▲ Thailand (TH)", "▲ All regions"} {
			if reporttest.RowOf(w.Sheet("Summary"), region) == "" {
				t.Errorf("the summary has no row %q", region)
			}
		}
		f.Must(w.Close())
	})
}

// TestDownRegionStands makes the host of the tenth region go down: it has a row on the first page, marked, and one among the
// attack types, where it would not be by its rate.
func TestDownRegionStands(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		random := rand.New(rand.NewPCG(3, 4))
		var all []reporttest.Check
		for _, region := range []string{"AU", "BR", "CL", "CO", "ID", "MX", "MY", "NG", "PH"} {
			all = append(all, reporttest.Mixed(random, region, "id", 40, 0.05, 0.3)...)
		}
		for range 50 {
			all = append(all, reporttest.Check{Region: "TH", Endpoint: "th"})
		}
		f.Night("list.csv", all)
		w := f.risk(reporttest.SecondNight())
		for _, c := range []struct{ sheet, region, want string }{
			{"Summary", "▲ Thailand (TH)", "50 50 0 0 too few"},
			{"Attack types", "Thailand", "0 0 0 0 too few"},
		} {
			if got := reporttest.RowOf(w.Sheet(c.sheet), c.region); got != c.want {
				t.Errorf("%s: %s has %q, want %q", c.sheet, c.region, got, c.want)
			}
		}
		if reporttest.RowOf(w.Sheet("Summary"), "▲ Philippines (PH)")+reporttest.RowOf(w.Sheet("Summary"), "▲ Indonesia (ID)") != "" {
			t.Error("a region with all its answers is marked")
		}
		f.Must(w.Close())
	})
}
