package oracle

import (
	"time"

	"github.com/shopspring/decimal"
)

// Class names the kind of a row.
type Class string

// The classes of rows.
const (
	Matched           Class = "matched"
	ExplainedByDoubt  Class = "explained by doubt"
	OtherPeriod       Class = "other period"
	WrongTier         Class = "wrong tier"
	PriceDiffers      Class = "price differs"
	QuantityDiffers   Class = "quantity differs"
	PricingDiffers    Class = "pricing differs"
	TheirsOnly        Class = "theirs only"
	OursOnly          Class = "ours only"
	Duplicate         Class = "duplicate"
	BilledAgain       Class = "billed again"
	MonthlyMinimum    Class = "monthly minimum"
	MinimumNotOwed    Class = "minimum not owed"
	MinimumNotBilled  Class = "minimum not billed"
	Reversed          Class = "reversed"  // a line and the negative line that takes it out
	Listed            Class = "listed"    // tagged FREE at amount 0
	Withheld          Class = "withheld"  // a line that only its time could place, of a shifted clock
	unpaired          Class = ""          // not decided yet
	paired            Class = "on a call" // decided, its amount is not
	anotherTierLawful       = "another tier, lawful"
	byCount                 = "by count"
	awaited                 = "awaited"
)

// Place names a line: its file and its number there.
type Place struct {
	File   string
	Number int
}

// Row describes one row of the reconciliation.
type Row struct {
	Class    Class
	Note     string
	Lines    []Place  // several for a cell
	Calls    []string // the calls it is about
	Currency string
	Pool     int // index of the row of the price book, -1: none or several

	Ours, Right, Theirs          decimal.Decimal
	Doubt, Other, Shift, Minimum decimal.Decimal // lawful steps from Ours to Right
	Issue, Rounding, Tax         decimal.Decimal // steps from Right to Theirs
	Netted                       decimal.Decimal // of a positive issue, what is not disputed
	Held                         decimal.Decimal // of a withheld line, all that it bills: a part of what is unexplained
	Surplus                      int             // billed calls of a cell that are nobody's
	Lawful                       bool            // there is a call that may be billed
	Contradicts                  bool            // quantity x unit is not the amount printed
}

// Fate names the end of a doubt.
type Fate string

// The fates of doubts.
const (
	Billed    Fate = "billed"
	NotBilled Fate = "not billed"
	Open      Fate = "open"
	Counted   Fate = "counted" // Billed of Among doubts of its cell, nobody can say which
)

// Resolution represents the fate of one doubt of the month.
type Resolution struct {
	Call          string
	Fate          Fate
	Place         Place // of the line that bills it or the first of its cell
	Billed, Among int   // where it is counted
}

// Pool describes one row of the price book in the month.
type Pool struct {
	Row              int             // index into the price book
	Charges          int             // ours
	Lawful           int             // n*
	Cost             decimal.Decimal // of n*
	TopUp            decimal.Decimal // T*
	TopUpMin         decimal.Decimal // the range of T* while doubts are open
	TopUpMax         decimal.Decimal
	Billed           decimal.Decimal // T
	Over, Under, Net decimal.Decimal // O, U and N
}

// Step describes one line of the bridge.
type Step struct {
	Name     string
	Quantity int // calls, lines or pools that have part in it
	Amount   decimal.Decimal
}

// Money represents the verdict of one currency.
type Money struct {
	Bridge       []Step
	ToDispute    decimal.Decimal
	NotYetBilled decimal.Decimal
	Unexplained  decimal.Decimal
	Theirs       decimal.Decimal
	Right        bool // nothing to dispute, not yet billed or unexplained
	Tolerable    bool // both within the tolerance
	AtLeast      decimal.Decimal
	AtMost       decimal.Decimal
}

// Payment represents the proposal for one invoice in one currency. Amount is nil where the gate is shut.
type Payment struct {
	File          string
	Currency      string
	Theirs        decimal.Decimal
	ToDispute     decimal.Decimal
	TaxOnDisputed decimal.Decimal // rounded half up to 12 decimals
	Unexplained   decimal.Decimal
	Amount        *decimal.Decimal
}

// Fit describes how one reading agrees with the lines of one endpoint.
type Fit struct {
	Reading Reading
	Billed  int // b: lines of calls that it does not charge
	Missing int // m: calls that it charges, on no line
	Refuted bool
}

// Verdict names the reading that the lines of one endpoint follow.
type Verdict struct {
	Endpoint string
	Fits     []Fit     // in the order of Readings
	AsAgreed bool      // the contract's is not refuted
	Names    []Reading // as agreed: the contract's; else all others that are not refuted
	AlsoFit  []Reading // as agreed: the others that are not refuted
	Nearest  Reading   // least b + m, ties: the contract's
}

// Gate represents whether the lines are of our journal, and by our clock.
type Gate struct {
	Known, Of int // K of L
	Shut      bool
	ByTime    bool // counted by time: no line has a transaction ID
	Doubtful  bool // less than nine tenths are known
	Normal    int  // K where case, quotes, blanks and leading zeros are folded
	Shifted   bool
	Shift     time.Duration // the median, where there are pairs
	Zone      bool          // the shift is within 60 s of a quarter of an hour
}

// Result represents the judgement of one month.
type Result struct {
	Month    string
	Asked    []string // files that are not imported
	Gate     Gate
	Rows     []Row
	Doubts   []Resolution
	Pools    []Pool
	Money    map[string]*Money
	Payments []Payment
	Readings []Verdict // empty where the gate is shut
}
