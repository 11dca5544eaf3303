package table

import (
	"bytes"
	"slices"
)

// scanQuoted frames a record with quotes, by the rules encoding/csv has: a
// quote opens a cell only as its first character, two quotes inside are one,
// and a closing quote is followed by a delimiter or the end of the line. Blanks
// around such a cell are allowed, and ="abc". first is the record's first
// physical line, which is all that is looked at where the rules do not hold.
//
// They hold where they give a row as wide as the header. A cell of such a row
// may hold a line that looks like a row: text, unless the lines that the cell
// begins and ends on look like rows, too. Then nobody can tell it from quotes
// that two rows have by themselves, and none of these lines is read.
func (f *Framer) scanQuoted(w []byte, first Frame) Frame {
	text := w[:min(len(w), maxFrame)]
	record := Frame{Lines: 1, Fields: 1}
	var swallowed bool
	for at := 0; ; {
		cell := nextCell(text, at, f.delimiter)
		swallowed = swallowed || cell.quoted && f.swallowed(text[cell.from:cell.to])
		if swallowed && cell.damage != "" {
			return f.literal(first, notClosed)
		}
		if cell.damage != "" {
			return f.literal(first, cell.damage)
		}
		if cell.quoted {
			record.Lines += bytes.Count(text[cell.from:cell.to], []byte{'\n'})
		}
		record.rewrite = record.rewrite || cell.odd
		at = cell.end
		if at < len(text) && text[at] == f.delimiter {
			if record.Fields == f.fields {
				record.cut = at
			}
			record.Fields++
			at++
			continue
		}
		end, _ := lineEnd(text, at)
		long := end == len(text) && len(text) < len(w)
		if swallowed && (long || record.Fields != f.fields) {
			return f.literal(first, notClosed)
		}
		if long {
			first.Reason, first.Detail = TooLong, "a row of more than 64 KiB"
			return first
		}
		record.Text, record.size = text[:at], end
		if record.Lines > 1 && f.unquoted(record.Text) {
			return f.literal(first, notClosed)
		}
		if f.torn(record) {
			first.Reason, first.Detail = Malformed, "quotes stand around several cells"
			return first
		}
		if swallowed && f.likeRow(first.Text) && f.likeRow(record.Text[bytes.LastIndexByte(record.Text, '\n')+1:]) {
			f.either = f.line + record.Lines - 1
			first.Reason, first.Detail = Malformed, eitherWay
			return first
		}
		return f.checkRecord(record, first)
	}
}

const (
	notClosed = "a quote is opened and not closed before the next row"
	eitherWay = "a quoted cell of several lines holds what looks like rows, and may be several rows with stray quotes: take " +
		"the line ends out of its text, or the quotes out of the rows"
)

// likeRow reports whether a line may be a row by itself: it has the header's cells, or an ID where IDs stand.
func (f *Framer) likeRow(line []byte) bool {
	cells := bytes.Split(trimCR(line), []byte{f.delimiter})
	return len(cells) == f.fields || len(cells) > 1 && f.holdsID(cells)
}

// quotedCell represents a cell of a line that has quotes.
type quotedCell struct {
	from, to int    // its content
	end      int    // where its delimiter or the end of its line stands
	quoted   bool   // the content stood in quotes, and those in it are doubled
	odd      bool   // it is not written as encoding/csv has it
	damage   string // what is wrong with its quotes; it is then read as it stands, to the next delimiter
}

// nextCell reads the cell that starts at text[at].
func nextCell(text []byte, at int, delimiter byte) quotedCell {
	start := at
	for start < len(text) && isBlank(text[start], delimiter) {
		start++
	}
	if start < len(text) && text[start] == '"' {
		return enclosedCell(text, at, start, delimiter)
	}
	plain := at + plainCell(text[at:], delimiter)
	if plain == len(text) || text[plain] != '"' {
		return quotedCell{from: at, to: plain, end: plain}
	}
	if plain == start+1 && text[start] == '=' {
		if inner := bytes.IndexByte(text[plain+1:], '"'); inner >= 0 && !bytes.ContainsAny(text[plain+1:plain+1+inner],
			"\n"+string(rune(delimiter))) {
			to := plain + inner + 2
			if end, ok := cellEnd(text, to, delimiter); ok {
				return quotedCell{from: start, to: to, end: end, odd: true}
			}
		}
	}
	return literalCell(text, at, delimiter, "a quote stands inside a cell that does not begin with one")
}

// enclosedCell reads a cell that begins at text[at] and opens a quote at text[quote].
func enclosedCell(text []byte, at, quote int, delimiter byte) quotedCell {
	closing := closingQuote(text, quote+1)
	if closing < 0 {
		return literalCell(text, at, delimiter, "a quote is opened and never closed")
	}
	end, ok := cellEnd(text, closing+1, delimiter)
	if !ok {
		return literalCell(text, at, delimiter, "a closing quote is followed by more text")
	}
	cell := quotedCell{from: quote + 1, to: closing, end: end, quoted: true, odd: quote > at || end > closing+1}
	if quote > at && bytes.ContainsAny(text[cell.from:cell.to], "\n"+string(rune(delimiter))) {
		return literalCell(text, at, delimiter,
			"a blank stands before a quote, and what is quoted is more than one cell")
	}
	return cell
}

func literalCell(text []byte, at int, delimiter byte, damage string) quotedCell {
	end := bytes.IndexAny(text[at:], "\n"+string(rune(delimiter)))
	if end < 0 {
		end = len(text) - at
	}
	to := at + len(bytes.TrimRight(text[at:at+end], "\r"))
	return quotedCell{from: at, to: to, end: to, odd: true, damage: damage}
}

// cellEnd passes over blanks to the delimiter or the end of the line.
func cellEnd(text []byte, at int, delimiter byte) (end int, ok bool) {
	for at < len(text) && isBlank(text[at], delimiter) {
		at++
	}
	if at < len(text) && text[at] == delimiter {
		return at, true
	}
	_, ok = lineEnd(text, at)
	return at, ok
}

func isBlank(b, delimiter byte) bool { return (b == ' ' || b == '\t') && b != delimiter }

// literal reads a line with damaged quotes as it stands, delimiter by delimiter,
// where that cannot change an ID or a region: their cells have no such quotes, and
// the cells before them are not the beginning of a quoted one (in text separated
// by tabs, which often is not quoted at all, they may be). A row may be short only
// behind them. Other lines are rejected with the reason.
func (f *Framer) literal(first Frame, damage string) Frame {
	bad := first
	bad.Reason, bad.Detail = Malformed, damage
	continued := f.unclosed && f.delimiter != '\t'
	f.unclosed = bytes.Count(first.Text, []byte{'"'})%2 == 1 && !continued
	record := first
	record.Fields, record.rewrite = 0, true
	damaged, opened := false, false
	for at := 0; at <= len(first.Text); {
		cell := nextCell(first.Text, at, f.delimiter)
		content := first.Text[cell.from:cell.to]
		if cell.damage != "" {
			damaged = true
			odd := bytes.Count(content, []byte{'"'})%2 == 1
			content = bytes.TrimSpace(content)
			opened = opened || odd && content[0] == '"' && (f.delimiter != '\t' || f.fields == 0)
			if continued && record.Fields == 0 && odd && content[0] != '"' {
				return bad // the end of a cell that began on a line above
			}
		}
		if f.extras && cell.damage != "" || f.fields == 0 && opened || f.isUsed(record.Fields) && (opened || cell.damage != "") {
			return bad
		}
		if record.Fields++; record.Fields == f.fields {
			record.cut = cell.end
		}
		at = cell.end + 1
	}
	for i := record.Fields; i < f.fields; i++ {
		if damaged && f.isUsed(i) {
			return bad
		}
	}
	return f.checkExtra(record)
}

// isUsed reports whether a column has IDs or regions.
func (f *Framer) isUsed(column int) bool { return column < len(f.used) && f.used[column] }

// appendStrict appends a record as encoding/csv reads it.
func appendStrict(to, text []byte, delimiter byte) []byte {
	for at := 0; at <= len(text); {
		cell := nextCell(text, at, delimiter)
		if at > 0 {
			to = append(to, delimiter)
		}
		content := text[cell.from:cell.to]
		switch {
		case cell.quoted:
			to = append(append(append(to, '"'), content...), '"')
		case cell.odd:
			to = append(append(append(to, '"'), bytes.ReplaceAll(content, []byte{'"'}, []byte(`""`))...), '"')
		default:
			to = append(to, content...)
		}
		at = cell.end + 1
	}
	return to
}

// checkRecord rejects a record with too many fields by its first line only,
// like every other record that is none.
func (f *Framer) checkRecord(record, first Frame) Frame {
	record = f.checkExtra(record)
	if record.Reason != "" {
		first.Reason, first.Detail = record.Reason, record.Detail
		return first
	}
	return record
}

// plainCell returns the length of the unquoted cell at the start of text.
// It stops at a quote, which is no part of such a cell.
func plainCell(text []byte, delimiter byte) int {
	for i, b := range text {
		switch b {
		case '\n':
			return len(trimCR(text[:i]))
		case delimiter, '"':
			return i
		}
	}
	return len(trimCR(text))
}

// lineEnd returns where the next line starts if a line ends at text[at:]: after
// a line feed, however many carriage returns stand before it, or at the end.
func lineEnd(text []byte, at int) (next int, ok bool) {
	for at < len(text) && text[at] == '\r' {
		at++
	}
	if at == len(text) {
		return at, true
	}
	return at + 1, text[at] == '\n'
}

// closingQuote returns the place of the quote that closes the cell whose
// content starts at text[at], or -1. It looks no further than maxFrameLines.
func closingQuote(text []byte, at int) int {
	lines := 0
	for at < len(text) {
		i := bytes.IndexByte(text[at:], '"')
		if i < 0 {
			return -1
		}
		if lines += bytes.Count(text[at:at+i], []byte{'\n'}); lines >= maxFrameLines {
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
func (f *Framer) swallowed(cell []byte) bool {
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

// rarelyQuoted reports whether text with this delimiter often is not quoted at all.
func (f *Framer) rarelyQuoted() bool { return f.delimiter == '\t' || f.delimiter == '|' }

// torn reports whether a record of one line lacks a column that is read, and has all of them if its quotes are none.
func (f *Framer) torn(record Frame) bool {
	return f.rarelyQuoted() && record.Lines == 1 && record.Fields < f.fields && !f.extras &&
		bytes.Count(record.Text, []byte{f.delimiter}) == f.fields-1 &&
		slices.Contains(f.used[min(record.Fields, len(f.used)):], true)
}

// unquoted reports whether a record of several lines is several rows of text that
// is separated by tabs or | and not quoted: each line has the header's cells, and an ID.
func (f *Framer) unquoted(record []byte) bool {
	if !f.rarelyQuoted() || f.fields < 2 {
		return false
	}
	for line := range bytes.SplitSeq(record, []byte{'\n'}) {
		cells := bytes.Split(trimCR(line), []byte{f.delimiter})
		if len(cells) != f.fields || !slices.ContainsFunc(f.idColumns, func(i int) bool {
			return bytes.ContainsAny(cells[i], "0123456789") && IsID(string(bytes.TrimSpace(cells[i])))
		}) {
			return false
		}
	}
	return true
}

// holdsID reports whether an ID column holds what can hardly be anything else;
// telephone numbers are shorter.
func (f *Framer) holdsID(cells [][]byte) bool {
	for _, i := range f.idColumns {
		if i >= len(cells) {
			continue
		}
		id := bytes.Trim(cells[i], " \t\r\"'")
		if len(id) >= 16 && IsID(string(id)) && bytes.ContainsAny(id, "0123456789") {
			return true
		}
	}
	return false
}

// IsID reports whether s has nothing but the characters of an ID, letters, digits, - and _, and at least one.
func IsID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c-'0' > 9 && c|0x20-'a' > 25 && c != '-' && c != '_' {
			return false
		}
	}
	return s != ""
}

// Cells splits a record as it is framed last.
func (f *Framer) Cells(frame Frame) []string {
	var cells []string
	for at := 0; at <= len(frame.Text); {
		cell := nextCell(frame.Text, at, f.delimiter)
		cells = append(cells, cell.content(frame.Text))
		at = cell.end + 1
	}
	return cells
}

// content returns a cell's text.
func (c quotedCell) content(text []byte) string {
	content := text[c.from:c.to]
	if c.quoted && bytes.IndexByte(content, '"') >= 0 {
		content = bytes.ReplaceAll(content, []byte(`""`), []byte{'"'})
	}
	if c.quoted && bytes.IndexByte(content, '\r') >= 0 { // as encoding/csv has line ends
		content = bytes.ReplaceAll(content, []byte("\r\n"), []byte{'\n'})
	}
	return string(content)
}
