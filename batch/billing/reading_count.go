package billing

import "github.com/shopspring/decimal"

// ReadingCount is what one reading makes of the month's calls of a region.
type ReadingCount struct {
	Reading  Reading
	Endpoint string
	Region   string
	Currency string // "" where there is no price
	Quantity int64
	Amount   decimal.Decimal // of the calls; monthly minimums are owed for none of them in particular
	Priced   bool
}

// ReadingGap sets one reading beside the statement. The statement's gap is theirs
// less ours.
type ReadingGap struct {
	Reading       Reading
	Endpoint      string // "" where the statement names none
	Currency      string
	OurQuantity   int64
	Doubts        int64 // calls that this reading may count as well
	OurAmount     decimal.Decimal
	Minimum       decimal.Decimal // what monthly minimums add to OurAmount
	TheirQuantity int64
	TheirAmount   decimal.Decimal // usage alone: no credits, no tax
	Priced        bool
	Fits          bool // within the tolerance
}
