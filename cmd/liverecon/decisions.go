package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/review"
	"liverecon/store"
	"liverecon/store/decisions"
)

func decisionsVerb(p *program) *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "decisions [flags] FILE.xlsx", Args: cobra.ExactArgs(1),
		Long: `Read back what reviewers wrote into the yellow columns of a risk workbook's Manual queue,
and store it: the decision (genuine, attack, unclear or escalated), who, when, the comment.
Later workbooks show it. Rows may have been sorted, filtered or left out; a row without a
decision is open. Without a time a row was decided now.

Nothing is ever overwritten: a decision that was changed is a further one, and the last one
stands. The same file again adds nothing. Where a cell cannot be taken, every such cell is
named and nothing of the file is stored.`,
		Example: `    liverecon decisions reports/risk_2026-11-21.xlsx
    liverecon decisions --json from-ana.xlsx`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.write(cmd.Context(), p, "decisions", func(c *config.Config, s *store.Store) error {
				return readDecisions(cmd.Context(), p.out, c, s, args[0], asJSON)
			})
		},
	}
	o.flags(cmd, "decisions about the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

// decisionsResult counts the decisions of a file.
type decisionsResult struct {
	File       string           `json:"file"`
	ReadBefore *time.Time       `json:"read_before"` // this very file
	Rows       int64            `json:"rows"`
	Open       int64            `json:"open"`
	New        int64            `json:"new"`
	Changed    int64            `json:"changed"` // of the new ones, those that take the place of another
	Known      int64            `json:"known"`
	Erased     int64            `json:"comments_left_out"`
	Decisions  map[string]int64 `json:"new_by_decision"`
}

func newDecisionsResult(file string, q review.FilledQueue) decisionsResult {
	r := decisionsResult{File: file, Rows: q.Rows, Open: q.Open, New: int64(len(q.New)), Changed: q.Changed,
		Known: q.Known, Erased: q.Erased, Decisions: map[string]int64{}}
	if !q.Before.IsZero() {
		r.ReadBefore = &q.Before
	}
	for _, word := range decisions.Words() {
		r.Decisions[word] = 0
	}
	for _, d := range q.New {
		r.Decisions[d.Decision]++
	}
	return r
}

func readDecisions(ctx context.Context, out stream, c *config.Config, s *store.Store, file string, asJSON bool) error {
	q, err := review.ReadDecisions(ctx, s, file, time.Now())
	if err != nil {
		return decisionsError(file, err)
	}
	if len(q.New) > 0 {
		if err := s.Decisions().Add(ctx, q.File, q.New); err != nil {
			return err
		}
	}
	r := newDecisionsResult(file, q)
	if asJSON {
		out.json(r)
		return nil
	}
	printDecisions(out, r, c.Zone)
	return nil
}

func printDecisions(out stream, r decisionsResult, zone *time.Location) {
	out.printf("%s: %s, %s open\n", filepath.Base(r.File), words.Plural(r.Rows, "row", "rows"), words.Comma(r.Open))
	if r.ReadBefore != nil {
		out.printf("this very file was read before, on %s: nothing is new\n", words.Moment(*r.ReadBefore, zone))
		return
	}
	text := words.Plural(r.New, "new decision", "new decisions")
	for i, word := range decisions.Words() {
		text += fmt.Sprintf("%s %s %s", map[bool]string{true: ":", false: ","}[i == 0], words.Comma(r.Decisions[word]),
			word)
	}
	out.printf("%s\n", text)
	if r.Changed > 0 {
		out.printf("%s the place of an earlier one\n", words.Plural(r.Changed, "of them takes", "of them take"))
	}
	if r.Known > 0 {
		out.printf("%s stored already\n", words.Plural(r.Known, "decision was", "decisions were"))
	}
	if r.Erased > 0 {
		out.printf("%s left out: the ID was erased meanwhile\n", words.Plural(r.Erased, "comment was", "comments were"))
	}
}

// decisionsError gives every mistake a line, and says once what to do.
func decisionsError(file string, err error) error {
	var mistake review.Mistake
	switch {
	case errors.As(err, &mistake):
		return errors.Join(err, config.Usage("correct these cells, save, and give the file again",
			"%s: nothing was stored", file))
	case errors.Is(err, review.ErrNoQueue):
		return config.Usage("give a workbook that `liverecon report risk` wrote, saved as .xlsx", "%s: %w", file, err)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: "is the path right?"}
	}
	return err
}
