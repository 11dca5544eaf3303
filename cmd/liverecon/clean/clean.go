// Package clean makes texts of others harmless for terminals and files of lines.
package clean

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text makes visible what would not show, or would change what shows around it: control characters, those that end or
// turn a line, and bytes that are no text. The escapes are JSON's, so that what is cleaned may be JSON already.
func Text(text string) string { return escapeAll(text, Hidden) }

// Lines cleans texts whose tabs and ends of lines are this program's own.
func Lines(text string) string {
	return escapeAll(text, func(r rune) bool { return r != '\n' && r != '\t' && Hidden(r) })
}

// Writer cleans what is written to w as [Lines] does. Each write is whole lines.
func Writer(w io.Writer) io.Writer { return writer{w} }

type writer struct{ to io.Writer }

func (w writer) Write(text []byte) (int, error) {
	if _, err := io.WriteString(w.to, Lines(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Hidden characters are control characters, separators of lines and marks of format, such as those of writing
// direction. The joiners belong to scripts and pictures.
func Hidden(r rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)
}

func escapeAll(text string, hide func(rune) bool) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, hide) < 0 {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case !hide(r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
