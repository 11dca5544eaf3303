package main

import (
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
)

func printAnswers(out stream, r statusResult) {
	if r.NoScore > 0 {
		out.printf("%s no score yet, of those pending\n", words.Plural(r.NoScore, "ID has", "IDs have"))
	}
	if r.Suspects > 0 {
		out.wrap("", hint.SuspectText(r.Suspects)+"; "+hint.AskSuspects(r.Suspects, ""))
	}
}
