package billing

import "github.com/shopspring/decimal"

// The steps of the bridge from our amount to the vendor's, in order. Each line
// between the first and the last says what it adds; together they make the
// difference exactly.
const (
	StepOurs             = "ours"
	StepPrice            = "price variance"
	StepQuantity         = "quantity variance"
	StepPricing          = "pricing differs"
	StepOursOnly         = "ours only"
	StepTheirsOnly       = "theirs only"
	StepExplainedByDoubt = "explained by doubt"
	StepDuplicate        = "duplicate on statement"
	StepOtherPeriod      = "other period"
	StepNotPriced        = "not priced"       // what they bill for calls that the price book has no price for
	StepTier             = "tier and minimum" // what follows from another tier of the same price, or from a monthly minimum
	StepCredits          = "credits"
	StepTax              = "tax"
	StepUnexplained      = "unexplained"
	StepTheirs           = "theirs"
)

// Steps lists the steps in order.
func Steps() []string {
	return []string{
		StepOurs, StepPrice, StepQuantity, StepPricing, StepOursOnly, StepTheirsOnly, StepExplainedByDoubt, StepDuplicate,
		StepOtherPeriod, StepNotPriced, StepTier, StepCredits, StepTax, StepUnexplained, StepTheirs,
	}
}

// BridgeLine is one step of one currency's bridge. All steps of a currency are
// there, with zeros where there is nothing to say.
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

// add splits a row's difference over the steps. What the quantities explain goes
// to the step of its class, what another tier or the minimum explains to theirs,
// and the rest is price.
func (b *bridge) add(f *finding) {
	quantity, amount := f.TheirQuantity-f.OurQuantity, f.TheirAmount.Sub(f.OurAmount)
	b.put(StepOurs, f.OurQuantity, f.OurAmount)
	b.put(StepTheirs, f.TheirQuantity, f.TheirAmount)
	if !f.Priced {
		b.unpriced += f.OurQuantity
	}
	step := stepOf(f.Class)
	switch {
	case !f.Priced && f.Class != OursOnly && f.Class != OtherPeriod:
		b.put(step, quantity, decimal.Decimal{})
		b.put(StepNotPriced, 0, amount)
	case f.calls != 0:
		b.put(StepExplainedByDoubt, f.calls, f.doubt)
		b.put(StepQuantity, quantity-f.calls, decimal.Decimal{})
		b.put(StepPrice, 0, amount.Sub(f.doubt))
	case f.OurQuantity != 0 && f.TheirQuantity != 0:
		b.put(step, quantity, f.extra)
		b.put(StepTier, 0, f.tier)
		b.put(StepPrice, 0, amount.Sub(f.extra).Sub(f.tier))
	default:
		b.put(step, quantity, amount)
	}
	if f.Class.Open() {
		b.open(f, quantity-f.calls, amount.Sub(f.Explained))
	}
}

// stepOf is where a class's difference in quantity goes.
func stepOf(c Class) string {
	switch c {
	case Matched, QuantityDiffers:
		return StepQuantity
	case PriceDiffers:
		return StepPrice
	case OtherTier, MonthlyMinimum:
		return StepTier
	case Credits:
		return StepCredits
	case Taxes:
		return StepTax
	default:
		return string(c)
	}
}

// open adds what of a row is to be settled with the vendor, on the side it is on.
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
	for _, step := range Steps() {
		line := b.steps[step]
		line.Currency, line.Step = currency, step
		line.Priced = step != StepOurs || b.unpriced == 0
		if step == StepOurs {
			line.Unpriced = b.unpriced
		}
		list = append(list, line)
	}
	return list
}
