package billing

import (
	"maps"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/shopspring/decimal"
)

// Range holds what a scope has spent as far as can be known: the floor counts the
// calls that were paid, the ceiling also those in doubt and in flight.
//
// The money of a day or a run is the difference that its calls make to the
// period's bill, since tiers and the free quota depend on the whole month; it is
// the least and the most over all ways the doubts, earlier ones included, may
// turn out. No doubts: floor and ceiling are equal, except that with volume tiers
// the ceiling is never under the price of the scope's own calls at the tier
// reached. The monthly minimum is owed without a call and is in no Range.
type Range struct {
	Floor, Ceiling           Amounts
	FloorCalls, CeilingCalls int64
	Unpriced                 int64 // of CeilingCalls, those without a price: they are missing in the amounts

	// Counted has the currencies under a cap of which the caps count more than
	// Ceiling, and how much: calls were made at dearer prices than the book has now.
	Counted Amounts

	// Tagged has the currencies under a cap of which the caps count more than Ceiling at the book's prices, and how
	// much: the vendor tagged calls PAY that the contract's reading does not charge.
	Tagged Amounts
}

// Capped returns what the caps count: the most, at the dearest of the prices and readings that they hold for.
func (r Range) Capped() Amounts {
	capped := NewAmounts(r.Ceiling.Money()...)
	maps.Copy(capped, r.Counted)
	for currency, amount := range r.Tagged {
		if amount.GreaterThan(capped[currency]) {
			capped[currency] = amount
		}
	}
	return capped
}

// AsTagged returns a sentence with what caps count of a month, where they count more than the contract's reading
// charges; "" where they do not.
func (a Amounts) AsTagged() string {
	if len(a) == 0 {
		return ""
	}
	return "caps count " + a.String() + " for the month, with the calls that are tagged PAY and are no charge by " +
		"billing.reading"
}

// WithUnpriced returns an amount as a sentence shows it: followed by how many calls
// it leaves out for want of a price, as in "USD 2.77 and 56 calls without a
// price". Where none is left out, and of an amount that is empty, it is the
// amount alone.
func WithUnpriced(amount string, calls int64) string {
	if amount == "" || calls == 0 {
		return amount
	}
	return amount + " and " + WithoutPrice(calls)
}

// WithoutPrice returns "56 calls without a price", the words for what amounts leave out.
func WithoutPrice(n int64) string {
	if n == 1 {
		return "1 call without a price"
	}
	return humanize.Comma(n) + " calls without a price"
}

// String returns the money of the range, "USD 2,060.00-2,060.42" or, where there is
// no doubt, "USD 2,060.00"; several currencies are set apart by commas, and calls
// that are missing in it are named as by WithUnpriced. It is "" when no money was
// spent.
func (r Range) String() string { return WithUnpriced(r.money(), r.Unpriced) }

// Amount returns the range where there has to be one: as String, "3 calls without a
// price" where these are all there is, and "0.00" where nothing is to pay.
func (r Range) Amount() string {
	switch text := r.String(); {
	case text != "":
		return text
	case r.Unpriced > 0:
		return WithoutPrice(r.Unpriced)
	}
	return "0.00"
}

func (r Range) money() string {
	var texts []string
	for _, m := range union(r.Floor, r.Ceiling).Money() {
		floor, ceiling := r.Floor[m.Currency], r.Ceiling[m.Currency]
		text := Money{floor, m.Currency}.String()
		if !floor.Equal(ceiling) {
			to := "-"
			if floor.IsNegative() || ceiling.IsNegative() {
				to = " to " // -20.00-5.00 is no range
			}
			text += to + formatAmount(ceiling)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// union returns an amount of each currency of either.
func union(a, b Amounts) Amounts {
	all := NewAmounts(a.Money()...)
	maps.Copy(all, b)
	return all
}

func signed(d decimal.Decimal) string {
	if d.IsPositive() {
		return "+" + formatAmount(d)
	}
	return formatAmount(d)
}
