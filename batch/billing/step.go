package billing

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
	// what follows from another tier of the same price, or from a monthly minimum
	StepTier        = "tier and minimum"
	StepCredits     = "credits"
	StepTax         = "tax"
	StepUnexplained = "unexplained"
	StepTheirs      = "theirs"
)

// Steps lists the steps in order.
func Steps() []string {
	return []string{
		StepOurs, StepPrice, StepQuantity, StepPricing, StepOursOnly, StepTheirsOnly, StepExplainedByDoubt,
		StepDuplicate,
		StepOtherPeriod, StepNotPriced, StepTier, StepCredits, StepTax, StepUnexplained, StepTheirs,
	}
}
