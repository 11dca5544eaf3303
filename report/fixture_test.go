package report

import (
	"testing"

	"liverecon/report/internal/reporttest"
)

// fixture has the reports of this package made from a database of reporttest.
type fixture struct{ *reporttest.Database }

// inFixture runs a test inside a bubble whose clock begins at a date, 01:00 UTC.
func inFixture(t *testing.T, date string, test func(*fixture)) {
	t.Helper()
	reporttest.Run(t, date, func(d *reporttest.Database) { test(&fixture{d}) })
}
