package statement

import (
	"fmt"
	"slices"
	"strings"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// source holds what cells are read by: where they stand, what their columns are called, how numbers are written; and
// what is wrong with them.
type source struct {
	path, sheet string
	header      header
	numbers     numberForm
	clock       *clock
	mistakes    mistakes
}

// rowReader reads the cells of one row, by field. What can't be read is noted, and reading goes on, so that every
// mistake of a row is told.
type rowReader struct {
	from   *source
	row    table.Row
	label  int // column of the label that says the kind, which is no field's; -1 for none
	failed bool
}

// cell returns a field's cell, and whether there is something in it.
func (r *rowReader) cell(field string) (table.Cell, bool) {
	i, ok := r.from.header.fields[field]
	if !ok || i >= len(r.row.Cells) || i == r.label {
		return table.Cell{}, false
	}
	c := r.row.Cells[i]
	if c.Broken != "" {
		r.wrong(field, "", "%s", c.Broken)
		return table.Cell{}, false
	}
	if !c.Number {
		c.Text = strings.TrimFunc(table.DecodeCell(c.Text), unseen)
	}
	if isNothing(c.Text) {
		return table.Cell{}, false
	}
	return c, c.Text != ""
}

// isNothing reports whether a text is what databases and programs write for a value that is not there.
func isNothing(text string) bool {
	switch len(text) {
	case 2:
		return text == `\N`
	case 3:
		return strings.EqualFold(text, "n/a")
	case 4:
		return strings.EqualFold(text, "null") || strings.EqualFold(text, "none")
	}
	return false
}

// text returns a field's text, as the program that shows it would.
func (r *rowReader) text(field string) string {
	c, _ := r.cell(field)
	if c.Number {
		if n, err := parseBinary(c.Text); err == nil {
			return n.String()
		}
	}
	return c.Text
}

// identifier reads a text for which exports write a placeholder when there is none.
func (r *rowReader) identifier(field string) string {
	text := unwrap(r.text(field))
	if isNothing(text) || isPlaceholder(text) {
		return ""
	}
	return text
}

// isPlaceholder reports whether a text is what people write in the place of a name that is not there.
func isPlaceholder(text string) bool {
	switch text {
	case "-", "--", "–", "—":
		return true
	}
	return len(text) == 2 && strings.EqualFold(text, "na")
}

// hasClock reports whether a line gives a time of day, so that it is about one call.
func (r *rowReader) hasClock() bool {
	c, given := r.cell(fieldTime)
	if !given || r.from.clock == nil || strings.Contains(c.Text, ":") && !r.from.clock.midnight {
		return given
	}
	_, day, err := r.from.clock.time(c)
	return err == nil && !day.known
}

// unwrap takes off what keeps a text from being taken for a number: ="..." around it.
func unwrap(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		return strings.TrimSuffix(inner, `"`)
	}
	return text
}

// rawText returns the text of a cell as it is shown.
func (r *rowReader) rawText(column int) string {
	return strings.TrimFunc(table.DecodeCell(r.row.Cells[column].Text), unseen)
}

// firstText returns the column of the row's first cell that is not empty, if it is a
// text, and otherwise -1.
func (r *rowReader) firstText() int {
	for i, c := range r.row.Cells {
		if c != (table.Cell{}) && strings.TrimFunc(c.Text, unseen) != "" {
			if c.Number {
				return -1
			}
			return i
		}
	}
	return -1
}

// tooLong reports whether a row has values beyond the header's names.
func (r *rowReader) tooLong() bool {
	beyond := r.row.Cells[min(len(r.from.header.names), len(r.row.Cells)):]
	return slices.ContainsFunc(beyond, func(c table.Cell) bool {
		return c.Broken != "" || strings.TrimFunc(c.Text, unseen) != ""
	})
}

var describing = []string{fieldTransaction, fieldTime, fieldMonth, fieldEndpoint, fieldRegion, fieldPricing, fieldKind,
	fieldDescription}

// described reports whether a line has any of the cells that say what it is for, in a
// file that has columns for them.
func (r *rowReader) described() bool {
	possible := false
	for _, field := range describing {
		possible = possible || r.from.header.has(field)
		if _, given := r.cell(field); given {
			return true
		}
	}
	return !possible
}

// figure reads a number cell or a number's text. given is false for an empty cell.
func (r *rowReader) figure(field string) (f figure, given bool) {
	c, given := r.cell(field)
	if !given {
		return figure{}, false
	}
	switch {
	case c.Merged && field != fieldUnit:
		r.wrong(field, "give each line its own", "is merged with the cell above: what of it is this line's?")
		return figure{}, true
	case c.Shown.Time:
		r.wrong(field, "a spreadsheet has perhaps made a date of the number: enter it anew, in a number format",
			"a date or a time, which the workbook keeps as %s: want a number", billing.Quote(c.Text))
		return figure{}, true
	}
	var err error
	if c.Number {
		f.value, err = parseBinary(c.Text)
	} else {
		f, err = r.from.numbers.parseFigure(c.Text)
	}
	switch {
	case err != nil && c.Number: // however it is shown
		r.wrong(field, "enter the number that is meant: 0 for what is left of a spreadsheet's own arithmetic", "%s: %v",
			billing.Quote(r.text(field)), err)
	case err != nil:
		r.noNumber(field, err)
	}
	return f, true
}

// price returns a figure that a currency may stand beside, and nothing else.
func (r *rowReader) price(field string) (f figure, given bool) {
	f, given = r.figure(field)
	if c, _ := r.cell(field); c.Number { // a workbook shows a currency that is not in the cell
		for word := range strings.FieldsSeq(strings.ToUpper(c.Shown.Beside)) {
			if len(currenciesOf(word)) > 0 {
				f.symbols = append(f.symbols, word)
			}
		}
	}
	for _, symbol := range f.symbols {
		if len(currenciesOf(symbol)) == 0 {
			r.wrong(field, "", "%s: %s is no currency", billing.Quote(r.text(field)), billing.Quote(symbol))
		}
	}
	return f, given
}

func (r *rowReader) noNumber(field string, err error) {
	r.wrong(field, "decimal and thousands in the configuration under [statement] say how numbers are written",
		"%s: %v; want a number such as %s", billing.Quote(r.text(field)), err, r.from.numbers.example())
}

func (r *rowReader) wrong(field, hint, format string, args ...any) {
	r.failed = true
	r.from.mistakes.add(r.error(field, hint, format, args...))
}

func (r *rowReader) error(field, hint, format string, args ...any) *Error {
	column := field
	if i, ok := r.from.header.fields[field]; ok {
		column = r.from.header.names[i]
	}
	return &Error{File: r.from.path, Sheet: r.from.sheet, Line: r.row.Line, Column: column,
		Problem: fmt.Sprintf(format, args...), Hint: hint}
}
