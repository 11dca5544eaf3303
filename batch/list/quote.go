package list

import "bytes"

// scanQuoted frames a record with quotes, by the rules encoding/csv has: a
// quote opens a cell only as its first character, two quotes inside are one,
// and a closing quote is followed by a delimiter or the end of the line. first
// is the record's first physical line, which is what a damaged record loses.
func (f *listFramer) scanQuoted(w []byte, first listFrame) listFrame {
	malformed := func(detail string) listFrame {
		first.reason, first.detail = listMalformed, detail
		return first
	}
	text := w[:min(len(w), listMaxRowBytes)]
	record := listFrame{lines: 1, fields: 1}
	at := 0
	for {
		if at < len(text) && text[at] == '"' {
			end := listClosingQuote(text, at+1)
			if end < 0 {
				return malformed("a quote is opened and never closed")
			}
			cell := text[at+1 : end]
			if f.swallowed(cell) {
				return malformed("a quote is opened and not closed before the next row")
			}
			record.lines += bytes.Count(cell, []byte{'\n'})
			at = end + 1
		} else {
			at += listPlainCell(text[at:], f.delimiter)
		}
		if at < len(text) && text[at] == f.delimiter {
			if record.fields == f.fields {
				record.cut = at
			}
			record.fields++
			at++
			continue
		}
		end, ok := listLineEnd(text, at)
		if !ok {
			return malformed("a quote stands where none can be: inside an unquoted cell, after a blank, or before the end of a quoted one")
		}
		if end == len(text) && len(text) < len(w) {
			first.reason, first.detail = listTooLong, "a row of more than 64 KiB"
			return first
		}
		record.text, record.size = text[:at], end
		return f.checkRecord(record, first)
	}
}

// checkRecord rejects a record with too many fields by its first line only,
// like every other record that is none.
func (f *listFramer) checkRecord(record, first listFrame) listFrame {
	record = f.checkExtra(record)
	if record.reason != "" {
		first.reason, first.detail = record.reason, record.detail
		return first
	}
	return record
}

// listPlainCell returns the length of the unquoted cell at the start of text.
// It stops at a quote, which is no part of such a cell.
func listPlainCell(text []byte, delimiter byte) int {
	for i, b := range text {
		if b == delimiter || b == '\n' || b == '"' {
			if b == '\n' && i > 0 && text[i-1] == '\r' {
				return i - 1
			}
			return i
		}
	}
	return len(listTrimCR(text))
}

// listLineEnd returns where the next line starts if a line ends at text[at:].
func listLineEnd(text []byte, at int) (next int, ok bool) {
	rest := text[at:]
	switch {
	case len(rest) == 0:
		return at, true
	case rest[0] == '\n':
		return at + 1, true
	case rest[0] == '\r' && len(rest) == 1:
		return at + 1, true
	case rest[0] == '\r' && rest[1] == '\n':
		return at + 2, true
	}
	return 0, false
}

// listClosingQuote returns the place of the quote that closes the cell whose
// content starts at text[at], or -1. It looks no further than listMaxRowLines.
func listClosingQuote(text []byte, at int) int {
	lines := 0
	for at < len(text) {
		i := bytes.IndexByte(text[at:], '"')
		if i < 0 {
			return -1
		}
		if lines += bytes.Count(text[at:at+i], []byte{'\n'}); lines >= listMaxRowLines {
			return -1
		}
		at += i
		if at+1 == len(text) || text[at+1] != '"' {
			return at
		}
		at += 2
	}
	return -1
}

// swallowed reports whether the content of a quoted cell holds what looks like a
// row of its own: a further line with an ID where IDs stand. That is an unclosed
// quote that met another quote below, and believing it would lose the rows
// between silently. In a list of several columns the line has two cells or more,
// so that a note may have an ID on a line of its own.
func (f *listFramer) swallowed(cell []byte) bool {
	if f.fields == 0 || bytes.IndexByte(cell, '\n') < 0 {
		return false
	}
	for i, line := range bytes.Split(cell, []byte{'\n'}) {
		cells := bytes.Split(line, []byte{f.delimiter})
		if i > 0 && len(cells) >= min(2, f.fields) && f.holdsID(cells) {
			return true
		}
	}
	return false
}

// holdsID reports whether an ID column holds what can hardly be anything else;
// telephone numbers are shorter.
func (f *listFramer) holdsID(cells [][]byte) bool {
	for _, i := range f.idColumns {
		if i >= len(cells) {
			continue
		}
		id := bytes.Trim(cells[i], " \t\r\"'")
		if len(id) >= 16 && isListID(string(id)) && bytes.ContainsAny(id, "0123456789") {
			return true
		}
	}
	return false
}
