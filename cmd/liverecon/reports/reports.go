// Package reports writes and compares workbooks as a configuration says: it turns settings into options of report.
package reports

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/spend"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/finance"
	"liverecon/report/publish"
	"liverecon/report/risk"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// FinanceOptions returns what a finance workbook takes from the configuration: the price book, the contract and the
// tolerance.
func FinanceOptions(
	ctx context.Context, c *config.Config, s *store.Store, period calendar.Period,
) (finance.Options, error) {
	priced, others := *c, false
	if month, err := billing.ParsePeriod(period.Label); err == nil {
		if priced.Prices, others, err = pricesOf(ctx, c, s, month); err != nil {
			return finance.Options{}, err
		}
	}
	return finance.Options{
		Period: period, Price: func(ctx context.Context, snap *snapshot.Snapshot) ([]billing.Amount, error) {
			return Contract(&priced).AmountsIn(ctx, snap, period)
		}, BookOf: func(ctx context.Context, snap *snapshot.Snapshot, label string) (*billing.Book, error) {
			return bookOf(ctx, c, snap, label)
		}, Keep: c.Keep, FocusTags: c.FocusTags, Accounts: c.Accounts,
		Contracts: c.Contracts, Functional: c.Functional, MonthCap: c.Caps.Month.Limit,
		Prices: priced.Prices, OtherPrices: others, Basis: c.Reconciling.Basis,
		BillingZone: c.BillingZone,
		Settings:    c.BillingSettings(priced.Prices), Tolerance: c.Reconciling.Tolerance,
	}, nil
}

// bookOf returns the prices of an earlier month, the configuration's where it was reconciled with months that begin on
// another day.
func bookOf(ctx context.Context, c *config.Config, snap *snapshot.Snapshot, label string) (*billing.Book, error) {
	month, err := billing.ParsePeriod(label)
	if err != nil {
		return nil, err
	}
	book, _, err := reconcile.BookOf(ctx, snap, month, c.Prices)
	if errors.As(err, new(*billing.StartsError)) {
		return c.Prices, nil
	}
	return book, err
}

// PricesOf returns the prices of an open month: those that it was reconciled with, or else the configuration's.
func PricesOf(ctx context.Context, c *config.Config, s *store.Store, month billing.Period) (*billing.Book, error) {
	book, _, err := pricesOf(ctx, c, s, month)
	return book, err
}

func pricesOf(
	ctx context.Context, c *config.Config, s *store.Store, month billing.Period,
) (book *billing.Book, others bool, err error) {
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return nil, false, err
	}
	book, others, err = reconcile.BookOf(ctx, snap, month, c.Prices)
	if err = errors.Join(err, snap.Close()); errors.As(err, new(*billing.StartsError)) {
		err = &config.Error{Code: batch.ExitInput, Err: err, Hint: ""}
	}
	return book, others, err
}

// Contract returns what the configuration says of prices and of the contract.
func Contract(c *config.Config) spend.Contract {
	return spend.Contract{Prices: c.Prices, Zone: c.BillingZone, Basis: c.Reconciling.Basis}
}

// New returns what writes reports as the configuration says, of a database and from now on.
func New(c *config.Config, s *store.Store, version string, warn func(warning, hint string)) *publish.Publisher {
	return publish.New(publish.Settings{
		Reports: c.Reports, Zone: c.Zone, BillingZone: c.BillingZone, MonthStarts: c.MonthStarts, Clock: c.Clock,
		Baseline: c.Baseline, Threshold: c.Threshold, Keep: c.Keep, Key: c.Key, Review: risk.Review(c.Review),
		Inclusive: c.Inclusive, Images: imagesFromReports(c), Version: version, Warn: warn,
		Digest: c.Digest, Contracts: c.Contracts,
		Finance: func(ctx context.Context, s *store.Store, period calendar.Period) (finance.Options, error) {
			return FinanceOptions(ctx, c, s, period)
		},
	}, s, time.Now())
}

// imagesFromReports returns the way from the reports to the stored images, for links.
func imagesFromReports(c *config.Config) string {
	way, err := filepath.Rel(c.Reports, c.Evidence.Dir)
	if err != nil { // one is absolute, the other is not
		return ""
	}
	return filepath.ToSlash(way)
}

// Told returns what a run tells, as publishing takes it.
func Told(sum batch.Summary) publish.EndedRun {
	run := publish.EndedRun{Verdict: sum.Verdict, Untold: sum.Untold}
	for _, l := range sum.Aside {
		run.Aside = append(run.Aside, publish.List{Reason: publish.ReasonAside, File: l.File, Line: l.Line,
			Column: l.Column, Problem: l.Problem, Hint: l.Hint})
	}
	for _, l := range sum.Lists {
		for _, line := range l.Aliases.Contradictions.Lines {
			run.Aside = append(run.Aside, publish.List{Reason: publish.ReasonContradicting, File: l.Path, Line: line,
				Problem: "it gives an ID with another one than a row before",
				Hint:    "its IDs are taken for two checks: which row is right?"})
		}
		for _, line := range l.Places.Lines {
			run.Aside = append(run.Aside, publish.List{Reason: publish.ReasonOtherRegion, File: l.Path, Line: line,
				Problem: "it gives another region than a row before",
				Hint:    "what stood before holds: which one is right?"})
		}
	}
	return run
}
