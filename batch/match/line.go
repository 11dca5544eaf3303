package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/match/internal/compact"
	"liverecon/batch/statement"
)

// line represents a line of a statement in as few bytes as a record.
type line struct {
	at          int64 // Unix milliseconds
	transaction transaction
	quantity    int64
	number      int32
	statement   uint32
	route       uint32
	pricing     uint32
	currency    uint32
	amount      uint32
	unit        uint32 // 1 + index of the unit price; 0: none
	next        uint32 // 1 + index of the next line with this transaction; 0: none
	call        uint32 // 1 + index of the call that it is about; 0: none
	fate        fate
	kind        kind
	when        precision
	free        bool // it bills nothing, as our record agrees
	byTime      bool // it has its call by the time
	shifted     bool // its amount is the price of another slot than that of its call by time, which has room for it
}

// fate names what became of a line.
type fate uint8

const (
	alone     fate = iota // nothing yet; at the end, theirs only
	paired                // call is charged with it
	uncharged             // call is none that the contract's reading charges
	duplicate             // call, if there is one, has another line
	again                 // another statement bills the transaction
	listed                // it bills nothing
	listedPay             // it bills nothing, and call is a charge of ours
	reversed              // it and a credit take each other out
	summed                // it is of a cell
	charged               // it charges without a call: a fee
	shown                 // on another month's statement, and about a call near the bounds
)

// kind names a statement.LineKind in one byte.
type kind uint8

const (
	usageLine kind = iota
	creditLine
	taxLine
	totalLine
	besideLine // of usage, on a neighbouring month's statement
)

func kindOf(l *statement.Line) kind {
	switch l.Kind {
	case statement.Credit:
		return creditLine
	case statement.Tax:
		return taxLine
	case statement.Total:
		return totalLine
	}
	if l.Amount.IsNegative() {
		return creditLine
	}
	return usageLine
}

// precision names how exactly a line gives the time of its calls.
type precision uint8

const (
	monthOnly precision = iota
	dayOnly
	exactTime
)

// lines keeps a month's statement lines.
type lines struct {
	list          []line
	byTransaction map[transaction]chain
	credits       map[transaction][]uint32 // indices of those that name one
	statements    compact.Numbers[int64]
	texts         compact.Numbers[string] // currencies and pricing
	routes        compact.Numbers[billing.Route]
	amounts       []decimal.Decimal
	amountOf      map[string]uint32
	printed       []printed
	gross         decimal.Decimal // of a price, with the tax that is included; zero where there is none
}

// chain represents the lines of usage with one transaction, by index plus one.
type chain struct{ first, last uint32 }

// newLines makes room for about so many lines: grown by doubling, the list would be held one and a half times.
func newLines(n int64) *lines {
	return &lines{list: make([]line, 0, n), byTransaction: map[transaction]chain{}, credits: map[transaction][]uint32{},
		amountOf: map[string]uint32{}}
}

func (s *lines) add(statementID int64, l *statement.Line, id transaction) *line {
	e := line{
		transaction: id,
		quantity:    l.Quantity,
		number:      int32(l.Number),
		statement:   s.statements.Of(statementID),
		route:       s.routes.Of(billing.Route{Endpoint: l.Endpoint, Region: l.Region}),
		pricing:     s.texts.Of(l.Pricing),
		currency:    s.texts.Of(l.Currency),
		amount:      s.amount(l.Amount),
		kind:        kindOf(l),
	}
	if l.Unit.Valid {
		e.unit = s.amount(l.Unit.Decimal) + 1
	}
	if !l.ChargedAt.IsZero() {
		e.at, e.when = l.ChargedAt.UnixMilli(), exactTime
		if l.DateOnly {
			e.when = dayOnly
		}
	}
	s.list = append(s.list, e)
	switch {
	case id == (transaction{}):
	case e.kind == usageLine:
		s.chain(id, uint32(len(s.list)))
	case e.kind == creditLine:
		s.credits[id] = append(s.credits[id], uint32(len(s.list)-1))
	}
	return &s.list[len(s.list)-1]
}

// chain links a line to the earlier ones with its transaction.
func (s *lines) chain(id transaction, n uint32) {
	c, seen := s.byTransaction[id]
	if !seen {
		s.byTransaction[id] = chain{n, n}
		return
	}
	s.list[c.last-1].next = n
	s.byTransaction[id] = chain{c.first, n}
}

// chained lists a line and those after it with its transaction.
func (s *lines) chained(first uint32) (all []uint32) {
	for n := first + 1; n != 0; n = s.list[n-1].next {
		all = append(all, n-1)
	}
	return all
}

// amount keeps equal amounts once: most lines of a statement have the same.
func (s *lines) amount(d decimal.Decimal) uint32 {
	text := d.String()
	n, known := s.amountOf[text]
	if !known {
		n = uint32(len(s.amounts))
		s.amountOf[text] = n
		s.amounts = append(s.amounts, d)
	}
	return n
}

func (s *lines) amountAt(e *line) decimal.Decimal { return s.amounts[e.amount] }

// netAt returns a line's amount without the tax that it includes.
func (s *lines) netAt(e *line) decimal.Decimal { return s.net(s.amountAt(e)) }

// net takes the tax that is included out of an amount.
func (s *lines) net(a decimal.Decimal) decimal.Decimal {
	if s.gross.IsZero() {
		return a
	}
	return a.DivRound(s.gross, billing.MaxDecimals)
}

// withTax adds to a price the tax that amounts include.
func (s *lines) withTax(v decimal.Decimal) decimal.Decimal {
	if s.gross.IsZero() {
		return v
	}
	return v.Mul(s.gross)
}

func (s *lines) currencyOf(e *line) string     { return s.texts.Values[e.currency] }
func (s *lines) pricingOf(e *line) string      { return s.texts.Values[e.pricing] }
func (s *lines) routeOf(e *line) billing.Route { return s.routes.Values[e.route] }

// bills reports whether a line of usage charges anything.
func (s *lines) bills(e *line) bool {
	return !e.free && statement.IsBill(s.amountAt(e), e.quantity, s.pricingOf(e))
}

// charged returns the quantity that a line of usage charges.
func (s *lines) charged(e *line) int64 {
	if !s.bills(e) {
		return 0
	}
	return e.quantity
}

// firstOf returns the number of the line that stands for a transaction.
func (s *lines) firstOf(e *line) int {
	i := s.byTransaction[e.transaction].first - 1
	least := int(s.list[i].number)
	for j := i; ; {
		twin := &s.list[j]
		if twin.fate == paired || twin.fate == uncharged || twin.fate == alone {
			return int(twin.number)
		}
		if twin.next == 0 {
			return least
		}
		j = twin.next - 1
	}
}

// indexOf returns a line's place in the list.
func (s *lines) indexOf(e *line) uint32 {
	for i := range s.list {
		if &s.list[i] == e {
			return uint32(i)
		}
	}
	return 0
}

// isTimed reports a line over one call that gives a time of day and no transaction.
func (s *lines) isTimed(e *line) bool {
	return e.kind == usageLine && e.transaction == (transaction{}) && e.when == exactTime && e.quantity == 1 &&
		s.bills(e)
}
