package report

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// TestRollupChangesNothing makes the workbooks of a day and of a month with some nights counted ahead, with none (they were
// counted for another zone), and with all: the files are the same byte by byte.
func TestRollupChangesNothing(t *testing.T) {
	inFixture(t, "2026-11-28", func(f *fixture) {
		random := rand.New(rand.NewPCG(8, 8))
		for i, path := range []string{"a.csv", "b.csv", "c.csv", "d.csv"} {
			f.Night(path, append(reporttest.Mixed(random, "PH", "sg", 120, 0.1, 0.3), reporttest.Mixed(random, "ID", "sg", 80, 0.05, 0.2)...))
			if i == 1 {
				f.Must(f.Store.Books().RollUp(context.Background(), calendar.Calendar{Zone: reporttest.Singapore()}))
			}
		}
		got := f.workbooks()
		f.Must(f.Store.Books().RollUp(context.Background(), calendar.Calendar{Zone: time.UTC}))
		want := f.workbooks() // of a zone nothing was counted for
		f.same("some nights", got, want)
		f.Must(f.Store.Books().RollUp(context.Background(), calendar.Calendar{Zone: reporttest.Singapore()}))
		f.same("all nights", f.workbooks(), want)
	})
}

// workbooks are the files of the fixture's third night and of its two months.
func (f *fixture) workbooks() (files [3][]byte) {
	f.T.Helper()
	for i, p := range []calendar.Period{calendar.Days(2026, 11, 30, 1, reporttest.Singapore()), calendar.Month(2026, 11, reporttest.Singapore()), calendar.Month(2026, 12, reporttest.Singapore())} {
		w, err := risk.Build(context.Background(), f.Store, risk.Options{Period: p, Threshold: 50, Inclusive: true})
		f.Must(err)
		path := filepath.Join(f.T.TempDir(), "risk.xlsx")
		f.Must(xlsx.Write(w.Workbook, path))
		f.Must(w.Close())
		if len(w.FailedChecks) > 0 {
			f.T.Errorf("%s: %v", p.Label, w.FailedChecks)
		}
		files[i], err = os.ReadFile(path)
		f.Must(err)
	}
	return files
}

func (f *fixture) same(what string, got, want [3][]byte) {
	f.T.Helper()
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			f.T.Errorf("workbook %d differs with %s counted ahead", i, what)
		}
	}
}
