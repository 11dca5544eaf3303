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
			var checks []asked
			for i := range 60 {
				c := scored("PH", float64(i+20), "")
				if i%3 > 0 {
					c.captured = 12 * time.Hour // the day before: answers come at 9 in Singapore
				}
				checks = append(checks, c)
			}
			f.night(path, checks)
		}
		for range 2 {
			f.days(calendar.ByAnswer, 0, 60, 60)
			f.days(calendar.ByCapture, 40, 60, 20)
			f.must(f.store.Books().RollUp(context.Background(), calendar.Calendar{Zone: singapore(), Clock: calendar.ByCapture}))
			f.must(f.store.Books().Audit(context.Background()))
		}
	})
}

// days wants so many checks on 19, 20 and 21 November.
func (f *fixture) days(clock calendar.Clock, want ...int64) {
	f.t.Helper()
	for i, n := range want {
		p := calendar.Days(2026, 11, 19+i, 1, singapore())
		w, err := risk.Build(context.Background(), f.store, risk.Options{Period: p, Clock: clock, Threshold: 50,
			Inclusive: true})
		f.must(err)
		f.must(xlsx.Write(w.Workbook, filepath.Join(f.t.TempDir(), "risk.xlsx"))) // fails when a list has other rows than were counted
		f.must(w.Close())
		if got := int64(w.Sheet("Summary").Cell(xlsx.Ref{Col: 2, Row: 9}).Float()); got != n || len(w.FailedChecks) > 0 {
			f.t.Errorf("%s by %s: %d checks, want %d; untied %v", p.Label, clock, got, n, w.FailedChecks)
		}
		dated := map[calendar.Clock]string{calendar.ByAnswer: "answered", calendar.ByCapture: "captured"}[clock]
		if subtitle := w.Sheet("Summary").Cell(xlsx.Ref{Col: 2, Row: 3}).Text; !strings.HasPrefix(subtitle,
			"Checks "+dated+" "+p.Label) {
			f.t.Errorf("%s by %s says %q", p.Label, clock, subtitle)
		}
	}
}

// TestCaptureTimes: by the clock of capture every row of the lists and of the CSV says when its picture was taken, so
// that it can be tied to its day; one whose picture's time the vendor does not say is left empty.
func TestCaptureTimes(t *testing.T) {
	inFixture(t, "2026-11-20", func(f *fixture) {
		taken, unsaid := scored("PH", 20, ""), scored("PH", 30, "")
		taken.captured = 90 * time.Minute
		f.night("a.csv", []asked{taken, unsaid})
		for clock, want := range map[calendar.Clock]string{calendar.ByAnswer: "", calendar.ByCapture: "2026-11-20 07:30:00, "} {
			w, err := risk.Build(context.Background(), f.store,
				risk.Options{Period: calendar.Days(2026, 11, 20, 1, singapore()), Clock: clock, Threshold: 50,
					Inclusive: true})
			f.must(err)
			path := filepath.Join(t.TempDir(), "detail.csv")
			f.must(risk.WriteDetail(context.Background(), w, path))
			text, err := os.ReadFile(path)
			f.must(err)
			lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
			f.must(err)
			if got := below(lines, "Captured at (Asia/Singapore)"); got != want {
				t.Errorf("by %s the CSV says %q, want %q", clock, got, want)
			}
			x := reopen(t, f.write(w.Workbook))
			for _, sheet := range []string{"Detail", review.QueueSheet} {
				rows, err := x.GetRows(sheet)
				f.must(err)
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
