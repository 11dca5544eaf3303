package statement

import (
	"fmt"
	"strings"
	"unicode"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

const maxTransactionID = 128 // bytes

// lineReader turns one row into a line. What can't be read is noted, and reading
// goes on, so that every mistake of a row is told.
type lineReader struct {
	*statementReader
	row    table.Row
	label  int // column of the label that says the kind, -1 if none does
	stated bool
	failed bool
	single bool // the line gives no quantity, and counts as one call
}

// read makes the line. It means nothing if failed is set.
func (l *lineReader) read() Line {
	s := Line{Number: l.row.Line}
	s.Kind = l.kind()
	s.TransactionID = l.transaction()
	s.Endpoint = l.endpoint()
	s.Region = l.region()
	s.Pricing = l.text(fieldPricing)
	s.Quantity = l.quantity(&s)
	l.money(&s)
	if !l.failed && !l.stated && (s.Amount.IsNegative() || s.Quantity < 0) {
		s.Kind = Credit
	}
	l.takeBack(&s)
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
	text := l.text(field)
	if inner, ok := strings.CutPrefix(text, `="`); ok { // kept from being taken for a number
		text = strings.TrimSuffix(inner, `"`)
	}
	switch strings.ToLower(text) {
	case "-", "--", "–", "na", "n/a", "null", "none":
		return ""
	}
	return text
}

func (l *lineReader) wrong(field, hint, format string, args ...any) {
	column := field
	if i, ok := l.header.fields[field]; ok {
		column = l.header.names[i]
	}
	l.failed = true
	l.mistakes.add(&Error{File: l.path, Sheet: l.sheet, Line: l.row.Line, Column: column,
		Problem: fmt.Sprintf(format, args...), Hint: hint})
}

func (l *lineReader) transaction() string {
	id := l.identifier(fieldTransaction)
	c, _ := l.cell(fieldTransaction)
	switch {
	case id == "":
	case c.Number && (len(id) > 15 || strings.ContainsAny(id, ".-")), damagedID(id):
		l.wrong(fieldTransaction, "have the vendor export the column as text, or as CSV that no spreadsheet has saved",
			"%s: a spreadsheet has made a number of the ID and lost its last digits", billing.Quote(id))
	case strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		l.wrong(fieldTransaction, kindHint, "%s: want a transaction ID, which has no blanks", billing.Quote(id))
	case len(id) > maxTransactionID:
		l.wrong(fieldTransaction, "", "%s: want at most %d bytes", billing.Quote(id), maxTransactionID)
	}
	return id
}

// damagedID recognises a long number in the form 6.8176E+24.
func damagedID(id string) bool {
	number, exponent, ok := strings.Cut(strings.ToUpper(id), "E+")
	return ok && billing.IsDigits(exponent) && billing.IsDigits(strings.Replace(number, ".", "", 1))
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
	if s.Kind == Usage && !l.described() {
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
