package list

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"liverecon/batch/table"
)

// maxAbove bounds how many lines that hold something may stand above a list's header: its title, a company's name,
// dashes.
const maxAbove = 20

// headerSearch looks for the header of a list below other lines.
type headerSearch struct {
	path      string
	frames    *table.Framer
	text      *listText
	aliases   listAliases
	idPattern *regexp.Regexp // nil matches nothing
	delimiter byte           // 0: any
	maybe     []idAbove      // what may be IDs above the header, as the rows below it will show
	header    int            // its line
}

// idAbove represents what may be an ID above the header.
type idAbove struct {
	line int
	id   string
}

// skip moves to the header's line, the first with a column of IDs, and says what stands above it, "" for nothing. Where
// no line has one it stays on the first. An ID above the header refuses the list: it would not be asked.
func (h *headerSearch) skip() (said string, err error) {
	var header table.Row
	var above []table.Row
	for _, d := range listDelimiters {
		if h.delimiter != 0 && d.char != h.delimiter {
			continue
		}
		found, rows, err := findListHeader(h.frames.Ahead(d.char), h.aliases)
		if err != nil {
			return "", err
		}
		if len(found.Cells) > 0 && (header.Line == 0 || found.Line < header.Line) {
			header, above = found, rows
		}
		if header.Line == h.frames.Line() {
			return "", nil
		}
	}
	if len(above) == 0 {
		return "", nil
	}
	h.header = header.Line
	if line := h.idAbove(above); line > 0 {
		return "", h.refusal(line)
	}
	lines, err := h.moveTo(header.Line)
	said = strings.Join(lines, ", ")
	return fmt.Sprintf("its header is on line %d; above it, and no rows: %s", header.Line, said), err
}

// refusal refuses a list with an ID above its header.
func (h *headerSearch) refusal(line int) error {
	return &Error{File: h.path, Line: line, Problem: fmt.Sprintf("an ID stands above the header, line %d", h.header),
		Hint: "nothing of the list was taken; a list starts with its header: was it sorted?"}
}

// check refuses a list if what stands above its header has a form that is one of IDs by the rows below.
func (h *headerSearch) check(forms *listForms) error {
	for _, above := range h.maybe {
		if forms.takes(above.id) {
			return h.refusal(above.line)
		}
	}
	return nil
}

// findListHeader finds the first row with a column of IDs, and what stands above it.
func findListHeader(in table.Rows, aliases listAliases) (header table.Row, above []table.Row, err error) {
	return table.FindHeader(in, maxAbove+1, func(row table.Row) (fits int, certain bool) {
		certain = len(idColumns(cellNames(row), aliases)) > 0
		if certain {
			fits = 1
		}
		return fits, certain
	})
}

// idAbove returns the line of an ID, 0 for none.
func (h *headerSearch) idAbove(above []table.Row) (line int) {
	var forms listForms
	for _, row := range above {
		for _, name := range cellNames(row) {
			switch {
			case !table.IsID(name) || len(name) > listMaxIDLength:
			case vendorForm(name) && strings.ContainsAny(name, "0123456789"),
				h.idPattern != nil && h.idPattern.MatchString(name):
				return row.Line
			default:
				if release, held := forms.admit(Row{ID: name}); len(release) > 0 && !held {
					return row.Line
				}
				h.maybe = append(h.maybe, idAbove{row.Line, name})
			}
		}
	}
	return 0
}

// moveTo moves to a line, and returns the first of those above it that hold something, as they are shown.
func (h *headerSearch) moveTo(header int) (shown []string, err error) {
	const most = 3
	lines := 0
	for h.frames.Line() < header {
		line, err := h.frames.FirstLine()
		if err != nil {
			return nil, err
		}
		if bytes.IndexByte(line.Text, 0) >= 0 {
			return nil, noText(h.path, h.frames.Line())
		}
		text := strings.Trim(h.text.shown(string(line.Text)), `,;|"`+" \t\r")
		if text != "" {
			if lines++; lines <= most {
				shown = append(shown, strconv.Quote(cutListValue(text, mayBeID(text))))
			}
		}
		if err := h.frames.Skip(line); err != nil {
			return nil, err
		}
	}
	if lines > most {
		shown = append(shown, fmt.Sprintf("and %d more", lines-most))
	}
	return shown, nil
}

func noText(path string, line int) error {
	return &Error{File: path, Line: line, Problem: "no readable text",
		Hint: "expected CSV as UTF-8, UTF-16 or Windows-1252"}
}

// cellNames returns a row's cells as names of columns.
func cellNames(row table.Row) []string {
	names := make([]string, len(row.Cells))
	for i, c := range row.Cells {
		names[i], _ = unwrapListID(table.DecodeCell(c.Text))
	}
	return names
}

// idColumns returns which names are of columns of IDs.
func idColumns(names []string, aliases listAliases) (ids []int) {
	for i, field := range aliases.fields(names) {
		if field == listLivenessID || field == listSignatureID {
			ids = append(ids, i)
		}
	}
	return slices.Clip(ids)
}
