// Package oracle judges a month's statements against the calls of the journal by brute force: a second opinion on the
// matching, the right amounts, the bridge and the payment. It is all tests: it shares no code with the program, and is laid
// beside the matcher in TestOracle; clarity counts over speed. It is made for months of some sixty calls.
//
// # Units
//
// Amounts and prices are exact decimals in the currency's main unit (0.035 is three and a half cents). Instants are
// time.Time, of which the milliseconds count; the billing zone is [Settings.Zone]. A day is "2006-01-02" and a month
// "2006-01", both of the billing zone. Identifiers are strings that are compared as they are; the empty string is
// missing. A zero time is missing. A nil *int or *decimal.Decimal is missing.
//
// # Calls
//
// The journal holds the calls of all months that may matter: the month judged, its neighbours', and for the reading
// distinct-id all calls of an ID. Every call but an unsent one has a row in the price book, otherwise it is left out.
//
// # Statements
//
// The statements are files in the order of their import, of the month judged and of others. A part
// that another supersedes is left out, and so is a file that nothing tells how to take ([Result.Asked]). Files of
// other months say whether a neighbour was imported, what was billed elsewhere, and which line bills a call again. A
// line belongs to one month's side: [Line.Side] where that is set; an itemised line within the edge band of the invoice
// month to that; any other to the month of its time, day or month; what has none, and credits, taxes and totals, to the
// invoice month.
//
// # Results
//
// [Reconcile] gives one [Row] for each line, each cell, each charge on no line, and each minimum that was not billed.
// For every row Ours + Doubt + Other + Shift + Minimum = Right and Right + Issue + Rounding + Tax + Held = Theirs.
package oracle

import (
	"time"

	"github.com/shopspring/decimal"
)

// Outcome names how a call ended.
type Outcome string

// The outcomes of calls.
const (
	Answered   Outcome = "answered"
	Unanswered Outcome = "unanswered" // it may have arrived
	Unsent     Outcome = "unsent"     // it never left
)

// Call describes one request of the journal.
type Call struct {
	ID          string
	Sent        time.Time
	Endpoint    string
	Region      string
	Subject     string // the ID asked about
	Outcome     Outcome
	Code        string // "SUCCESS" or another; empty without an answer
	Tag         string // "PAY", "FREE", another or none
	Transaction string // empty without an answer
}

// PriceKind names how the tiers of a row apply.
type PriceKind string

// The kinds of price rows.
const (
	Flat      PriceKind = "flat"      // one tier
	Graduated PriceKind = "graduated" // each tier prices its own places
	Volume    PriceKind = "volume"    // the tier reached prices all
)

// Tier represents a price up to a count of charges after the quota, the tiers before it included; zero is no end.
type Tier struct {
	UpTo int
	Unit decimal.Decimal
}

// PriceRow describes one row of the price book.
type PriceRow struct {
	Endpoint string
	Region   string    // or "*"
	From, To time.Time // half-open, midnights of the billing zone; zero is open
	Currency string
	Kind     PriceKind
	Tiers    []Tier
	Quota    int             // free charges of a month
	Minimum  decimal.Decimal // of a month; zero is none
}

// LineKind names the kind of a line of a statement.
type LineKind string

// The kinds of lines.
const (
	Usage  LineKind = "usage"
	Credit LineKind = "credit"
	Tax    LineKind = "tax"
	Total  LineKind = "total"
)

// Line describes one line of a statement.
type Line struct {
	Number       int // its place in the file
	Kind         LineKind
	Transaction  string
	Time         time.Time
	Resolution   time.Duration // of Time: 1 ms, 1 s or 60 s; zero is 1 ms
	Day          string        // where there is no time
	Month        string        // where there is no day
	Endpoint     string
	Region       string
	Quantity     *int // missing counts as zero where there is neither a transaction nor a time
	Unit         *decimal.Decimal
	Amount       decimal.Decimal
	Currency     string
	Tag          string
	OtherProduct bool   // set aside before matching
	Side         string // the month on whose side it is; empty: as the package comment says
}

// Statement describes one file.
type Statement struct {
	Name    string
	Invoice string // its invoice month; empty: the latest month of a line outside the edge band
	Lines   []Line

	Additional, Replace, BilledAgain bool // what was said of it at import
}

// Reading names a rule of which calls the vendor charges for.
type Reading string

// The readings, in the order of the price book's documents.
const (
	PayTag      Reading = "pay-tag"
	Success     Reading = "success"
	DistinctID  Reading = "distinct-id"
	Transaction Reading = "transaction"
	EveryCall   Reading = "every-call"
)

// Readings returns all of them.
func Readings() []Reading { return []Reading{PayTag, Success, DistinctID, Transaction, EveryCall} }

// Level names a level of amounts at which a statement rounds.
type Level string

// The levels of rounding.
const (
	LineLevel  Level = "line"
	CellLevel  Level = "cell"
	TotalLevel Level = "total"
)

// Rounding represents a rule of rounding that was agreed on: the level, the decimals kept, half to even instead of half
// up.
type Rounding struct {
	Level    Level
	Decimals int32
	HalfEven bool
}

// Settings holds the contract's terms. [DefaultSettings] has the usual ones.
type Settings struct {
	Reading      Reading
	Zone         *time.Location
	MonthStarts  int // day of the month; 0 and 1: the calendar month
	Edge         time.Duration
	Window       time.Duration // how long after its call a charge may stand
	Skew         time.Duration // how long before its call a charge may stand
	Rounding     *Rounding     // nil: any that the printed decimals allow
	TaxIncluded  *decimal.Decimal
	GrossTaxBase bool
	ToleranceAbs decimal.Decimal
	ToleranceRel decimal.Decimal // of what is owed
	Force        bool            // opens the gate
}

// DefaultSettings returns the usual terms in a zone.
func DefaultSettings(zone *time.Location) Settings {
	return Settings{Reading: PayTag, Zone: zone, Edge: 24 * time.Hour, Window: 15 * time.Minute, Skew: 30 * time.Second}
}
