package risk_test

import (
	"strings"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// TestFingerprint is the same for the same snap, whatever later nights bring, and another one for another period.
func TestFingerprint(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.TwoNights()
		print := func(p calendar.Period) string {
			w := f.risk(p)
			defer func() { f.Must(w.Close()) }()
			sheet := w.Sheet("Definitions")
			for _, at := range sheet.Refs() {
				if sheet.Cell(at).Text == "Fingerprint of these facts" {
					print, _, _ := strings.Cut(sheet.Cell(xlsx.Ref{Col: at.Col + 1, Row: at.Row}).Text, ":")
					return print
				}
			}
			return ""
		}
		first, second := print(calendar.Days(2026, 11, 1, 1, reporttest.Singapore())), print(reporttest.SecondNight())
		f.Night("later.csv", []reporttest.Check{reporttest.Scored("PH", 90, "")})
		if again := print(reporttest.SecondNight()); again != second || first == second || len(second) != 16 {
			t.Errorf("fingerprints %s and %s; the second one made again %s", first, second, again)
		}
	})
}
