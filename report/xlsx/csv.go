package xlsx

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"liverecon/store/disk"
)

// WriteCSV writes a list as CSV to path, whole or not at all, readable by its owner alone. rows gives its lines; they
// are as many cells wide as heads. also sees every byte that is written: a hash.
func WriteCSV(path string, heads []string, rows func(yield func([]string) error) error, also ...io.Writer) error {
	return disk.Replace(path, func(out io.Writer) error {
		buffer := bufio.NewWriterSize(io.MultiWriter(append(also, out)...), 1<<16)
		lines := csv.NewWriter(buffer)
		if err := lines.Write(heads); err != nil {
			return err
		}
		if err := rows(lines.Write); err != nil {
			return err
		}
		lines.Flush()
		return errors.Join(lines.Error(), buffer.Flush())
	})
}

// Heads returns the heads of columns.
func Heads(columns []ListColumn) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Head
	}
	return all
}

// EscapeFormula makes a text from outside safe to open as CSV: a spreadsheet program would take one that begins with = + -
// @, a tab or a carriage return for a formula and might carry it out. Such a text gets an apostrophe before it. Control
// characters that do not belong into a text file, at which readers of CSV stop, stand as their pictures, as in a
// workbook.
func EscapeFormula(text string) string {
	text = pictured(text)
	if text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		return "'" + text
	}
	return text
}

// pictured returns a text with pictures in the place of control characters, tabs and ends of lines aside, and with the
// code of characters that would change how what stands beside them shows.
func pictured(text string) string {
	control := func(c rune) bool { return (c < 0x20 || c == 0x7f) && !strings.ContainsRune("\t\r\n", c) }
	if strings.IndexFunc(text, func(c rune) bool { return control(c) || unseen(c) }) < 0 {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == 0x7f:
			b.WriteRune(0x2421)
		case control(r):
			b.WriteRune(0x2400 + r)
		case unseen(r):
			fmt.Fprintf(&b, "‹U+%04X›", r)
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			b.WriteByte(text[i]) // what is not UTF-8 stays as it came
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
