package billing

import "slices"

// The steps of the bridge from our amount to the vendor's, in order. Every step says what it adds to the one before;
// StepOwed, StepToDispute, StepNotYetBilled and StepTheirs are sums of the steps above them.
//
// The classes of rows in which more is billed than is owed have a step each, and so have those in which less is: no
// difference makes up for another one. What does, within a pool of the price book, is netted in steps of its own.
const (
	StepOurs             = "ours"
	StepOtherPeriod      = "other period"
	StepExplainedByDoubt = "explained by doubt"
	StepTierShift        = "tier shift" // calls beyond ours move others into another tier or out of the quota
	StepMinimumOwed      = "minimum owed"
	StepOwed             = "owed" // the sum so far

	StepPriceOver        = "price differs, more"
	StepTierOver         = "wrong tier, more"
	StepQuantityOver     = "quantity differs, more"
	StepPricing          = "pricing differs"
	StepTheirsOnly       = "theirs only"
	StepDuplicate        = "duplicate on statement"
	StepBilledAgain      = "billed again"
	StepMinimumNotOwed   = "minimum not owed"
	StepNettedOver       = "netted, more"
	StepToDispute        = "to dispute" // the sum of these
	StepPriceUnder       = "price differs, less"
	StepTierUnder        = "wrong tier, less"
	StepQuantityUnder    = "quantity differs, less"
	StepOursOnly         = "ours only"
	StepMinimumNotBilled = "minimum not billed"
	StepNettedUnder      = "netted, less"
	StepNotYetBilled     = "not yet billed" // the sum of these, with a minus

	StepPriorPeriods = "prior periods"
	StepRounding     = "rounding"
	StepNotPriced    = "not priced" // what they bill for calls that the price book has no price for
	StepCredits      = "credits"
	// StepOtherProducts appears only where a statement has lines of other products.
	StepOtherProducts = "other products"
	StepTaxOwed       = "tax on what is owed"
	StepTaxDisputed   = "tax on what is disputed"
	StepUnexplained   = "unexplained"
	StepTheirs        = "theirs" // the sum of all
)

// Steps lists the steps in order.
func Steps() []string {
	return []string{
		StepOurs, StepOtherPeriod, StepExplainedByDoubt, StepTierShift, StepMinimumOwed, StepOwed,
		StepPriceOver, StepTierOver, StepQuantityOver, StepPricing, StepTheirsOnly, StepDuplicate, StepBilledAgain,
		StepMinimumNotOwed, StepNettedOver, StepToDispute,
		StepPriceUnder, StepTierUnder, StepQuantityUnder, StepOursOnly, StepMinimumNotBilled, StepNettedUnder,
		StepNotYetBilled,
		StepPriorPeriods, StepRounding, StepNotPriced, StepCredits, StepOtherProducts, StepTaxOwed, StepTaxDisputed, StepUnexplained,
		StepTheirs,
	}
}

// SummedSteps returns the steps that a sum of the bridge adds up, and false for a step that is no sum.
func SummedSteps(step string) ([]string, bool) {
	after := map[string]string{StepOwed: StepOurs, StepToDispute: StepPriceOver, StepNotYetBilled: StepPriceUnder,
		StepTheirs: StepOurs}
	first, sum := after[step]
	if !sum {
		return nil, false
	}
	all := Steps()
	list := slices.Clone(all[slices.Index(all, first):slices.Index(all, step)])
	return slices.DeleteFunc(list, func(s string) bool { _, sum := after[s]; return sum }), true
}
