package report

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// sheetOf returns a workbook's sheet.
func sheetOf(t *testing.T, w *risk.Workbook, name string) *xlsx.Sheet {
	t.Helper()
	for _, s := range w.Sheets {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no sheet %s", name)
	return nil
}

// TestSourcesSheet counts by the columns that are kept, by what answers carry, by attempts and by hour of capture; columns
// that nobody keeps are shown nowhere.
func TestSourcesSheet(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		for night := range 2 {
			var all []reporttest.Check
			for i := range 200 {
				partner, score := "PayWay", 97.0
				if i%4 == 0 {
					partner = "=Kiosk"
				}
				if i%20 == 0 || night == 1 && i%8 == 0 {
					score = 5
				}
				c := reporttest.Scored("PH", score, map[bool]string{true: "2"}[score < 50])
				gap := int64(1500 * (i % 50))
				c.Reference = fmt.Sprintf(`{"Partner ID":%q,"customer":"C%d","secret":"x%d"}`, partner, i/2, i)
				c.Platform, c.Gap, c.Captured = []string{"iOS", "Android"}[i%2], &gap, 90*time.Minute
				all = append(all, c)
			}
			f.Night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
		}
		o := f.riskOptions(reporttest.SecondNight())
		o.Compare = calendar.Days(2026, 11, 1, 1, reporttest.Singapore())
		o.Keep, o.Key = []string{"partner_id"}, "customer"
		w, err := risk.Build(context.Background(), f.Store, o)
		f.Must(err)
		defer w.Close() //nolint:errcheck // read only
		s := sheetOf(t, w, "Sources")
		for label, want := range map[string]string{"=Kiosk": "50 30 ", "PayWay": "150 0 0", "iOS": "100 30 ", "Android": "100 0 0",
			"2": "100 200 30 ", "ids_2026-11-02.csv": "200 30 ", "one attempt": "0 0 0"} {
			if got := reporttest.RowOf(s, label); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s, want %s", label, got, want)
			}
		}
		for row := range 200 {
			for col := range 20 {
				if strings.Contains(s.Cell(xlsx.Ref{Col: col + 1, Row: row + 1}).Text, "secret") {
					t.Errorf("a column that is not kept is shown")
				}
			}
		}
		// Answered from 9 in Singapore on, taken 90 minutes earlier: 07 and no other hour; 8 images of one moment in 400.
		hours := strings.Fields(reporttest.RowOf(sheetOf(t, w, "Capture times"), "Philippines"))
		if len(hours) < 3 || hours[0] != "200" || hours[1] != "0.14999999999999999" || hours[2] != "15" {
			t.Errorf("capture times: %v", hours)
		}
		file := reporttest.CellText(t, f.Write(w.Workbook))
		if !strings.Contains(file, "=Kiosk") || strings.Contains(file, "{=Kiosk") {
			t.Error("a partner became a formula, or none")
		}
	})
}
