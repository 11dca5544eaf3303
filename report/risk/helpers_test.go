package risk_test

import (
	"context"
	"testing"

	"liverecon/report/internal/reporttest"

	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

func (f *fixture) risk(p calendar.Period) *risk.Workbook {
	f.T.Helper()
	w, err := risk.Build(context.Background(), f.Store, riskOptions(p))
	f.Must(err)
	return w
}

// riskOptions are those of a risk workbook.
func riskOptions(p calendar.Period) risk.Options {
	return risk.Options{Period: p, Threshold: 50, Inclusive: true, Version: "0.1.0", Verdict: reporttest.Verdict}
}

// headline is the finding of a sheet.
func headline(w *risk.Workbook, sheet string) string {
	return w.Sheet(sheet).Cell(xlsx.Ref{Col: 2, Row: 6}).Text
}

// fixture has the reports of this package made from a database of reporttest.
type fixture struct{ *reporttest.Database }

// inFixture runs a test inside a bubble whose clock begins at a date, 01:00 UTC.
func inFixture(t *testing.T, date string, test func(*fixture)) {
	t.Helper()
	reporttest.Run(t, date, func(d *reporttest.Database) { test(&fixture{d}) })
}
