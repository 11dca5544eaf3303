package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/finance"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/calendar"
)

// newPublisher returns what writes reports as the configuration says, of a database and from now on.
func newPublisher(c *config.Config, s *store.Store, version string) *publish.Publisher {
	return &publish.Publisher{
		Settings: publish.Settings{
			Reports: c.Reports, Zone: c.Zone, BillingZone: c.BillingZone, Clock: c.Clock, Threshold: c.Threshold, Inclusive: c.Inclusive,
			Images: imagesFromReports(c), Version: version, Warn: warnOfReport,
			Finance: func(ctx context.Context, s *store.Store, period calendar.Period) (finance.Options, error) {
				return financeOptions(ctx, c, s, period)
			},
		},
		Store: s, Started: time.Now(),
	}
}

// warnOfReport tells on standard error what became of a file, and what can be done about it.
func warnOfReport(warning, hint string) {
	say(os.Stderr, "liverecon: warning: %s\n", warning)
	if hint != "" {
		say(os.Stderr, "liverecon: hint: %s\n", hint)
	}
}

// imagesFromReports returns the way from the reports to the stored images, for links.
func imagesFromReports(c *config.Config) string {
	way, err := filepath.Rel(c.Reports, c.Evidence.Dir)
	if err != nil { // one is absolute, the other is not
		return ""
	}
	return filepath.ToSlash(way)
}

// told returns what a run tells, as publishing takes it.
func told(sum batch.Summary) publish.SettledRun {
	run := publish.SettledRun{Verdict: sum.Verdict, Untold: sum.Untold}
	for _, l := range sum.Aside {
		run.Aside = append(run.Aside, publish.List{File: l.File, Line: l.Line, Column: l.Column, Problem: l.Problem, Hint: l.Hint})
	}
	return run
}
