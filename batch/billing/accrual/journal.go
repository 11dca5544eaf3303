package accrual

import "github.com/shopspring/decimal"

// Accounts holds where the amounts of a place are posted, as the ledger of the company names it.
type Accounts struct {
	Expense string // what calls cost
	Accrual string // owed and not billed, a liability
	Claims  string // disputed with the vendor, an asset
	Center  string // cost centre
	Tax     string // tax code
}

// Kind names what an entry of the journal is for.
type Kind string

// The kinds of entries, in their order. Those that reverse stand on the month's first day, the others on its last.
const (
	ReversedAccrual Kind = "reversal of accrual"
	ReversedClaims  Kind = "reversal of disputed amounts"
	BookedAccrual   Kind = "accrual"
	BookedClaims    Kind = "disputed amounts"
)

// Reverses reports whether an entry takes back one of the month before.
func (k Kind) Reverses() bool { return k == ReversedAccrual || k == ReversedClaims }

// Posting represents one side of an entry: of Debit and Credit one is zero, neither is negative.
type Posting struct {
	Entry int // from 1; the postings of an entry have the same debits as credits
	Kind  Kind
	Key
	Account, Center, Tax string
	Debit, Credit        decimal.Decimal
}

// Journal posts what lines open and close with, each amount half-up to the minor unit of its currency, so that a month
// reverses exactly what the one before has booked. Invoices are posted by whoever pays them; with these entries, the
// expense of a month is what its calls cost. Amounts that round to nothing are left out.
func Journal(lines []Line, accounts func(Key) Accounts, minor func(currency string) int32) []Posting {
	var all []Posting
	entry := 0
	post := func(kind Kind, p Key, amount decimal.Decimal, debit, credit string) {
		amount = amount.Round(minor(p.Currency))
		if amount.IsZero() {
			return
		}
		if amount.IsNegative() {
			amount, debit, credit = amount.Neg(), credit, debit
		}
		entry++
		a := accounts(p)
		one := Posting{Entry: entry, Kind: kind, Key: p, Center: a.Center, Tax: a.Tax}
		left, right := one, one
		left.Account, left.Debit = debit, amount
		right.Account, right.Credit = credit, amount
		all = append(all, left, right)
	}
	for _, l := range lines {
		a := accounts(l.Key)
		post(ReversedAccrual, l.Key, l.Opening, a.Accrual, a.Expense)
	}
	for _, l := range lines {
		a := accounts(l.Key)
		post(ReversedClaims, l.Key, l.Claimed, a.Expense, a.Claims)
	}
	for _, l := range lines {
		a := accounts(l.Key)
		post(BookedAccrual, l.Key, l.Closing, a.Expense, a.Accrual)
	}
	for _, l := range lines {
		a := accounts(l.Key)
		post(BookedClaims, l.Key, l.Claims, a.Claims, a.Expense)
	}
	return all
}
