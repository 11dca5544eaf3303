package statement

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// maxPreamble bounds how many rows may come before a header and be the header.
const maxPreamble = 100

// header represents a row that names the columns.
type header struct {
	line   int
	names  []string       // as the file has them
	fields map[string]int // field -> column
}

func (h header) has(field string) bool { _, ok := h.fields[field]; return ok }

// aliases turns accepted header names round: folded name -> field. A name that the
// settings give a field is no longer another field's by default.
func (o Options) aliases() (map[string]string, []error) {
	var problems []error
	aliases := map[string]string{}
	defaults := DefaultColumns()
	for _, field := range slices.Sorted(maps.Keys(o.Columns)) {
		if _, ok := defaults[field]; !ok {
			problems = append(problems, fmt.Errorf("columns.%s: there is no such field", field))
		}
		delete(defaults, field)
		for _, name := range o.Columns[field] {
			folded := table.FoldHeader(name)
			switch other, taken := aliases[folded]; {
			case folded == "":
				problems = append(problems, fmt.Errorf("columns.%s: a column's name is empty", field))
			case taken && other != field:
				problems = append(problems, fmt.Errorf("columns.%s: %s stands for %s already", field,
					billing.Quote(name), other))
			}
			aliases[folded] = field
		}
	}
	for field, names := range defaults {
		for _, name := range names {
			if _, taken := aliases[table.FoldHeader(name)]; !taken {
				aliases[table.FoldHeader(name)] = field
			}
		}
	}
	return aliases, problems
}

// required returns the fields without whose columns a row is no header.
func (o Options) required() []string {
	required := []string{fieldAmount}
	if _, named := o.Columns[fieldProduct]; len(o.Products) > 0 && !named && !slices.Contains(o.Optional, fieldProduct) {
		required = append(required, fieldProduct)
	}
	for _, field := range slices.Sorted(maps.Keys(o.Columns)) {
		if field != fieldAmount && !slices.Contains(o.Optional, field) {
			required = append(required, field)
		}
	}
	return required
}

// fileTable represents one way of reading a file: with one delimiter, or one of its sheets.
type fileTable struct {
	sheet string
	open  func() (table.Rows, error)
}

// findHeader looks through a table's first rows for the one that names most
// fields. What comes before it, such as the vendor's address, is not looked at.
func findHeader(t fileTable, o Options, aliases map[string]string) (header, error) {
	in, err := t.open()
	if err != nil {
		return header{}, err
	}
	var damaged error
	line := 0
	found, above, err := table.FindHeader(in, maxPreamble, func(r table.Row) (fits int, certain bool) {
		if line = r.Line; r.Damage != "" && damaged == nil {
			damaged = &Error{Sheet: t.sheet, Line: line, Problem: r.Damage}
		}
		if fits = 2 * len(o.parseHeader(r, aliases).fields); fits == 0 && len(r.Cells) > 1 {
			fits = 1 // what to name in the refusal
		}
		return fits, false
	})
	if err != nil {
		return header{}, &Error{Sheet: t.sheet, Line: line, Problem: err.Error()}
	}
	if len(found.Cells) == 0 && damaged != nil {
		return header{}, damaged
	}
	h := o.parseHeader(found, aliases)
	if line := h.lineAbove(above); line > 0 {
		return h, &Error{Sheet: t.sheet, Line: line,
			Problem: fmt.Sprintf("what stands above the header, row %d, has the cells of a line", h.line),
			Hint:    "was the file sorted together with its header? Put the header above the lines"}
	}
	return h, nil
}

// lineAbove returns the first row above the header that is a line by its cells: a number in the column of amounts, and
// something in two more, or in all that the header has. 0 is none.
func (h header) lineAbove(above []table.Row) int {
	const others = 2
	for _, row := range above {
		filled := 0
		for field, i := range h.fields {
			if i < len(row.Cells) && strings.TrimFunc(row.Cells[i].Text, unseen) != "" && field != fieldAmount {
				filled++
			}
		}
		if i := h.fields[fieldAmount]; h.has(fieldAmount) && i < len(row.Cells) && isNumeric(row.Cells[i]) &&
			filled >= min(others, len(h.fields)-1) {
			return row.Line
		}
	}
	return 0
}

// isNumeric reports whether a cell has nothing but a number, however it is written.
func isNumeric(c table.Cell) bool {
	text := strings.TrimFunc(c.Text, unseen)
	return c.Number || strings.ContainsAny(text, "0123456789") && strings.Trim(text, "0123456789.,'+-() \u00a0\u202f") == ""
}

func (o Options) parseHeader(r table.Row, aliases map[string]string) header {
	h := header{line: r.Line, fields: map[string]int{}}
	for i, c := range r.Cells {
		name := table.DecodeCell(c.Text)
		h.names = append(h.names, strings.TrimFunc(name, unseen))
		if field, ok := aliases[table.FoldHeader(name)]; ok && !h.has(field) {
			h.fields[field] = i
		}
	}
	o.adapt(&h)
	return h
}

// adapt leaves out the columns that only some statements are read with: that of products where the settings name none,
// and that of credits where amounts are not of debits.
func (o Options) adapt(h *header) {
	if len(o.Products) == 0 {
		delete(h.fields, fieldProduct)
	}
	credit, hasCredit := h.fields[fieldCredit]
	if _, set := o.Columns[fieldCredit]; !hasCredit || set {
		return
	}
	isDebit := func(name string) bool {
		return slices.ContainsFunc(debitNames, func(debit string) bool {
			return table.FoldHeader(debit) == table.FoldHeader(name)
		})
	}
	_, set := o.Columns[fieldAmount]
	if i := slices.IndexFunc(h.names, isDebit); i >= 0 && !h.has(fieldAmount) && !set && i != credit {
		h.fields[fieldAmount] = i
	}
	if i, ok := h.fields[fieldAmount]; !ok || !isDebit(h.names[i]) {
		delete(h.fields, fieldCredit)
	}
}

// check refuses a header that lacks a field, or has one twice.
func (h header) check(sheet string, o Options, aliases map[string]string) error {
	var missing []string
	for _, field := range o.required() {
		if !h.has(field) {
			missing = append(missing, field+" ("+strings.Join(namesOf(field, o), ", ")+")")
		}
	}
	if len(missing) > 0 {
		problem := "no header: no row names a column for " + strings.Join(missing, " and ")
		if len(h.names) > 0 {
			problem += fmt.Sprintf("; row %d has %s", h.line, h.summary())
		}
		return &Error{Sheet: sheet, Line: h.line, Problem: problem, Hint: "name the columns as the file has them " +
			"in the configuration under [statement] columns; what a file may lack stands in `optional`"}
	}
	for i, name := range h.names {
		if field, known := aliases[table.FoldHeader(name)]; known && h.has(field) && h.fields[field] != i {
			return &Error{Sheet: sheet, Line: h.line, Column: name,
				Problem: fmt.Sprintf("stands for %s, as column %s does", field,
					billing.Quote(h.names[h.fields[field]])),
				Hint: "name the right one in the configuration under [statement] columns"}
		}
	}
	return nil
}

func namesOf(field string, o Options) []string {
	if names, ok := o.Columns[field]; ok {
		return names
	}
	return DefaultColumns()[field]
}

func (h header) summary() string {
	const most = 12
	shown := make([]string, 0, most+1)
	for i, name := range h.names {
		if i == most {
			shown = append(shown, fmt.Sprintf("and %d more", len(h.names)-i))
			break
		}
		shown = append(shown, billing.Quote(name))
	}
	return strings.Join(shown, ", ")
}

// skipTo returns the rows below the header.
func (t fileTable) skipTo(h header) (table.Rows, error) {
	in, err := t.open()
	for err == nil {
		var r table.Row
		if r, err = in.Next(); err == nil && r.Line == h.line {
			in.Below(h.shape())
			return in, nil
		}
	}
	return nil, err
}

// shape returns what the header tells of the rows below it. A stray quote matters wherever it stands: any cell may say
// what a line is.
func (h header) shape() table.Shape {
	s := table.Shape{Fields: len(h.names), Used: make([]bool, len(h.names))}
	for i := range s.Used {
		s.Used[i] = true
	}
	if i, ok := h.fields[fieldTransaction]; ok {
		s.IDs = []int{i}
	}
	return s
}

// found represents a table with its header.
type found struct {
	fileTable
	header header
}

// chooseTable finds the one table with a statement's columns. Of several
// delimiters the one with most fields is right; of several sheets none is taken,
// since which of them is the bill is not to be guessed.
func chooseTable(tables []fileTable, o Options) (found, error) {
	aliases, problems := o.aliases()
	if len(problems) > 0 {
		return found{}, errors.Join(problems...)
	}
	var candidates []found
	var refused error
	most := -1
	for _, t := range tables {
		h, err := findHeader(t, o, aliases)
		if err == nil {
			err = h.check(t.sheet, o, aliases)
		}
		if err == nil {
			candidates = append(candidates, found{t, h})
		} else if len(h.fields) > most {
			most, refused = len(h.fields), err
		}
	}
	slices.SortStableFunc(candidates, func(a, b found) int { return len(b.header.fields) - len(a.header.fields) })
	switch {
	case len(candidates) == 0:
		return found{}, refused
	case len(candidates) > 1 && candidates[0].sheet != "":
		return found{}, &Error{Problem: fmt.Sprintf("the sheets %s and %s both have the columns of a statement",
			billing.Quote(candidates[0].sheet), billing.Quote(candidates[1].sheet)),
			Hint: "say which in the configuration: [statement] sheet"}
	}
	return candidates[0], nil
}

// field returns whose column it is, "" for one that is read as none.
func (h header) field(column int) string {
	for field, i := range h.fields {
		if i == column {
			return field
		}
	}
	return ""
}

// name returns the field of a column, or the column's own name where it holds no field.
func (h header) name(column int) string {
	if field := h.field(column); field != "" {
		return field
	}
	if column < len(h.names) {
		return h.names[column]
	}
	return ""
}

// whenField returns the field that says when lines were charged.
func (h header) whenField() string {
	if h.has(fieldMonth) && !h.has(fieldTime) {
		return fieldMonth
	}
	return fieldTime
}
