package list

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reject represents a row that cannot be asked for, with what is wrong with it.
type Reject struct {
	File   string
	Line   int    // physical line on which the row starts
	Column string // as the header names it; "" where no one column is at fault
	// Reason is one of no_id, bad_alphabet, not_an_id, excel_damaged, repeated_header,
	// unknown_region, no_endpoint, too_long, too_many_fields, malformed_csv, cut_off.
	Reason string
	Detail string // for a person; shows no more of an ID than Value does
	Value  string // the cell, or the start of the line: an ID is cut to its first eight characters
	Row    *Row   // the row of a no_endpoint, which lacks nothing else; nil for all others
}

// Error represents a list that is refused as a whole.
type Error struct {
	File    string
	Line    int    // how far reading came; 0 where no line is at fault
	Column  string // as the header names it; "" where no one column is at fault
	Problem string
	Hint    string // what to do about it; "" where there is nothing to add
}

// Error returns file:line: column: problem, without the hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ": column %q", e.Column)
	}
	b.WriteString(": " + e.Problem)
	return b.String()
}

// cutListValue makes a cell fit to be shown: short, without control characters
// and, where it may be an ID of more than twelve characters, cut to eight.
func cutListValue(s string, mayBeID bool) string {
	keep := 40
	if mayBeID && utf8.RuneCountInString(s) > 12 {
		keep = 8
	}
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == keep {
			b.WriteRune('…')
			break
		}
		if !unicode.IsGraphic(r) {
			r = '\uFFFD'
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
