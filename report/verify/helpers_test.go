package verify

import (
	"context"
	"testing"
	"time"

	"liverecon/report/internal/reporttest"

	"liverecon/batch/billing"
	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/store/calendar"
)

// settledBook is the finance workbook of a month, with the test's prices.
func (f *fixture) settledBook(month time.Month, change func(*finance.Options)) *finance.Workbook {
	f.T.Helper()
	o := finance.Options{Period: calendar.Month(2026, month, reporttest.Singapore()), Prices: reporttest.Prices(f.T), Version: "0.1.0", Amounts: []billing.Amount{{Endpoint: "ph", Region: "PH", Currency: "USD", Floor: "7.74", Ceiling: "8.1"}}}
	if change != nil {
		change(&o)
	}
	w, err := finance.Build(context.Background(), f.Store, o)
	f.Must(err)
	return w
}

func (f *fixture) risk(p calendar.Period) *risk.Workbook {
	f.T.Helper()
	w, err := risk.Build(context.Background(), f.Store, risk.Options{Period: p, Threshold: 50, Inclusive: true, Version: "0.1.0", Verdict: reporttest.Verdict})
	f.Must(err)
	return w
}

// fixture has the reports of this package made from a database of reporttest.
type fixture struct{ *reporttest.Database }

// inFixture runs a test inside a bubble whose clock begins at a date, 01:00 UTC.
func inFixture(t *testing.T, date string, test func(*fixture)) {
	t.Helper()
	reporttest.Run(t, date, func(d *reporttest.Database) { test(&fixture{d}) })
}
