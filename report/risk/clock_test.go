package risk_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"liverecon/report/review"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// TestClock: by the clock of capture a check belongs to the day its picture was taken, where the vendor says when, on
// every sheet, counted ahead or not; and the workbook says so.
func TestClock(t *testing.T) {
	inFixture(t, "2026-11-20", func(f *fixture) {
		for _, path := range []string{"a.csv", "b.csv"} {
			var checks []reporttest.Check
			for i := range 60 {
				c := reporttest.Scored("PH", float64(i+20), "")
				if i%3 > 0 {
					c.Captured = 12 * time.Hour // the day before: answers come at 9 in Singapore
				}
				checks = append(checks, c)
			}
			f.Night(path, checks)
		}
		for range 2 {
			f.days(calendar.ByAnswer, 0, 60, 60)
			f.days(calendar.ByCapture, 40, 60, 20)
			f.Must(f.Store.Books().RollUp(context.Background(), calendar.Calendar{Zone: reporttest.Singapore(), Clock: calendar.ByCapture}))
			f.Must(f.Store.Books().Audit(context.Background()))
		}
	})
}

// days wants so many checks on 19, 20 and 21 November.
func (f *fixture) days(clock calendar.Clock, want ...int64) {
	f.T.Helper()
	for i, n := range want {
		p := calendar.Days(2026, 11, 19+i, 1, reporttest.Singapore())
		w, err := risk.Build(context.Background(), f.Store, risk.Options{Period: p, Clock: clock, Threshold: 50,
			Inclusive: true})
		f.Must(err)
		f.Must(xlsx.Write(w.Workbook, filepath.Join(f.T.TempDir(), "risk.xlsx"))) // fails when a list has other rows than were counted
		f.Must(w.Close())
		if got := int64(w.Sheet("Summary").Cell(xlsx.Ref{Col: 2, Row: 9}).Float()); got != n || len(w.FailedChecks) > 0 {
			f.T.Errorf("%s by %s: %d checks, want %d; untied %v", p.Label, clock, got, n, w.FailedChecks)
		}
		dated := map[calendar.Clock]string{calendar.ByAnswer: "answered", calendar.ByCapture: "captured"}[clock]
		if subtitle := w.Sheet("Summary").Cell(xlsx.Ref{Col: 2, Row: 3}).Text; !strings.HasPrefix(subtitle,
			"Checks "+dated+" "+p.Label) {
			f.T.Errorf("%s by %s says %q", p.Label, clock, subtitle)
		}
	}
}

// TestCaptureTimes: by the clock of capture every row of the lists and of the CSV says when its picture was taken, so
// that it can be tied to its day; one whose picture's time the vendor does not say is left empty.
func TestCaptureTimes(t *testing.T) {
	inFixture(t, "2026-11-20", func(f *fixture) {
		taken, unsaid := reporttest.Scored("PH", 20, ""), reporttest.Scored("PH", 30, "")
		taken.Captured = 90 * time.Minute
		f.Night("a.csv", []reporttest.Check{taken, unsaid})
		for clock, want := range map[calendar.Clock]string{calendar.ByAnswer: "", calendar.ByCapture: "2026-11-20 07:30:00, "} {
			w, err := risk.Build(context.Background(), f.Store,
				risk.Options{Period: calendar.Days(2026, 11, 20, 1, reporttest.Singapore()), Clock: clock, Threshold: 50,
					Inclusive: true})
			f.Must(err)
			path := filepath.Join(t.TempDir(), "detail.csv")
			f.Must(risk.WriteDetail(context.Background(), w, path))
			text, err := os.ReadFile(path)
			f.Must(err)
			lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
			f.Must(err)
			if got := below(lines, "Captured at (Asia/Singapore)"); got != want {
				t.Errorf("by %s the CSV says %q, want %q", clock, got, want)
			}
			x := reporttest.Reopen(t, f.Write(w.Workbook))
			for _, sheet := range []string{"Detail", review.QueueSheet} {
				rows, err := x.GetRows(sheet)
				f.Must(err)
				if got := below(rows[4:], "Captured at (Asia/Singapore)"); got != want {
					t.Errorf("by %s the sheet %s says %q, want %q", clock, sheet, got, want)
				}
			}
		}
	})
}

// below joins what stands below a head, the latest first; nothing without such a head.
func below(rows [][]string, head string) string {
	at := slices.Index(rows[0], head)
	if at < 0 {
		return ""
	}
	var texts []string
	for _, row := range rows[1:] {
		texts = append(texts, row[at])
	}
	slices.SortFunc(texts, func(a, b string) int { return strings.Compare(b, a) })
	return strings.Join(texts, ", ")
}
