package alias

import (
	"fmt"

	"github.com/dustin/go-humanize/english"
)

// Notes tells what somebody should know of a list that names IDs together.
func (f Found) Notes() (notes []string) {
	if n := int(f.Rows); n > 0 {
		notes = append(notes, fmt.Sprintf("%s of it %s known by the other ID that a list gave with it, and not asked twice",
			english.Plural(n, "row", ""), english.PluralWord(n, "is", "are")))
	}
	if n := int(f.Settled); n > 0 {
		notes = append(notes, fmt.Sprintf("by its rows with both IDs %s %s known by the other ID and not asked any more",
			english.Plural(n, "listed ID", ""), english.PluralWord(n, "is", "are")))
	}
	if text := f.BoughtTwice(); text != "" {
		notes = append(notes, text)
	}
	if c := f.Contradictions; c.Pairs > 0 {
		notes = append(notes, fmt.Sprintf("%s of it %s an ID with another one than a row before (line %d): "+
			"taken for two checks, not for one; which row is right?", english.Plural(int(c.Pairs), "row", ""),
			english.PluralWord(int(c.Pairs), "gives", "give"), c.Lines[0]))
	}
	return notes
}

// BoughtTwice counts the checks that were bought by both of their IDs; "" for none.
func (f Found) BoughtTwice() string {
	if f.Twice == 0 {
		return ""
	}
	n := int(f.Twice)
	return fmt.Sprintf("%s %s listed by both IDs and bought twice before a row said that they are one",
		english.Plural(n, "check", ""), english.PluralWord(n, "was", "were"))
}

// Notes tells that rows of a list are rejected for the case of their IDs.
func (c OtherCase) Notes() []string {
	if c.Rows == 0 {
		return nil
	}
	n := int(c.Rows)
	return []string{fmt.Sprintf("%s %s from known ones only in case (line %d): rejected, as asking may buy twice; if they "+
		"are others, set input.case_matters", english.Plural(n, "ID", ""), english.PluralWord(n, "differs", "differ"),
		c.Line)}
}
