package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch/billing"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

type closeOptions struct {
	source
	month, by, reopen string
	without, json     bool
}

func closeVerb(p *program) *cobra.Command {
	var o closeOptions
	cmd := &cobra.Command{
		Use: "close --month MONTH [flags]", Args: cobra.NoArgs,
		Long: `Freeze a billing month: its counts, its reconciliation, the prices and settings it rests on,
and the finished risk and finance workbooks, byte for byte. From then on these two are
never made anew: reports write the kept ones. What comes to light later (a call that
reached the journal late, a doubt that a later statement settles) is a correction that
the next open month bears.

--reopen "why" opens the month again; both are recorded, and "status" lists them.`,
		Example: `    liverecon close --month 2026-11 --by "A. Lim"
    liverecon close --month 2026-11 --without-statement
    liverecon close --month 2026-11 --reopen "corrected invoice of 12 December" --by "A. Lim"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return closeOrReopen(cmd.Context(), p, &o) },
	}
	o.flags(cmd, "close a month of the simulated run")
	cmd.Flags().StringVar(&o.month, "month", "", "the `MONTH`, such as 2026-11")
	cmd.Flags().StringVar(&o.by, "by", "", "`NAME` of who decides it (default: the user's name on this machine)")
	cmd.Flags().BoolVar(&o.without, "without-statement", false,
		"close although the month was not reconciled with a statement")
	cmd.Flags().StringVar(&o.reopen, "reopen", "", "open a closed month again, and record `WHY`")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the closure as JSON")
	return cmd
}

func closeOrReopen(ctx context.Context, p *program, o *closeOptions) error {
	if o.month == "" {
		return config.Usage("such as --month 2026-11", "--month is missing: which one?")
	}
	if _, err := billing.ParsePeriod(o.month); err != nil {
		return config.Usage("such as --month 2026-11", "--month: %w", err)
	}
	if o.by == "" {
		o.by = userName()
	}
	return o.write(ctx, p, "close", func(c *config.Config, s *store.Store) error {
		if o.reopen != "" {
			closed, err := s.Months().Reopen(ctx, o.month, o.by, o.reopen, time.Now())
			if errors.Is(err, accounts.ErrNotClosed) {
				return config.Usage("`liverecon status` lists the closed months", "%s is not closed", o.month)
			}
			if err != nil {
				return err
			}
			return printClosure(p.out, newClosureResult(closed, nil), o.json)
		}
		r, err := closeMonth(ctx, p, c, s, o)
		if err != nil {
			return err
		}
		return printClosure(p.out, r, o.json)
	})
}

// userName returns the name of the user who runs this program, as far as the machine knows it.
func userName() string {
	if known, err := user.Current(); err == nil {
		return known.Username
	}
	return "unknown"
}

// closeMonth freezes a month: what it rests on first, then the workbooks that say so.
func closeMonth(
	ctx context.Context, p *program, c *config.Config, s *store.Store, o *closeOptions,
) (r closureResult, err error) {
	month, err := billing.ParsePeriod(o.month)
	if err == nil {
		err = mayClose(ctx, c, s, month, o.without)
	}
	if err != nil {
		return r, err
	}
	prices, err := reports.PricesOf(ctx, c, s, month)
	if err != nil {
		return r, err
	}
	from, to := c.Prices.Months().Bounds(month)
	closure, err := s.Months().Begin(ctx, accounts.Closure{Month: o.month, ClosedAt: time.Now(), ClosedBy: o.by,
		Version: config.Version(), Settings: c.BillingSettings(prices)}, from, to)
	if err != nil {
		return r, closeError(err, o.month)
	}
	out := reports.New(c, s, config.Version(), reportWarner(p.err))
	files, err := publish.Close(ctx, out, o.month)
	if err == nil {
		err = s.Months().Seal(ctx, closure.ID, time.Now(), files)
	}
	if err != nil {
		return r, errors.Join(err, s.Months().DropUnsealed(context.WithoutCancel(ctx)))
	}
	r = newClosureResult(closure, out.Files())
	r.Unpriced, err = usage.Unpriced(ctx, s, prices, c.Reconciling.Basis, from, to)
	return r, err
}

// mayClose returns an error if a month cannot be closed: it is not over, or was not reconciled.
func mayClose(ctx context.Context, c *config.Config, s *store.Store, month billing.Period, without bool) (err error) {
	period, err := calendar.Months{Zone: c.Zone, Starts: c.MonthStarts}.Parse(month.String())
	if err != nil {
		return err
	}
	_, ends := c.Prices.Months().Bounds(month)
	if period.To.After(ends) {
		ends = period.To
	}
	if time.Now().Before(ends) {
		return config.Usage("close it from then on", "%s is not over: it ends on %s", month,
			words.Moment(ends, c.BillingZone))
	}
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, snap.Close()) }()
	if closure, err := snap.Months().Closure(ctx, month.String()); err != nil || closure != nil {
		if closure != nil {
			err = closeError(&accounts.ClosedError{Closure: *closure}, month.String())
		}
		return err
	}
	standing, err := snap.Reconciliations().Current(ctx, month.String())
	if err == nil && standing == nil && !without {
		return config.Usage("import the statement: `liverecon reconcile --statement FILE`; or close all the same: "+
			"--without-statement", "%s was not reconciled with a statement", month)
	}
	return err
}

func closeError(err error, month string) error {
	var closed *accounts.ClosedError
	switch {
	case errors.As(err, &closed):
		return config.Usage(fmt.Sprintf(`to open it again: liverecon close --month %s --reopen "why" --by NAME`, month),
			"%w", closed)
	case errors.Is(err, accounts.ErrRunning):
		return config.Usage("let `liverecon run` finish first: it brings the calls of an earlier end in order",
			"close %s: %w", month, accounts.ErrRunning)
	}
	return err
}

// closureResult represents a closure as it is printed.
type closureResult struct {
	Month      string     `json:"month"`
	ClosedAt   time.Time  `json:"closed_at"`
	ClosedBy   string     `json:"closed_by"`
	Reconciled bool       `json:"reconciled"`
	Content    string     `json:"content_sha256"`
	Unpriced   int64      `json:"calls_without_price,omitempty"` // that its amounts leave out, as it is closed
	ReopenedAt *time.Time `json:"reopened_at,omitempty"`
	ReopenedBy string     `json:"reopened_by,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	Files      []string   `json:"files,omitempty"`
}

func newClosureResult(c accounts.Closure, files []string) closureResult {
	r := closureResult{Month: c.Month, ClosedAt: c.ClosedAt, ClosedBy: c.ClosedBy, Reconciled: c.ReconciliationID != 0,
		Content:    hex.EncodeToString(c.ContentSHA256),
		ReopenedBy: c.ReopenedBy, Reason: c.Reason, Files: files}
	if !c.ReopenedAt.IsZero() {
		r.ReopenedAt = &c.ReopenedAt
	}
	return r
}

func (r closureResult) sentence(zone *time.Location) string {
	text := fmt.Sprintf("%s closed by %s on %s", r.Month, r.ClosedBy, words.Moment(r.ClosedAt, zone))
	if !r.Reconciled {
		text += ", without a statement"
	}
	if r.ReopenedAt != nil {
		text += fmt.Sprintf("; opened again by %s on %s: %s", r.ReopenedBy, words.Moment(*r.ReopenedAt, zone), r.Reason)
	}
	return text
}

func printClosure(out stream, r closureResult, asJSON bool) error {
	if asJSON {
		out.json(r)
		return nil
	}
	for _, file := range r.Files {
		out.printf("wrote %s\n", file)
	}
	if r.ReopenedAt != nil {
		out.printf("%s is open again, by %s: %s\n", r.Month, r.ReopenedBy, r.Reason)
		return nil
	}
	text := fmt.Sprintf("%s is closed by %s", r.Month, r.ClosedBy)
	if r.Unpriced > 0 {
		text += "; not in its amounts: " + billing.WithoutPrice(r.Unpriced)
	}
	out.printf("%s; content %s\n", text, r.Content)
	return nil
}
