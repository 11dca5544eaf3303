package match

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/billing/payable"
)

// BridgeLine describes one step of one currency's bridge. All steps of a currency are there, with zeros where there is
// nothing to say; but that of other products only where a statement has some.
type BridgeLine struct {
	Currency string // "" for calls without a price, on a statement in several currencies or none
	Step     string
	Quantity int64
	Amount   decimal.Decimal
	Priced   bool  // false on "ours" when it lacks the amounts of calls without a price
	Unpriced int64 // of Quantity on "ours", the calls in rows whose amount is missing
}

// bridge adds up the rows of one currency.
type bridge struct {
	steps                       map[string]BridgeLine
	unpriced                    int64 // calls in rows without an amount of ours
	atIssue                     int64 // of what is open, the quantity in such rows, on either side
	overQuantity, underQuantity int64
	usage, credits              decimal.Decimal // billed
}

func (b *bridge) put(step string, quantity int64, amount decimal.Decimal) {
	line := b.steps[step]
	line.Quantity += quantity
	if !amount.IsZero() {
		line.Amount = line.Amount.Add(amount)
	}
	b.steps[step] = line
}

// add splits a row over the steps.
func (b *bridge) add(f *finding) {
	b.put(billing.StepOurs, f.OurQuantity, f.OurAmount)
	b.put(billing.StepTheirs, f.TheirQuantity, f.TheirAmount)
	if !f.Priced {
		b.unpriced += f.OurQuantity
	}
	quantity := f.TheirQuantity - f.OurQuantity - f.doubts
	b.put(billing.StepExplainedByDoubt, f.doubts, f.Doubt)
	b.put(billing.StepTierShift, 0, f.Shift)
	b.put(billing.StepMinimumOwed, 0, f.Minimum)
	b.put(billing.StepRounding, 0, f.Rounding)
	b.put(billing.StepTaxOwed, 0, f.Tax)
	if f.prior {
		b.addPrior(f)
		return
	}
	switch f.Class {
	case billing.Credits:
		b.credits = b.credits.Add(f.TheirAmount)
		b.put(billing.StepCredits, quantity, f.TheirAmount)
		return
	case billing.OtherProduct:
		b.put(billing.StepOtherProducts, 0, f.TheirAmount)
		return
	case billing.Taxes:
		return // split in the end
	case billing.Unexplained, billing.Totals:
		b.put(billing.StepUnexplained, quantity, f.Issue)
		return
	}
	b.usage = b.usage.Add(f.TheirAmount)
	if f.Other.IsZero() && f.Class != billing.OtherPeriod {
		b.put(stepOf(f), quantity, f.Issue)
	} else {
		b.put(billing.StepOtherPeriod, quantity, f.Other)
		b.put(stepOf(f), 0, f.Issue)
	}
	if !f.Priced {
		b.put(billing.StepNotPriced, 0, f.TheirAmount)
	}
	if f.Class.Open() {
		b.open(f, quantity)
	}
}

// stepOf returns where what is at issue on a row goes, and its difference in quantity.
func stepOf(f *finding) string {
	over := f.isOver() || f.Issue.IsZero()
	pick := func(more, less string) string {
		if over {
			return more
		}
		return less
	}
	switch f.Class {
	case billing.PriceDiffers:
		return pick(billing.StepPriceOver, billing.StepPriceUnder)
	case billing.WrongTier:
		return pick(billing.StepTierOver, billing.StepTierUnder)
	case billing.PricingDiffers:
		return billing.StepPricing
	case billing.OursOnly:
		return billing.StepOursOnly
	case billing.TheirsOnly:
		return billing.StepTheirsOnly
	case billing.Duplicate:
		return billing.StepDuplicate
	case billing.BilledAgain:
		return billing.StepBilledAgain
	case billing.MinimumNotOwed:
		return billing.StepMinimumNotOwed
	case billing.MinimumNotBilled:
		return billing.StepMinimumNotBilled
	case billing.OtherPeriod:
		return billing.StepOtherPeriod
	}
	if !f.prior && f.TheirQuantity < f.OurQuantity+f.doubts {
		over = false
	}
	return pick(billing.StepQuantityOver, billing.StepQuantityUnder)
}

// open counts the part of a row that is open with the vendor, on the side in whose favour it is.
func (b *bridge) open(f *finding, quantity int64) {
	if !f.Priced {
		b.atIssue += max(quantity, -quantity)
	}
	b.overQuantity += max(0, quantity)
	b.underQuantity += max(0, -quantity)
	p := f.pool
	if p == nil || f.Issue.IsZero() {
		return
	}
	if f.Issue.IsNegative() {
		p.under = p.under.Sub(f.Issue)
		if f.Class == billing.WrongTier {
			p.bought = p.bought.Sub(f.Issue)
		}
		return
	}
	p.over = p.over.Add(f.Issue)
	p.excess = append(p.excess, payable.Excess{StatementID: f.StatementID, Line: f.Line, Amount: f.Issue,
		Lawful: f.lawful})
	if !f.lawful {
		p.ghosts = p.ghosts.Add(f.Issue)
	}
}

// net returns how much of what a pool is billed too much and too little makes up for each other: all of it while the
// minimum is owed, for single prices do not matter then; else what lines that are no calls have made real calls
// cheaper, since they used up places.
func (p *pool) net() decimal.Decimal {
	if p.minimum().IsPositive() {
		return decimal.Min(p.over, p.under)
	}
	return decimal.Min(p.ghosts, p.bought)
}

// netted shares out by statement what is netted.
func (p *pool) netted() map[int64]decimal.Decimal {
	return payable.Netted(p.excess, p.net(), p.minimum().IsPositive())
}

// close nets the pools and adds the sums up.
func (o *outcome) close(in *month) {
	for _, p := range in.pools {
		if n := p.net(); n.IsPositive() {
			for statement, share := range p.netted() {
				o.invoices.Net(statement, p.price.Currency, share)
			}
			b := o.bridge(p.price.Currency)
			b.put(billing.StepNettedOver, 0, n.Neg())
			b.put(billing.StepNettedUnder, 0, n)
		}
	}
	o.invoices.Tax(in.TaxRate)
	o.splitTax(in)
	for _, b := range o.bridges {
		for _, sum := range []string{billing.StepOwed, billing.StepToDispute, billing.StepNotYetBilled} {
			steps, _ := billing.SummedSteps(sum)
			for _, step := range steps {
				b.put(sum, b.steps[step].Quantity, b.steps[step].Amount)
			}
		}
		included := b.steps[billing.StepToDispute].Amount.Mul(in.TaxRate).Round(billing.MaxDecimals)
		b.put(billing.StepTaxDisputed, 0, included)
		b.put(billing.StepTaxOwed, 0, included.Neg())
	}
}

func (b *bridge) lines(currency string) []BridgeLine {
	var list []BridgeLine
	for _, step := range billing.Steps() {
		line, put := b.steps[step]
		if step == billing.StepOtherProducts && !put {
			continue
		}
		line.Currency, line.Step = currency, step
		line.Priced = step != billing.StepOurs || b.unpriced == 0
		if step == billing.StepOurs {
			line.Unpriced = b.unpriced
		}
		list = append(list, line)
	}
	return list
}

func (b *bridge) verdict(in *month, currency string) Verdict {
	ours := b.steps[billing.StepOurs]
	v := Verdict{
		Currency: currency, Ours: ours.Amount,
		Over: b.steps[billing.StepToDispute].Amount, Under: b.steps[billing.StepNotYetBilled].Amount.Neg(),
		OverQuantity: b.overQuantity, UnderQuantity: b.underQuantity,
		Unexplained: b.steps[billing.StepUnexplained].Amount,
		Priced:      b.unpriced == 0, Unpriced: b.unpriced, UnpricedAtIssue: b.atIssue,
	}
	v.Within = in.Tolerance.Allows(v.Over.Add(decimal.Max(v.Unexplained, decimal.Decimal{})), v.Ours) &&
		in.Tolerance.Allows(v.Under.Sub(decimal.Min(v.Unexplained, decimal.Decimal{})), v.Ours)
	if !v.Priced {
		v.Within = v.Within && in.Tolerance.AllowsCount(v.OverQuantity, ours.Quantity) &&
			in.Tolerance.AllowsCount(v.UnderQuantity, ours.Quantity)
	}
	return v
}

// Verdict holds what one currency's open differences come to. Over and Under are the bridge's "to dispute" and "not yet
// billed": what is wrong in a pool that owes its minimum is netted in them, and nothing else. Tax, credits, minimums,
// other periods and doubts are not in them.
type Verdict struct {
	Currency                    string
	Ours                        decimal.Decimal
	Over, Under                 decimal.Decimal // both without a sign
	OverQuantity, UnderQuantity int64
	Unexplained                 decimal.Decimal // the vendor's total less its lines
	Pay                         decimal.Decimal // proposed for payment, invoice by invoice
	Priced                      bool            // false: some of our calls have no price, so quantities are judged too
	Unpriced                    int64           // how many these are
	UnpricedAtIssue             int64           // calls billed beyond them, or not yet billed
	Within                      bool            // the tolerance
}

func floorAndCeiling(calls, doubts int64) string {
	return fmt.Sprintf("floor %d, ceiling %d", calls, calls+doubts)
}
