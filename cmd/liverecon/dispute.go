package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/reports"
	"liverecon/report/dispute"
	"liverecon/store"
)

func disputeVerb(p *program) *cobra.Command {
	var o source
	var month string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "dispute [flags] --month MONTH", Args: cobra.NoArgs,
		Long: `Write what a month's statement bills beyond our records, for the vendor: the lines as
dispute_<month>.csv (transaction, times, attempt, code, pricing as received, hash of the
answer, line of the statement) and a covering sheet dispute_<month>.xlsx with the sums.
Neither names a person. The month must be reconciled first.`,
		Example: `    liverecon reconcile --statement invoice-2026-11.csv
    liverecon dispute --month 2026-11`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.read(cmd.Context(), func(c *config.Config, s *store.Store) error {
				return writeDispute(cmd.Context(), p, c, s, month, asJSON)
			})
		},
	}
	o.flags(cmd, "dispute the simulated vendor's statement")
	cmd.Flags().StringVar(&month, "month", "", "billing `MONTH`, such as 2026-11")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the written files as JSON")
	return cmd
}

func writeDispute(ctx context.Context, p *program, c *config.Config, s *store.Store, month string, asJSON bool) error {
	period, err := config.Month(c.BillingMonths(), month, time.Now())
	if err = cmp.Or(err, database.RefuseBehind(ctx, c, s)); err != nil {
		return err
	}
	out := reports.New(c, s, config.Version(), reportWarner(p.err))
	err = out.Dispute(ctx, period)
	switch {
	case errors.Is(err, dispute.ErrNotReconciled):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: "`liverecon reconcile --statement FILE`"}
	case errors.Is(err, dispute.ErrWithheld):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: "is it another account's or environment's? if it is ours: " +
			"`liverecon reconcile --month " + month + " --force`"}
	case errors.As(err, new(*dispute.NothingError)):
	case err != nil:
		return err
	}
	if asJSON {
		p.out.json(map[string]any{"files": append([]string{}, out.Files()...), "period": period.Label})
		return nil
	}
	switch {
	case errors.Is(err, dispute.ErrLost):
		p.out.printf("nothing to dispute in %s but charges that fall into the time that the database lost: nobody "+
			"knows that their calls were not sent\n", period.Label)
	case errors.Is(err, dispute.ErrSettled):
		p.out.printf("nothing to dispute in %s: all that is billed beyond the records was accepted, credited or "+
			"explained, or is within the tolerance\n", period.Label)
	case len(out.Files()) == 0:
		p.out.printf("nothing to dispute in %s: the statement bills nothing that the records do not support\n",
			period.Label)
	}
	var nothing *dispute.NothingError
	if errors.As(err, &nothing) {
		for _, text := range nothing.Twice {
			p.out.printf("%s\n", text)
		}
	}
	for _, file := range out.Files() {
		p.out.printf("wrote %s\n", file)
	}
	return nil
}
