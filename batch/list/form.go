package list

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A list has more in its ID column than IDs: lines between its parts, totals, company names, headers and trailers, page
// numbers, counts. Each would be asked for, perhaps paid for. So a row is an ID's if the ID has one of the vendor's two
// forms, or input.id_pattern matches it, or three different rows of the list share its length, alphabet and dashes, and
// do not only count: IDs that differ in a few digits alone, as Page-1 and Page-2, are IDs where the list has no others.
// Rows of a form that fewer have so far wait for the list's end, and so do those that count.

const (
	formRows       = 3    // different IDs that make a form one of IDs
	maxHeldRows    = 4096 // of forms that fewer have; further ones are rejected at once
	shortestNumber = 6    // digits alone are a count below that
	shortestWord   = 16   // letters alone are a word below that
	countingDigits = 8    // at most, beside letters in what only counts
	countingNumber = 15   // the same, in a number

	longestVendorForm = 36
)

// vendorForm reports whether an ID looks like the vendor's: a signatureId of 16 hexadecimal digits, or a livenessId
// such as ddsd-9e6-dcc9-4ca1-bdfe-9f001c05f1b1.
func vendorForm(id string) bool {
	all, dashes := isHex|inForm, byte(0)
	switch len(id) {
	case 16:
		for i := range len(id) {
			all &= formBytes[id[i]]
		}
		return all&isHex != 0
	case longestVendorForm:
		if id[4] != '-' || id[8] != '-' || id[13] != '-' || id[18] != '-' || id[23] != '-' {
			return false
		}
		for i := range len(id) {
			kind := formBytes[id[i]]
			all &= kind
			dashes += kind & isDash
		}
		return all&inForm != 0 && dashes == 5
	}
	return false
}

// Kinds of bytes in the vendor's forms. A table has no branches, which would be mispredicted for every other byte.
const (
	isDash = byte(1 << iota)
	isHex
	inForm
)

var formBytes = func() (kinds [256]byte) {
	for _, c := range []byte("0123456789abcdefABCDEF") {
		kinds[c] = isHex
	}
	for _, c := range []byte("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		kinds[c] |= inForm
	}
	kinds['-'] = isDash | inForm
	return kinds
}()

// alphabet names what an ID's letters and digits are of; each has those before it.
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

// structureWords begin lines of files that are no rows.
var structureWords = map[string]bool{
	"HDR": true, "HEADER": true, "HEAD": true, "TRL": true, "TRLR": true, "TRAILER": true, "FTR": true, "FOOTER": true,
	"BOF": true, "EOF": true, "EOD": true, "BEGIN": true, "START": true, "END": true, "PAGE": true, "SHEET": true,
	"TOTAL": true, "TOTALS": true, "SUBTOTAL": true, "SUM": true, "COUNT": true, "RECORDS": true, "ROWS": true, "LINES": true,
	"BATCH": true, "FILE": true, "PART": true, "SECTION": true, "GROUP": true, "REPORT": true, "DATE": true,
	"CUST": true, "CUSTOMER": true, "CLIENT": true, "MERCHANT": true, "COMPANY": true, "BRANCH": true, "STORE": true,
	"JUMLAH": true, "HALAMAN": true, "CABANG": true, "PAGINA": true, "SUMA": true, "CLIENTE": true, "SUCURSAL": true,
	"TRANG": true, "BAHAGIAN": true, "MUKA": true,
}

// structureWord returns the word with which an ID begins that a line has which is no row, "" for none. The line is
// certainly none where nothing but digits follow.
func structureWord(id string) (word string, certain bool) {
	n := 0
	for listLetterAt(id, n) {
		n++
	}
	if !structureWords[strings.ToUpper(id[:n])] {
		return "", false
	}
	return id[:n], strings.Trim(id[n:], "0123456789-_") == ""
}

// skeleton returns an ID with its digits alike, if it may only count; else it is the ID.
func skeleton(id string) string {
	digits, letters := 0, false
	text := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			digits++
			return '0'
		}
		letters = letters || r != '-' && r != '_'
		return r
	}, id)
	if digits > countingDigits && letters || digits > countingNumber {
		return id
	}
	return text
}

// listForms holds the forms of IDs other than the vendor's in a list.
type listForms struct {
	marks map[string]*formOfMarks
	held  int
	ids   bool // the list has IDs that do more than count
	count bool // it has too many that count for these to be anything else
}

// formOfMarks represents the IDs of one length and places of dashes, by alphabet; never more than formRows of each.
type formOfMarks struct {
	ids    [alphabets][]string // different ones
	varied [alphabets][]string // skeletons of such that differ in more than digits
	held   []heldRow
}

type heldRow struct {
	Row
	of alphabet
}

// admit decides what to do with a row: release it, and those that waited for it; or hold it.
func (f *listForms) admit(row Row) (release []Row, hold bool) {
	marks, of, plausible := idForm(row.ID)
	word, certain := structureWord(row.ID)
	form := f.marks[marks]
	if form == nil {
		if f.marks == nil {
			f.marks = make(map[string]*formOfMarks)
		}
		form = &formOfMarks{}
		f.marks[marks] = form
	}
	if plausible && word == "" && form.add(row.ID, of) {
		release = f.release(form)
	}
	switch {
	case certain:
		return nil, false
	case f.isID(form, of):
		f.ids = f.ids || !f.count
		return append(release, row), false
	case f.held < maxHeldRows:
		f.held++
		row.ID, row.OtherID = strings.Clone(row.ID), strings.Clone(row.OtherID)
		form.held = append(form.held, heldRow{row, of})
		return release, true
	case !f.ids && enough(&form.ids, of): // nobody numbers so many pages
		f.count = true
		for _, form := range f.marks {
			release = append(release, f.release(form)...)
		}
		sortByLine(release)
		return append(release, row), false
	}
	return release, false
}

// add notes an ID, and reports whether it was one more of the first.
func (f *formOfMarks) add(id string, of alphabet) (more bool) {
	note := func(all *[]string, text string) {
		if len(*all) < formRows && !slices.Contains(*all, text) {
			*all, more = append(*all, strings.Clone(text)), true // a row's text keeps the whole row in memory
		}
	}
	note(&f.ids[of], id)
	if len(f.varied[of]) < formRows {
		note(&f.varied[of], skeleton(id))
	}
	return more
}

// isID reports whether the rows of a form are IDs, as far as the list was read.
func (f *listForms) isID(form *formOfMarks, of alphabet) bool {
	return enough(&form.varied, of) || f.count && enough(&form.ids, of)
}

// enough reports whether enough IDs have this alphabet, or one that has it.
func enough(ids *[alphabets][]string, of alphabet) bool {
	return slices.ContainsFunc(ids[of:], func(ids []string) bool { return len(ids) >= formRows })
}

// release takes out the rows of a form that wait no longer.
func (f *listForms) release(form *formOfMarks) (rows []Row) {
	form.held = slices.DeleteFunc(form.held, func(h heldRow) bool {
		id := f.isID(form, h.of)
		if id {
			rows = append(rows, h.Row)
		}
		return id
	})
	f.held -= len(rows)
	return rows
}

// known reports whether enough IDs have the form of this one.
func (f *listForms) known(id string) bool {
	marks, of, _ := idForm(id)
	form := f.marks[marks]
	return form != nil && enough(&form.ids, of)
}

// takes reports whether an ID would be taken at the list's end.
func (f *listForms) takes(id string) bool {
	marks, of, plausible := idForm(id)
	word, _ := structureWord(id)
	form := f.marks[marks]
	return plausible && word == "" && form != nil && (f.isID(form, of) || !f.ids && enough(&form.ids, of))
}

// rest returns the rows that still wait, in the order of the list: IDs, as those that count are where the list has no
// others, and what is none.
func (f *listForms) rest() (ids, others []Row) {
	for _, form := range f.marks {
		for _, h := range form.held {
			if !f.ids && enough(&form.ids, h.of) {
				ids = append(ids, h.Row)
			} else {
				others = append(others, h.Row)
			}
		}
	}
	sortByLine(ids)
	sortByLine(others)
	return ids, others
}

func sortByLine(rows []Row) {
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Line, b.Line) })
}

// why describes why a row is none of an ID.
func (f *listForms) why(id string) string {
	const pattern = "; if it is an ID, set input.id_pattern"
	marks, of, plausible := idForm(id)
	form := f.marks[marks]
	word, _ := structureWord(id)
	switch {
	case strings.Trim(marks, "-_") == "":
		return "a line between parts of the list, no ID"
	case word != "":
		return fmt.Sprintf("it begins with %q, as headers, trailers and totals do%s", word, pattern)
	case !plausible && of == digits:
		return fmt.Sprintf("a number of fewer than %d digits, no ID", shortestNumber)
	case !plausible:
		return fmt.Sprintf("letters alone, and fewer than %d: a word, no ID", shortestWord)
	case form != nil && enough(&form.ids, of):
		return "it seems to count, and the list has other IDs: fewer than three rows of its length, alphabet and dashes " +
			"differ in more than a few digits" + pattern
	case f.held >= maxHeldRows:
		return "not of the vendor's two forms of an ID, in a list with very many rows that are not" + pattern
	}
	return "not of the vendor's two forms of an ID, and fewer than three different rows of the list share its length, " +
		"alphabet and dashes" + pattern
}
