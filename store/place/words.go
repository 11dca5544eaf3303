package place

import "fmt"

// choose returns the word for one, or for any other number.
func choose(n int64, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// Notes words what somebody should know of a list that gives places of IDs that had one.
func (f Found) Notes() (notes []string) {
	if n := f.Taken; n > 0 {
		notes = append(notes, fmt.Sprintf("%d %s of it had a guessed region from another row, and %s asked "+
			"where it says", n, choose(n, "ID", "IDs"), choose(n, "is", "are")))
	}
	if n := f.Contradicting; n > 0 {
		notes = append(notes, fmt.Sprintf("%d %s of it %s another region than a row before (line %d: %s, before %s): "+
			"what stood before holds; which one is right?", n, choose(n, "row", "rows"), choose(n, "gives", "give"),
			f.Lines[0], f.Region, f.Stands))
	}
	return notes
}

// Add adds what another list says, which is called name.
func (f *Found) Add(name string, other Found) {
	if f.Contradicting == 0 && other.Contradicting > 0 {
		f.Lines, f.Region, f.Stands, f.List = other.Lines, other.Region, other.Stands, name
	}
	f.Taken, f.Contradicting = f.Taken+other.Taken, f.Contradicting+other.Contradicting
}

// Clause returns what a verdict says of lists that were added up: rows with another region than one before; "" where
// there is none.
func (f Found) Clause() string {
	if f.Contradicting == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s another region than one before (%s, line %d: %s, before %s)", f.Contradicting,
		choose(f.Contradicting, "row gives", "rows give"), f.List, f.Lines[0], f.Region, f.Stands)
}
