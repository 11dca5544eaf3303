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
// tab or a carriage return for a formula and might carry it out. Such a text gets an apostrophe before it.
func Harmless(text string) string {
	if text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		return "'" + text
	}
	return text
}
