package statement

import (
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// identity lists the fields by which lines are told apart, besides their amounts.
// Of the description it is the place that is named in it, where no column is for places.
var identity = [...]string{fieldTransaction, fieldTime, fieldMonth, fieldEndpoint, fieldRegion, fieldPricing,
	fieldDescription}

// sums add up a statement's lines as they are read. A vendor's total, whatever it is called, is known by this: it is
// the sum of lines above it, and nothing in it says that it is a line of its own.
type sums struct {
	added  map[string]*sum // by currency
	lines  int
	runs   [3]run       // all lines; those below the last sum or blank row; those with one first cell
	recent []besideLine // the last ones; the oldest is at next
	next   int
	open   []openSum
}

// sum holds what lines of one currency come to.
type sum struct {
	usage, credit, tax decimal.Decimal
	calls, listed      int64 // that are billed, and that are only listed
}

func (s sum) less(o sum) sum {
	return sum{s.usage.Sub(o.usage), s.credit.Sub(o.credit), s.tax.Sub(o.tax), s.calls - o.calls, s.listed - o.listed}
}

// counts reports whether a number of calls is that of the lines, with those that are only listed or without.
func (s sum) counts(calls int64) bool { return calls == s.calls || calls == s.calls+s.listed }

// is reports whether an amount is the sum, of usage alone, with credits, or with taxes.
func (s sum) is(amount decimal.Decimal) bool {
	net := s.usage.Add(s.credit)
	return amount.Equal(s.usage) || amount.Equal(net) || amount.Equal(net.Add(s.tax)) || amount.Equal(s.usage.Add(s.tax))
}

// rounds reports whether an amount is the sum, rounded as the amount is.
func (s sum) rounds(amount decimal.Decimal) bool {
	round := func(d decimal.Decimal) decimal.Decimal { return d.Round(max(2, decimals(amount))) }
	return sum{usage: round(s.usage), credit: round(s.credit), tax: round(s.tax)}.is(amount) ||
		round(s.usage.Add(s.credit)).Equal(amount) || round(s.usage.Add(s.credit).Add(s.tax)).Equal(amount)
}

// calls counts the calls of a currency's lines.
func (s *sums) calls(currency string) int64 {
	if of := s.added[currency]; of != nil {
		return of.calls
	}
	return 0
}

// currency returns the only one of all lines so far, "" where there are several or none.
func (s *sums) currency() string {
	only := ""
	for currency := range s.added {
		if only != "" {
			return ""
		}
		only = currency
	}
	return only
}

// run represents the lines from some line on.
type run struct {
	before   map[string]sum // what had been added up, by currency
	lines    int
	cells    [len(identity)]cellRun
	unpriced bool // some give no unit price
}

// cellRun holds what the lines of a run have in one column.
type cellRun struct {
	text    string
	several bool // not all have this text
	gaps    bool // some have none
}

const (
	runAll = iota
	runBlock
	runFirst
)

// begin starts a run anew.
func (s *sums) begin(which int) {
	r := run{before: make(map[string]sum, len(s.added))}
	for currency, above := range s.added {
		r.before[currency] = *above
	}
	s.runs[which] = r
}

// add takes a line of the statement.
func (s *sums) add(line *Line, cells *[len(identity)]string) {
	at := s.added[line.Currency]
	if at == nil {
		if s.added == nil {
			s.added = map[string]*sum{}
		}
		at = &sum{}
		s.added[line.Currency] = at
	}
	switch line.Kind {
	case Usage:
		at.usage = at.usage.Add(line.Amount)
		if IsBill(line.Amount, line.Quantity, line.Pricing) {
			at.calls += line.Quantity
		} else {
			at.listed += line.Quantity
		}
	case Credit:
		at.credit = at.credit.Add(line.Amount)
	case Tax:
		at.tax = at.tax.Add(line.Amount)
		return
	default:
		return
	}
	s.lines++
	for i := range s.runs {
		s.runs[i].add(cells, line.Unit.Valid)
	}
}

func (r *run) add(cells *[len(identity)]string, priced bool) {
	r.unpriced = r.unpriced || !priced
	for i, text := range cells {
		c := &r.cells[i]
		switch {
		case c.several && c.gaps:
			continue
		case r.lines == 0:
			c.text = text
		case !c.several && c.text != text:
			c.several = true
		}
		c.gaps = c.gaps || text == ""
	}
	r.lines++
}

// verdict names what a line is beside those above it.
type verdict int

const (
	ownLine verdict = iota
	sumOfAll
	sumOfSome
	unclear // as like a sum as like a line
)

// judge finds whether a line is a sum of those above it. One that claims to be has to be a sum; of another nothing may
// say that it is a line of its own.
func (s *sums) judge(line *Line, cells *[len(identity)]string, claims, hasQuantity bool) verdict {
	above := s.added[line.Currency]
	if above == nil || line.Amount.IsZero() {
		return ownLine
	}
	found := ownLine
	for which := range s.runs {
		r := &s.runs[which]
		in := above.less(r.before[line.Currency])
		if r.lines == 0 || !in.is(line.Amount) || !claims && (r.lines < 2 || hasQuantity && !in.counts(line.Quantity)) {
			continue
		}
		like := sumOfSome
		if r.lines == s.lines {
			like = sumOfAll
		}
		switch as := r.compare(cells, line.Unit.Valid); {
		case claims, !as.own && !as.more && (as.lacks || as.blank):
			return like
		case !as.own && hasQuantity:
			found = unclear
		}
	}
	return found
}

// total finds what a line that is called a total is the sum of: all lines above it, or some of them; ownLine for none.
func (s *sums) total(line *Line) verdict {
	above := s.added[line.Currency]
	if above == nil {
		return ownLine
	}
	for which := range s.runs {
		if r := &s.runs[which]; r.lines > 0 && above.less(r.before[line.Currency]).rounds(line.Amount) {
			if r.lines == s.lines {
				return sumOfAll
			}
			return sumOfSome
		}
	}
	return ownLine
}

// likeness compares the cells of a line with those of a run of lines.
type likeness struct {
	own   bool // they say that it is a line of its own
	more  bool // they have something where none of the run has anything
	lacks bool // they lack what all of the run have
	blank bool // the run has nothing that they could lack
}

// compare holds the cells of a line, and whether it gives a unit price, against the lines of a run.
func (r *run) compare(cells *[len(identity)]string, priced bool) likeness {
	of := likeness{blank: true, lacks: !priced && !r.unpriced}
	for i, text := range cells {
		c := &r.cells[i]
		isBlank := c.text == "" && !c.several
		of.blank = of.blank && isBlank
		switch {
		case text == "":
			of.lacks = of.lacks || !c.gaps
		case identity[i] == fieldTransaction:
			of.own = true
		case isBlank && (identity[i] != fieldDescription || r.cells[0].text == "" && !r.cells[0].several):
			of.more = true
		case c.several, c.text != text:
			of.own = true
		}
	}
	return of
}

// isCounted reports whether a line says how many calls it is for.
func isCounted(l *lineReader) bool {
	_, given := l.cell(fieldQuantity)
	return given || l.derived
}

// judge finds whether the line is a total or a subtotal.
func judge(l *lineReader, s *Line) {
	cells := identityCells(l)
	hasQuantity := isCounted(l)
	if s.Kind == Usage && s.TransactionID != "" {
		bare(l, s, &cells, hasQuantity)
		return
	}
	if s.Kind == Total && l.label >= 0 && !l.namedTotal {
		judgeTotal(l, s, &cells)
		return
	}
	if s.Kind != Usage && !l.namedTotal || l.stated && !l.namedTotal {
		if s.Kind == Usage && l.uncounted && !l.header.has(fieldQuantity) {
			howMany(l)
		}
		return
	}
	found := l.sums.judge(s, &cells, l.namedTotal, hasQuantity)
	if found == ownLine && maySum(l, s) {
		b := beside(l, s, &cells)
		if found = l.sums.above(&b); found == sumOfSome && l.block != nil { // or one of several, in a table of sums
			found, l.sum = ownLine, true
		}
	}
	switch found {
	case sumOfAll:
		s.Kind, l.namedTotal, l.used.newer = Total, true, true
		if !hasQuantity {
			s.Quantity = 0
		}
	case sumOfSome:
		s.Kind, l.part, l.used.newer = Total, true, true
	case unclear:
		problem := l.error(fieldAmount, besideHint,
			"%s is the sum of the lines above it: is it a line of its own, or a total?", billing.Quote(l.text(fieldAmount)))
		if l.block != nil { // which is perhaps passed over
			l.assumed = problem
			return
		}
		l.failed = true
		l.mistakes.add(problem)
	case ownLine:
		switch {
		case !l.namedTotal && l.uncounted && !l.failed:
			howMany(l)
		case !l.namedTotal:
			bare(l, s, &cells, hasQuantity)
		case l.sums.lines == 0 && l.doubtful == nil: // nothing is above it: usage, if nothing is below it
			l.doubtful = l.error(l.header.name(l.label), kindHint, "%s: is it a total, or the name of what was charged?",
				billing.Quote(l.rawText(l.label)))
			s.Kind, l.namedTotal, l.stated, l.label = Usage, false, false, -1
			if !hasQuantity {
				s.Quantity = 1
			}
		default:
			l.wrong(l.header.name(l.label), kindHint, "%s: is it a total? It is not the sum of the lines above it",
				billing.Quote(l.rawText(l.label)))
		}
	}
}

// totalWord holds what a line is called that is a total by its name, and what is wrong with it if lines follow.
type totalWord struct {
	name   string
	untied *Error // it is no sum of lines above it
}

// judgeTotal finds whether a line that is called a total is that of a part: it is the sum of some lines, and is called
// so or stands like others that were; or it is the sum of all above it, and others follow. One amid the lines that is
// no sum of any, and says of no place or month that it is theirs, is refused: the last total is the amount that is
// asked for.
func judgeTotal(l *lineReader, s *Line, cells *[len(identity)]string) {
	name := foldTotal(l.rawText(l.label))
	found := l.sums.total(s)
	if found == ownLine {
		b := beside(l, s, cells)
		found = l.sums.above(&b)
	}
	switch {
	case found == sumOfSome && (strings.HasPrefix(name, "sub") || l.partNames[name]):
		l.part, l.used.newer = true, true
	case found != ownLine:
		l.namedTotal, l.word.name = true, name
	case l.sums.lines > 0 && *cells == [len(identity)]string{}:
		l.namedTotal = true
		l.word.untied = l.error(l.header.name(l.label), kindHint, "%s: is it a total? It is not the sum of the lines above it",
			billing.Quote(l.rawText(l.label)))
	}
}

// identityCells returns the texts of the cells by which lines are told apart, the same for what means the same.
func identityCells(l *lineReader) (cells [len(identity)]string) {
	for i, column := range l.columns {
		if column >= 0 && column < len(l.row.Cells) && column != l.label {
			cells[i] = meaning(l.statementReader, i, l.row.Cells[column])
		}
	}
	if cells[0] == "" {
		cells[len(cells)-1] = placeIn(l)
	}
	return cells
}

// meaning returns what stands for a cell of a field of identity: a country, an endpoint and a month by their names, of
// others the text; "" for what stands in the place of nothing.
func meaning(r *statementReader, field int, c table.Cell) string {
	switch identity[field] {
	case fieldEndpoint, fieldRegion, fieldMonth:
	default:
		if isPlaceholder(c.Text) || isNothing(c.Text) {
			return ""
		}
		return c.Text
	}
	known := r.meanings[field]
	if meaning, ok := known[c.Text]; ok && !c.Number {
		return meaning
	}
	meaning := strings.TrimFunc(table.DecodeCell(c.Text), unseen)
	if isPlaceholder(meaning) || isNothing(meaning) {
		meaning = ""
	}
	switch identity[field] {
	case fieldEndpoint:
		if name, ok := r.options.Endpoints[strings.ToLower(meaning)]; ok {
			meaning = name
		}
	case fieldRegion:
		if region, ok := r.options.Region(meaning); ok {
			meaning = region
		}
	case fieldMonth:
		if month, err := r.times.clock.month(c); err == nil && meaning != "" {
			meaning = month.String()
		}
	}
	if len(known) < 4096 && !c.Number {
		if known == nil {
			known = map[string]string{}
			r.meanings[field] = known
		}
		known[strings.Clone(c.Text)] = strings.Clone(meaning)
	}
	return meaning
}
