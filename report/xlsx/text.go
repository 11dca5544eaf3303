package xlsx

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxText holds the most characters (UTF-16 units) a cell holds.
const MaxText = 32767

// Untrusted returns a cell of text that came from a list, from the vendor or from a file name. It is a text cell whatever
// it begins with, and what would not show, or would change what shows beside it, is made visible: control characters as
// their pictures, marks of writing direction and characters of private use by their code. What does not fit into a cell
// is cut with a note of how long it was.
func Untrusted(text string) Cell {
	return Cell{Kind: Text, Text: Visible(text), Style: Style{Format: Literal}}
}

// Visible makes a text of others visible: what would not show, or would change what shows beside it, is written out.
func Visible(text string) string {
	if plain(text) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, "‹%02X›", text[i])
		case r < 0x20:
			b.WriteRune(0x2400 + r)
		case r == 0x7f:
			b.WriteRune(0x2421)
		case unseen(r):
			fmt.Fprintf(&b, "‹U+%04X›", r)
		default:
			b.WriteRune(r)
		}
	}
	return fit(b.String())
}

// unseen characters do not show, or change how others do: controls beyond ASCII, marks of writing direction and of
// format, separators of lines, characters of private use and none at all.
func unseen(r rune) bool {
	return r < 0xa0 && r >= 0x80 || unicode.Is(unicode.Cf, r) && r != 0x200d || unicode.Is(unicode.Co, r) ||
		r == 0x2028 || r == 0x2029 || r&0xfffe == 0xfffe
}

// plain reports whether a text is short printable ASCII, as nearly all IDs and codes are.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return false
		}
	}
	return len(text) <= MaxText
}

// fit cuts a text to what a cell holds, and says so.
func fit(text string) string {
	if len(text) <= MaxText {
		return text // never more units than bytes
	}
	units := 0
	for _, r := range text {
		units += utf16.RuneLen(r)
	}
	if units <= MaxText {
		return text
	}
	note := fmt.Sprintf(" ‹cut: %d characters in all›", utf8.RuneCountInString(text))
	room := MaxText - len(utf16.Encode([]rune(note)))
	for i, r := range text {
		if room -= utf16.RuneLen(r); room < 0 {
			return text[:i] + note
		}
	}
	return text
}

// escape writes text as XML character data that a spreadsheet reads back as it is.
func escape(text string) string { return string(appendEscaped(nil, text)) }

// appendEscaped appends text as escape writes it.
func appendEscaped(line []byte, text string) []byte {
	text = literally(text)
	start := 0
	for i := range len(text) {
		var escape string
		switch text[i] {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '"':
			escape = "&quot;"
		default:
			continue
		}
		line = append(append(line, text[start:i]...), escape...)
		start = i + 1
	}
	return append(line, text[start:]...)
}

// underscoreEscape sets how Excel writes an underscore that must not begin the escape of a character.
const underscoreEscape = "_x005F_"

// markedUnderscore replaces underscoreEscape in what is given to the library: its table of strings takes two texts
// for one when the second is the escape of the first. The finisher puts the escape in. No text from outside holds this
// character of private use.
const markedUnderscore = "\uE05F"

// literally keeps a text that looks like Excel's own escape of a character, _x0041_, from being read back as that
// character: its first underscore is escaped.
func literally(text string) string { return escapeUnderscores(text, underscoreEscape) }

func escapeUnderscores(text, as string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		if r == '_' && isEscape(text[i:]) {
			b.WriteString(as)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isEscape(text string) bool {
	if len(text) < 7 || text[1] != 'x' || text[6] != '_' {
		return false
	}
	for _, c := range []byte(text[2:6]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}
