package risk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"liverecon/report/risk"
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
							all = append(all, reporttest.Scored("NG", 3, "2"))
						}
					}
					f.Night(fmt.Sprintf("night%d.csv", night), all)
				}
				w := f.risk(calendar.Days(2026, 11, 1, 14, reporttest.Singapore()))
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
				f.Must(w.Close())
			})
		})
	}
}

// TestMadeAgain: a workbook tells which period its figures stand beside; made again from that, every cell is the same.
func TestMadeAgain(t *testing.T) {
	inFixture(t, "2026-10-16", func(f *fixture) {
		random := rand.New(rand.NewPCG(2, 8))
		for night := range 22 { // the last is 6 November
			share := 0.05
			if night > 17 {
				share = 0.5
			}
			f.Night(fmt.Sprintf("night%d.csv", night), f.scoredMix(random, "NG", "ng", 30, share))
		}
		month, night := calendar.Days(2026, 11, 1, 6, reporttest.Singapore()), calendar.Days(2026, 11, 6, 1, reporttest.Singapore())
		for _, of := range []struct {
			calendar.Period
			baseline int
		}{{month, 0}, {night, 0}, {night, 84}} {
			p := of.Period
			var all [2]*risk.Workbook
			for i := range all {
				o := risk.Options{Period: p, Baseline: of.baseline, Threshold: 50, Inclusive: true, Generated: time.Now()}
				if i == 1 {
					o.Baseline = 0
					o.Compare = all[0].Origin.Compared(reporttest.Singapore())
				}
				w, err := risk.Build(context.Background(), f.Store, o)
				f.Must(err)
				all[i] = w
			}
			for i, sheet := range all[0].Sheets {
				for _, at := range sheet.Refs() {
					if is, was := all[1].Sheets[i].Cell(at), sheet.Cell(at); !reflect.DeepEqual(is, was) {
						t.Errorf("%s, %s %s: %q, and made again %q", p.Label, sheet.Name, at, was.Text, is.Text)
					}
				}
			}
			f.Must(errors.Join(all[0].Close(), all[1].Close()))
		}
	})
}
