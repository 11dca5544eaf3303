package main

import (
	"strings"

	"liverecon/cmd/liverecon/reconciled"
	"liverecon/cmd/liverecon/words"
)

// printReconciled prints the statement, a bridge for each month and currency, what the readings and the doubts came to,
// the files, and last the verdict of each month.
func printReconciled(out stream, r reconciled.Result, asJSON bool) {
	if asJSON {
		out.json(r)
		return
	}
	if r.Statement != nil {
		for _, text := range r.Imported() {
			out.printf("%s\n", text)
		}
		out.printf("\n")
	}
	for _, m := range r.Months {
		printMonth(out, m)
	}
	for _, file := range r.Files {
		out.printf("wrote %s\n", file)
	}
	for _, verdict := range r.Again {
		out.printf("reconciled again, since this statement bears on it: %s\n", verdict)
	}
	for _, b := range r.Borne {
		out.printf("%s\n", b.Sentence())
	}
	for _, t := range r.Twice {
		out.printf("%s\n", t.Sentence())
	}
	for _, m := range r.Months {
		out.printf("%s\n", m.Verdict)
	}
}

func printMonth(out stream, m reconciled.Month) {
	if m.IDsOurs != nil || m.Clock != 0 {
		out.wrap("", m.Verdict)
		out.printf("\n")
	}
	for _, b := range m.Tables() {
		t := newTable(strings.TrimSpace(m.Month+" "+b.Currency), ">calls", ">amount")
		for _, r := range b.Rows {
			t.row(r.Name, r.Calls, r.Amount)
		}
		out.table(t)
	}
	if m.Withheld {
		out.printf("withheld: what became of calls in doubt, readings, dispute, payment (--force decides all the same)\n")
	} else {
		out.printf("%s\n", m.BasisSentence())
	}
	if m.Near != nil {
		out.wrap("", m.Near.Hint)
	}
	if text := m.InDoubtSentence(); text != "" {
		out.printf("%s\n", text)
	}
	if text := m.ShortSentence(); text != "" {
		out.wrap("", text)
	}
	if text := m.TwiceSentence(); text != "" {
		out.wrap("", text)
	}
	if m.Lost+m.LostDoubtful > 0 {
		out.wrap("", m.LostSentence())
	}
	if m.Elsewhere > 0 {
		out.printf("%s at endpoints that no statement of %s is about\n", words.Plural(m.Elsewhere, "charge", "charges"),
			m.Month)
	}
	if m.OtherPrices {
		out.wrap("", m.Month+" stays at the prices it was reconciled with; the configuration has others by now: "+
			"liverecon reconcile --month "+m.Month+" --reprice takes them")
	}
	for _, text := range m.Worked.Sentences() {
		out.wrap("", text)
	}
	if !m.Changed {
		out.printf("nothing new since %s was reconciled last\n", m.Month)
	}
	out.printf("\n")
}
