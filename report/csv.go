package report

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// writeCSV writes a list as CSV to path, whole or not at all, readable by its owner alone. rows gives its lines; they are
// as many cells wide as heads. also sees every byte that is written: a hash.
func writeCSV(path string, heads []string, rows func(yield func([]string) error) error, also ...io.Writer) error {
	return replaceFile(path, func(out io.Writer) error {
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

func heads(columns []ListColumn) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Head
	}
	return all
}

// Harmless makes a text from outside safe to open as CSV: a spreadsheet program would take one that begins with = + - @, a
// tab or a carriage return for a formula and might carry it out. Such a text gets an apostrophe before it. Control characters
// that do not belong into a text file, at which readers of CSV stop, stand as their pictures, as in a workbook.
func Harmless(text string) string {
	text = pictured(text)
	if text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		return "'" + text
	}
	return text
}

// pictured is a text with pictures in the place of control characters, tabs and ends of lines aside.
func pictured(text string) string {
	control := func(c rune) bool { return (c < 0x20 || c == 0x7f) && !strings.ContainsRune("\t\r\n", c) }
	if strings.IndexFunc(text, control) < 0 {
		return text
	}
	var b strings.Builder
	for i := range len(text) { // byte by byte: what is not UTF-8 stays as it came
		switch c := text[i]; {
		case c == 0x7f:
			b.WriteRune(0x2421)
		case control(rune(c)):
			b.WriteRune(0x2400 + rune(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
