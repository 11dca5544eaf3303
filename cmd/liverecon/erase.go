package main

import (
	"context"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/personal"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/typed"
	"liverecon/store"
)

type eraseOptions struct {
	source
	reference string
	reviewer  string
	yes, json bool
}

func eraseVerb(p *program) *cobra.Command {
	var o eraseOptions
	cmd := &cobra.Command{
		Use: "erase [flags] ID ...",
		Long: `Take out what names the person behind an ID: the ID itself and those beside it in the same
row, the row's other columns, answers as received, rejected rows, stored images, analysts'
comments, mentions elsewhere; then the database file is rebuilt, and reports that name the ID
are written again. What money and statistics rest on stays, and names nobody: states, scores,
calls, prices. The ID's hash stays, so that it is not bought again.

IDs come from the command line, from a file (@FILE, one a line) or from standard input (-);
--reference finds those of the rows in which another column holds a text. --reviewer takes
the name of somebody who decided out of decisions and reports instead; the decisions stay,
and so does who signed, closed, released or restored: that says who is answerable.

Without --yes it only says what it would do. Lists, backups and replicas are yours: they
are named, not changed; so is what may not be changed, the vendor's own transaction IDs.
What the vendor holds of a person is its own: ask it to clear that (clear-data).`,
		Example: `    liverecon erase f302f5d2454a85c2
    liverecon erase --yes f302f5d2454a85c2
    liverecon erase --reference 'CUST-1042'
    liverecon erase --yes @requests.txt`,
		RunE: func(cmd *cobra.Command, args []string) error { return eraseIDs(cmd.Context(), p, args, &o) },
	}
	o.flags(cmd, "an ID of the simulated run")
	cmd.Flags().StringVar(&o.reference, "reference", "", "the IDs of rows in which another column holds `TEXT`")
	cmd.Flags().StringVar(&o.reviewer, "reviewer", "", "take out the `NAME` of a reviewer, and no ID")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it, instead of saying what would be done")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

func eraseIDs(ctx context.Context, p *program, args []string, o *eraseOptions) error {
	if o.reviewer != "" {
		if len(args) > 0 || o.reference != "" {
			return config.Usage("one after the other", "--reviewer goes with no ID and no --reference")
		}
		return eraseReviewer(ctx, p, o)
	}
	texts, err := typed.Arguments(args)
	if err != nil {
		return err
	}
	if len(texts) == 0 && o.reference == "" {
		return config.Usage("such as liverecon erase f302f5d2454a85c2", "no ID is given")
	}
	do := func(c *config.Config, s *store.Store) error {
		ids, err := typed.IDs(ctx, c, s, texts)
		if err != nil {
			return err
		}
		all, err := o.withReference(ctx, s, ids)
		if err != nil {
			return err
		}
		var e personal.Erasure
		if o.yes {
			e, err = personal.Erase(ctx, c, s, reports.New(c, s, config.Version(), reportWarner(p.err)), all)
		} else {
			e, err = personal.PreviewErase(ctx, c, s, all)
		}
		if err == nil {
			printErasure(p.out, c, e, o.json)
		}
		return err
	}
	if !o.yes {
		return o.read(ctx, do)
	}
	return personal.WithHint(o.write(ctx, p, "erase", do))
}

// eraseReviewer takes out the name of somebody who decided.
func eraseReviewer(ctx context.Context, p *program, o *eraseOptions) error {
	tell := func(e personal.NameErasure, err error) error {
		if err == nil {
			printResult(p.out, e, e.Lines(), o.json)
		}
		return err
	}
	if !o.yes {
		return o.read(ctx, func(c *config.Config, s *store.Store) error {
			return tell(personal.PreviewName(ctx, c, s, o.reviewer))
		})
	}
	return personal.WithHint(o.write(ctx, p, "erase", func(c *config.Config, s *store.Store) error {
		return tell(personal.EraseName(ctx, c, s, reports.New(c, s, config.Version(), reportWarner(p.err)),
			o.reviewer))
	}))
}

// withReference adds the IDs of the rows in which another column holds the text that was given.
func (o *eraseOptions) withReference(ctx context.Context, s *store.Store, ids []string) ([]string, error) {
	if o.reference == "" {
		return ids, nil
	}
	found, err := s.Personal().IDsByReference(ctx, o.reference)
	return append(ids, found...), err
}

func printErasure(out stream, c *config.Config, e personal.Erasure, asJSON bool) {
	if printResult(out, e, e.Lines(), asJSON); asJSON {
		return
	}
	if e.Replica != "" { // nobody here can look into replicas: they hold what the database held before
		out.wrap("replica   ", e.Replica+" (yours: Litestream replicates this database, and its replicas hold an ID "+
			"that was in it until they, "+
			"and this directory, are made anew; `liverecon help restoring`)")
	}
	printResult(out, e, e.LastLines(c.Database), false)
}

func printResult(out stream, result any, lines []string, asJSON bool) {
	if asJSON {
		out.json(result)
		return
	}
	for _, line := range lines {
		out.printf("%s\n", line)
	}
}

func printFiles(out stream, what, remark string, files []string) {
	for _, f := range files {
		out.printf("%-9s %s (%s)\n", what, f, remark)
	}
}
