package billing

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

const maxTransactionID = 128 // bytes

// lineReader turns one row into a line. What can't be read is noted, and reading
// goes on, so that every mistake of a row is told.
type lineReader struct {
	*statementReader
	row    row
	label  int // column of the label that says the kind, -1 if none does
	stated bool
	failed bool
}

// read makes the line. It means nothing if failed is set.
func (l *lineReader) read() StatementLine {
	s := StatementLine{Line: l.row.line}
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
	l.when(&s)
	if !l.failed {
		l.check(&s)
	}
	return s
}

// cell returns a field's cell, and whether there is something in it.
func (l *lineReader) cell(field string) (cell, bool) {
	i, ok := l.header.fields[field]
	if !ok || i >= len(l.row.cells) || i == l.label {
		return cell{}, false
	}
	c := l.row.cells[i]
	if c.broken != "" {
		l.wrong(field, "", "%s", c.broken)
		return cell{}, false
	}
	if !c.number {
		c.text = strings.TrimFunc(decodeCell(c.text), unseen)
	}
	return c, c.text != ""
}

// text returns a field's text, as the program that shows it would.
func (l *lineReader) text(field string) string {
	c, _ := l.cell(field)
	if c.number {
		if n, err := parseBinary(c.text); err == nil {
			return n.String()
		}
	}
	return c.text
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
	l.mistakes.add(&StatementError{File: l.path, Sheet: l.sheet, Line: l.row.line, Column: column, Problem: fmt.Sprintf(format, args...), Hint: hint})
}

const kindHint = "say what such lines are in the configuration under [statement] kinds"

// kind finds what the line is about: by its kind column, or by a label in its
// description or its first cell. Without any it is usage.
func (l *lineReader) kind() LineKind {
	if text := l.text(fieldKind); text != "" {
		kind, err := l.labels.column(text)
		if err != nil {
			l.wrong(fieldKind, kindHint, "%v", err)
		}
		l.stated = true
		return kind
	}
	description, hasDescription := l.header.fields[fieldDescription]
	first := l.firstText()
	if hasDescription && description < len(l.row.cells) && description != first {
		if kind := l.labelled(description); kind != "" {
			return kind
		}
	}
	if first >= 0 {
		if kind := l.labelled(first); kind != "" {
			return kind
		}
	}
	return Usage
}

// firstText is the column of the row's first cell that is not empty, if it is a
// text, and otherwise -1.
func (l *lineReader) firstText() int {
	for i, c := range l.row.cells {
		if c != (cell{}) && strings.TrimFunc(c.text, unseen) != "" {
			if c.number {
				return -1
			}
			return i
		}
	}
	return -1
}

// labelled reads the kind that a cell's words say, and "" for a cell with others.
// Words that only begin like a label are a mistake on a line that nothing else
// shows to be a call's.
func (l *lineReader) labelled(column int) LineKind {
	text := decodeCell(l.row.cells[column].text)
	transaction, ok := l.header.fields[fieldTransaction]
	if !ok {
		transaction = -1
	}
	kind, exact := l.labels.of(text)
	if column == transaction {
		kind, exact = l.labels.ofID(text)
	}
	isDescription := false
	if i, ok := l.header.fields[fieldDescription]; ok {
		isDescription = i == column
	}
	hasID := column != transaction && l.identifier(fieldTransaction) != ""
	switch {
	case kind == "" || kind == Usage && !isDescription:
		return ""
	case !exact && (hasID || kind == Usage):
		return ""
	case !exact:
		l.wrong(l.header.name(column), kindHint, "%s: is it a line of %s, or the name of something that was charged?", quote(strings.TrimFunc(text, unseen)), kind)
	case kind == Total && hasID:
		l.wrong(l.header.name(column), kindHint, "%s on a line with a transaction ID", quote(strings.TrimFunc(text, unseen)))
	}
	l.label, l.stated = column, true
	return kind
}

func (l *lineReader) transaction() string {
	id := l.identifier(fieldTransaction)
	c, _ := l.cell(fieldTransaction)
	switch {
	case id == "":
	case c.number && (len(id) > 15 || strings.ContainsAny(id, ".-")), damagedID(id):
		l.wrong(fieldTransaction, "have the vendor export the column as text, or as CSV that no spreadsheet has saved", "%s: a spreadsheet has made a number of the ID and lost its last digits", quote(id))
	case strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		l.wrong(fieldTransaction, kindHint, "%s: want a transaction ID, which has no blanks", quote(id))
	case len(id) > maxTransactionID:
		l.wrong(fieldTransaction, "", "%s: want at most %d bytes", quote(id), maxTransactionID)
	}
	return id
}

// damagedID recognises a long number in the form 6.8176E+24.
func damagedID(id string) bool {
	number, exponent, ok := strings.Cut(strings.ToUpper(id), "E+")
	return ok && isDigits(exponent) && isDigits(strings.Replace(number, ".", "", 1))
}

func (l *lineReader) endpoint() string {
	text := l.identifier(fieldEndpoint)
	if text == "" || l.options.Endpoints == nil {
		return text
	}
	name, ok := l.options.Endpoints[strings.ToLower(text)]
	if !ok {
		l.wrong(fieldEndpoint, "say which endpoint it is in the configuration under [statement.endpoints]", "%s: there is no such endpoint", quote(text))
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
			l.wrong(fieldRegion, "", "%s: want a country, such as SG", quote(text))
			return ""
		}
		if len(l.regions) < 4096 {
			l.regions[strings.Clone(text)] = region // the cell keeps its whole row in memory
		}
	}
	return region
}

// figure reads a number cell or a number's text. given is false for an empty cell.
func (l *lineReader) figure(field string) (f figure, given bool) {
	c, given := l.cell(field)
	if !given {
		return figure{}, false
	}
	var err error
	if c.number {
		f.value, err = parseBinary(c.text)
	} else {
		f, err = l.numbers.parseFigure(c.text)
	}
	if err != nil {
		l.wrong(field, "decimal and thousands in the configuration under [statement] say how numbers are written", "%s: %v; want a number such as %s", quote(c.text), err, l.numbers.example())
	}
	return f, true
}

// quantity of a line: one call where a line for a call, or a file without the
// column, gives none.
func (l *lineReader) quantity(s *StatementLine) int64 {
	f, given := l.figure(fieldQuantity)
	switch {
	case !given && s.Kind != Usage:
		return 0
	case !given && l.header.has(fieldQuantity) && s.TransactionID == "":
		if !l.failed {
			l.wrong(fieldQuantity, "", "is empty on a line without a transaction ID: how many calls is it for?")
		}
		return 0
	case !given:
		return 1
	case len(f.symbols) > 0 || !f.value.IsInteger() || f.value.Abs().GreaterThan(decimal.NewFromInt(maxQuantity)):
		l.wrong(fieldQuantity, "", "%s: want a whole number of at most %d", quote(l.text(fieldQuantity)), int64(maxQuantity))
		return 0
	}
	return f.value.IntPart()
}

// money reads the unit price, the amount and their currency.
func (l *lineReader) money(s *StatementLine) {
	before := l.failed
	l.failed = false
	unit, hasUnit := l.figure(fieldUnit)
	amount, hasAmount := l.figure(fieldAmount)
	if hasUnit {
		s.Unit = decimal.NewNullDecimal(unit.value)
	}
	s.Amount = amount.value
	if !hasAmount && !l.failed {
		l.computeAmount(s)
	}
	currency, err := settleCurrency(l.text(fieldCurrency), append(unit.symbols, amount.symbols...), l.options.Currency)
	switch {
	case err != nil && !l.failed && l.header.has(fieldCurrency):
		l.wrong(fieldCurrency, "", "%v", err)
	case err != nil && !l.failed:
		l.wrong(fieldAmount, "", "%v", err)
	}
	s.Currency = strings.Clone(currency)
	l.used.currency = l.used.currency || s.Currency == l.options.Currency && l.text(fieldCurrency) == ""
	l.failed = l.failed || before
}

// computeAmount stands in for an amount that is not given. A number that is not
// there is not zero.
func (l *lineReader) computeAmount(s *StatementLine) {
	switch {
	case !l.options.ComputeAmount:
		l.wrong(fieldAmount, "where a line gives quantity and unit price only, set compute_amount in the configuration under [statement]", "is empty")
	case !s.Unit.Valid:
		l.wrong(fieldAmount, "", "is empty, and there is no unit price to compute it with")
	default:
		s.Amount = s.Unit.Decimal.Mul(decimal.NewFromInt(s.Quantity))
	}
}

// when finds the line's time and its billing month.
func (l *lineReader) when(s *StatementLine) {
	own := Period{}
	if c, given := l.cell(fieldTime); given {
		at, day, err := l.clock.time(c)
		if err != nil {
			l.wrong(fieldTime, "time_layout in the configuration under [statement] says how times are written", "%s: %v", quote(l.text(fieldTime)), err)
			return
		}
		s.ChargedAt, s.DateOnly = at, day.known
		if own = day.period; !day.known {
			own = dayAt(at, l.options.BillingZone).period
		}
	}
	if c, given := l.cell(fieldMonth); given {
		var err error
		if own, err = l.clock.month(c); err != nil {
			l.wrong(fieldMonth, "month_layout in the configuration under [statement] says how months are written", "%s: %v", quote(l.text(fieldMonth)), err)
			return
		}
	}
	s.Month = l.month(own, s.Kind)
}

// month is a line's own month; or the caller's; or, of a line that sums up or
// taxes the others, theirs.
func (l *lineReader) month(own Period, kind LineKind) Period {
	switch {
	case own != Period{}:
		if kind == Usage && !l.failed {
			l.several = l.several || l.last != Period{} && l.last != own
			l.last = own
		}
		return own
	case l.options.Month != Period{}:
		l.used.month = true
		return l.options.Month
	case kind != Usage && l.last != Period{} && !l.several:
		return l.last
	case kind == Total:
		return Period{}
	}
	if !l.failed {
		l.wrong(l.whenField(), "give the month: --month 2026-11", "no time and no month")
	}
	return Period{}
}

func (l *lineReader) whenField() string {
	if l.header.has(fieldMonth) && !l.header.has(fieldTime) {
		return fieldMonth
	}
	return fieldTime
}

// check looks at a line whose cells could all be read.
func (l *lineReader) check(s *StatementLine) {
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
			l.wrong(fieldAmount, `say how credits are written in the configuration under [statement]: credits = "positive", or "signed" if this one takes a credit back`, "a credit without a minus")
		}
	}
	if s.Endpoint == "" && l.options.Endpoint != "" && (s.Month != Period{}) {
		s.Endpoint, l.used.endpoint = l.options.Endpoint, true
	}
}

var describing = []string{fieldTransaction, fieldTime, fieldMonth, fieldEndpoint, fieldRegion, fieldPricing, fieldKind, fieldDescription}

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
