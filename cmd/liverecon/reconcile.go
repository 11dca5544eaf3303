package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/badinput"
	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/memory"
	"liverecon/cmd/liverecon/reconciled"
	"liverecon/cmd/liverecon/reports"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/parts"
)

type reconcileOptions struct {
	source
	statement, month, endpoint             string
	invoice                                accounts.Invoice
	additional, replace, again, fail, json bool
	force, reprice                         bool
}

func reconcileVerb(p *program) *cobra.Command {
	var o reconcileOptions
	cmd := &cobra.Command{
		Use: "reconcile [flags]", Args: cobra.NoArgs,
		Long: `Import a vendor's statement, CSV or XLSX, lay it beside the calls of its month, and write
the finance workbook. Each line and each call of ours ends in one class; calls in doubt
turn out billed or not; the bridge leads from our amount to theirs to the last decimal.

A file with a mistake is refused whole. The same file twice is one statement. A file that
has half of a month's lines again on an invoice of the same month is a corrected one, and
takes their place; one that has fewer adds to them: late lines, another region. Where the
invoice is of another month, somebody has to say: --replace, --billed-again. What a file
says about a month that is closed is a correction that the next open month bears.
Without --statement a month is reconciled again, with the statements that stand.`,
		Example: `    liverecon reconcile --statement invoice-2026-11.csv
    liverecon reconcile --statement sg.xlsx --endpoint sg --month 2026-11 --fail-on-variance
    liverecon reconcile --month 2026-11 --json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return reconcileMonths(cmd.Context(), p, &o) },
	}
	o.flags(cmd, "reconcile the simulated run")
	cmd.Flags().StringVar(&o.statement, "statement", "",
		"`FILE` of the vendor; [statement] in the configuration says how to read it")
	cmd.Flags().StringVar(&o.month, "month", "", "`MONTH` to reconcile, such as 2026-11, also that of lines "+
		"without a date\n(default: all that the statement is about, else the newest with one)")
	cmd.Flags().StringVar(&o.endpoint, "endpoint", "",
		"`NAME` of the endpoint that a statement is about which names none")
	cmd.Flags().StringVar(&o.invoice.Number, "invoice", "", "`NUMBER` of the statement's invoice")
	cmd.Flags().StringVar(&o.invoice.Issued, "invoice-date", "", "`DATE` of it, such as 2026-12-01")
	cmd.Flags().StringVar(&o.invoice.Due, "due", "", "`DATE` by which it is to be paid")
	cmd.Flags().BoolVar(&o.additional, "additional", false,
		"the statement adds to all that stand of the same month and endpoint")
	cmd.Flags().BoolVar(&o.replace, "replace", false,
		"the statement takes the place of those whose lines it has, though\nits invoice is of another month")
	cmd.Flags().BoolVar(&o.again, "billed-again", false,
		"the statement bills for a second time what it has of earlier ones")
	cmd.MarkFlagsMutuallyExclusive("additional", "replace", "billed-again")
	cmd.Flags().BoolVar(&o.force, "force", false,
		"a statement most of whose transaction IDs are not ours decides all\nthe same; it is recorded")
	cmd.Flags().BoolVar(&o.reprice, "reprice", false,
		"take the configuration's prices for a month that was reconciled with\nothers: without it, it stays at those")
	cmd.Flags().BoolVar(&o.fail, "fail-on-variance", false, "exit with 13 when the difference is outside the tolerance")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

func reconcileMonths(ctx context.Context, p *program, o *reconcileOptions) error {
	if o.statement == "" && (o.endpoint != "" || o.invoice != (accounts.Invoice{}) || o.word() != parts.Unsaid) {
		return config.Usage("give the file: --statement FILE",
			"--endpoint, --invoice, --invoice-date, --due, --additional, --replace and --billed-again go with "+
				"--statement")
	}
	memory.Lean()
	return o.write(ctx, p, "reconcile", func(c *config.Config, s *store.Store) error {
		r, err := o.settingsFor(ctx, c, s)
		if err != nil {
			return err
		}
		done, err := reconcile.Run(ctx, r)
		if err != nil {
			return reconcileError(err, o)
		}
		written := reports.New(c, s, config.Version(), reportWarner(p.err))
		for _, m := range append(slices.Clone(done.Months), done.Again...) {
			period, err := c.BillingMonths().Parse(m.Month.String())
			if err == nil {
				err = written.Finance(ctx, period)
			}
			if err != nil {
				return err
			}
		}
		result, err := reconciled.New(ctx, s, done, written.Files())
		if err != nil {
			return err
		}
		if o.fail && !done.Within(r.Tolerance) {
			result.ExitCode = batch.ExitVariance
		}
		printReconciled(p.out, result, o.json)
		if result.ExitCode != batch.ExitDone {
			return &config.Error{Code: result.ExitCode, Err: config.ErrSilent, Hint: ""}
		}
		return nil
	})
}

// checkDates returns a usage error where a date of an invoice is none, or it is due before it was issued.
func checkDates(i accounts.Invoice) error {
	for _, f := range []struct{ flag, date string }{{"--invoice-date", i.Issued}, {"--due", i.Due}} {
		if _, err := time.Parse(time.DateOnly, f.date); f.date != "" && err != nil {
			return config.Usage("such as "+f.flag+" 2026-12-31", "%s %.40q is no date", f.flag, f.date)
		}
	}
	if i.Due != "" && i.Due < i.Issued {
		return config.Usage("see which is which on the invoice", "--due %s is before --invoice-date %s", i.Due, i.Issued)
	}
	return nil
}

// word returns what the flags say about what a statement repeats.
func (o *reconcileOptions) word() parts.Word {
	switch {
	case o.additional:
		return parts.Additional
	case o.replace:
		return parts.Replace
	case o.again:
		return parts.BilledAgain
	}
	return parts.Unsaid
}

// reconcileTask describes the reconciling that the configuration asks for.
func reconcileTask(c *config.Config, s *store.Store) *reconcile.Task {
	return &reconcile.Task{Store: s, Version: config.Version(), Options: c.Statement,
		Prices: c.Prices, Zone: c.BillingZone, Basis: c.Reconciling.Basis, Edge: c.Reconciling.Edge,
		Window:    c.Reconciling.Window,
		Tolerance: c.Reconciling.Tolerance, Rounding: c.Reconciling.Rounding, TaxGross: c.Reconciling.TaxGross, TaxRate: c.Reconciling.TaxRate,
		Settings: c.BillingSettings, SendsRegion: c.SendsRegion}
}

// settingsFor describes the reconciling that the flags and the configuration ask for.
func (o *reconcileOptions) settingsFor(ctx context.Context, c *config.Config, s *store.Store) (*reconcile.Task, error) {
	r := reconcileTask(c, s)
	r.Statement, r.Word, r.Invoice, r.Force, r.Reprice = o.statement, o.word(), o.invoice, o.force, o.reprice
	if err := checkDates(o.invoice); err != nil {
		return nil, err
	}
	if o.endpoint != "" && !c.Knows(o.endpoint) {
		return nil, config.Usage("one of the configuration, or of "+strings.Join(config.CatalogueNames(), ", "),
			"--endpoint %.40q: there is no such endpoint", o.endpoint)
	}
	r.Options.Endpoint = o.endpoint
	var err error
	switch {
	case o.month != "":
		if r.Month, err = billing.ParsePeriod(o.month); err != nil {
			return nil, config.Usage("such as --month 2026-11", "--month: %w", err)
		}
		_, err = config.Month(c.BillingMonths(), o.month, time.Now())
	case o.statement == "":
		r.Month, err = newestStatement(ctx, s)
	}
	return r, err
}

// newestStatement returns the newest month that a statement is about.
func newestStatement(ctx context.Context, s *store.Store) (billing.Period, error) {
	scopes, err := s.Statements().Scopes(ctx, "")
	if err != nil {
		return billing.Period{}, err
	}
	newest := ""
	for _, c := range scopes {
		newest = max(newest, c.Month)
	}
	if newest == "" {
		return billing.Period{}, config.Usage("give one: --statement FILE", "no statement was imported yet")
	}
	return billing.ParsePeriod(newest)
}

// reconcileError gives an error of reconciling its exit code and a hint.
func reconcileError(err error, o *reconcileOptions) error {
	var conflict *accounts.ScopeConflict
	var repeat *accounts.RepeatError
	var closed *accounts.ClosedError
	var line *statement.Error
	hint := ""
	switch {
	case errors.As(err, &conflict) && conflict.Endpoint == "":
		hint = fmt.Sprintf("say which endpoint the file is about: `liverecon reconcile --statement %s --endpoint NAME`",
			shellescape.Quote(o.statement))
	case errors.As(err, &conflict):
		hint = fmt.Sprintf("say which endpoint the other is about: `liverecon reconcile --statement %s --endpoint "+
			"NAME`; then this one again", shellescape.Quote(conflict.Other.Path))
	case errors.As(err, &repeat):
		hint = fmt.Sprintf("say what it is: `liverecon reconcile --statement %s --replace` (it takes their place), "+
			"--billed-again (they are billed twice) or --additional", shellescape.Quote(o.statement))
	case errors.As(err, &closed):
		hint = fmt.Sprintf("open it again first, which is recorded: "+
			"`liverecon close --month %s --reopen \"why\" --by NAME`", closed.Closure.Month)
	case errors.Is(err, reconcile.ErrNoStatement):
		hint = "import one: `liverecon reconcile --statement FILE`"
	case errors.As(err, &line):
		return statementErrors(err)
	}
	if errors.Is(err, batch.ErrInput) {
		return &config.Error{Code: batch.ExitInput, Err: badinput.Cause(err), Hint: hint}
	}
	return err
}

// statementErrors gives every mistake of a statement a line and a hint of its own.
func statementErrors(err error) error {
	var all []error
	for _, e := range config.Flatten(err) {
		var line *statement.Error
		if errors.As(e, &line) {
			e = &config.Error{Code: batch.ExitInput, Err: line, Hint: line.Hint}
		}
		all = append(all, e)
	}
	return &config.Error{Code: batch.ExitInput, Err: errors.Join(all...), Hint: ""}
}
