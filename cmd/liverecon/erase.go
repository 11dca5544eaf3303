package main

import (
	"context"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/personal"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

type eraseOptions struct {
	source
	yes, json bool
}

func eraseVerb(p *program) *cobra.Command {
	var o eraseOptions
	cmd := &cobra.Command{
		Use: "erase [flags] ID", Args: cobra.ExactArgs(1),
		Long: `Take out what names the person behind an ID: the ID itself and those beside it in the same
row, the row's other columns, answers as received, rejected rows, stored images, analysts'
comments; then the database file is rebuilt, and reports that name the ID are written
again. What money and statistics rest on stays, and names nobody: states, scores, calls,
prices. The ID is still recognised, by its hash, so that it is not bought again.

Without --yes it only says what it would do. Lists, backups and replicas are yours: they
are named, not changed.`,
		Example: `    liverecon erase f302f5d2454a85c2
    liverecon erase --yes f302f5d2454a85c2`,
		RunE: func(cmd *cobra.Command, args []string) error { return eraseID(cmd.Context(), p, args[0], &o) },
	}
	o.flags(cmd, "an ID of the simulated run")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it, instead of saying what would be done")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

func eraseID(ctx context.Context, p *program, id string, o *eraseOptions) error {
	if len(id) < 4 || len(id) > 128 {
		return config.Usage("give the ID as it stands in the list", "%.128q is no ID", id)
	}
	if !o.yes {
		return o.read(ctx, func(c *config.Config, s *store.Store) error {
			e, err := personal.PreviewErase(ctx, c, s, id)
			if err == nil {
				printErasure(p.out, c, e, o.json)
			}
			return err
		})
	}
	return personal.WithHint(o.write(ctx, p, "erase", func(c *config.Config, s *store.Store) error {
		e, err := personal.Erase(ctx, c, s, reports.New(c, s, config.Version(), reportWarner(p.err)), id)
		if err == nil {
			printErasure(p.out, c, e, o.json)
		}
		return err
	}))
}

func printErasure(out stream, c *config.Config, e personal.Erasure, asJSON bool) {
	if asJSON {
		out.json(e)
		return
	}
	if e.Checks+len(e.Reports)+len(e.Elsewhere) == 0 && e.Rejects == 0 {
		out.printf("nothing names this ID\n")
		printReplica(out, e.Replica)
		return
	}
	verb, again := "would be taken out", "would be written again"
	if e.Done {
		verb, again = "taken out", "written again"
	}
	out.printf("%-9s %s %s: %s as received, %s\n", "database", words.Plural(int64(e.Checks), "check", "checks"), verb,
		words.Plural(e.Answers, "answer", "answers"), words.Plural(e.Rejects, "rejected row", "rejected rows"))
	if e.Comments > 0 {
		out.printf("%-9s %s of reviewers %s\n", "", words.Plural(e.Comments, "comment", "comments"), verb)
	}
	if e.Images > 0 {
		out.printf("%-9s %s %s\n", "images", words.Plural(int64(e.Images), "image", "images"), verb)
	}
	if e.Open > 0 {
		out.printf("%-9s %s was still to be asked for: given up\n", "", words.Plural(e.Open, "check", "checks"))
	}
	printFiles(out, "reports", again, e.Reports)
	printFiles(out, "lists", "yours: take the row out yourself", e.Lists)
	printFiles(out, "files", "yours: delete or replace it yourself", e.Elsewhere)
	printReplica(out, e.Replica)
	if e.Done {
		out.printf("done: %s holds the ID no more\n", c.Database)
	} else {
		out.printf("nothing was changed; add --yes to do it\n")
	}
}

// printReplica warns of replicas, which nobody here can look into: they hold what the database held before.
func printReplica(out stream, shadow string) {
	if shadow != "" {
		out.wrap("replica   ", shadow+" (yours: Litestream replicates this database, and its replicas hold an ID "+
			"that was in it until they, "+
			"and this directory, are made anew; README, Replication)")
	}
}

func printFiles(out stream, what, remark string, files []string) {
	for _, f := range files {
		out.printf("%-9s %s (%s)\n", what, f, remark)
	}
}
