package alias

import "fmt"

// choose returns the word for one, or for any other number.
func choose(n int64, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// Notes words what somebody should know of a list that names IDs together.
func (f Found) Notes() (notes []string) {
	if n := f.Rows; n > 0 {
		notes = append(notes, fmt.Sprintf(
			"%d %s of it %s known by the other ID that a list gave with it, and not asked twice",
			n, choose(n, "row", "rows"), choose(n, "is", "are")))
	}
	if n := f.Settled; n > 0 {
		notes = append(notes, fmt.Sprintf(
			"by its rows with both IDs %d %s known by the other ID and not asked any more",
			n, choose(n, "listed ID is", "listed IDs are")))
	}
	if text := f.BoughtTwice(); text != "" {
		notes = append(notes, text)
	}
	if n := f.Contradictions.Pairs; n > 0 {
		notes = append(notes, fmt.Sprintf("%d %s an ID with another one than a row before (line %d): "+
			"taken for two checks, not for one; which row is right?",
			n, choose(n, "row of it gives", "rows of it give"), f.Contradictions.Lines[0]))
	}
	return notes
}

// Add adds what another list says, which is called name.
func (f *Found) Add(name string, other Found) {
	f.Rows, f.Settled, f.Twice = f.Rows+other.Rows, f.Settled+other.Settled, f.Twice+other.Twice
	if c := &f.Contradictions; c.Pairs == 0 && other.Contradictions.Pairs > 0 {
		c.Lines, c.List = other.Contradictions.Lines, name
	}
	f.Contradictions.Pairs += other.Contradictions.Pairs
}

// Clause returns what a verdict says of lists that were added up: rows that contradict others, and checks that were
// bought twice; "" where there are none.
func (f Found) Clause() string {
	contradicting := ""
	if c := f.Contradictions; c.Pairs > 0 {
		contradicting = fmt.Sprintf("%d %s another about an ID (%s, line %d)", c.Pairs,
			choose(c.Pairs, "row contradicts", "rows contradict"), c.List, c.Lines[0])
	}
	twice := f.BoughtTwice()
	if contradicting != "" && twice != "" {
		return contradicting + ", " + twice
	}
	return contradicting + twice
}

// BoughtTwice counts the checks that were bought by both of their IDs; "" for none.
func (f Found) BoughtTwice() string {
	if f.Twice == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s listed by both IDs and bought twice before a row said that they are one", f.Twice,
		choose(f.Twice, "check was", "checks were"))
}

// Notes tells that rows of a list are rejected for the kind of their IDs.
func (k OtherKind) Notes() []string {
	if k.Rows == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d %s it gives as %s %s known as %s, or listed as such above (line %d): rejected, as "+
		"asking would buy twice; is its header right? if both kinds do share IDs, set input.kinds_share", k.Rows,
		choose(k.Rows, "ID", "IDs"), k.Kind, choose(k.Rows, "is", "are"), other(k.Kind), k.Line)}
}

// Notes tells that rows of a list are rejected for the case of their IDs.
func (c OtherCase) Notes() []string {
	if c.Rows == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d %s from known ones only in case (line %d): rejected, as asking may buy twice; "+
		"if they are others, set input.case_matters", c.Rows, choose(c.Rows, "ID differs", "IDs differ"), c.Line)}
}
