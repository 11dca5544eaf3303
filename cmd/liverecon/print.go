package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	pretty "github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"liverecon/cmd/liverecon/asjson"
	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/hint"
)

// stream represents standard output or standard error. All that is printed on it is cleaned.
type stream struct {
	raw    *os.File
	config *string // that was given, for commands in what is printed; nil or empty: none
	failed *error  // the first write that failed; nil: nobody asks

	answered *bool // set where a JSON value was printed; nil: nobody asks
}

// noting represents a stream's file that keeps why something could not be written.
type noting struct {
	file   io.Writer
	failed *error // the first write that failed; nil: nobody asks
}

func (n noting) Write(text []byte) (int, error) {
	written, err := n.file.Write(text)
	if err != nil && n.failed != nil && *n.failed == nil {
		*n.failed = fmt.Errorf("the result could not be written to standard output: %w", err)
	}
	return written, err
}

// printf prints as fprintf does.
func (s stream) printf(format string, args ...any) {
	fprintf(typedTo(noting{s.raw, s.failed}, s.config), format, args...)
}

// typedTo makes the commands in what is printed fit to be typed where a configuration was given.
func typedTo(to io.Writer, config *string) io.Writer {
	if config == nil || *config == "" {
		return to
	}
	return typedWriter{to, *config}
}

// typedWriter gives commands the configuration that this one was given. Each write is a whole text.
type typedWriter struct {
	to     io.Writer
	config string
}

func (w typedWriter) Write(text []byte) (int, error) {
	_, err := io.WriteString(w.to, hint.Typed(string(text), w.config))
	return len(text), err
}

// json prints one JSON value.
func (s stream) json(v any) {
	out, err := asjson.Marshal(v)
	if err != nil {
		panic(err) // only plain structs of this package are printed
	}
	if s.answered != nil {
		*s.answered = true
	}
	fprintf(noting{s.raw, s.failed}, "%s\n", lines(out))
}

// grid represents a table for a terminal: columns set apart by blanks, so that it can also be cut with awk.
type grid struct{ pretty.Writer }

// newTable makes a table with the given heads; one that begins with > is set to the right.
func newTable(heads ...string) grid {
	w := pretty.NewWriter()
	style := pretty.StyleDefault
	style.Options = pretty.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	w.SetStyle(style)
	w.SuppressTrailingSpaces()
	var row pretty.Row
	var columns []pretty.ColumnConfig
	for i, head := range heads {
		align := text.AlignLeft
		if strings.HasPrefix(head, ">") {
			align = text.AlignRight
		}
		row = append(row, strings.TrimPrefix(head, ">"))
		columns = append(columns, pretty.ColumnConfig{Number: i + 1, Align: align, AlignHeader: align})
	}
	w.AppendHeader(row)
	w.SetColumnConfigs(columns)
	return grid{w}
}

func (g grid) row(cells ...string) {
	row := make(pretty.Row, len(cells))
	for i, c := range cells {
		row[i] = clean.Text(c)
	}
	g.AppendRow(row)
}

// table prints a table and an empty line.
func (s stream) table(g grid) { s.printf("%s\n\n", lines(g.Render())) }

// width returns how many columns a terminal has; 0 for what is none: lines are as long as they are, for grep.
func (s stream) width() int {
	columns, _, err := term.GetSize(int(s.raw.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// A page of the manual is set to the terminal's width, but no wider than one reads well; elsewhere as man does it.
const widestPage, usualPageWidth = 100, 80

func (s stream) pageWidth() int {
	if columns := s.width(); columns > 0 {
		return min(columns, widestPage)
	}
	return usualPageWidth
}

// leastText sets how narrow a text behind its lead may get before it is no longer wrapped.
const leastText = 20

// wrap prints a text behind a lead; on a terminal its further lines begin below the first.
func (s stream) wrap(lead, body string) {
	body = clean.Text(body)
	columns := s.width() - len(lead)
	if columns < leastText {
		s.printf("%s%s\n", lead, body)
		return
	}
	for line := range strings.SplitSeq(text.WrapSoft(body, columns), "\n") {
		s.printf("%s%s\n", lead, strings.TrimRight(line, " "))
		lead = strings.Repeat(" ", len(lead))
	}
}

// sentencef prints a sentence, broken where the terminal ends.
func (s stream) sentencef(format string, args ...any) { s.wrap("", fmt.Sprintf(format, args...)) }
