package billing

import (
	"time"

	"github.com/shopspring/decimal"
)

// Class says what became of a charge when our journal and the vendor's statement
// were laid side by side. Every charge of ours and every line of theirs is in
// exactly one row, and every row in exactly one class.
type Class string

// The classes. The last six are for totals, and for lines that are no calls.
const (
	Matched          Class = "matched"
	PriceDiffers     Class = "price differs"   // the same call, or one in doubt, another amount
	PricingDiffers   Class = "pricing differs" // we say it costs nothing, they bill it
	OursOnly         Class = "ours only"
	TheirsOnly       Class = "theirs only"
	ExplainedByDoubt Class = "explained by doubt" // theirs, where a call of ours is in doubt
	Duplicate        Class = "duplicate on statement"
	OtherPeriod      Class = "other period" // within the edge band of the month's bounds

	QuantityDiffers Class = "quantity differs" // a total over several calls
	// the same call, in another tier or the free quota; none has more calls than the month puts into it
	OtherTier      Class = "another tier"
	MonthlyMinimum Class = "monthly minimum" // as high as the price book's monthly minimum, and for that reason
	Credits        Class = "credit"
	Taxes          Class = "tax"
	Unexplained    Class = "unexplained" // what the vendor's own total differs from its lines by; zero where it ties
)

// ClassNames lists the classes in the order in which they are shown.
func ClassNames() []Class {
	return []Class{
		Matched, PriceDiffers, QuantityDiffers, PricingDiffers, OursOnly, TheirsOnly,
		ExplainedByDoubt, OtherTier, Duplicate, OtherPeriod, MonthlyMinimum, Credits, Taxes, Unexplained,
	}
}

// Open says whether the rows of a class are for somebody to settle with the
// vendor. The others are as they should be, or explain themselves.
func (c Class) Open() bool {
	switch c {
	case PriceDiffers, QuantityDiffers, PricingDiffers, OursOnly, TheirsOnly, Duplicate, Unexplained:
		return true
	default:
		return false
	}
}

// Row is one finding of a reconciliation: a call of ours, a line of theirs, or a
// pair of them. The quantities and amounts of all rows of a currency add up to
// the "ours" and the "theirs" of its bridge.
type Row struct {
	Class       Class
	CallID      int64 // 0: none
	StatementID int64 // 0: none
	Line        int   // of the statement; 0: none. Of several lines that stand for one total the first
	At          time.Time
	Endpoint    string
	Region      string
	Currency    string // "" only where neither side names one

	TransactionID string
	OurTag        Tag    // "" without a call
	OurPricing    string // as received
	TheirPricing  string // as received
	OurQuantity   int64  // charges by the contract's reading; 0 beside a call that is none
	TheirQuantity int64  // charges; 0 beside a line that only lists a call as free
	OurAmount     decimal.Decimal
	TheirAmount   decimal.Decimal
	// of the difference of an open row, what nobody has to settle: the price of a call in doubt, a monthly minimum
	Explained decimal.Decimal
	Priced    bool // OurAmount is known: the price book has a price, or no quantity of ours is in the row
	Note      string
}
