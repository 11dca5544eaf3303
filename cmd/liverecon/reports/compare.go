package reports

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"liverecon/cmd/liverecon/config"
	"liverecon/report/dispute"
	"liverecon/report/finance"
	"liverecon/report/publish"
	"liverecon/report/review"
	"liverecon/report/risk"
	"liverecon/report/verify"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// MustBeKnown drops what only a workbook's cells tell of its making and no run bears out, so that these cells differ.
func MustBeKnown(ctx context.Context, s *store.Store, o *xlsx.Origin) error {
	runs, err := s.Runs().Latest(ctx, math.MaxInt32)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(runs, func(r store.Run) bool { return r.Verdict == o.Verdict }) {
		o.Verdict = ""
	}
	if !slices.ContainsFunc(runs, func(r store.Run) bool { return r.Version == o.Version }) {
		o.Version = config.Version()
	}
	return nil
}

// Foreign reports whether another version of this program has written a workbook: then its figures are what can be
// compared.
func Foreign(o xlsx.Origin) bool { return o.Version != config.Version() }

// Compare writes the workbook that should be into a private directory and compares.
func Compare(
	ctx context.Context, c *config.Config, s *store.Store, origin xlsx.Origin, file string,
	warn func(warning, hint string),
) (found verify.Comparison, err error) {
	dir, err := os.MkdirTemp("", "liverecon-verify-")
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	right, kept, err := shouldBe(ctx, c, s, origin, dir, warn)
	if err != nil {
		return found, err
	}
	if Foreign(origin) {
		return verify.CompareFigures(right, file)
	}
	found, err = verify.Compare(right, file)
	filled := kept && len(found.Filled) > 0
	if err != nil || found.Total == 0 && !filled || origin.Kind != "finance" {
		return found, err
	}
	written := filepath.Join(dir, "written.xlsx")
	w, err := rebuildFinance(ctx, c, s, origin, &worked.AsOf{Work: origin.LastWork, Signature: origin.LastSign,
		Dispute: origin.LastNote})
	if err != nil {
		return found, err
	}
	if err := errors.Join(xlsx.Write(w, written), w.Close()); err != nil {
		return found, err
	}
	if err := found.Since(written, file); err != nil || !kept {
		return found, err
	}
	return found, found.Frozen(written, file, review.DisputeSheet)
}

// shouldBe writes the workbook that a given one should be into a directory: the one that is kept, for a closed month,
// else a new one. kept tells which.
func shouldBe(
	ctx context.Context, c *config.Config, s *store.Store, origin xlsx.Origin, dir string,
	warn func(warning, hint string),
) (file string, kept bool, err error) {
	private := *c
	private.Reports = dir
	out := New(&private, s, "", warn)
	if period := origin.Period(c.Zone); origin.Kind != "risk" || origin.Compare == period.Previous().Label {
		if kept, err := out.WriteKept(ctx, origin.Kind, period); err != nil || kept {
			return strings.Join(out.Files(), ""), true, err
		}
	}
	file = filepath.Join(dir, "right.xlsx")
	w, err := rebuild(ctx, c, s, origin, dir)
	if err != nil {
		return "", false, err
	}
	return file, false, errors.Join(xlsx.Write(w, file), w.Close())
}

// rebuild makes the workbook again that says of itself what origin holds. What would stand beside it goes into dir.
func rebuild(
	ctx context.Context, c *config.Config, s *store.Store, origin xlsx.Origin, dir string,
) (*xlsx.Workbook, error) {
	switch origin.Kind {
	case "risk":
		w, err := risk.Build(ctx, s, risk.Options{Period: origin.Period(c.Zone), Compare: origin.Compared(c.Zone),
			Baseline: c.Baseline, Clock: c.Clock, Threshold: c.Threshold, Inclusive: c.Inclusive,
			Keep: c.Keep, Key: c.Key, Review: risk.Review(c.Review), Version: origin.Version, Verdict: origin.Verdict, NoDetail: origin.NoDetail, Images: imagesFromReports(c),
			Generated: origin.Generated})
		if err != nil {
			return nil, err
		}
		return w.Workbook, nil
	case "finance":
		return rebuildFinance(ctx, c, s, origin, nil)
	case "dispute":
		return dispute.Build(ctx, s, dispute.Options{Period: origin.Period(c.BillingZone), Version: origin.Version,
			Contracts: c.Contracts},
			publish.DisputeLines(dir, origin.Label))
	}
	return nil, fmt.Errorf("there is no report %q", origin.Kind)
}

// rebuildFinance makes a finance workbook again, with the decisions of a state or, for nil, those of now.
func rebuildFinance(
	ctx context.Context, c *config.Config, s *store.Store, origin xlsx.Origin, at *worked.AsOf,
) (*xlsx.Workbook, error) {
	options, err := FinanceOptions(ctx, c, s, origin.Period(c.BillingZone))
	if err != nil {
		return nil, err
	}
	options.Version, options.Verdict, options.Generated = origin.Version, origin.Verdict, origin.Generated
	options.AsOf = at
	w, err := finance.Build(ctx, s, options)
	if err != nil {
		return nil, err
	}
	return w.Workbook, nil
}
