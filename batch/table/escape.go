package table

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// lenEscape holds the length of _xHHHH_.
const lenEscape = 7

// unescape replaces, in text from a place on, each _xHHHH_ by the UTF-16 unit of that number. So a workbook holds
// characters that XML cannot, such as the carriage return of a pasted line end; _x005F_ is the underscore of a text
// that looks like one. The result overwrites text.
func unescape(text []byte, from int) []byte {
	if !bytes.Contains(text[from:], []byte("_x")) {
		return text
	}
	to := from
	for rest := text[from:]; len(rest) > 0; {
		unit, escaped := escapedUnit(rest)
		if !escaped {
			text[to] = rest[0]
			to, rest = to+1, rest[1:]
			continue
		}
		rest = rest[lenEscape:]
		if utf16.IsSurrogate(unit) {
			low, _ := escapedUnit(rest) // zero makes no pair
			if unit = utf16.DecodeRune(unit, low); unit != utf8.RuneError {
				rest = rest[lenEscape:]
			}
		}
		to += utf8.EncodeRune(text[to:to+utf8.UTFMax], unit) // shorter than what it stands for
	}
	return text[:to]
}

// escapedUnit reads the _xHHHH_ with which a text begins.
func escapedUnit(text []byte) (unit rune, ok bool) {
	if len(text) < lenEscape || text[0] != '_' || text[1] != 'x' || text[lenEscape-1] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:lenEscape-1]), 16, 16)
	return rune(n), err == nil
}
