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
	StepNotPriced        = "not priced" // what they bill for calls that the price book has no price for
	StepTier             = "tier and minimum"
	StepCredits          = "credits"
	StepTax              = "tax"
	StepUnexplained      = "unexplained"
	StepTheirs           = "theirs"
)

// BridgeLine is one step of one currency's bridge. All steps of a currency are
// there, with zeros where there is nothing to say.
type BridgeLine struct {
	Currency string // "" for calls without a price that no line bills
	Step     string
	Quantity int64
	Amount   decimal.Decimal
	Priced   bool // false on "ours" when it lacks the amounts of calls without a price
}
