package list

import (
	"strings"
	"unicode/utf8"
)

// excelDamage says what a spreadsheet made of an ID, or "" for a value that
// can be one. An ID that was opened and saved as CSV is lost: what stands
// there now is another ID, or none, and asking for it might be paid for.
//
//   - 6817604601234e12 is a whole signatureId, but a number to Excel, which
//     writes back 6.8176E+24: a point, a comma or a signed exponent gives it away.
//   - Excel keeps 15 digits: of a signatureId of 16 digits the last becomes 0.
//     One that really ends in 0 cannot be told from that and is refused too;
//     one that does not is proof that no spreadsheet touched it.
//   - A signatureId of 15 digits or fewer has lost its leading zeros.
//   - 2026-03-01, Mar-24 and 08:15 were something else before, in either column.
//   - #NAME? and ######## stand where a value was.
//
// Digits alone are judged in signatureId only, of which the form is known.
func excelDamage(kind, s string) string {
	if s[0] == '#' {
		return "a spreadsheet's error or a column too narrow, in place of the ID"
	}
	if !mayBeExcelDamage(s) {
		return ""
	}
	switch shape := listShape(strings.TrimLeft(s, "+-")); shape {
	case "9":
		if kind == listSignatureID {
			return digitDamage(s)
		}
	case "9.9E9", "9,9E9", "9.9E+9", "9,9E+9", "9.9E-9", "9,9E-9", "9E+9", "9E-9", "9.E+9", "9,E+9":
		return "a spreadsheet turned it into a number"
	case "9-9-9":
		if strings.Count(s, "-") == 2 && len(s) <= len("2026-03-01") && s[0] != '-' {
			return "a spreadsheet turned it into a date"
		}
	case "a-9", "9-a", "9-a-9":
		if monthLength(strings.TrimLeft(s, "0123456789-")) > 0 {
			return "a spreadsheet turned it into a date"
		}
	default:
		if strings.Trim(shape, "9.,") == "" && shape != "" {
			return "a spreadsheet turned it into a number"
		}
		if strings.ContainsAny(shape, "/:") && strings.Trim(shape, "9/:- .") == "" {
			return "a spreadsheet turned it into a date or a time"
		}
	}
	return ""
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

// digitDamage judges a signatureId of digits alone.
func digitDamage(s string) string {
	switch {
	case len(s) < 16:
		return "a number of fewer than 16 digits: a spreadsheet dropped leading zeros or more"
	case strings.Trim(s[15:], "0") == "":
		return "a number whose digits from the 16th are 0, as a spreadsheet rounds it; if it is right, put an " +
			"apostrophe before it"
	}
	return ""
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
