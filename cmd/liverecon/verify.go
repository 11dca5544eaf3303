package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/verify"
	"liverecon/store"
)

func verifyVerb(p *program) *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "verify [flags] FILE.xlsx", Args: cobra.ExactArgs(1),
		Long: `Make a workbook again from the database and the configuration, and list every cell of the
given one that differs from it: in its value, or in its formula. What people have filled in
where a workbook asks for it (decisions, status, comments, signatures) is counted apart, and
so is what the workbook's own formulas make of it, and what was decided since. In which order the rows of a list stand is
no difference. A closed month's workbook is compared with the one that was frozen.

Exit code 0 when nothing differs, 1 when something does, 10 when the file is no workbook
that liverecon wrote.`,
		Example: `    liverecon verify reports/finance_2026-11.xlsx
    liverecon verify --json ~/inbox/risk_2026-11-21.xlsx`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.read(cmd.Context(), func(c *config.Config, s *store.Store) error {
				warnBehind(cmd.Context(), p.err, c, s)
				return verifyWorkbook(cmd.Context(), p, c, s, args[0], asJSON)
			})
		},
	}
	o.flags(cmd, "a workbook of the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return cmd
}

// verification represents the result of verify, as it is printed.
type verification struct {
	File      string           `json:"file"`
	Kind      string           `json:"report"`
	Period    string           `json:"period"`
	Cells     int              `json:"cells"`
	Different int              `json:"different"`
	Named     []cellDifference `json:"differences"` // at most a thousand
	Filled    int              `json:"filled_in"`
	Following int              `json:"following"`     // from what was filled in, by formulas
	Decided   int              `json:"decided_since"` // cells that decisions since have changed
	Unkept    int              `json:"uncalculated"`  // formulas whose values another program has dropped
	// the version that has written it, where that is another one: then figures are compared, and nothing else
	Version string   `json:"written_by_version,omitempty"`
	Alone   int      `json:"figures_without_counterpart,omitempty"`
	Cut     []string `json:"sheets_not_read_whole,omitempty"`
}

type cellDifference struct {
	Sheet string `json:"sheet"`
	Cell  string `json:"cell"`
	Want  string `json:"want"`
	Got   string `json:"got"`
}

func verifyWorkbook(ctx context.Context, p *program, c *config.Config, s *store.Store, file string, asJSON bool) error {
	origin, err := verify.ReadOrigin(file)
	if err != nil {
		return &config.Error{Code: batch.ExitInput, Err: fmt.Errorf("%s: %w", file, err),
			Hint: "verify takes workbooks that this program has written: risk, finance, dispute"}
	}
	if origin.FromCells {
		if err := reports.MustBeKnown(ctx, s, &origin); err != nil {
			return err
		}
		p.err.printf("liverecon: warning: %s no longer says how it was made (the program that saved it kept no "+
			"custom properties): taken from its cells\n", filepath.Base(file))
	}
	found, err := reports.Compare(ctx, c, s, origin, file, reportWarner(p.err))
	if err != nil {
		return err
	}
	v := verification{File: file, Kind: origin.Kind, Period: origin.Label, Cells: found.Cells, Different: found.Total,
		Filled: len(found.Filled), Following: len(found.Following), Unkept: found.Uncalculated, Decided: found.Decided,
		Named: []cellDifference{}, Alone: found.Alone, Cut: found.Cut}
	if reports.Foreign(origin) {
		v.Version = origin.Version
	}
	for _, d := range found.Different {
		v.Named = append(v.Named, cellDifference{d.Sheet, d.Cell, d.Want, d.Got})
	}
	printVerification(p.out, v, asJSON)
	if v.Different > 0 {
		return &config.Error{Code: batch.ExitFailed, Err: fmt.Errorf("%s differs from the database in %s",
			filepath.Base(file), words.Plural(int64(v.Different), "cell", "cells")),
			Hint: "was it changed by hand, or has the database newer facts of " + origin.Label +
				"? `liverecon report` writes it anew"}
	}
	return nil
}

func printVerification(out stream, v verification, asJSON bool) {
	if asJSON {
		out.json(v)
		return
	}
	if len(v.Named) > 0 {
		t := newTable("sheet", "cell", "should be", "is")
		for _, d := range v.Named {
			t.row(d.Sheet, words.OrDash(d.Cell), words.OrDash(words.Shortened(d.Want)),
				words.OrDash(words.Shortened(d.Got)))
		}
		out.table(t)
	}
	if more := v.Different - len(v.Named); more > 0 {
		out.printf("and %s more\n", words.Comma(int64(more)))
	}
	one, many := "cell", "cells"
	if v.Version != "" {
		one, many = "figure", "figures"
		out.printf("liverecon %s has written it, and this is %s: figures that are called the same are compared, not texts, "+
			"formulas or their places\n", v.Version, config.Version())
	}
	out.printf("%s %s: %s compared, %s different", v.Kind, v.Period, words.Plural(int64(v.Cells), one, many),
		words.Comma(int64(v.Different)))
	if v.Alone > 0 {
		out.printf(", %s in one of the two alone", words.Comma(int64(v.Alone)))
	}
	if len(v.Cut) > 0 {
		out.printf(", the end of %s not read", strings.Join(v.Cut, ", "))
	}
	if v.Filled > 0 {
		out.printf(", %s filled in by hand", words.Comma(int64(v.Filled)))
	}
	if v.Following > 0 {
		out.printf(", %s that follow from it", words.Comma(int64(v.Following)))
	}
	if v.Decided > 0 {
		out.printf(", %s as decided and signed when it was written: `liverecon report` writes what was since",
			words.Plural(int64(v.Decided), "cell", "cells"))
	}
	if v.Unkept > 0 {
		out.printf(", %s saved without a value", words.Plural(int64(v.Unkept), "formula", "formulas"))
	}
	out.printf("\n")
}
