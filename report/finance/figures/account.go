package figures

import "github.com/shopspring/decimal"

// Account adds up lines of the ledger, all of one currency where the amount matters.
type Account struct {
	Bill
	Billable int64
	Amount   decimal.Decimal
}

// Post adds a line of the ledger.
func (a *Account) Post(l LedgerLine) {
	a.post(l.Kind, l.Calls)
	a.Billable += l.Billable
	a.Amount = a.Amount.Add(l.Amount)
}

// Merge adds another account.
func (a *Account) Merge(o Account) {
	a.Pay, a.Free, a.Unknown, a.Unanswered, a.Unsent = a.Pay+o.Pay, a.Free+o.Free, a.Unknown+o.Unknown,
		a.Unanswered+o.Unanswered, a.Unsent+o.Unsent
	a.Billable, a.Amount = a.Billable+o.Billable, a.Amount.Add(o.Amount)
}
