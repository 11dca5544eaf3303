package billing

import (
	"time"
)

// Answered and Unanswered are the outcomes of calls that may have reached the
// vendor.
const (
	Answered   = "answered"
	Unanswered = "unanswered"
)

// Call is one call of the journal that may have reached the vendor.
type Call struct {
	ID            int64
	CheckID       int64 // the ID that was asked about
	SentAt        time.Time
	Endpoint      string
	Region        string
	Outcome       string // Answered or Unanswered
	Tag           Tag
	Pricing       string // as received
	TransactionID string // "" when there was no answer, or none in it
	Success       bool   // the answer's code is SUCCESS
	Billed        bool   // in doubt, but another month's statement was found to bill it
}

// Scope is what a statement is about: an endpoint's month, or a whole month.
type Scope struct {
	Month    Period
	Endpoint string // "": all endpoints
}

// Options are the settings of a reconciliation.
type Options struct {
	Month     Period
	Reading   Reading       // the contract's
	Edge      time.Duration // how far from the month's bounds a charge may be on the neighbouring month's statement
	Window    time.Duration // how far from a call in doubt a line may be that it explains, either way
	Tolerance Tolerance
	Imported  []Scope // standing statements of the neighbouring months
}

// Resolution says what a statement showed about a call in doubt.
type Resolution struct {
	CallID int64
	Billed bool
}

// Result is what a reconciliation found besides its rows.
type Result struct {
	Bridge      []BridgeLine   // by currency, in the order of the steps
	Readings    []ReadingCount // of the month, by reading, endpoint, region and currency
	Gaps        []ReadingGap   // by reading, endpoint and currency
	Reproduces  []Reading      // the readings that give the statement's quantities and amounts
	Nearest     Reading        // the one that comes closest
	Verdicts    []Verdict      // by currency
	Within      bool           // every verdict is
	Itemised    bool           // the statement names transactions
	Resolutions []Resolution   // by call
	Minimum     Amounts        // what the price book's monthly minimums add to our calls' cost
	Calls       int64          // of the month and the statement's endpoints
	Charges     int64          // of Calls, those that are charges by the contract's reading: all of them are in a row
	Doubts      int64          // of Calls, those in doubt
	Free        int64          // of Calls, those that are neither, and that no line bills: they are in no row
	Elsewhere   int64          // charges of the month at endpoints that the statement is not about: they are in no row
}
