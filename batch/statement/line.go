package statement

import (
	"fmt"
	"slices"
	"strings"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// lineReader turns one row into a line. What can't be read is noted, and reading
// goes on, so that every mistake of a row is told.
type lineReader struct {
	*statementReader
	row       table.Row
	label     int // column of the label that says the kind, -1 if none does
	stated    bool
	failed    bool
	single    bool   // the line gives no quantity, and counts as one call
	claim     bool   // a word says that it is a total: it must be the sum of lines above
	uncounted bool   // a line for several calls gives no quantity
	assumed   *Error // what is wrong with a line that may be of a second table, if it is not
	part      bool   // it is the sum of some lines above, and no line of the statement
	ties      bool   // of the last line of a text: quantity times unit price is the amount
}

// product reads what was charged for.
func (l *lineReader) product(s *Line) {
	text := l.identifier(fieldProduct)
	if text == "" {
		return
	}
	s.Product = strings.Clone(text)
	s.Other = !slices.ContainsFunc(l.options.Products, func(ours string) bool {
		return foldLabel(ours) == foldLabel(text)
	})
}

// read makes the line. It means nothing if failed is set.
func (l *lineReader) read() Line {
	s := Line{Number: l.row.Line}
	s.Kind = l.kind()
	s.TransactionID = transactionID(l)
	s.Endpoint = l.endpoint()
	s.Region = l.region()
	if s.Pricing = l.text(fieldPricing); strings.Contains(s.Pricing, "\n") {
		l.wrong(fieldPricing, "", "%s: a line end within the tag", billing.Quote(s.Pricing))
	}
	l.product(&s)
	l.numbersOf(&s)
	if !l.failed && !l.stated && (s.Amount.IsNegative() || s.Quantity < 0) {
		s.Kind = Credit
	}
	l.takeBack(&s)
	if !l.failed {
		judge(l, &s)
	}
	l.when(&s)
	if !l.failed {
		l.check(&s)
	}
	return s
}

// takeBack turns the quantity of a credit round: calls that it names are taken back
// with the money, however the vendor writes that.
func (l *lineReader) takeBack(s *Line) {
	switch {
	case s.Kind != Credit:
	case l.single:
		s.Quantity = 0
	case s.Amount.IsNegative() || l.options.Credits == creditsPositive:
		s.Quantity = min(s.Quantity, -s.Quantity)
	}
}

// cell returns a field's cell, and whether there is something in it.
func (l *lineReader) cell(field string) (table.Cell, bool) {
	i, ok := l.header.fields[field]
	if !ok || i >= len(l.row.Cells) || i == l.label {
		return table.Cell{}, false
	}
	c := l.row.Cells[i]
	if c.Broken != "" {
		l.wrong(field, "", "%s", c.Broken)
		return table.Cell{}, false
	}
	if !c.Number {
		c.Text = strings.TrimFunc(table.DecodeCell(c.Text), unseen)
	}
	return c, c.Text != ""
}

// text returns a field's text, as the program that shows it would.
func (l *lineReader) text(field string) string {
	c, _ := l.cell(field)
	if c.Number {
		if n, err := parseBinary(c.Text); err == nil {
			return n.String()
		}
	}
	return c.Text
}

// identifier is text for which exports write a placeholder when there is none.
func (l *lineReader) identifier(field string) string {
	text := unwrap(l.text(field))
	switch strings.ToLower(text) {
	case "-", "--", "–", "na", "n/a", "null", "none":
		return ""
	}
	return text
}

// unwrap takes off what keeps a text from being taken for a number: ="..." around it.
func unwrap(text string) string {
	if inner, ok := strings.CutPrefix(text, `="`); ok {
		return strings.TrimSuffix(inner, `"`)
	}
	return text
}

func (l *lineReader) wrong(field, hint, format string, args ...any) {
	l.failed = true
	l.mistakes.add(l.error(field, hint, format, args...))
}

func (l *lineReader) error(field, hint, format string, args ...any) *Error {
	column := field
	if i, ok := l.header.fields[field]; ok {
		column = l.header.names[i]
	}
	return &Error{File: l.path, Sheet: l.sheet, Line: l.row.Line, Column: column,
		Problem: fmt.Sprintf(format, args...), Hint: hint}
}

// rawText is the text of a cell as it is shown.
func (l *lineReader) rawText(column int) string {
	return strings.TrimFunc(table.DecodeCell(l.row.Cells[column].Text), unseen)
}

func (l *lineReader) endpoint() string {
	text := l.identifier(fieldEndpoint)
	if text == "" || l.options.Endpoints == nil {
		return text
	}
	name, ok := l.options.Endpoints[strings.ToLower(text)]
	if !ok {
		l.wrong(fieldEndpoint, "say which endpoint it is in the configuration under [statement.endpoints]",
			"%s: there is no such endpoint", billing.Quote(text))
	}
	return name
}

func (l *lineReader) region() string {
	text := l.identifier(fieldRegion)
	if text == "" {
		return ""
	}
	region, known := l.regions[text]
	if !known {
		var ok bool
		if region, ok = l.options.Region(text); !ok {
			l.wrong(fieldRegion, "", "%s: want a country, such as SG", billing.Quote(text))
			return ""
		}
		if len(l.regions) < 4096 {
			l.regions[strings.Clone(text)] = region // the cell keeps its whole row in memory
		}
	}
	return region
}

// check looks at a line whose cells could all be read.
func (l *lineReader) check(s *Line) {
	if s.Kind == Usage && !l.described() && !l.part {
		l.wrong(fieldAmount, kindHint, "nothing beside the amount says what was charged: is it a total?")
	}
	if s.Kind == Usage && s.Quantity < 0 {
		l.wrong(fieldQuantity, kindHint, "%d calls on a line of usage", s.Quantity)
	}
	if s.Kind == Credit && s.Amount.IsPositive() {
		switch l.options.Credits {
		case creditsPositive:
			s.Amount = s.Amount.Neg()
		case "":
			l.wrong(fieldAmount, `say how credits are written in the configuration under [statement]: credits = `+
				`"positive", or "signed" if this one takes a credit back`, "a credit without a minus")
		}
	}
	if s.Endpoint == "" && l.options.Endpoint != "" && (s.Month != billing.Period{}) {
		s.Endpoint, l.used.endpoint = l.options.Endpoint, true
	}
}

var describing = []string{fieldTransaction, fieldTime, fieldMonth, fieldEndpoint, fieldRegion, fieldPricing, fieldKind,
	fieldDescription}

// described says whether a line has any of the cells that say what it is for, in a
// file that has columns for them.
func (l *lineReader) described() bool {
	possible := false
	for _, field := range describing {
		possible = possible || l.header.has(field)
		if _, given := l.cell(field); given {
			return true
		}
	}
	return !possible
}
