package statement

import (
	"slices"
	"strings"

	"liverecon/batch/billing"
)

// lineReader turns one row into a line.
type lineReader struct {
	*statementReader
	rowReader
	stated     bool
	single     bool // the line gives no quantity, and counts as one call
	namedTotal bool // a word says that it is a total: it must be the sum of lines above
	word       totalWord
	uncounted  bool   // a line for several calls gives no quantity
	derived    bool   // its quantity is its amount by its unit price
	assumed    *Error // what is wrong with a line that may be of a second table, if it is not
	sum        bool   // it is the sum of lines above, or a line of a second table
	borrowed   *Error // what is wrong if it is no sum: it has the currency of the lines above
	part       bool   // it is the sum of some lines above, and no line of the statement
	ties       bool   // of the last line of a text: quantity times unit price is the amount
}

// product reads what was charged for.
func (l *lineReader) product(s *Line) {
	text := l.identifier(fieldProduct)
	if text == "" {
		return
	}
	s.Product = strings.Clone(text)
	s.Other = !slices.ContainsFunc(l.options.Products, func(ours string) bool {
		return fitsProduct(foldLabel(ours), foldLabel(text))
	})
}

// fitsProduct reports whether a name is a pattern's, in which * stands for any text.
func fitsProduct(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == name
	}
	name, begins := strings.CutPrefix(name, parts[0])
	if !begins || !strings.HasSuffix(name, parts[last]) {
		return false
	}
	name = strings.TrimSuffix(name, parts[last])
	for _, part := range parts[1:last] {
		_, behind, found := strings.Cut(name, part)
		if !found {
			return false
		}
		name = behind
	}
	return true
}

// read makes the line. It means nothing if failed is set.
func (l *lineReader) read() Line {
	s := Line{Number: l.row.Line}
	s.Kind = l.kind()
	s.TransactionID = transactionID(l)
	if l.product(&s); !s.Other { // what another product is charged by is no endpoint, and no region of ours
		s.Endpoint = l.endpoint()
		s.Region = l.region()
	}
	if s.Pricing = l.text(fieldPricing); strings.Contains(s.Pricing, "\n") {
		l.wrong(fieldPricing, "", "%s: a line end within the tag", billing.Quote(s.Pricing))
	}
	l.numbersOf(&s)
	if !l.failed && !l.stated && (s.Amount.IsNegative() || s.Quantity < 0) {
		s.Kind = Credit
	}
	l.negate(&s)
	if i := named(l); s.Kind == Credit && i >= 0 {
		s.Text = strings.Clone(strings.Join(strings.Fields(l.rawText(i)), " "))
	}
	if !l.failed {
		judge(l, &s)
	}
	l.when(&s)
	if !l.failed {
		l.check(&s)
	}
	return s
}

// negate turns the quantity of a credit round: calls that it names are taken back
// with the money, however the vendor writes that.
func (l *lineReader) negate(s *Line) {
	switch {
	case s.Kind != Credit:
	case l.single:
		s.Quantity = 0
	case s.Amount.IsNegative() || l.options.Credits == creditsPositive:
		s.Quantity = min(s.Quantity, -s.Quantity)
	}
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
	if s.Kind == Usage && !s.Other && !l.described() && !l.part && !l.sum && !l.stated {
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
	if l.borrowed != nil {
		l.borrow(s)
	}
	if s.Endpoint == "" && l.options.Endpoint != "" && !s.Other && (s.Month != billing.Period{}) {
		s.Endpoint, l.used.endpoint = l.options.Endpoint, true
	}
}

// borrow refuses a line without a currency that is not the sum of lines which have one.
func (l *lineReader) borrow(s *Line) {
	switch {
	case s.Kind == Total || l.part || l.sum:
		l.used.newer = true
	case l.block != nil && s.Kind == Usage: // perhaps of a second table
		l.assumed = l.borrowed
	default:
		l.failed = true
		l.mistakes.add(l.borrowed)
	}
}

// when finds the line's time and its billing month.
func (l *lineReader) when(s *Line) {
	if own, ok := l.times.read(&l.rowReader, s); ok {
		s.Month = l.month(own, s)
	}
}

// Notes on a line whose month is not known.
const noMonth, monthHint = "no time and no month", "give the month: --month 2026-11"

// month returns a line's own month; or the caller's; or, of a line that sums up or
// taxes the others, or is of another product, theirs.
func (l *lineReader) month(own billing.Period, s *Line) billing.Period {
	only, kind := l.times.only(), s.Kind
	switch {
	case own != billing.Period{}:
		if kind == Usage && !s.Other && !l.failed {
			l.times.note(own)
		}
		return own
	case l.options.Month != billing.Period{}:
		l.used.month = true
		return l.options.Month
	case (kind != Usage || s.Other) && only != billing.Period{}:
		return only
	case kind == Total:
		return billing.Period{}
	case s.Other: // it stands in the invoice's month, if that is known in the end
		if l.times.undated == nil {
			l.times.undated = l.error(l.header.whenField(), monthHint, noMonth)
		}
		return billing.Period{}
	}
	if l.block != nil && only != (billing.Period{}) {
		l.assumed = l.error(l.header.whenField(), monthHint, noMonth)
		return only
	}
	if !l.failed {
		l.wrong(l.header.whenField(), monthHint, noMonth)
	}
	return billing.Period{}
}
