package finance

// The names of classes and steps that the workbook treats in a way of their own; the others are shown as they come.
const (
	classMatched     = "matched"
	ClassPrice       = "price differs"
	classQuantity    = "quantity differs"
	classPricing     = "pricing differs"
	classOursOnly    = "ours only"
	classTheirsOnly  = "theirs only"
	classDoubt       = "explained by doubt"
	classTier        = "another tier"
	classDuplicate   = "duplicate on statement"
	classOther       = "other period"
	classMinimum     = "monthly minimum"
	classCredit      = "credit"
	classTax         = "tax"
	classUnexplained = "unexplained"

	stepOurs   = "ours"
	stepTheirs = "theirs"

	stepUnpriced = "not priced"
	stepCredits  = "credits"
	stepTax      = "tax"
)

// classText is what a class means, and what to do about one of its rows.
type classText struct {
	name, meaning, action string
	open                  bool // for somebody to settle with the vendor
}

func classTexts() []classText {
	return []classText{
		{classMatched, "on both sides, same amount", "", false},
		{ClassPrice, "the same call, or one in doubt, another amount", "Dispute the price", true},
		{classQuantity, "a total over several calls that counts more or fewer", "Ask for the calls behind it", true},
		{classPricing, "our answer said FREE, they bill it", "Dispute: answered FREE", true},
		{classOursOnly, "our answer said PAY, no line bills it", "Accrue: a later statement may bill it", true},
		{classTheirsOnly, "billed, and no call of ours fits", "Dispute: ask for the request log", true},
		{classDoubt, "billed, and a call of ours without a clear answer fits", "Accept: settles a doubt", false},
		{classTier, "the same call in another tier; no tier has more calls than the month puts into it", "None: follows from the number of calls", false},
		{classDuplicate, "a transaction billed more than once; the first line is matched", "Dispute: billed twice", true},
		{classOther, "near the month's bounds, and the other month's", "None: belongs to the other month", false},
		{classMinimum, "as high as the price book's monthly minimum, and for that reason", "Accept: the contract's minimum", false},
		{classCredit, "money given back", "None", false},
		{classTax, "tax", "None", false},
		{classUnexplained, "the vendor's own total differs from its lines", "Ask what the total holds", true},
	}
}

func classOf(name string) classText {
	for _, c := range classTexts() {
		if c.name == name {
			return c
		}
	}
	return classText{name, "", "Look into it", true}
}
