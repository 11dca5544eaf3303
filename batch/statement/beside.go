package statement

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// maxBeside sets how many lines are looked back at for those that a line may be the sum of.
const maxBeside = 4096

const besideHint = kindHint + ", or take totals out of the file"

// besideLine holds what is kept of a line of usage, to be held against the lines beside it.
type besideLine struct {
	currency string
	amount   decimal.Decimal
	calls    int64
	counted  bool   // it gives its number of calls
	priced   bool   // it gives its unit price
	id       bool   // it has a transaction ID
	name     string // its first text
	cells    [len(identity)]string
}

// openSum represents a line that may be the sum of the lines below it.
type openSum struct {
	line    besideLine
	problem *Error // if it is
	adding
}

// adding adds up lines beside a line.
type adding struct {
	run   run
	first besideLine
	sum   decimal.Decimal
	calls int64
}

func (a *adding) add(b *besideLine) {
	if a.run.lines == 0 {
		a.first = *b
	}
	a.sum, a.calls = a.sum.Add(b.amount), a.calls+b.calls
	a.run.add(&b.cells, b.priced)
}

// verdict returns what a line is beside the lines that were added up, below them or above.
func (a *adding) verdict(line *besideLine, below bool) verdict {
	if a.run.lines == 0 || !a.sum.Equal(line.amount) || line.counted && a.calls != line.calls {
		return ownLine
	}
	as := a.run.compare(&line.cells, line.priced)
	if a.run.lines == 1 {
		again := a.first.cells == line.cells && a.first.name == line.name && a.first.priced == line.priced // billed twice
		if again || a.first.id && !a.first.lacksMoreThanID(line) {
			return ownLine
		}
	}
	switch {
	case as.own, as.more && a.run.lines == 1 && !below:
		return ownLine
	case !as.more && as.lacks && (line.counted || a.run.lines > 1):
		return sumOfSome
	case line.counted:
		return unclear
	}
	return ownLine
}

// lacksMoreThanID reports whether a line beside this one has less of what tells lines apart, the ID left aside.
func (b *besideLine) lacksMoreThanID(line *besideLine) bool {
	for i, text := range b.cells {
		if identity[i] != fieldTransaction && text != "" && line.cells[i] == "" {
			return true
		}
	}
	return false
}

// above returns what a line is beside those right above it, however many.
func (s *sums) above(line *besideLine) verdict {
	var a adding
	for back := 1; back <= len(s.recent) && !a.sum.GreaterThan(line.amount); back++ {
		if b := &s.recent[(s.next-back+len(s.recent))%len(s.recent)]; b.currency == line.currency {
			a.add(b)
			if v := a.verdict(line, true); v != ownLine {
				return v
			}
		}
	}
	return ownLine
}

// below adds a line to the sums that lines above it may be, and returns what is wrong with those that are.
func (s *sums) below(line *besideLine) (problems []*Error) {
	s.open = slices.DeleteFunc(s.open, func(o openSum) bool { return o.sum.GreaterThan(o.line.amount) })
	for i := range s.open {
		if o := &s.open[i]; o.line.currency == line.currency {
			o.add(line)
			if o.verdict(&o.line, false) != ownLine {
				problems = append(problems, o.problem)
			}
		}
	}
	return problems
}

// keep notes a line of usage for those below it.
func (s *sums) keep(line *besideLine) {
	if len(s.recent) < maxBeside {
		s.recent, s.next = append(s.recent, *line), 0
		return
	}
	s.recent[s.next] = *line
	s.next = (s.next + 1) % maxBeside
}

// beside makes what is kept of a line.
func beside(l *lineReader, s *Line, cells *[len(identity)]string) besideLine {
	b := besideLine{currency: s.Currency, amount: s.Amount, id: s.TransactionID != "", priced: s.Unit.Valid, cells: *cells}
	if IsBill(s.Amount, s.Quantity, s.Pricing) {
		b.calls = s.Quantity
	}
	if b.id {
		return b
	}
	b.counted = isCounted(l)
	if column := named(l); column >= 0 {
		b.name = l.rawText(column)
	}
	return b
}

// maySum reports whether a line could be the sum of others: nothing says what it is, and it has no time of day.
func maySum(l *lineReader, s *Line) bool {
	if s.Kind != Usage || s.TransactionID != "" || l.stated || !s.Amount.IsPositive() {
		return false
	}
	return !l.hasClock()
}

// weigh holds a line of usage against the lines above it, for which it may be a sum, and notes it for those below.
func (r *statementReader) weigh(l *lineReader, s *Line, cells *[len(identity)]string) {
	b := beside(l, s, cells)
	for _, problem := range r.sums.below(&b) {
		if r.block != nil {
			r.block.problems = append(r.block.problems, problem)
		} else {
			r.mistakes.add(problem)
		}
	}
	r.sums.keep(&b)
	if b.counted && maySum(l, s) {
		r.sums.open = append(r.sums.open, openSum{line: b, problem: l.error(fieldAmount, besideHint,
			"%s is the sum of the lines below it: is it a line of its own, or a total?",
			billing.Quote(l.text(fieldAmount)))})
	}
}

// named returns the column of what a line is called: its description, or without such a column its first text; -1 is
// none.
func named(l *lineReader) int {
	if column, ok := l.header.fields[fieldDescription]; ok && column < len(l.row.Cells) {
		return column
	}
	return l.firstText()
}

// placeIn returns the country or endpoint that a line's name has in it, where no column says it.
func placeIn(l *lineReader) string {
	if l.header.has(fieldRegion) || l.header.has(fieldEndpoint) {
		return ""
	}
	column := named(l)
	if column < 0 || column == l.label {
		return ""
	}
	if region, ok := l.options.Region(l.rawText(column)); ok {
		return region
	}
	separates := func(r rune) bool { return strings.ContainsRune(" \t-_/,:()", r) }
	for word := range strings.FieldsFuncSeq(l.rawText(column), separates) {
		if _, ok := l.options.Endpoints[strings.ToLower(word)]; ok {
			return strings.ToUpper(word)
		}
		if region, ok := l.options.Region(word); ok && (len(word) > 3 || billing.IsUpper(word)) {
			return region
		}
	}
	return ""
}

// bare judges a line that has nothing of what all lines above have: no place, no time, no month.
func bare(l *lineReader, s *Line, cells *[len(identity)]string, hasQuantity bool) {
	all := &l.sums.runs[runAll]
	missing, when := "", false
	for i, field := range identity {
		switch {
		case field == fieldTransaction:
		case cells[i] != "":
			return
		case all.lines > 0 && !all.cells[i].gaps && field != fieldDescription:
			missing = l.header.names[l.header.fields[field]]
			when = when || field == fieldTime || field == fieldMonth
		}
	}
	if missing == "" || s.Kind != Usage || l.stated {
		return
	}
	field, of := fieldAmount, l.text(fieldAmount)
	switch word := s.TransactionID != ""; {
	case word && strings.ContainsAny(s.TransactionID, "0123456789"):
		return
	case word:
		field, of = fieldTransaction, l.text(fieldTransaction)
	case !hasQuantity || s.Quantity <= 0, !when && l.sums.calls(s.Currency) != s.Quantity:
		return
	}
	problem := l.error(field, besideHint, "%s: is it a total? The line has no %s, as all lines above have",
		billing.Quote(of), missing)
	if l.block != nil {
		l.assumed = problem
		return
	}
	l.failed = true
	l.mistakes.add(problem)
}
