// Package parts decides what becomes of a new statement beside those that stand: it adds to them, or takes their place.
// It is pure.
package parts

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// Key represents the subject of a part: a billing month, an endpoint ("" where the lines name none) and a currency.
type Key struct{ Month, Endpoint, Currency string }

// Detail names how finely a part tells calls apart.
type Detail int

// The details, the coarsest first.
const (
	Fees   Detail = iota // no calls at all
	Months               // totals of a month
	Days                 // totals of days
	Items                // single calls
)

// Part represents the lines of usage of one statement about one subject.
type Part struct {
	Key
	Statement  int64
	Invoice    string // month of the statement's invoice, YYYY-MM
	Detail     Detail
	Regions    []string // of its lines, "" for those that name none
	Quantity   int64
	Amount     decimal.Decimal
	Identities int64 // transactions, or else times or totals, each counted once
}

// Word names what somebody said about a new statement.
type Word string

// The words. They beat what a statement looks like.
const (
	Unsaid      Word = ""
	Additional  Word = "additional"   // it adds to all that stands
	Replace     Word = "replace"      // it takes the place of what it repeats
	BilledAgain Word = "billed again" // what it repeats is billed for a second time
)

// Outcome names what becomes of a new part beside one that stands.
type Outcome int

// The outcomes.
const (
	Adds   Outcome = iota // both stand
	Takes                 // the new one takes the other's place
	Yields                // the other says the same in more detail, and stands alone
	Asks                  // somebody has to say
)

// Decide compares a new part with one that stands about the same subject; shared is how many of the other's identities
// it has as well.
func Decide(new, standing Part, shared int64, word Word) Outcome {
	sameInvoice := new.Invoice == standing.Invoice
	repeats := shared > 0 && 2*shared >= standing.Identities
	switch {
	case word == Additional:
		return Adds
	case word == Replace:
		if repeats || sameInvoice || new.incomparable(standing) {
			return Takes
		}
		return Adds
	case word == BilledAgain:
		return Adds
	case new.incomparable(standing):
		switch {
		case !new.ties(standing):
			return Asks
		case new.Detail > standing.Detail:
			return Takes
		}
		return Yields
	case repeats && sameInvoice:
		return Takes
	case repeats:
		return Asks
	}
	return Adds
}

// incomparable reports whether two parts speak of the same calls in different detail, so that no identity can be
// shared.
func (p Part) incomparable(other Part) bool {
	return p.Detail != other.Detail && p.Detail != Fees && other.Detail != Fees &&
		(slices.Contains(p.Regions, "") || slices.Contains(other.Regions, "") ||
			slices.ContainsFunc(p.Regions, func(region string) bool { return slices.Contains(other.Regions, region) }))
}

// ties reports whether two parts bill the same number of calls, and the same amount but for rounding to the decimals
// that the coarser one has.
func (p Part) ties(other Part) bool {
	fine, coarse := p.Amount, other.Amount
	if decimals(fine) < decimals(coarse) {
		fine, coarse = coarse, fine
	}
	half := decimal.New(5, -decimals(coarse)-1)
	return p.Quantity == other.Quantity && fine.Sub(coarse).Abs().Cmp(half) <= 0 &&
		(fine.Equal(coarse) || decimals(fine) > decimals(coarse))
}

// decimals counts the decimals of an amount, trailing zeros apart; an amount has two at least.
func decimals(d decimal.Decimal) int32 {
	n := int32(2)
	for e := -d.Exponent(); e > n; e-- {
		if !d.Equal(d.Truncate(e - 1)) {
			return e
		}
	}
	return n
}

// Compare orders subjects.
func (k Key) Compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Month, other.Month), cmp.Compare(k.Endpoint, other.Endpoint),
		cmp.Compare(k.Currency, other.Currency))
}
