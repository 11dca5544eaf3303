package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"liverecon/cmd/liverecon/clean"
)

// All that this program prints passes fprintf, a stream or the console's Write, and with that one cleaning: what others
// wrote (the vendor, lists, statements, names of files, reviewers) cannot move a terminal's cursor, hide itself or
// begin a line of its own. A test looks for code that prints past them.

// lines names a text of this program's own that may have several lines. Whatever else is printed stays on its line.
type lines string

// fprintf prints to standard error or output. That nobody can read it there is no reason to stop a paid run, and there
// is nowhere else to say so.
func fprintf(w io.Writer, format string, args ...any) {
	tame := make([]any, len(args))
	for i, arg := range args {
		tame[i] = tamed(arg)
	}
	_, _ = io.WriteString(w, clean.Lines(fmt.Sprintf(format, tame...)))
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
	_, _ = io.WriteString(f, clean.Text(fmt.Sprintf(fmt.FormatString(f, verb), o.value))) // a fmt.State has no errors
}

// libraries receives what libraries print by themselves, which they do through the standard library's log: net/http
// there shows bytes that a server sent unasked, whatever they are. The first words, before anything is quoted, go into
// our log at level debug while there is one.
type libraries struct {
	mu  sync.Mutex
	log *slog.Logger
}

// logTo makes the libraries speak to a log; nil: to nobody.
func (l *libraries) logTo(log *slog.Logger) {
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

// firstWords returns a text up to the first thing in it that somebody else may have written: what is quoted, a number,
// an address, a value.
func firstWords(text string) string {
	if i := strings.IndexAny(text, "\"'`=:/\\%0123456789\n"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSpace(cut(text, maxFirstWords))
}
