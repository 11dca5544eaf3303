package billing

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Class names what became of a charge when our journal and the vendor's statement
// were laid side by side. Every charge of ours and every line of theirs is in
// exactly one row, and every row in exactly one class.
type Class string

// The classes. Those from QuantityDiffers on are for totals, and for lines that are no calls.
const (
	Matched          Class = "matched"         // the amounts agree, or one is the other rounded
	PriceDiffers     Class = "price differs"   // the same call, or one in doubt, another amount
	WrongTier        Class = "wrong tier"      // the same at the price of another tier, or of the quota, that has no room
	PricingDiffers   Class = "pricing differs" // we say it costs nothing, they bill it
	OursOnly         Class = "ours only"
	TheirsOnly       Class = "theirs only"
	ExplainedByDoubt Class = "explained by doubt" // theirs, where a call of ours is in doubt
	Duplicate        Class = "duplicate on statement"
	BilledAgain      Class = "billed again" // another statement bills the transaction, and is the earlier one
	OtherPeriod      Class = "other period" // a charge of another month here, or one of this month on another's statement

	QuantityDiffers  Class = "quantity differs" // a total over several calls
	MonthlyMinimum   Class = "monthly minimum"  // what the contract's minimum adds to the calls
	MinimumNotOwed   Class = "minimum not owed" // charged for no call, and no minimum is owed, or not as much
	MinimumNotBilled Class = "minimum not billed"
	Contradiction    Class = "contradicts itself" // the amount is right, and not quantity times unit price
	PriorPeriod      Class = "prior period"       // of a closed month, and as it should be; what is not has its own class
	Credits          Class = "credit"
	OtherProduct     Class = "other product" // of the vendor's, on the same bill: nothing to lay beside our calls
	Taxes            Class = "tax"
	Totals           Class = "total"       // the vendor's own total, which is its lines' sum rounded
	Unexplained      Class = "unexplained" // what the vendor's own total differs from its lines by
)

// OtherTier marks the class that months closed by earlier versions have for a call in another tier than by its time,
// where none has more calls than the month puts into it. Such calls are Matched.
const OtherTier Class = "another tier"

// ClassNames lists the classes in the order in which they are shown.
func ClassNames() []Class {
	return []Class{
		Matched, PriceDiffers, WrongTier, QuantityDiffers, PricingDiffers, OursOnly, TheirsOnly,
		ExplainedByDoubt, OtherTier, Duplicate, BilledAgain, OtherPeriod, MonthlyMinimum, MinimumNotOwed,
		MinimumNotBilled, Contradiction, PriorPeriod, Credits, OtherProduct, Taxes, Totals, Unexplained,
	}
}

// lostNote marks, in their note, rows that bill calls of a time that the database lost. They are explained by doubt:
// nobody can tell the vendor that these calls were not sent.
const lostNote = "of a time whose calls the database lost"

// LostNote reports that some of the calls that a row bills beyond ours may be of a time that the database lost.
func LostNote(lost, beyond int64) string {
	if lost == beyond {
		return lostNote
	}
	return fmt.Sprintf("%d of %d calls %s", lost, beyond, lostNote)
}

// LostCalls returns how many of the calls that a row bills beyond ours its note takes for lost ones.
func LostCalls(note string, beyond int64) int64 {
	before, _, found := strings.Cut(note, lostNote)
	if !found {
		return 0
	}
	before = before[strings.LastIndex(before, ";")+1:]
	var lost, of int64
	if n, err := fmt.Sscanf(before, "%d of %d calls", &lost, &of); n == 2 && err == nil {
		return lost
	}
	return beyond
}

// PriorNote marks, in their note, rows that a month has of closed ones.
const PriorNote = "of a closed month"

// Open reports whether the rows of a class are for somebody to settle with the
// vendor. The others are as they should be, or explain themselves.
func (c Class) Open() bool {
	switch c {
	case PriceDiffers, WrongTier, QuantityDiffers, PricingDiffers, OursOnly, TheirsOnly, Duplicate, BilledAgain,
		MinimumNotOwed, MinimumNotBilled, Contradiction, Unexplained:
		return true
	default:
		return false
	}
}

// Row describes one finding of a reconciliation: a call of ours, a line of theirs, or a
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
	Parts
	Priced bool // OurAmount is known: the price book has a price, or no quantity of ours is in the row
	Note   string
}

// Parts holds what the difference of a row is made of: OurAmount + Doubt + Other + Shift + Minimum + Prior is right,
// Issue what is billed beyond it or, negative, below, Rounding what rounding adds, and Tax what is included. Together
// they are TheirAmount.
type Parts struct {
	Doubt    decimal.Decimal // the calls in doubt that it bills
	Other    decimal.Decimal // a call of another month that it bills, or of this month that another statement has
	Shift    decimal.Decimal // calls of ours in another tier than by their times among ours alone
	Minimum  decimal.Decimal // of a monthly minimum that is owed
	Issue    decimal.Decimal
	Rounding decimal.Decimal
	Prior    decimal.Decimal // what is owed for a closed month, newly or accrued there
	Tax      decimal.Decimal // that TheirAmount includes
}

// Explained returns what of a row's difference nobody has to settle.
func (p *Parts) Explained() decimal.Decimal {
	return p.Doubt.Add(p.Other).Add(p.Shift).Add(p.Minimum).Add(p.Rounding).Add(p.Prior).Add(p.Tax)
}
