package main

import (
	"context"

	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/accounts"
)

// told counts the IDs in doubt of which statements tell what they can.
func (r *statusResult) told(ctx context.Context, s *store.Store) (err error) {
	for what, ids := range map[accounts.Told]*int64{accounts.ToldNotBilled: &r.NotBilled, accounts.ToldBilled: &r.Billed,
		accounts.ToldShort: &r.Short} {
		found, err := s.Checks().Told(ctx, what)
		if err != nil {
			return err
		}
		for _, b := range found {
			*ids += b.Checks
		}
	}
	r.short, err = s.Statements().Short(ctx)
	return err
}

func printAnswers(out stream, r statusResult) {
	if r.GivenUp > 0 {
		out.wrap("", words.Plural(r.GivenUp, "ID", "IDs")+" given up though paid for; "+hint.AskGivenUp(r.GivenUp))
	}
	if r.NotBilled > 0 {
		out.sentencef("%s in doubt not billed, as a whole statement says; the next run asks again",
			words.Plural(r.NotBilled, "ID", "IDs"))
	}
	if r.Short > 0 {
		out.wrap("", hint.ShortText(r.short))
	}
	if r.Billed > 0 {
		out.wrap("", words.Plural(r.Billed, "ID", "IDs")+" in doubt billed, as a statement says; "+
			hint.AskBilled(r.Billed, ""))
	}
	if r.NoScore > 0 {
		out.sentencef("%s no score yet, of those pending", words.Plural(r.NoScore, "ID has", "IDs have"))
	}
	if r.Owed > 0 {
		out.wrap("", words.Plural(int64(r.Owed), "page is", "pages are")+" still to be sent: `liverecon deliver` tries it")
	}
	if r.Suspects > 0 {
		out.wrap("", hint.SuspectText(r.Suspects)+"; "+hint.AskSuspects(r.Suspects, ""))
	}
}
