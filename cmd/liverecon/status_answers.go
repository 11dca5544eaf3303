package main

import (
	"context"
	"fmt"

	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

func (p *program) printAnswers(r statusResult) {
	if r.NoScore > 0 {
		say(p.out, "%s no score yet, of those pending\n", words.Plural(r.NoScore, "ID has", "IDs have"))
	}
	if r.Suspects > 0 {
		p.hanging("", suspectText(r.Suspects)+"; "+askSuspects(r.Suspects, ""))
	}
}

// suspectText says how many IDs are suspect.
func suspectText(ids int64) string {
	return words.Plural(ids, "ID", "IDs") + " may hold another's answer"
}

// askSuspects says what asks for suspect IDs, and what that costs; id is the one of them that is meant, "" for all.
func askSuspects(ids int64, id string) string {
	if id != "" {
		return fmt.Sprintf("`liverecon run --again suspect=1 --id %s` asks for it, and pays again", id)
	}
	return fmt.Sprintf("`liverecon run --again suspect=%d` asks for them, and pays again", ids)
}

// suspects warns of what earlier runs found out about their answers.
func (f *findings) suspects(ctx context.Context, s *store.Store) {
	n, err := s.Suspects(ctx, 0)
	switch {
	case err != nil:
		f.bad("answers", 1, err)
	case n.IDs > 0:
		f.warn("answers", askSuspects(n.IDs, "")+"; `liverecon explain ID` says why", "%s", suspectText(n.IDs))
	}
}
