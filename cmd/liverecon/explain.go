package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/story"
	"liverecon/cmd/liverecon/typed"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

func explainVerb(p *program) *cobra.Command {
	var o source
	var asJSON bool
	cmd := &cobra.Command{
		Use: "explain [flags] ID|TRANSACTION", Args: cobra.ExactArgs(1),
		Long: `Tell one ID's whole story: where it stands now, which workbooks count it, and in the order of
time the lists it stood in, every call made for it with what became of that and what it
costs, its images, what reviewers and finance decided, and what the vendor's statements say.

With --json it also gives each answer as it was received, without images, while it is kept:
what is to be given to a person who asks what is held of them.
A transaction ID, as it stands on a statement, tells of the ID whose call it is.`,
		Example: `    liverecon explain bbb139e9aedd920d
    liverecon explain --simulate --json bbb139e9aedd920d`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.read(cmd.Context(), func(c *config.Config, s *store.Store) error {
				return explainID(cmd.Context(), p, c, s, args[0], asJSON)
			})
		},
	}
	o.flags(cmd, "an ID of the simulated run")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the story as JSON")
	return cmd
}

func explainID(ctx context.Context, p *program, c *config.Config, s *store.Store, id string, asJSON bool) error {
	warnBehind(ctx, p.err, c, s)
	found, err := s.Personal().Explain(ctx, id)
	if err == nil && len(found) == 0 {
		found, err = s.Personal().ExplainTransaction(ctx, id)
	}
	if err == nil && len(found) == 0 {
		if id, err = typed.ID(ctx, c, s, id); err == nil {
			found, err = s.Personal().Explain(ctx, id)
		}
	}
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return config.Usage("is it spelled as in the list? Rejected rows are in rejects_<date>.csv and in the "+
			"view v_rejects", "%.128q stands in no list that was read, and is no transaction of ours", id)
	}
	months, err := story.ReadMonths(ctx, s)
	if err != nil {
		return err
	}
	holder, locked := s.Holder()
	running := locked && holder.Verb == "run"
	stories := []story.Story{}
	for _, f := range found {
		stories = append(stories, story.New(c, f, months, running))
	}
	if asJSON {
		p.out.json(stories)
		return nil
	}
	for _, one := range stories {
		printStory(p.out, one, c.Zone)
	}
	return nil
}

func printStory(out stream, s story.Story, zone *time.Location) {
	out.printf("%s %s\n\n", s.Kind, cmp.Or(s.ID, "taken out: erased, or too old"))
	facts := [][2]string{{"state", s.State + ": " + s.Meaning}, {"place", "region " + s.Region + ", endpoint " +
		s.Endpoint}}
	if s.Score != nil {
		facts = append(facts, [2]string{"score", fmt.Sprintf("%v: %s, attack %s", *s.Score, s.Verdict, s.Attack)})
	}
	if s.Suspect {
		facts = append(facts, [2]string{"suspect", "may hold another ID's answer, see below; " +
			hint.AskSuspects(1, s.ID)})
	}
	if s.OtherID != "" {
		known := ", given together with it: the same check, not asked by that"
		if s.OtherAsked {
			known = ", given together with it, is a check of its own as well"
		}
		facts = append(facts, [2]string{"other ID", s.OtherID + known})
	}
	if s.Reference != "" {
		facts = append(facts, [2]string{"row", s.Reference})
	}
	for _, text := range s.Counted {
		facts = append(facts, [2]string{"counted in", text})
	}
	for i, f := range facts {
		if i > 0 && facts[i-1][0] == f[0] {
			f[0] = ""
		}
		out.wrap(fmt.Sprintf("    %-12s", f[0]), f[1])
	}
	out.printf("\n")
	for _, e := range s.Events {
		text := []string{e.Text}
		if e.Cost != "" {
			text = append(text, e.Cost)
		}
		if e.Resolution != "" {
			text = append(text, "in doubt no more: "+e.Resolution)
		}
		lead := words.Moment(e.At, zone) + "  "
		for _, one := range text {
			out.wrap(lead, one)
			lead = strings.Repeat(" ", len(lead))
		}
	}
	out.printf("\n")
}
