package finance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/report/page"
	"liverecon/store"
	"liverecon/store/calendar"
)

// ledgerLine is a line of the sheet Ledger: calls of one day that agree in everything finance asks about, at one unit price.
type ledgerLine struct {
	day                             time.Time // its beginning
	region, endpoint, code, pricing string
	kind                            string // how it is counted: one of kinds, or adjustment
	calls, billable                 int64
	term                            int // number of its price on the sheet Rates, 0 for none
	unit                            decimal.NullDecimal
	amount                          decimal.Decimal
}

// The ways calls are counted, in the order of the tables' columns.
const (
	kindPay        = "PAY"
	kindFree       = "FREE"
	kindUnknown    = "cost unknown"
	kindUnanswered = "no answer"
	kindUnsent     = "not sent"
	adjustment     = "adjustment"
)

func kinds() []string { return []string{kindPay, kindFree, kindUnknown, kindUnanswered, kindUnsent} }

func kindOf(u store.Usage) string {
	switch {
	case u.Outcome == store.Unsent:
		return kindUnsent
	case u.Outcome == store.Unanswered:
		return kindUnanswered
	case u.Tag == store.TagPay:
		return kindPay
	case u.Tag == store.TagFree:
		return kindFree
	}
	return kindUnknown
}

// Codes that stand for amounts no single call has.
const (
	tierAdjustment = "(tier adjustment)"
	monthlyMinimum = "(monthly minimum)"
)

// ledger is the calls of a period with their prices.
type ledger struct {
	lines []ledgerLine
	codes []string // their numbers begin with 1
	terms []*term
	all   account // its amount mixes currencies and means nothing
}

// ledgerKey is what the calls of a line agree in.
type ledgerKey struct {
	day                                   int64
	region, endpoint, code, pricing, kind string
	term                                  int
	unit                                  string
}

// newLedger makes the lines from priced calls. Amounts that belong to no call stand on the period's last day, so that days
// and regions add up to the whole.
func newLedger(charges []charge, terms []*term, p calendar.Period) *ledger {
	b := &ledger{terms: terms}
	found := map[ledgerKey]int{}
	add := func(l ledgerLine, unit decimal.NullDecimal, calls, billable int64) {
		key := ledgerKey{day: l.day.Unix(), region: l.region, endpoint: l.endpoint, code: l.code, pricing: l.pricing, kind: l.kind, term: l.term}
		if l.unit = unit; unit.Valid {
			key.unit = unit.Decimal.String()
		}
		i, ok := found[key]
		if !ok {
			i = len(b.lines)
			found[key] = i
			b.lines = append(b.lines, l)
		}
		line := &b.lines[i]
		line.calls, line.billable = line.calls+calls, line.billable+billable
		line.amount = line.unit.Decimal.Mul(decimal.NewFromInt(line.billable))
	}
	for _, c := range charges {
		u := c.usage
		l := ledgerLine{day: calendar.BusinessDay(u.Quarter, p.Zone).From, region: u.Region, endpoint: u.Endpoint, code: codeOf(u), pricing: u.Pricing, kind: kindOf(u)}
		if c.term == nil {
			add(l, decimal.NullDecimal{}, u.Calls, c.billable)
			continue
		}
		l.term = c.term.number
		for _, s := range c.slices {
			add(l, decimal.NewNullDecimal(s.Unit), s.Calls, s.Calls)
		}
		if rest := u.Calls - c.billable; rest > 0 {
			add(l, decimal.NullDecimal{}, rest, 0)
		}
	}
	b.adjust(p)
	slices.SortFunc(b.lines, compareLedger)
	b.number()
	for _, l := range b.lines {
		b.all.post(l)
	}
	return b
}

// adjust adds the amounts that no single call has.
func (b *ledger) adjust(p calendar.Period) {
	days := p.Days()
	for _, t := range b.terms {
		l := ledgerLine{region: t.row.Region, endpoint: t.row.Endpoint, kind: adjustment, term: t.number}
		if len(days) > 0 {
			l.day = days[len(days)-1].From
		}
		for _, rest := range t.rests() {
			l.code, l.amount = rest.code, rest.amount
			b.lines = append(b.lines, l)
		}
	}
}

// rest is an amount that a term has beside the amounts of its calls.
type rest struct {
	code   string
	amount decimal.Decimal
}

func (t *term) rests() []rest {
	all := []rest{{tierAdjustment, t.repriced}, {monthlyMinimum, t.topUp}}
	return slices.DeleteFunc(all, func(r rest) bool { return r.amount.IsZero() })
}

func compareLedger(a, b ledgerLine) int {
	return cmp.Or(a.day.Compare(b.day), strings.Compare(a.region, b.region), strings.Compare(a.endpoint, b.endpoint), compareCodes(a.code, b.code),
		strings.Compare(a.pricing, b.pricing), strings.Compare(a.kind, b.kind), cmp.Compare(a.term, b.term), cmp.Compare(b.billable, a.billable), b.unit.Decimal.Cmp(a.unit.Decimal))
}

// number gives every code its number.
func (b *ledger) number() {
	for _, l := range b.lines {
		b.codes = append(b.codes, l.code)
	}
	slices.SortFunc(b.codes, compareCodes)
	b.codes = slices.Compact(b.codes)
}

func (b *ledger) codeNumber(code string) int64 { return int64(slices.Index(b.codes, code)) + 1 }

// currency is the currency of a line, page.NoValue where no price is set.
func (b *ledger) currency(l ledgerLine) string {
	if l.term == 0 {
		return page.NoValue
	}
	return b.terms[l.term-1].row.Currency
}

// total is the sum over all lines of a currency.
func (b *ledger) total(currency string) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range b.lines {
		if b.currency(l) == currency {
			sum = sum.Add(l.amount)
		}
	}
	return sum
}

// minimums is the part of the total that is owed for monthly minimums.
func (b *ledger) minimums(currency string) decimal.Decimal {
	var sum decimal.Decimal
	for _, t := range b.terms {
		if t.row.Currency == currency {
			sum = sum.Add(t.topUp)
		}
	}
	return sum
}
