package figures

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Coverage represents the ledger's endpoints that the statement is about; all of them without a statement.
type Coverage struct {
	Endpoints []string
	Whole     bool
}

func coverageOf(b *Ledger, s *Reconciled) Coverage {
	c := Coverage{Whole: true}
	seen := map[string]bool{}
	for _, l := range b.Lines {
		if seen[l.Endpoint] {
			continue
		}
		seen[l.Endpoint] = true
		if s == nil || s.covers(l.Endpoint) {
			c.Endpoints = append(c.Endpoints, l.Endpoint)
		} else {
			c.Whole = false
		}
	}
	slices.Sort(c.Endpoints)
	return c
}

// Has reports whether an endpoint of the ledger is covered.
func (c Coverage) Has(endpoint string) bool { return slices.Contains(c.Endpoints, endpoint) }

// Account adds up the ledger over the covered endpoints.
func (c Coverage) Account(b *Ledger) Account {
	var a Account
	for _, l := range b.Lines {
		if c.Has(l.Endpoint) {
			a.Post(l)
		}
	}
	return a
}

// Compared returns the lines that a statement is compared with: without monthly minimums, which explain a difference
// where the statement bills them.
func (c Coverage) Compared(b *Ledger) []LedgerLine {
	return slices.DeleteFunc(slices.Clone(b.Lines), func(l LedgerLine) bool {
		return l.Code == MonthlyMinimum || !c.Has(l.Endpoint)
	})
}

// Amount returns that of the compared lines in a currency.
func (c Coverage) Amount(b *Ledger, currency string) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range c.Compared(b) {
		if b.Currency(l) == currency {
			sum = sum.Add(l.Amount)
		}
	}
	return sum
}
