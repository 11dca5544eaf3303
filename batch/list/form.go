package list

import (
	"cmp"
	"slices"
	"strings"
)

// A list has more in its ID column than IDs: lines between its parts, totals, company names, trailers, counts. Each
// would be asked for, perhaps paid for. So a row is an ID's if the ID has one of the vendor's two forms, or
// input.id_pattern matches it, or three different rows of the list have its form. Rows of a form that fewer have so far
// wait for the list's end.

const (
	formRows       = 3    // different IDs that make a form one of IDs
	maxHeldRows    = 4096 // of forms that fewer have; further ones are rejected at once
	shortestNumber = 6    // digits alone are a count below that
	shortestWord   = 16   // letters alone are a word below that

	longestVendorForm = 36
)

// vendorForm reports whether an ID looks like the vendor's: a signatureId of 16 hexadecimal digits, or a livenessId
// such as ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1.
func vendorForm(id string) bool {
	switch len(id) {
	case 16:
		for i := range len(id) {
			if c := id[i]; c-'0' > 9 && c|0x20-'a' > 5 {
				return false
			}
		}
		return true
	case longestVendorForm:
		for i := range len(id) {
			c := id[i]
			if i == 4 || i == 8 || i == 13 || i == 18 || i == 23 {
				if c != '-' {
					return false
				}
			} else if c-'0' > 9 && c|0x20-'a' > 25 {
				return false
			}
		}
		return true
	}
	return false
}

// alphabet is what an ID's letters and digits are of; each has those before it.
type alphabet int

const (
	digits alphabet = iota
	hexDigits
	alphanumeric
	alphabets
)

// idForm reduces an ID to its length and the places of its dashes and underscores, and to its alphabet. plausible is
// false where the form counts for nothing: separators, short numbers, words.
func idForm(id string) (marks string, of alphabet, plausible bool) {
	hasDigit, hasLetter := false, false
	marks = strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			hasDigit = true
		case r == '-' || r == '_':
			return r
		default:
			hasLetter = true
			if of = max(of, hexDigits); r|0x20 > 'f' {
				of = alphanumeric
			}
		}
		return 'x'
	}, id)
	switch {
	case !hasDigit && !hasLetter:
		return marks, of, false
	case !hasLetter:
		return marks, of, len(id) >= shortestNumber
	case !hasDigit:
		return marks, of, len(id) >= shortestWord
	}
	return marks, of, true
}

// listForms are the forms of IDs other than the vendor's in a list.
type listForms struct {
	marks map[string]*formOfMarks
	held  int
}

type formOfMarks struct {
	ids  [alphabets][]string // different ones by alphabet; never more than formRows
	held []heldRow
}

type heldRow struct {
	Row
	of alphabet
}

// admit tells what to do with a row: release it, and those that waited for it; or hold it.
func (f *listForms) admit(row Row) (release []Row, hold bool) {
	marks, of, plausible := idForm(row.ID)
	form := f.marks[marks]
	if form == nil {
		if f.marks == nil {
			f.marks = make(map[string]*formOfMarks)
		}
		form = &formOfMarks{}
		f.marks[marks] = form
	}
	if ids := form.ids[of]; plausible && len(ids) < formRows && !slices.Contains(ids, row.ID) {
		form.ids[of] = append(ids, strings.Clone(row.ID)) // a row's text keeps the whole row in memory
		release = form.release()
		f.held -= len(release)
	}
	if form.enough(of) {
		return append(release, row), false
	}
	if f.held >= maxHeldRows {
		return release, false
	}
	f.held++
	row.ID, row.OtherID = strings.Clone(row.ID), strings.Clone(row.OtherID)
	form.held = append(form.held, heldRow{row, of})
	return release, true
}

// enough reports whether enough IDs have this alphabet, or one that has it.
func (f *formOfMarks) enough(of alphabet) bool {
	return slices.ContainsFunc(f.ids[of:], func(ids []string) bool { return len(ids) >= formRows })
}

// release takes out the rows that wait no longer.
func (f *formOfMarks) release() (rows []Row) {
	f.held = slices.DeleteFunc(f.held, func(h heldRow) bool {
		enough := f.enough(h.of)
		if enough {
			rows = append(rows, h.Row)
		}
		return enough
	})
	return rows
}

// known reports whether enough IDs have the form of this one.
func (f *listForms) known(id string) bool {
	marks, of, _ := idForm(id)
	form := f.marks[marks]
	return form != nil && form.enough(of)
}

// rest returns the rows that still wait, in the order of the list.
func (f *listForms) rest() (rows []Row) {
	for _, form := range f.marks {
		for _, h := range form.held {
			rows = append(rows, h.Row)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Line, b.Line) })
	return rows
}
