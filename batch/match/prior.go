package match

import (
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// Prior holds what a month bears of a closed one and has in no row of its own: a call, a line, or a pair of them.
type Prior struct {
	Month         billing.Period // the closed one
	Kind          string
	CallID        int64     // 0: none
	StatementID   int64     // 0: no line
	Line          int       // of the statement
	At            time.Time // of the line's charge; zero where none is given
	Endpoint      string
	Region        string
	Currency      string // "" for a call without a price
	TransactionID string // of the line
	Pricing       string // of the line, as received
	Beside        bool   // the line is a credit or a tax
	Quantity      int64  // calls that the line bills
	Right         decimal.Decimal
	Amount        decimal.Decimal // that the line bills; negative where it stands no more
	Unpriced      bool            // what is right nobody knows
	Class         billing.Class   // of what is at issue: Amount less Right; "" where nothing is
	Note          string
}

// Prior adds what the month bears of a closed one. It is owed, but for what is at issue, and its calls are not counted
// in the month's own.
func (m *Matcher) Prior(p Prior) { m.month.prior = append(m.month.prior, p) }

// emitPrior makes the rows of what the month bears of closed ones.
func emitPrior(in *month, out *outcome) {
	for i := range in.prior {
		p := &in.prior[i]
		f := &finding{prior: true, beside: p.Beside, Row: billing.Row{Class: billing.PriorPeriod, CallID: p.CallID,
			StatementID: p.StatementID, Line: p.Line, At: p.At, Endpoint: p.Endpoint, Region: p.Region,
			Currency: p.Currency, TransactionID: p.TransactionID, TheirPricing: p.Pricing, TheirQuantity: p.Quantity,
			TheirAmount: p.Amount, Priced: !p.Unpriced}}
		if p.Class != "" {
			f.Class = p.Class
		}
		if f.Currency == "" {
			f.Currency = in.coverage.CurrencyAt(p.Endpoint)
		}
		if !p.Beside {
			f.Tax = p.Amount.Sub(in.lines.net(p.Amount))
		}
		f.Prior, f.Issue = p.Right, f.net().Sub(p.Right)
		f.note(billing.PriorNote + ", " + p.Month.String() + ": " + p.Kind)
		if p.Note != "" {
			f.note(p.Note)
		}
		out.emit(f)
	}
}

// addPrior adds what is owed for a closed month, and what is at issue of it.
func (b *bridge) addPrior(f *finding) {
	owed := f.TheirQuantity
	switch f.Class {
	case billing.OursOnly:
		owed = 1
	case billing.TheirsOnly, billing.BilledAgain, billing.PricingDiffers:
		owed = 0
	}
	b.put(billing.StepPriorPeriods, owed, f.Prior)
	switch {
	case !f.Priced:
		b.put(billing.StepNotPriced, 0, f.TheirAmount)
	case !f.Class.Open():
		return
	default:
		b.put(stepOf(f), f.TheirQuantity-owed, f.Issue)
	}
	b.open(f, f.TheirQuantity-owed)
}

// isOver reports that more is billed than is right, or that a line of a closed month that did so stands no more: that
// is taken off what is to dispute.
func (f *finding) isOver() bool {
	if f.prior && f.TheirAmount.IsNegative() {
		return f.Issue.IsNegative()
	}
	return f.Issue.IsPositive()
}
