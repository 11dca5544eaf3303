package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/export"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/panics"
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

A month is written anew until it is closed; once it was written closed, never again. A running
job is not disturbed.`,
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

// exportFailed tells what is wrong with the place from what went wrong.
func exportFailed(err error) error {
	switch {
	case errors.Is(err, parquet.ErrMixed), errors.Is(err, parquet.ErrOtherDatabase):
		return config.Usage("give another directory with --to", "%w", err)
	}
	return err
}

// exportedMonth is a month as JSON has it.
type exportedMonth struct {
	Month string `json:"month"`
	State string `json:"state"`
	Kept  bool   `json:"kept"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
	Files int    `json:"files"`
}

// exportResult is what export prints as JSON.
type exportResult struct {
	Places []exportedPlace `json:"places"`
}

type exportedPlace struct {
	To     string          `json:"to"`
	Months []exportedMonth `json:"months"`
}

func printExport(out stream, all []export.Done, asJSON bool) {
	result := exportResult{[]exportedPlace{}}
	for _, done := range all {
		months := []exportedMonth{}
		t := newTable("MONTH", "STATE", "ROWS", "FILES", "BYTES", "")
		for _, w := range done.Months {
			months = append(months, exportedMonth(w))
			note := ""
			switch {
			case w.Kept:
				note = "stays as it was written when it was closed"
			case w.State == parquet.MonthOpen:
				note = "may still change"
			}
			t.row(w.Month, w.State, words.Comma(w.Rows), words.Comma(int64(w.Files)), words.Comma(w.Bytes), note)
		}
		result.Places = append(result.Places, exportedPlace{done.To, months})
		switch {
		case asJSON:
		case len(done.Months) > 0:
			out.table(t)
			out.printf("exported to %s\n", done.To)
		case done.Err == nil:
			out.printf("nothing to export\n")
		}
	}
	if asJSON {
		out.json(result)
	}
}

// exportPatience holds the longest that a run exports, after all else.
const exportPatience = 10 * time.Minute

// exportRun exports what a run has changed. Whatever becomes of that, the run ended as it did.
func exportRun(ctx context.Context, c *config.Config, s *store.Store, sum *batch.Summary, log *slog.Logger) {
	if !c.Export.Has() || sum.RunID == 0 || s.Stopped() != nil || ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, exportPatience)
	defer cancel()
	var all []export.Done
	err := func() (err error) {
		defer panics.Into(&err)
		all = export.Run(ctx, c, s, export.Request{Which: parquet.Which{UnderWay: true}})
		return nil
	}()
	if err != nil {
		log.Error("not exported", "error", err)
	}
	for _, done := range all {
		for _, w := range done.Months {
			log.Info("exported", "to", done.To, "month", w.Month, "state", w.State, "rows", w.Rows, "bytes", w.Bytes)
		}
		if done.Err != nil {
			log.Warn("not exported; the next run tries again", "to", done.To, "error", done.Err)
		}
	}
}
