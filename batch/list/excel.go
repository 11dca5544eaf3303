package list

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"liverecon/batch/table"
)

// The reasons for a cell that holds no ID as the vendor gave it.
const (
	excelDamaged = "excel_damaged"
	notAnID      = "not_an_id"
)

// excelDamage describes what a spreadsheet made of an ID, or what stands there that none is; "" for a value that can be
// an ID. One that was opened and saved as CSV is lost: what stands there now is another ID, or none, and asking for it
// might be paid for. Each detail is true of the cell as it stands: what it was before, nobody knows.
//
//   - 6817604601234e12 is a whole signatureId, but a number to Excel, which
//     writes back 6.8176E+24: a point, a comma or a signed exponent gives it away.
//   - Excel keeps 15 digits: of a signatureId of 16 digits the last becomes 0.
//     One that really ends in 0 cannot be told from that and is refused too;
//     one that does not is proof that no spreadsheet touched it.
//   - A signatureId of 13 to 15 digits may have lost its leading zeros; of fewer, it is a count.
//   - 2026-03-01, Mar-24 and 08:15 were something else before, in either column.
//   - #NAME? and ######## stand where a value was.
//
// Digits alone are judged in signatureId only, of which the form is known, but for counts of 16 digits.
func excelDamage(kind, s string) (reason, detail string) {
	if s[0] == '#' {
		return errorInPlace(s)
	}
	if !mayBeExcelDamage(s) {
		return "", ""
	}
	switch shape := listShape(strings.TrimLeft(s, "+-")); shape {
	case "9":
		return digitDamage(kind, strings.TrimLeft(s, "+-"))
	case "9.9E9", "9,9E9", "9.9E+9", "9,9E+9", "9.9E-9", "9,9E-9", "9E+9", "9E-9", "9.E+9", "9,E+9":
		return excelDamaged, "a number with an exponent, as a spreadsheet writes long ones"
	case "9-9-9":
		if isDate(s) {
			return excelDamaged, "a date, which a spreadsheet makes of some IDs"
		}
	case "a-9", "9-a", "9-a-9":
		if monthLength(strings.TrimLeft(s, "0123456789-")) > 0 && len(s) <= len("01-September-2026") &&
			!fiveDigits(s) {
			return excelDamaged, "a date, which a spreadsheet makes of some IDs"
		}
	default:
		if strings.Trim(shape, "9.,") == "" && strings.Contains(shape, "9") {
			return separatedDigits(s)
		}
		if strings.ContainsAny(shape, "/:") && strings.Contains(shape, "9") && strings.Trim(shape, "9/:- .") == "" {
			return excelDamaged, "numbers with / or : between them, as a date or a time, which a spreadsheet makes of some IDs"
		}
	}
	return "", ""
}

// errorInPlace judges what begins with #: an error of a spreadsheet in any language, or a number wider than its column.
func errorInPlace(s string) (reason, detail string) {
	switch {
	case strings.Trim(s, "#") == "":
		return excelDamaged, "a column too narrow for its number, in place of the ID"
	case table.IsSheetError(s):
		return excelDamaged, "a spreadsheet's error in place of the ID"
	}
	return "", ""
}

// separatedDigits judges digits with points and commas.
func separatedDigits(s string) (reason, detail string) {
	const long = 12 // digits of a number that is hardly a sum of money
	digits := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	if day, err := time.Parse("02.01.2006", s); err == nil && day.Year() > 1900 {
		return excelDamaged, "a date, which a spreadsheet makes of some IDs"
	}
	if digits < long {
		return notAnID, "a number with a point or a comma"
	}
	return excelDamaged, fmt.Sprintf("a number of %d digits with points or commas, as a spreadsheet writes it", digits)
}

// isDate reports whether digits with two dashes between them are a day.
func isDate(s string) bool {
	if s[0] == '-' || strings.Count(s, "-") != 2 || len(s) > len("2026-03-01") {
		return false
	}
	for _, layout := range []string{"2006-1-2", "2-1-2006", "1-2-2006", "06-1-2", "2-1-06", "1-2-06"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// fiveDigits reports whether five digits stand in a row, which no day, month or year has.
func fiveDigits(s string) bool {
	run := 0
	for i := range len(s) {
		if run++; s[i]-'0' > 9 {
			run = 0
		}
		if run == 5 {
			return true
		}
	}
	return false
}

// mayBeExcelDamage keeps nearly all IDs from the closer look: without a separator
// only digits alone are suspect, and with one only what is short.
func mayBeExcelDamage(s string) bool {
	if strings.IndexByte("+-0123456789", s[0]) < 0 && monthLength(s) == 0 {
		return false
	}
	if strings.ContainsAny(s, "+-.,:/") {
		return len(s) <= 32
	}
	for i := range len(s) {
		if listLetterAt(s, i) {
			return false
		}
	}
	return true
}

// digitDamage judges an ID of digits alone; as a livenessId only one that counts.
func digitDamage(kind, s string) (reason, detail string) {
	const (
		whole = 16
		fewer = 3 // leading zeros that a signatureId may have had
	)
	counts := len(s) == whole && countsRows(s)
	switch {
	case kind != listSignatureID && !counts:
	case strings.Trim(s, "0") == "":
		return notAnID, "nothing but zeros"
	case counts:
		return notAnID, "a number with six zeros in a row, or of one digit, as trailers and counts are written; " +
			"if it is an ID, put an apostrophe before it"
	case len(s) < whole-fewer:
		return notAnID, fmt.Sprintf("a number, and %d long: a signatureId of digits has 16", len(s))
	case len(s) < whole:
		return excelDamaged, fmt.Sprintf("a number of %d digits: a signatureId of digits has 16, and a spreadsheet drops "+
			"zeros before it", len(s))
	case strings.Trim(s[whole-1:], "0") == "":
		return excelDamaged, "a number whose digits from the 16th are 0, as a spreadsheet rounds it; if it is right, put an " +
			"apostrophe before it"
	}
	return "", ""
}

// countsRows reports whether digits look like a count that was padded, or like the last line of a file. Of IDs, by
// chance, hardly one in 10^8 does.
func countsRows(digits string) bool {
	return strings.Contains(digits, "000000") || strings.Trim(digits, digits[:1]) == ""
}

// listShape reduces s to its form: runs of digits become 9, runs of letters a,
// a lone E is E, and every other character stays. 6.8176E+24 is 9.9E+9.
func listShape(s string) string {
	var b strings.Builder
	var last byte
	for i := range len(s) {
		c := s[i]
		switch {
		case c-'0' <= 9:
			c = '9'
		case c|0x20-'a' <= 25:
			c = 'a'
			if s[i]|0x20 == 'e' && !listLetterAt(s, i-1) && !listLetterAt(s, i+1) {
				c = 'E'
			}
		case c >= utf8.RuneSelf:
			return ""
		}
		if c != last || c != '9' && c != 'a' {
			b.WriteByte(c)
		}
		last = c
	}
	return b.String()
}

func listLetterAt(s string, i int) bool {
	return i >= 0 && i < len(s) && s[i]|0x20-'a' <= 25
}

// monthLength returns the length of the month name s starts with, as
// spreadsheets abbreviate it in English, Indonesian, Malay or Spanish and as
// English writes it in full; 0 is none. The name is not followed by a letter.
func monthLength(s string) int {
	n := 0
	for listLetterAt(s, n) {
		n++
	}
	switch strings.ToLower(s[:min(n, len("september"))]) {
	case "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
		"january", "february", "march", "april", "june", "july", "august", "september", "october", "november",
		"december",
		"mei", "agu", "okt", "des", "mac", "ogo", "ogos", "dis", "ene", "abr", "ago", "dic":
		return n
	}
	return 0
}
