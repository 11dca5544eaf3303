package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// BridgeLine is one step of one currency's bridge. All steps of a currency are there, with zeros where there is nothing
// to say.
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
	over, under                 decimal.Decimal
	overQuantity, underQuantity int64
}

func (b *bridge) put(step string, quantity int64, amount decimal.Decimal) {
	line := b.steps[step]
	line.Quantity += quantity
	line.Amount = line.Amount.Add(amount)
	b.steps[step] = line
}

// add splits a row's difference over the steps. What the quantities explain goes to the step of its class, what another
// tier or the minimum explains to theirs, and the rest is price.
func (b *bridge) add(f *finding) {
	quantity, amount := f.TheirQuantity-f.OurQuantity, f.TheirAmount.Sub(f.OurAmount)
	b.put(billing.StepOurs, f.OurQuantity, f.OurAmount)
	b.put(billing.StepTheirs, f.TheirQuantity, f.TheirAmount)
	if !f.Priced {
		b.unpriced += f.OurQuantity
	}
	step := stepOf(f.Class)
	switch {
	case !f.Priced && f.Class != billing.OursOnly && f.Class != billing.OtherPeriod:
		b.put(step, quantity, decimal.Decimal{})
		b.put(billing.StepNotPriced, 0, amount)
	case f.calls != 0:
		b.put(billing.StepExplainedByDoubt, f.calls, f.doubt)
		b.put(billing.StepQuantity, quantity-f.calls, decimal.Decimal{})
		b.put(billing.StepPrice, 0, amount.Sub(f.doubt))
	case f.OurQuantity != 0 && f.TheirQuantity != 0:
		b.put(step, quantity, f.extra)
		b.put(billing.StepTier, 0, f.tier)
		b.put(billing.StepPrice, 0, amount.Sub(f.extra).Sub(f.tier))
	default:
		b.put(step, quantity, amount)
	}
	if f.Class.Open() {
		b.open(f, quantity-f.calls, amount.Sub(f.Explained))
	}
}

// stepOf is where a class's difference in quantity goes.
func stepOf(c billing.Class) string {
	switch c {
	case billing.Matched, billing.QuantityDiffers:
		return billing.StepQuantity
	case billing.PriceDiffers:
		return billing.StepPrice
	case billing.OtherTier, billing.MonthlyMinimum:
		return billing.StepTier
	case billing.Credits:
		return billing.StepCredits
	case billing.Taxes:
		return billing.StepTax
	default:
		return string(c)
	}
}

// open adds the part of a row that is open with the vendor, to the side in whose favour it is.
func (b *bridge) open(f *finding, quantity int64, amount decimal.Decimal) {
	if f.Priced {
		if amount.IsPositive() {
			b.over = b.over.Add(amount)
		} else {
			b.under = b.under.Sub(amount)
		}
	} else {
		b.atIssue += max(quantity, -quantity)
	}
	b.overQuantity += max(0, quantity)
	b.underQuantity += max(0, -quantity)
}

func (b *bridge) lines(currency string) []BridgeLine {
	var list []BridgeLine
	for _, step := range billing.Steps() {
		line := b.steps[step]
		line.Currency, line.Step = currency, step
		line.Priced = step != billing.StepOurs || b.unpriced == 0
		if step == billing.StepOurs {
			line.Unpriced = b.unpriced
		}
		list = append(list, line)
	}
	return list
}

func (b *bridge) verdict(currency string, t billing.Tolerance) Verdict {
	ours := b.steps[billing.StepOurs]
	v := Verdict{
		Currency: currency, Ours: ours.Amount,
		Over: b.over, Under: b.under,
		OverQuantity: b.overQuantity, UnderQuantity: b.underQuantity,
		Priced: b.unpriced == 0, Unpriced: b.unpriced, UnpricedAtIssue: b.atIssue,
	}
	v.Within = t.Allows(v.Over, v.Ours) && t.Allows(v.Under, v.Ours)
	if !v.Priced {
		v.Within = v.Within && t.AllowsCount(v.OverQuantity, ours.Quantity) &&
			t.AllowsCount(v.UnderQuantity, ours.Quantity)
	}
	return v
}

// Verdict is whether one currency's open differences are tolerable. Over and Under are not netted: a call billed
// wrongly does not make up for another one that was forgotten. Tax, credits, minimums, other periods and doubts are not
// in them.
type Verdict struct {
	Currency                    string
	Ours                        decimal.Decimal
	Over, Under                 decimal.Decimal // open differences above and below ours, both without a sign
	OverQuantity, UnderQuantity int64
	Priced                      bool  // false: some of our calls have no price, so quantities are judged as well
	Unpriced                    int64 // how many these are
	UnpricedAtIssue             int64 // calls billed beyond them, or not yet billed
	Within                      bool
}
