package billing

import (
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Amounts holds money in several currencies side by side, keyed by ISO 4217
// code. What its functions return has no zero entries, so an empty Amounts means
// no money; an absent currency reads as zero.
type Amounts map[string]decimal.Decimal

// NewAmounts adds up the given money, each currency for itself.
func NewAmounts(money ...Money) Amounts {
	a := Amounts{}
	for _, m := range money {
		a.AddAmount(m.Currency, m.Amount)
	}
	return a
}

// Add returns a + b, each currency for itself.
func (a Amounts) Add(b Amounts) Amounts {
	sum := NewAmounts(a.Money()...)
	for currency, amount := range b {
		sum.AddAmount(currency, amount)
	}
	return sum
}

// Sub returns a - b, each currency for itself.
func (a Amounts) Sub(b Amounts) Amounts {
	difference := NewAmounts(a.Money()...)
	for currency, amount := range b {
		difference.AddAmount(currency, amount.Neg())
	}
	return difference
}

// Over names the alphabetically first currency of limit in which a is above it.
// Currencies that limit does not mention are not limited.
func (a Amounts) Over(limit Amounts) (currency string, over bool) {
	for _, m := range limit.Money() {
		if a[m.Currency].GreaterThan(m.Amount) {
			return m.Currency, true
		}
	}
	return "", false
}

// above returns the amounts of a that are greater than those of b.
func (a Amounts) above(b Amounts) Amounts {
	greater := Amounts{}
	for currency, amount := range a {
		if amount.GreaterThan(b[currency]) {
			greater[currency] = amount
		}
	}
	return greater
}

// Money lists the amounts in the alphabetical order of their currencies.
func (a Amounts) Money() []Money {
	list := make([]Money, 0, len(a))
	for _, currency := range slices.Sorted(maps.Keys(a)) {
		list = append(list, Money{a[currency], currency})
	}
	return list
}

// String returns "EUR 1.50, USD 2,060.00", and "" for no money.
func (a Amounts) String() string {
	texts := make([]string, 0, len(a))
	for _, m := range a.Money() {
		texts = append(texts, m.String())
	}
	return strings.Join(texts, ", ")
}

// AddAmount adds an amount in one currency; a sum of zero is no entry.
func (a Amounts) AddAmount(currency string, amount decimal.Decimal) {
	sum := a[currency].Add(amount)
	if sum.IsZero() {
		delete(a, currency)
		return
	}
	a[currency] = sum
}
