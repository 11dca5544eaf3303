package finance

import (
	"liverecon/batch/billing"
)

// classText explains a class: its meaning, and what to do about one of its rows.
type classText struct{ meaning, action string }

func textOf(c billing.Class) classText {
	text, known := map[billing.Class]classText{
		billing.Matched: {"on both sides, same amount", ""},
		billing.WrongTier: {"the price of another tier, which has no room for it or is not reached",
			"Dispute the tier"},
		billing.PriceDiffers: {"the same call, or one in doubt, another amount", "Dispute the price"},
		billing.QuantityDiffers: {"a total over several calls that counts more or fewer",
			"Ask for the calls behind it"},
		billing.PricingDiffers:   {"our answer said FREE, they bill it", "Dispute: answered FREE"},
		billing.OursOnly:         {"our answer said PAY, no line bills it", "Accrue: a later statement may bill it"},
		billing.TheirsOnly:       {"billed, and no call of ours fits", "Dispute: ask for the request log"},
		billing.ExplainedByDoubt: {"billed, and a call of ours without a clear answer fits", "Accept: settles a doubt"},
		billing.OtherTier: {"the same call in another tier; no tier has more calls than the month puts into it",
			"None: follows from the number of calls"},
		billing.Duplicate: {"a transaction billed more than once; the first line is matched",
			"Dispute: billed twice"},
		billing.BilledAgain: {"what an earlier invoice bills; the note says where",
			"Dispute: billed twice"},
		billing.OtherPeriod: {"near the month's bounds, and the other month's", "None: belongs to the other month"},
		billing.MonthlyMinimum: {"as high as the price book's monthly minimum, and for that reason",
			"Accept: the contract's minimum"},
		billing.MinimumNotOwed: {"charged for no call, and not owed as a minimum",
			"Dispute: no minimum is owed"},
		billing.MinimumNotBilled: {"a monthly minimum that is owed, and not billed",
			"Accrue: a later statement may bill it"},
		billing.Contradiction: {"the amount is right, and not quantity times unit price as printed",
			"Ask for a corrected line"},
		billing.PriorPeriod: {"of a closed month, known since; the note says of which", "None: this month bears it"},
		billing.Totals:      {"the vendor's own total, which is the sum of its lines rounded", "None"},
		billing.Credits:     {"money given back", "None"},
		billing.OtherProduct: {"another product of the vendor's on the same bill; the note names it",
			"None: its own contract's"},
		billing.Taxes:       {"tax", "None"},
		billing.Unexplained: {"the vendor's own total differs from its lines", "Ask what the total holds"},
	}[c]
	if !known {
		return classText{action: "Look into it"}
	}
	return text
}
