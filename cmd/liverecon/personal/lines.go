package personal

import (
	"fmt"

	"liverecon/cmd/liverecon/words"
)

// The remarks on files that are not changed.
const (
	yours  = "yours: delete or replace it yourself"
	unread = "it could not be looked into: do so yourself"
)

// sentences collects lines, each with what it is about before it.
type sentences []string

func (s *sentences) say(what, format string, args ...any) {
	*s = append(*s, fmt.Sprintf("%-9s ", what)+fmt.Sprintf(format, args...))
}

func (s *sentences) files(what, remark string, files []string) {
	for _, f := range files {
		s.say(what, "%s (%s)", f, remark)
	}
}

// verbs returns what is said of rows and of reports.
func verbs(done bool) (rows, reports string) {
	if done {
		return "taken out", "written again"
	}
	return "would be taken out", "would be written again"
}

// nothing reports that nothing of ours names the person.
func (e *Erasure) nothing() bool {
	return e.Checks+len(e.Reports)+len(e.Kept) == 0 && e.Rejects+e.Comments+e.Mentions == 0
}

// Lines returns what was found and taken out, in sentences.
func (e *Erasure) Lines() []string {
	var s sentences
	verb, again := verbs(e.Done)
	if !e.nothing() {
		s.say("database", "%s %s: %s as received, %s", words.Plural(int64(e.Checks), "check", "checks"), verb,
			words.Plural(e.Answers, "answer", "answers"), words.Plural(e.Rejects, "rejected row", "rejected rows"))
	}
	if e.Comments+e.Mentions > 0 {
		s.say("", "%s of reviewers, %s %s", words.Plural(e.Comments, "comment", "comments"),
			words.Plural(e.Mentions, "other mention", "other mentions"), verb)
	}
	if e.Images > 0 {
		s.say("images", "%s %s", words.Plural(int64(e.Images), "image", "images"), verb)
	}
	if e.Open > 0 {
		s.say("", "%s was still to be asked for: given up", words.Plural(e.Open, "check", "checks"))
	}
	s.files("reports", again, e.Reports)
	s.files("lists", "yours: take the row out yourself", e.Lists)
	s.files("files", yours, e.Elsewhere)
	s.files("files", unread, e.Unread)
	s.files("kept", "stays: it may not be changed", e.Kept)
	return s
}

// LastLines returns what is to be said of the vendor, and what it all came to.
func (e *Erasure) LastLines(database string) []string {
	if e.nothing() && len(e.Lists)+len(e.Elsewhere) == 0 {
		return []string{"nothing names this ID"}
	}
	if e.nothing() {
		return []string{"nothing of ours names this ID"}
	}
	var s sentences
	s.say("vendor", "what it holds of its own is not touched: ask it to clear that (clear-data)")
	switch {
	case e.Done && len(e.Kept) > 0:
		return append(s, "done: but for what may not be changed "+database+" holds the ID no more")
	case e.Done:
		return append(s, "done: "+database+" holds the ID no more")
	}
	return append(s, "nothing was changed; add --yes to do it")
}

// Lines returns what was found and taken out, in sentences.
func (e *NameErasure) Lines() []string {
	var s sentences
	verb, again := verbs(e.Done)
	text := fmt.Sprintf("the name %s of %s", verb, words.Plural(e.Decisions, "decision", "decisions"))
	if e.Worked+e.Comments > 0 {
		text += fmt.Sprintf(", %s, %s", words.Plural(e.Worked, "exception", "exceptions"), words.Plural(e.Comments,
			"comment", "comments"))
	}
	s.say("database", "%s", text)
	s.files("reports", again, e.Reports)
	s.files("files", yours, e.Elsewhere)
	s.files("files", unread, e.Unread)
	s.files("kept", "stays: it says who is answerable", e.Kept)
	if !e.Done {
		s = append(s, "nothing was changed; add --yes to do it")
	}
	return s
}
