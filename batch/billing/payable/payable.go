// Package payable works out what is proposed for payment of a vendor's invoices: each is paid for itself, with an
// amount that one can pay.
package payable

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// Invoice holds what one statement bills in a currency, and what of that is held back.
type Invoice struct {
	StatementID int64 // 0: of all statements together
	Currency    string
	Theirs      decimal.Decimal // its lines, with what its total differs from them by
	ToDispute   decimal.Decimal // without what is netted
	TaxDisputed decimal.Decimal // on what is to dispute
	Unexplained decimal.Decimal // its total less its lines, where that is no rounding

	// TheirsBeside and DisputeBeside are what of Theirs and ToDispute is not in rows of the statement itself: lines
	// in a row that begins on another's, lines of a predecessor that are taken back, and what is netted.
	TheirsBeside  decimal.Decimal
	DisputeBeside decimal.Decimal

	// Elsewhere sums what other months propose of the invoice that is paid in this one, before it is rounded, and
	// PaidElsewhere after: together the months pay the invoice as if it were rounded once.
	Elsewhere     decimal.Decimal
	PaidElsewhere decimal.Decimal
}

// Left returns what is left to dispute when so much of it is accepted, credited or explained. It is below zero where
// lines that were disputed in an earlier month are taken back.
func (i *Invoice) Left(settled decimal.Decimal) decimal.Decimal {
	return decimal.Max(decimal.Min(decimal.Decimal{}, i.ToDispute), i.ToDispute.Sub(settled))
}

// TaxLeft returns the tax on what is left to dispute: a line takes its tax along.
func (i *Invoice) TaxLeft(settled decimal.Decimal) decimal.Decimal {
	if settled.IsZero() || i.ToDispute.IsZero() {
		return i.TaxDisputed
	}
	const digits = 16 // of a share, far below the minor unit of any currency
	return i.TaxDisputed.Mul(i.Left(settled)).DivRound(i.ToDispute, digits)
}

// Exact returns what is proposed for payment before it is rounded: the invoice without what is left to dispute, the tax
// on it, and what its total has beyond its lines.
func (i *Invoice) Exact(settled decimal.Decimal) decimal.Decimal {
	return i.Theirs.Sub(i.Left(settled)).Sub(i.TaxLeft(settled)).Sub(decimal.Max(decimal.Decimal{}, i.Unexplained))
}

// Pay returns what is proposed for payment, half-up to the minor unit of the currency.
func (i *Invoice) Pay(settled decimal.Decimal, minor int32) decimal.Decimal {
	return i.Exact(settled).Add(i.Elsewhere).Round(minor).Sub(i.PaidElsewhere)
}

// Kept returns the invoices that a month pays each for itself: of a currency with one invoice whose lines are all of
// the month there is nothing to say that its bridge does not.
func Kept(all []Invoice, isSplit func(statement int64) bool) (kept []Invoice) {
	n := map[string]int{}
	for i := range all {
		n[all[i].Currency]++
		if isSplit(all[i].StatementID) {
			n[all[i].Currency]++
		}
	}
	for i := range all {
		if n[all[i].Currency] > 1 {
			kept = append(kept, all[i])
		}
	}
	return kept
}

type key struct {
	statement int64
	currency  string
}

// Sums adds up the rows of a month by invoice and currency.
type Sums struct {
	invoices   map[key]*Invoice
	successors map[int64]int64
}

// NewSums starts with no invoice. successors gives the statement that has taken the place of another: what is taken
// back of that is paid less of it.
func NewSums(successors map[int64]int64) *Sums { return &Sums{map[key]*Invoice{}, successors} }

// Of returns the sums of a statement, or of its last successor, in a currency.
func (s *Sums) Of(statement int64, currency string) *Invoice {
	for range s.successors {
		if next := s.successors[statement]; next != 0 {
			statement = next
		}
	}
	k := key{statement, currency}
	if s.invoices[k] == nil {
		s.invoices[k] = &Invoice{StatementID: statement, Currency: currency}
	}
	return s.invoices[k]
}

// Net takes what a pool nets of a statement's lines off what is to dispute.
func (s *Sums) Net(statement int64, currency string, amount decimal.Decimal) {
	s.Of(statement, currency).dispute(amount.Neg(), true)
}

func (i *Invoice) bill(amount decimal.Decimal, beside bool) {
	i.Theirs = i.Theirs.Add(amount)
	if beside {
		i.TheirsBeside = i.TheirsBeside.Add(amount)
	}
}

func (i *Invoice) dispute(amount decimal.Decimal, beside bool) {
	i.ToDispute = i.ToDispute.Add(amount)
	if beside {
		i.DisputeBeside = i.DisputeBeside.Add(amount)
	}
}

// Add adds a row; step is that of the bridge which its issue is in. A row on no statement bills nothing.
func (s *Sums) Add(r *billing.Row, step string) {
	if r.StatementID == 0 {
		return
	}
	i := s.Of(r.StatementID, r.Currency)
	beside := i.StatementID != r.StatementID
	i.bill(r.TheirAmount, beside)
	switch {
	case r.Issue.IsZero():
	case r.Class == billing.Unexplained, r.Class == billing.Totals:
		i.Unexplained = i.Unexplained.Add(r.Issue)
	case r.Class.Open() && slices.Contains(disputed, step):
		i.dispute(r.Issue, beside)
	}
}

// Move gives an amount of a row to another statement: the row has lines of both.
func (s *Sums) Move(from, to int64, currency string, amount decimal.Decimal) {
	if left, right := s.Of(from, currency), s.Of(to, currency); left != right {
		left.bill(amount.Neg(), true)
		right.bill(amount, true)
	}
}

// Tax adds to each invoice the tax that the amounts of what is to dispute include, as a share of the rest.
func (s *Sums) Tax(rate decimal.Decimal) {
	for _, i := range s.invoices {
		i.TaxDisputed = i.TaxDisputed.Add(i.ToDispute.Mul(rate).Round(billing.MaxDecimals))
	}
}

// disputed lists the steps of the bridge that make up what is to dispute.
var disputed, _ = billing.SummedSteps(billing.StepToDispute)

// Excess represents what one row of a pool is billed too much.
type Excess struct {
	StatementID int64
	Line        int
	Amount      decimal.Decimal
	Lawful      bool // a call that is owed is behind it
}

// Netted shares out what a pool nets, by statement: the lower lines' excess first, all of it where the pool owes its
// minimum, else that of rows without a lawful call.
func Netted(excess []Excess, net decimal.Decimal, minimum bool) map[int64]decimal.Decimal {
	if !net.IsPositive() {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(excess), func(e Excess) bool { return e.Lawful && !minimum })
	slices.SortStableFunc(list, func(a, b Excess) int {
		return cmp.Or(cmp.Compare(a.StatementID, b.StatementID), cmp.Compare(a.Line, b.Line))
	})
	shares := map[int64]decimal.Decimal{}
	for _, e := range list {
		n := decimal.Min(net, e.Amount)
		net, shares[e.StatementID] = net.Sub(n), shares[e.StatementID].Add(n)
	}
	return shares
}

// Invoices returns the sums, by currency and statement.
func (s *Sums) Invoices() (all []Invoice) {
	for _, i := range s.invoices {
		all = append(all, *i)
	}
	slices.SortFunc(all, func(a, b Invoice) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.StatementID, b.StatementID))
	})
	return all
}

// Pay returns what is proposed for payment in a currency: the sum of its invoices, each rounded for itself.
func (s *Sums) Pay(currency string, minor int32) (sum decimal.Decimal) {
	for k, i := range s.invoices {
		if k.currency == currency {
			sum = sum.Add(i.Pay(decimal.Decimal{}, minor))
		}
	}
	return sum
}
