package report

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liverecon/store"
)

// TestClock: by the clock of capture a check belongs to the day its picture was taken, where the vendor says when, on every
// sheet, counted ahead or not; and the workbook says so.
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
			f.days(store.ByAnswer, 0, 60, 60)
			f.days(store.ByCapture, 40, 60, 20)
			f.must(f.store.RollUp(context.Background(), store.Calendar{Zone: singapore(), Clock: store.ByCapture}))
			f.must(f.store.AuditBooks(context.Background()))
		}
	})
}

// days wants so many checks on 19, 20 and 21 November.
func (f *fixture) days(clock store.Clock, want ...int64) {
	f.t.Helper()
	for i, n := range want {
		p := Days(2026, 11, 19+i, 1, singapore())
		w, err := Risk(context.Background(), f.store, RiskOptions{Period: p, Clock: clock, Threshold: 50, Inclusive: true})
		f.must(err)
		f.must(Write(w, filepath.Join(f.t.TempDir(), "risk.xlsx"))) // fails when a list has other rows than were counted
		f.must(w.Close())
		if got := w.risk.now.all.answered; got != n || len(w.Untied) > 0 {
			f.t.Errorf("%s by %s: %d checks, want %d; untied %v", p.Label, clock, got, n, w.Untied)
		}
		dated := map[store.Clock]string{store.ByAnswer: "answered", store.ByCapture: "captured"}[clock]
		if subtitle := w.Sheet("Summary").Cell(Ref{2, 3}).Text; !strings.HasPrefix(subtitle, "Checks "+dated+" "+p.Label) {
			f.t.Errorf("%s by %s says %q", p.Label, clock, subtitle)
		}
	}
}
