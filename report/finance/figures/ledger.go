package figures

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

// LedgerLine represents a line of the sheet Ledger: calls of one day that agree in everything finance asks about, at
// one unit price.
type LedgerLine struct {
	Day                             time.Time // its beginning
	Region, Endpoint, Code, Pricing string
	Kind                            string // how it is counted: one of kinds, or adjustment
	Calls, Billable                 int64
	Term                            int // number of its price on the sheet Rates, 0 for none
	Unit                            decimal.NullDecimal
	Amount                          decimal.Decimal
}

// The ways calls are counted, in the order of the tables' columns.
const (
	KindPay        = "PAY"
	KindFree       = "FREE"
	KindUnknown    = "cost unknown"
	KindUnanswered = "no answer"
	KindUnsent     = "not sent"
	Adjustment     = "adjustment"
)

// Kinds returns the ways calls are counted, without adjustments.
func Kinds() []string { return []string{KindPay, KindFree, KindUnknown, KindUnanswered, KindUnsent} }

func kindOf(u store.Usage) string {
	switch {
	case u.Outcome == store.Unsent:
		return KindUnsent
	case u.Outcome == store.Unanswered:
		return KindUnanswered
	case u.Tag == store.TagPay:
		return KindPay
	case u.Tag == store.TagFree:
		return KindFree
	}
	return KindUnknown
}

// Codes of amounts that no single call has.
const (
	TierAdjustment = "(tier adjustment)"
	MonthlyMinimum = "(monthly minimum)"
)

// Ledger represents the calls of a period with their prices.
type Ledger struct {
	Lines []LedgerLine
	codes []string // their numbers begin with 1
	Terms []*Term
	All   Account // its amount mixes currencies and means nothing
	parts map[ledgerKey][]Part
}

// ledgerKey identifies a line: its calls agree in all of it.
type ledgerKey struct {
	day                                   int64
	region, endpoint, code, pricing, kind string
	term                                  int
	unit                                  string
}

// key returns what the calls of a line agree in.
func (l LedgerLine) key() ledgerKey {
	k := ledgerKey{day: l.Day.Unix(), region: l.Region, endpoint: l.Endpoint, code: l.Code, pricing: l.Pricing,
		kind: l.Kind, term: l.Term}
	if l.Unit.Valid {
		k.unit = l.Unit.Decimal.String()
	}
	return k
}

// lineOf returns the line of a charge's calls, without their number and price.
func (c charge) lineOf(zone *time.Location) LedgerLine {
	u := c.usage
	l := LedgerLine{Day: calendar.BusinessDay(u.Quarter, zone).From, Region: u.Region, Endpoint: u.Endpoint,
		Code: codeOf(u), Pricing: u.Pricing, Kind: kindOf(u)}
	if c.term != nil {
		l.Term = c.term.Number
	}
	return l
}

// newLedger makes the lines from priced calls. Amounts that belong to no call stand on the period's last day, so that
// days and regions add up to the whole.
func newLedger(charges []charge, terms []*Term, p calendar.Period) *Ledger {
	b := &Ledger{Terms: terms}
	found := map[ledgerKey]int{}
	add := func(l LedgerLine, unit decimal.NullDecimal, calls, billable int64) {
		l.Unit = unit
		key := l.key()
		i, ok := found[key]
		if !ok {
			i = len(b.Lines)
			found[key] = i
			b.Lines = append(b.Lines, l)
		}
		line := &b.Lines[i]
		line.Calls, line.Billable = line.Calls+calls, line.Billable+billable
		line.Amount = line.Unit.Decimal.Mul(decimal.NewFromInt(line.Billable))
	}
	for _, c := range charges {
		u, l := c.usage, c.lineOf(p.Zone)
		if c.term == nil {
			add(l, decimal.NullDecimal{}, u.Calls, c.billable)
			continue
		}
		for _, s := range c.slices {
			add(l, decimal.NewNullDecimal(s.Unit), s.Calls, s.Calls)
		}
		if rest := u.Calls - c.billable; rest > 0 {
			add(l, decimal.NullDecimal{}, rest, 0)
		}
	}
	b.adjust(p)
	slices.SortFunc(b.Lines, compareLedger)
	b.number()
	for _, l := range b.Lines {
		b.All.Post(l)
	}
	return b
}

// adjust adds the amounts that no single call has.
func (b *Ledger) adjust(p calendar.Period) {
	days := p.Days()
	for _, t := range b.Terms {
		l := LedgerLine{Region: t.Row.Region, Endpoint: t.Row.Endpoint, Kind: Adjustment, Term: t.Number}
		if len(days) > 0 {
			l.Day = days[len(days)-1].From
		}
		for _, rest := range t.Rests() {
			l.Code, l.Amount = rest.Code, rest.Amount
			b.Lines = append(b.Lines, l)
		}
	}
}

// rest represents an amount that a term has beside the amounts of its calls.
type rest struct {
	Code   string
	Amount decimal.Decimal
}

// Rests returns the amounts that no single call has, none of them zero.
func (t *Term) Rests() []rest {
	all := []rest{{TierAdjustment, t.repriced}, {MonthlyMinimum, t.topUp}}
	return slices.DeleteFunc(all, func(r rest) bool { return r.Amount.IsZero() })
}

func compareLedger(a, b LedgerLine) int {
	return cmp.Or(a.Day.Compare(b.Day), strings.Compare(a.Region, b.Region), strings.Compare(a.Endpoint, b.Endpoint),
		compareCodes(a.Code, b.Code),
		strings.Compare(a.Pricing, b.Pricing), strings.Compare(a.Kind, b.Kind), cmp.Compare(a.Term, b.Term),
		cmp.Compare(b.Billable, a.Billable), b.Unit.Decimal.Cmp(a.Unit.Decimal))
}

// number gives every code its number.
func (b *Ledger) number() {
	for _, l := range b.Lines {
		b.codes = append(b.codes, l.Code)
	}
	slices.SortFunc(b.codes, compareCodes)
	b.codes = slices.Compact(b.codes)
}

// CodeNumber returns the number of a code, 0 for one that the ledger lacks.
func (b *Ledger) CodeNumber(code string) int64 { return int64(slices.Index(b.codes, code)) + 1 }

// Currency returns the currency of a line, page.NoValue where no price is set.
func (b *Ledger) Currency(l LedgerLine) string {
	if l.Term == 0 {
		return page.NoValue
	}
	return b.Terms[l.Term-1].Row.Currency
}

// Total returns the sum over all lines of a currency.
func (b *Ledger) Total(currency string) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range b.Lines {
		if b.Currency(l) == currency {
			sum = sum.Add(l.Amount)
		}
	}
	return sum
}

// Minimums returns the part of the total that is owed for monthly minimums.
func (b *Ledger) Minimums(currency string) decimal.Decimal {
	var sum decimal.Decimal
	for _, t := range b.Terms {
		if t.Row.Currency == currency {
			sum = sum.Add(t.topUp)
		}
	}
	return sum
}

// LedgerText returns a text as the ledger shows it where a sum must find it: no such cell may be empty, or stand for
// others.
func LedgerText(text string) string {
	switch text {
	case "":
		return page.NoValue
	case "*":
		return NotByRegion
	}
	return text
}

// RegionName returns a region of the ledger in words; amounts that belong to no region have that of their price, perhaps
// "*".
func RegionName(region string) string {
	if region == "*" {
		return NotByRegion
	}
	return page.RegionName(region)
}

// NotByRegion takes the place of a region where an amount belongs to a price.
const NotByRegion = "(not by region)"
