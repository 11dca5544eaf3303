package finance

import (
	"slices"

	"github.com/shopspring/decimal"
)

// coverage is the ledger's endpoints that the statement is about; all of them without a statement.
type coverage struct {
	endpoints []string
	whole     bool
}

func coverageOf(b *ledger, s *reconciled) coverage {
	c := coverage{whole: true}
	seen := map[string]bool{}
	for _, l := range b.lines {
		if seen[l.endpoint] {
			continue
		}
		seen[l.endpoint] = true
		if s == nil || s.covers(l.endpoint) {
			c.endpoints = append(c.endpoints, l.endpoint)
		} else {
			c.whole = false
		}
	}
	slices.Sort(c.endpoints)
	return c
}

// account adds up the ledger over the covered endpoints.
func (c coverage) account(b *ledger) account {
	var a account
	for _, l := range b.lines {
		if slices.Contains(c.endpoints, l.endpoint) {
			a.post(l)
		}
	}
	return a
}

// compared are the lines that a statement is compared with: without monthly minimums, which explain a difference where
// the statement bills them.
func (c coverage) compared(b *ledger) []ledgerLine {
	return slices.DeleteFunc(slices.Clone(b.lines), func(l ledgerLine) bool {
		return l.code == monthlyMinimum || !slices.Contains(c.endpoints, l.endpoint)
	})
}

// amount is that of the compared lines in a currency.
func (c coverage) amount(b *ledger, currency string) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range c.compared(b) {
		if b.currency(l) == currency {
			sum = sum.Add(l.amount)
		}
	}
	return sum
}
