package risk_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// TestDayOutsideIsListed: a burst of attacks in one region puts that day of the region into the list, and of all regions
// above their limit; the days of the others, and the region's own usual days, stay out of it.
func TestDayOutsideIsListed(t *testing.T) {
	for _, burst := range []int{0, 40} {
		t.Run(fmt.Sprintf("%d attacks more", burst), func(t *testing.T) {
			inFixture(t, "2026-10-16", func(f *fixture) {
				random := rand.New(rand.NewPCG(2, 7))
				for night := range 30 { // the last is 14 November
					all := append(f.scoredMix(random, "NG", "ng", 20, 0.2), f.scoredMix(random, "TH", "th", 20, 0.02)...)
					if night == 25 {
						for range burst {
							all = append(all, scored("NG", 3, "2"))
						}
					}
					f.night(fmt.Sprintf("night%d.csv", night), all)
				}
				w := f.risk(calendar.Days(2026, 11, 1, 14, singapore()))
				days := w.Sheet("Daily trend")
				outside := 0
				for row := range 200 {
					at := xlsx.Ref{Col: 2, Row: row + 1}
					if days.Cell(at).Text == "2026-11-10" && days.Cell(xlsx.Ref{Col: 3, Row: at.Row}).Text == "Nigeria" {
						outside++
					}
				}
				want, head := 0, "No day lies outside the control limits"
				if burst > 0 {
					want, head = 1, "1 of 14 days above the upper control limit, the first on 2026-11-10"
				}
				if h := headline(w, "Daily trend"); outside != want || h != head {
					t.Errorf("%d days of Nigeria listed, want %d; headline %q, want %q", outside, want, h, head)
				}
				if len(w.FailedChecks) > 0 {
					t.Error(w.FailedChecks)
				}
				f.must(w.Close())
			})
		})
	}
}
