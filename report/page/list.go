package page

import "liverecon/report/xlsx"

// Odd returns a count, in red where it is not zero and contradicts something.
func Odd(n int64, contradicts bool) xlsx.Cell {
	if n > 0 && contradicts {
		return xlsx.N(n).WithRole(xlsx.Alert)
	}
	return xlsx.N(n)
}

// List joins names as a sentence does.
func List(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	text := names[0]
	for _, name := range names[1 : len(names)-1] {
		text += ", " + name
	}
	return text + " and " + names[len(names)-1]
}

// ListRows sets how many rows a list has before it goes on in another sheet.
const ListRows = 1_000_000

// ListTitle begins a sheet that is one long list.
func ListTitle(s *xlsx.Sheet, title, note string) {
	s.Set(xlsx.Ref{Col: 1, Row: 2}, xlsx.T(title).WithRole(xlsx.Title))
	s.Set(xlsx.Ref{Col: 1, Row: 3}, xlsx.T(note).WithRole(xlsx.Subtitle))
	s.Heights[2], s.Heights[3] = 26, 17
}

// ListFirst holds the row of the first line of a sheet that is one long list.
const ListFirst = 6

// ListCol returns a column of a list.
func ListCol(head string, f xlsx.Format, width float64) xlsx.ListColumn {
	return xlsx.ListColumn{Head: head, Format: f, Width: width}
}
