package main

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/monthend"
	"liverecon/cmd/liverecon/reviewed"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/review"
	"liverecon/store"
)

func decisionsVerb(p *program) *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "decisions [flags] FILE", Args: cobra.ExactArgs(1),
		Long: `Read back what people wrote into the yellow cells of a workbook, and store it; later
workbooks show it. Rows may have been sorted, filtered or left out.

Of a risk workbook's Manual queue: the decision (genuine, attack, unclear or escalated),
who, when, the comment. A row without a decision is open. A cell merged over several rows is
each row's. The sheet may have been saved as CSV, too.

Of a finance workbook: status, disputed and accepted amount, owner and comment of each
exception, and who has prepared, reviewed and approved the month. A row whose figures have
changed since is left out and named. Preparing and approving takes two people; nobody's
signature is taken from a file in which a cell cannot be.

Of a text with the columns ID (or signatureId, livenessId), Label and perhaps Attack type:
ground truth, bona fide or attack. It is kept apart from decisions; later workbooks give
APCER and BPCER of these IDs.

Without a time something was decided now.

Nothing is ever overwritten: a decision that was changed is a further one, and of all about
an answer the one decided last stands, whichever file was read last. The same file again adds
nothing. Rows that cannot be taken are named, each with its cell and what is the matter, and
the others are stored; the exit code is 10 then.`,
		Example: `    liverecon decisions reports/risk_2026-11-21.xlsx
    liverecon decisions --json from-ana.xlsx
    liverecon decisions reports/finance_2026-11.xlsx`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.write(cmd.Context(), p, "decisions", func(c *config.Config, s *store.Store) error {
				return readDecisions(cmd.Context(), p, c, s, args[0], asJSON)
			})
		},
	}
	o.flags(cmd, "decisions about the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

func readDecisions(ctx context.Context, p *program, c *config.Config, s *store.Store, file string, asJSON bool) error {
	if finance, err := review.IsFinance(file); finance || err != nil {
		return cmp.Or(err, readWorked(ctx, p.out, s, file, asJSON))
	}
	if l, err := reviewed.ReadLabels(ctx, s, file, time.Now()); l != nil || err != nil {
		if asJSON && l != nil {
			p.out.json(l)
			return err
		}
		for _, line := range l.Lines(c.Zone) {
			p.out.sentencef("%s", line)
		}
		return err
	}
	q, err := review.ReadDecisions(ctx, s, file, time.Now())
	var mistake review.Mistake
	if err != nil && !errors.As(err, &mistake) {
		return reviewed.Refused(file, err)
	}
	if len(q.New) > 0 {
		if err := s.Decisions().Add(ctx, q.File, q.New); err != nil {
			return err
		}
	}
	r := reviewed.Of(file, q, err)
	if asJSON {
		p.out.json(r)
	} else {
		for _, line := range r.Lines(c.Zone) {
			p.out.printf("%s\n", line)
		}
		for _, note := range q.Notes {
			p.err.printf("liverecon: warning: %s\n", note)
		}
	}
	if err == nil {
		return nil
	}
	taken := "nothing was stored"
	if r.New > 0 {
		taken = words.Plural(r.New, "new decision was", "new decisions were") + " stored, the others not"
	}
	return errors.Join(err, config.Usage("correct these cells, save, and give the file again: what is stored already is "+
		"not stored twice", "%s: %s cannot be taken; %s", filepath.Base(file),
		words.Plural(r.Refused, "row", "rows"), taken))
}

// readWorked stores what people worked and signed in a finance workbook.
func readWorked(ctx context.Context, out stream, s *store.Store, file string, asJSON bool) error {
	w, err := monthend.ReadWork(ctx, s, file, time.Now())
	if err != nil && w.File == "" {
		return reviewed.Refused(file, err)
	}
	if asJSON {
		out.json(w)
		return err
	}
	for _, line := range w.Lines() {
		out.sentencef("%s", line)
	}
	return err
}
