package main

import (
	"context"
	"errors"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/monthend"
	"liverecon/store"
	"liverecon/store/accounts"
)

type closeOptions struct {
	source
	month, by, reason, reopen string
	without, json             bool
}

func closeVerb(p *program) *cobra.Command {
	var o closeOptions
	cmd := &cobra.Command{
		Use: "close --month MONTH [flags]", Args: cobra.NoArgs,
		Long: `Freeze a billing month: its counts, its reconciliation, what was worked and signed of it, the
prices and settings it rests on, and the finished risk and finance workbooks, byte for
byte. From then on these two are never made anew: reports write the kept ones. What comes
to light later (a call that reached the journal late, a doubt that a later statement
settles) is a correction that the next open month bears.

A reconciled month is closed when no exception is open outside the tolerance and it is
prepared and approved, by two people, for the figures it has: in the workbook, which
"liverecon decisions" reads back. Otherwise --reason says why, and is kept with it.

--reopen "why" opens the month again; both are recorded, and "status" lists them.`,
		Example: `    liverecon close --month 2026-11 --by "A. Lim"
    liverecon close --month 2026-11 --reason "vendor answers in December" --by "A. Lim"
    liverecon close --month 2026-11 --without-statement
    liverecon close --month 2026-11 --reopen "corrected invoice of 12 December" --by "A. Lim"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return closeOrReopen(cmd.Context(), p, &o) },
	}
	o.flags(cmd, "close a month of the simulated run")
	cmd.Flags().StringVar(&o.month, "month", "", "the `MONTH`, such as 2026-11")
	cmd.Flags().StringVar(&o.by, "by", "", "`NAME` of who decides it (default: the user's name on this machine)")
	cmd.Flags().StringVar(&o.reason, "reason", "",
		"close though exceptions are open or signatures are missing, and record\n`WHY`")
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
			return printClosure(p.out, monthend.NewClosure(closed, nil), o.json)
		}
		r, err := monthend.Close(ctx, c, s, monthend.Options{Month: o.month, By: o.by, Reason: o.reason,
			WithoutStatement: o.without, Warn: reportWarner(p.err)})
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

func printClosure(out stream, r monthend.Closure, asJSON bool) error {
	if asJSON {
		out.json(r)
		return nil
	}
	for _, line := range r.Lines() {
		out.printf("%s\n", line)
	}
	return nil
}
