package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/finance"
	"liverecon/store"
	"liverecon/store/calendar"
)

// newPublisher returns what writes reports as the configuration says, of a database and from now on.
func newPublisher(c *config.Config, s *store.Store, version string) *publisher {
	return &publisher{
		publishSettings: publishSettings{
			reports: c.Reports, zone: c.Zone, billingZone: c.BillingZone, clock: c.Clock, threshold: c.Threshold, inclusive: c.Inclusive,
			images: imagesFromReports(c), version: version, warn: warnOfReport,
			finance: func(ctx context.Context, s *store.Store, period calendar.Period) (finance.Options, error) {
				return financeOptions(ctx, c, s, period)
			},
		},
		store: s, started: time.Now(),
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
func told(sum batch.Summary) settledRun {
	run := settledRun{verdict: sum.Verdict, untold: sum.Untold}
	for _, l := range sum.Aside {
		run.aside = append(run.aside, asideList{file: l.File, line: l.Line, column: l.Column, problem: l.Problem, hint: l.Hint})
	}
	return run
}
