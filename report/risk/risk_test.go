package risk_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"github.com/xuri/excelize/v2"

	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store/snapshot"
)

// TestThresholdIsLive types other thresholds into the workbook and compares what it then says with a count by SQL.
func TestThresholdIsLive(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		file := f.Write(f.risk(reporttest.SecondNight()).Workbook)
		snap, err := snapshot.Open(context.Background(), f.Store)
		f.Must(err)
		for _, threshold := range []float64{0, 1, 35, 50, 50.5, 60, 95, 99.5, 100} {
			for side, inclusive := range map[string]bool{"yes": true, "no": false} {
				want, err := snap.Scores().Count(context.Background(), reporttest.SecondNight().From, reporttest.SecondNight().To, threshold,
					inclusive)
				f.Must(err)
				x := reporttest.Reopen(t, file)
				f.Must(x.SetCellValue("Threshold", "C8", threshold))
				f.Must(x.SetCellValue("Threshold", "C9", side))
				flagged := calculate(t, x, "Threshold", "All regions", 3)
				if flagged != fmt.Sprint(want.Suspicious) {
					t.Errorf("threshold %g, equal passes %s: sheet says %s, SQL %d", threshold, side, flagged,
						want.Suspicious)
				}
			}
		}
		f.Must(snap.Close())
		x := reporttest.Reopen(t, file)
		f.Must(x.SetCellValue("Threshold", "C8", "abc"))
		for column := 3; column <= 9; column++ {
			if got := calculate(t, x, "Threshold", "All regions", column); got != "" {
				t.Errorf("threshold abc: column %d says %s", column, got)
			}
		}
		if got, err := x.CalcCellValue("Threshold", "E8"); err != nil || !strings.HasPrefix(got, "✗ ") {
			t.Errorf("threshold abc: %q (%v)", got, err)
		}
	})
}

// calculate finds the last row of a sheet that begins with a label and recalculates its cell some columns to the right.
func calculate(t *testing.T, x *excelize.File, sheet, label string, columns int) string {
	t.Helper()
	rows, err := x.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for r := len(rows) - 1; r >= 0; r-- {
		if len(rows[r]) > 1 && rows[r][1] == label {
			value, err := x.CalcCellValue(sheet, xlsx.Ref{Col: 2 + columns, Row: r + 1}.String(),
				excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("sheet %s has no row %q", sheet, label)
	return ""
}

// TestExplorerFollows chooses another region on the drift sheet.
func TestExplorerFollows(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		x := reporttest.Reopen(t, f.Write(f.risk(reporttest.SecondNight()).Workbook))
		for region, want := range map[string]string{"Indonesia": "105", "Singapore": "12"} {
			cell := ""
			rows, err := x.GetRows("Drift")
			f.Must(err)
			for r, row := range rows {
				if len(row) > 2 && row[1] == "Region" && row[2] != "Scored" {
					cell = xlsx.Ref{Col: 3, Row: r + 1}.String()
				}
			}
			f.Must(x.SetCellValue("Drift", cell, region))
			if got := calculate(t, x, "Drift", "All bins", 1); got != want {
				t.Errorf("%s: %s checks in all bins, want %s", region, got, want)
			}
		}
	})
}

// TestListsHoldEveryCheck compares the lists with the counts of the other sheets, and their order with the rule.
func TestListsHoldEveryCheck(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		w := f.risk(reporttest.SecondNight())
		var answered, suspicious int
		for i, g := range w.Sheet("Summary").Refs() {
			switch c := w.Sheet("Summary").Cell(g); {
			case i < 40 && g.Row == 9 && g.Col == 2:
				answered = int(c.Float())
			case g.Row == 9 && g.Col == 10:
				suspicious = int(c.Float())
			}
		}
		x := reporttest.Reopen(t, f.Write(w.Workbook))
		detail, queue := listOf(t, x, "Detail"), listOf(t, x, "Manual queue")
		if len(detail) != answered || len(queue) != suspicious || answered == 0 || suspicious == 0 {
			t.Fatalf("%d details, %d in the queue; summary says %d and %d", len(detail), len(queue), answered,
				suspicious)
		}
		ids, last := map[string]bool{}, 0
		for _, row := range detail {
			ids[row[2]] = true
		}
		if len(ids) != answered {
			t.Errorf("%d checks in %d rows of detail", len(ids), answered)
		}
		for _, row := range queue {
			priority, err := strconv.Atoi(row[0])
			f.Must(err)
			if priority < last {
				t.Errorf("priority %d comes after %d", priority, last)
			}
			last = priority
		}
	})
}

// listOf is the rows of a list sheet below its header.
func listOf(t *testing.T, x *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := x.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows[5:]
}

// TestTooFew makes a report on one check: nothing is read from it, in any title or row.
func TestTooFew(t *testing.T) {
	inFixture(t, "2026-11-02", func(f *fixture) {
		f.Night("list.csv", []reporttest.Check{reporttest.Scored("PH", 12.5, "1")})
		w := f.risk(reporttest.SecondNight())
		for region, want := range map[string]string{"Philippines (PH)": "1 0 1 1 too few", "All regions": "1 0 1 1"} {
			if got := strings.Join(strings.Fields(reporttest.RowOf(w.Sheet("Summary"), region)), " "); got != want {
				t.Errorf("%s: %q, want %q", region, got, want)
			}
		}
		for sheet, want := range map[string]int{"Summary": 2, "Attack types": 1, "Score distribution": 1} {
			got := 0
			for _, at := range w.Sheet(sheet).Refs() {
				c := w.Sheet(sheet).Cell(at)
				said := c.Style.Role == xlsx.Headline || c.Style.Role == xlsx.Finding
				got += xlsx.Int(said && strings.Contains(strings.ToLower(c.Text), "too few "))
			}
			if got != want {
				t.Errorf("%s: %d findings say that there are too few checks, want %d", sheet, got, want)
			}
		}
		x := reporttest.Reopen(t, f.Write(w.Workbook))
		for _, at := range w.Sheet("Summary").Refs() {
			if c := w.Sheet("Summary").Cell(at); c.Formula != "" {
				reporttest.CompareFormula(t, x, "Summary", at, c)
			}
		}
	})
}

// TestDataStays makes the sheets twice from data that was read once: none of them changes what the others read.
func TestDataStays(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		ctx := context.Background()
		snap, err := snapshot.Open(ctx, f.Store)
		f.Must(err)
		one, other, err := risk.Twice(ctx, snap, riskOptions(reporttest.SecondNight()))
		f.Must(err)
		first, second := filepath.Join(t.TempDir(), "first.xlsx"), filepath.Join(t.TempDir(), "second.xlsx")
		f.Must(xlsx.Write(one, first))
		f.Must(xlsx.Write(other, second))
		f.Must(snap.Close())
		a, err := os.ReadFile(first)
		f.Must(err)
		b, err := os.ReadFile(second)
		f.Must(err)
		if !bytes.Equal(a, b) {
			t.Errorf("two files of %d and %d bytes differ", len(a), len(b))
		}
	})
}
