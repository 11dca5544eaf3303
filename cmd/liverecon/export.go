package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/export"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/parquet"
)

type exportOptions struct {
	source
	export.Request
	month string
	json  bool
}

func exportVerb(p *program) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use: "export [flags]", Args: cobra.NoArgs,
		Long: `Write the database as Parquet files for a warehouse: calls, checks, decisions, what the vendor
billed and what reconciling found, a file a table, billing month and region. There are no IDs
in them, no references, messages or URLs, unless --with-ids asks for them.

A month is written anew until it is closed; once it was written closed, never again. What comes
late is in the month that bears it. A running job is not disturbed.`,
		Example: `    liverecon export --to /srv/lake/liverecon
    liverecon export --to /srv/lake/liverecon --month 2026-11
    liverecon export --from 2026-01 --until 2026-03`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), p, &o) },
	}
	o.flags(cmd, "export the simulated run")
	cmd.Flags().StringVar(&o.To, "to", "", "`DIR` to write to (default: the place of [export])")
	cmd.Flags().StringVar(&o.month, "month", "", "one billing month, such as 2026-11 (`MONTH`; default: all)")
	cmd.Flags().StringVar(&o.Which.First, "from", "", "the first billing `MONTH`")
	cmd.Flags().StringVar(&o.Which.Last, "until", "", "the last billing `MONTH`")
	cmd.Flags().BoolVar(&o.WithIDs, "with-ids", false,
		"with IDs, references, paths of lists, reviewers and comments")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

func runExport(ctx context.Context, p *program, o *exportOptions) error {
	return o.read(ctx, func(c *config.Config, s *store.Store) error {
		if o.month != "" && (o.Which.First != "" || o.Which.Last != "") {
			return config.Usage("", "--month goes without --from and --until")
		}
		if o.month != "" {
			o.Which.First, o.Which.Last = o.month, o.month
		}
		for _, month := range []string{o.Which.First, o.Which.Last} {
			if month == "" {
				continue
			}
			if _, err := c.BillingMonths().Parse(month); err != nil {
				return config.Usage("such as --month 2026-11", "%.40q is no month: %w", month, err)
			}
		}
		if o.To == "" && !c.Export.Has() {
			return config.Usage("liverecon export --to DIR, or set export.directory", "there is no place to export to")
		}
		err := database.RefuseBehind(ctx, c, s)
		if err != nil {
			return err
		}
		all := export.Run(ctx, c, s, o.Request)
		printExport(p.out, all, o.json)
		for _, done := range all {
			err = errors.Join(err, exportFailed(done.Err))
		}
		return err
	})
}

// exportFailed works out what is wrong with the place from the error.
func exportFailed(err error) error {
	switch {
	case errors.Is(err, parquet.ErrMixed), errors.Is(err, parquet.ErrOtherDatabase):
		return config.Usage("give another directory with --to", "%w", err)
	}
	return err
}

func printExport(out stream, all []export.Done, asJSON bool) {
	for _, done := range all {
		t := newTable("MONTH", "STATE", "ROWS", "FILES", "BYTES", "")
		for _, w := range done.Months {
			t.row(w.Month, w.State, words.Comma(w.Rows), words.Comma(int64(w.Files)), words.Comma(w.Bytes), export.Note(w))
		}
		switch {
		case asJSON:
		case len(done.Months) > 0:
			out.table(t)
			out.printf("%s", export.Restored(done))
			out.printf("exported to %s\n", done.To)
		case done.Err == nil:
			out.printf("nothing to export\n")
		}
	}
	if asJSON {
		out.json(export.ResultOf(all))
	}
}
