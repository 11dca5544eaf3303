// Package tax sums up what taxes are on.
package tax

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// Scope names what a tax line is on: all of a statement in a currency, or what it names there, an endpoint or a
// transaction.
type Scope struct {
	Statement                       int64
	Currency, Endpoint, Transaction string
}

// Base holds the sum of the rows that a tax is on.
type Base struct {
	Usage, Credits decimal.Decimal // as billed
	Over           decimal.Decimal // of usage, what is disputed
}

// On returns the amount that the tax is on; gross says that credits do not lower it.
func (b *Base) On(gross bool) decimal.Decimal {
	if gross {
		return b.Usage
	}
	return b.Usage.Add(b.Credits)
}

// Share returns the part of a tax that is on so much of its base, with at most 12 decimals.
func Share(tax, part, base decimal.Decimal) decimal.Decimal {
	if base.IsZero() {
		return decimal.Decimal{}
	}
	return tax.Mul(part).DivRound(base, billing.MaxDecimals)
}

// Sums maps to a base each scope that taxes name.
type Sums map[Scope]*Base

// Row describes a row of a statement that taxes may be on.
type Row struct {
	Scope
	Credit bool
	Amount decimal.Decimal // as billed
	Over   decimal.Decimal // of it, what is disputed
}

// Add adds a row to the sums that it is in.
func (s Sums) Add(r Row) {
	all := Scope{Statement: r.Statement, Currency: r.Currency}
	endpoint, transaction := all, all
	endpoint.Endpoint, transaction.Transaction = r.Endpoint, r.Transaction
	for i, k := range []Scope{all, endpoint, transaction} {
		b := s[k]
		if b == nil || i > 0 && k == all {
			continue
		}
		if r.Credit {
			b.Credits = b.Credits.Add(r.Amount)
		} else {
			b.Usage = b.Usage.Add(r.Amount)
		}
		b.Over = b.Over.Add(r.Over)
	}
}
