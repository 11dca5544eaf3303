package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// All that this program prints passes say, printJSON or the console's Write, and with that one cleaning: what others
// wrote (the vendor, lists, statements, names of files, reviewers) cannot move a terminal's cursor, hide itself or
// begin a line of its own. A test looks for code that prints past them.

// lines is a text of this program's own that may have several lines. Whatever else say prints stays on its line.
type lines string

// say prints to standard error or output. That nobody can read it there is no reason to stop a paid run, and there is
// nowhere else to say so.
func say(w io.Writer, format string, args ...any) {
	tame := make([]any, len(args))
	for i, arg := range args {
		tame[i] = tamed(arg)
	}
	_, _ = io.WriteString(w, cleanLines(fmt.Sprintf(format, tame...)))
}

// tamed wraps what may be a text of others.
func tamed(arg any) any {
	switch arg := arg.(type) {
	case lines:
		return string(arg)
	case int, int64, float64, bool: // also widths
		return arg
	}
	return oneLine{arg}
}

// oneLine prints a value as it would print itself, but cleaned and on one line.
type oneLine struct{ value any }

// Format implements [fmt.Formatter].
func (o oneLine) Format(f fmt.State, verb rune) {
	_, _ = io.WriteString(f, clean(fmt.Sprintf(fmt.FormatString(f, verb), o.value))) // a fmt.State has no errors
}

// clean makes visible what would not show, or would change what shows around it: control characters, those that end or
// turn a line, and bytes that are no text. The escapes are JSON's, so that what is cleaned may be JSON already.
func clean(text string) string { return escapeAll(text, hidden) }

// cleanLines is clean for texts whose tabs and ends of lines are this program's own.
func cleanLines(text string) string {
	return escapeAll(text, func(r rune) bool { return r != '\n' && r != '\t' && hidden(r) })
}

// hidden characters are control characters, separators of lines and marks of format, such as those of writing
// direction. The joiners belong to scripts and pictures.
func hidden(r rune) bool {
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

// libraries receives what libraries print by themselves, which they do through the standard library's log: net/http
// there shows bytes that a server sent unasked, whatever they are. The first words, before anything is quoted, go into
// our log at level debug while there is one.
type libraries struct {
	mu  sync.Mutex
	log *slog.Logger
}

// tell makes the libraries speak to a log; nil: to nobody.
func (l *libraries) tell(log *slog.Logger) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = log
}

// Write implements [io.Writer].
func (l *libraries) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.log != nil {
		l.log.Log(context.Background(), slog.LevelDebug, "a library speaks", "begins", firstWords(string(text)))
	}
	return len(text), nil
}

// maxFirstWords bounds what is shown of a library's text.
const maxFirstWords = 100

// firstWords is a text up to the first thing in it that somebody else may have written: what is quoted, a number, an
// address, a value.
func firstWords(text string) string {
	if i := strings.IndexAny(text, "\"'`=:/\\%0123456789\n"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSpace(cut(text, maxFirstWords))
}
