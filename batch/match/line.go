package match

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// entry is a line of a statement in as few bytes as a record.
type entry struct {
	at          int64 // Unix milliseconds
	transaction transaction
	quantity    int64
	line        int32
	statement   uint32
	place       uint32
	pricing     uint32
	currency    uint32
	amount      uint32
	next        uint32 // 1 + index of the next line with this transaction; 0: none
	call        uint32 // 1 + index of the first call with this transaction; 0: none
	kind        statement.LineKind
	when        precision
	free        bool // it bills nothing, as our record agrees
}

// precision is how exactly a line says when its calls were made.
type precision uint8

const (
	monthOnly precision = iota
	dayOnly
	exactTime
)

// entries keeps a month's statement lines.
type entries struct {
	list       []entry
	statements numbered[int64]
	texts      numbered[string] // currencies and pricing
	places     numbered[billing.Place]
	amounts    []decimal.Decimal
	amountOf   map[string]uint32
}

func (s *entries) add(statementID int64, l *statement.Line, id transaction) *entry {
	e := entry{
		transaction: id,
		quantity:    l.Quantity,
		line:        int32(l.Number),
		statement:   s.statements.number(statementID),
		place:       s.places.number(billing.Place{Endpoint: l.Endpoint, Region: l.Region}),
		pricing:     s.texts.number(l.Pricing),
		currency:    s.texts.number(l.Currency),
		amount:      s.amount(l.Amount),
		kind:        l.Kind,
	}
	if l.Kind == statement.Usage && l.Amount.IsNegative() {
		e.kind = statement.Credit
	}
	if !l.ChargedAt.IsZero() {
		e.at, e.when = l.ChargedAt.UnixMilli(), exactTime
		if l.DateOnly {
			e.when = dayOnly
		}
	}
	s.list = append(s.list, e)
	return &s.list[len(s.list)-1]
}

// amount keeps equal amounts once: most lines of a statement have the same.
func (s *entries) amount(d decimal.Decimal) uint32 {
	text := d.String()
	n, known := s.amountOf[text]
	if !known {
		if s.amountOf == nil {
			s.amountOf = map[string]uint32{}
		}
		n = uint32(len(s.amounts))
		s.amountOf[text] = n
		s.amounts = append(s.amounts, d)
	}
	return n
}

func (s *entries) amountAt(e *entry) decimal.Decimal { return s.amounts[e.amount] }
func (s *entries) currencyOf(e *entry) string        { return s.texts.values[e.currency] }
func (s *entries) pricingOf(e *entry) string         { return s.texts.values[e.pricing] }
func (s *entries) placeOf(e *entry) billing.Place    { return s.places.values[e.place] }

// bills says whether a line of usage charges anything.
func (s *entries) bills(e *entry) bool {
	return !e.free && statement.IsBill(s.amountAt(e), e.quantity, s.pricingOf(e))
}

// charged is the quantity that a line of usage charges.
func (s *entries) charged(e *entry) int64 {
	if !s.bills(e) {
		return 0
	}
	return e.quantity
}

// Line adds a line of a standing statement of the month. A Total over several
// months says nothing about one of them, and is left out.
func (m *Matcher) Line(statementID int64, l *statement.Line) error {
	switch {
	case l.Kind == statement.Total && l.Month == billing.Period{}:
		return nil
	case l.Month != m.Month:
		return fmt.Errorf("statement line %d: month %s, want %s", l.Number, l.Month, m.Month)
	}
	id := m.journal.transactionOf(l.TransactionID)
	e := m.lines.add(statementID, l, id)
	if e.kind != statement.Usage {
		return nil
	}
	m.coverage.add(l, m.lines.bills(e))
	if id == (transaction{}) {
		return nil
	}
	n := uint32(len(m.lines.list))
	first, seen := m.byTransaction[id]
	if !seen {
		m.byTransaction[id] = span{n, n}
		return nil
	}
	m.lines.list[first.last-1].next = n
	m.byTransaction[id] = span{first.first, n}
	return nil
}

// span is the chain of lines with one transaction, by index plus one.
type span struct{ first, last uint32 }

// Neighbour adds a line of a standing statement of another month. Only its
// transaction matters: a call near the month's bounds may be there, and what was
// billed there should not be billed again.
func (m *Matcher) Neighbour(l *statement.Line) {
	id := m.journal.transactionOf(l.TransactionID)
	if l.Kind == statement.Usage && id != (transaction{}) && !l.Amount.IsNegative() && statement.IsBill(l.Amount, l.Quantity, l.Pricing) {
		m.neighbours[id] = l.Month
	}
}
