package main

import (
	"context"

	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

func (p *program) printAnswers(r statusResult) {
	if r.NoScore > 0 {
		say(p.out, "%s no score yet, of those pending\n", words.Plural(r.NoScore, "ID has", "IDs have"))
	}
	if r.Suspects > 0 {
		p.hanging("", hint.SuspectText(r.Suspects)+"; "+hint.AskSuspects(r.Suspects, ""))
	}
}

// suspects warns of what earlier runs found out about their answers.
func (f *findings) suspects(ctx context.Context, s *store.Store) {
	n, err := s.Suspects(ctx, 0)
	switch {
	case err != nil:
		f.bad("answers", 1, err)
	case n.IDs > 0:
		f.warn("answers", hint.AskSuspects(n.IDs, "")+"; `liverecon explain ID` says why", "%s", hint.SuspectText(n.IDs))
	}
}
