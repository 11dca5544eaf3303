package main

import (
	"context"

	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

// told counts the IDs in doubt whose lost answers a statement has settled.
func told(ctx context.Context, s *store.Store) (notBilled, billed int64, err error) {
	for _, settled := range []struct {
		billed bool
		ids    *int64
	}{{false, &notBilled}, {true, &billed}} {
		found, err := s.Checks().Told(ctx, settled.billed)
		if err != nil {
			return 0, 0, err
		}
		for _, b := range found {
			*settled.ids += b.Checks
		}
	}
	return notBilled, billed, nil
}

func printAnswers(out stream, r statusResult) {
	if r.GivenUp > 0 {
		out.wrap("", words.Plural(r.GivenUp, "ID", "IDs")+" given up though paid for; "+hint.AskGivenUp(r.GivenUp))
	}
	if r.NotBilled > 0 {
		out.printf("%s in doubt not billed, as a statement says; the next run asks again\n",
			words.Plural(r.NotBilled, "ID", "IDs"))
	}
	if r.Billed > 0 {
		out.wrap("", words.Plural(r.Billed, "ID", "IDs")+" in doubt billed, as a statement says; "+
			hint.AskBilled(r.Billed, ""))
	}
	if r.NoScore > 0 {
		out.printf("%s no score yet, of those pending\n", words.Plural(r.NoScore, "ID has", "IDs have"))
	}
	if r.Owed > 0 {
		out.wrap("", words.Plural(int64(r.Owed), "page is", "pages are")+" still to be sent: `liverecon deliver` tries it")
	}
	if r.Suspects > 0 {
		out.wrap("", hint.SuspectText(r.Suspects)+"; "+hint.AskSuspects(r.Suspects, ""))
	}
}
