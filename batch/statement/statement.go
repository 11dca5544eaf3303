// Package statement reads a vendor's statement, CSV or XLSX, into lines; a mistake is an error with line and column,
// never a zero.
package statement

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// LineKind names what a line of a vendor's statement is about.
type LineKind string

// The kinds of lines.
const (
	Usage  LineKind = "usage"  // calls that were charged
	Credit LineKind = "credit" // money given back: its amount is negative
	Tax    LineKind = "tax"
	Total  LineKind = "total" // the vendor's own sum of other lines, not a charge
)

// Line describes one line of a vendor's statement, as the vendor states it:
// an amount that is not quantity times unit price is kept, not corrected.
type Line struct {
	Number        int // of the file: a CSV's physical line, a sheet's row, from 1
	Kind          LineKind
	TransactionID string    // "" for a line that sums up several calls
	ChargedAt     time.Time // UTC; zero when the line gives no time
	DateOnly      bool      // ChargedAt is a day, by its first instant in the statement's zone
	// Month is the billing month: the line's own, or that of ChargedAt, or the
	// caller's, or for a line below the others theirs, if it is one. It is the zero
	// Period only on a Total over lines of several months.
	Month    billing.Period
	Endpoint string // "" when not given
	Region   string // ISO 3166-1 alpha-2, "" when not given
	Pricing  string // the vendor's tag, as received
	Quantity int64  // calls; negative only on a credit, zero where a credit, a tax or a total gives none
	Unit     decimal.NullDecimal
	Amount   decimal.Decimal
	Currency string // ISO 4217
	Product  string // as the line names it; "" where products are not told apart
	Other    bool   // Product is none of Options.Products
	Text     string // of a Credit: what it says in words
}

// Statement represents a statement that was read to its end. Its lines were handed over
// one by one, so that memory is bounded whatever the file's size.
type Statement struct {
	Path   string
	Format string   // "csv" or "xlsx"
	Sheet  string   // of a workbook
	SHA256 [32]byte // of the file as it lies on disk
	// Fingerprint is the SHA-256 of the settings that decided its reading: two files
	// with equal content and equal fingerprints are the same statement.
	Fingerprint [32]byte
	Lines       int64
	Ignored     int64 // rows that are no lines: by the settings, headers that come again, subtotals, a second table
	Itemised    bool  // it has lines of usage with a transaction ID
	// Notes list what was concluded from the file and no setting says, a sentence each.
	Notes []string
}

func (s *Statement) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

// Options describes how a vendor writes its statements. The zero value,
// given a Zone, reads the plain form: default header names, ISO times, decimal
// points.
type Options struct {
	// Columns holds, for each field, the header names accepted for it; case,
	// blanks, hyphens and underscores do not matter. The fields are transaction,
	// time, month, endpoint, region, pricing, quantity, unit, amount, credit,
	// currency, kind, description, product and tax. A field that is absent here has the names of
	// DefaultColumns and may be missing in the file, except amount; one that
	// is present must be found, unless Optional names it.
	Columns  map[string][]string
	Optional []string

	// TimeLayouts and MonthLayouts are layouts of package time, or "unix" and
	// "unix-ms"; the first that fits is taken. None: ISO 8601 forms.
	TimeLayouts, MonthLayouts []string
	Zone                      *time.Location // of times that give no offset
	BillingZone               *time.Location // whose months are billed; nil: Zone
	MonthStarts               int            // day that billing months begin on, see billing.Months; 0: the 1st

	// Decimal is "." or ",", "" being ".". Thousands is what groups digits: ",", ".",
	// " " or "'"; "none" refuses groups; "" takes the other of point and comma, and
	// only where a decimal separator follows, since "2,060" alone could mean 2.06.
	Decimal, Thousands string

	Sheet    string // of a workbook; "": the only visible one with the columns
	Currency string // where neither a column nor the amount names one
	// Kinds are, for each kind, the values of the kind column that mean it, and the
	// labels of such lines in statements without one ("Total", "GST 9%"). An absent
	// kind has those of DefaultKinds.
	Kinds  map[LineKind][]string
	Ignore []string // how rows begin that are no lines; they have no amount

	// Credits is "signed" where credits have a minus and their reversals none,
	// "positive" where credits stand without a minus, and "" where a credit without
	// a minus is refused.
	Credits       string
	ComputeAmount bool // an empty amount is quantity times unit price, not a mistake
	SingleCalls   bool // where nothing says how many calls lines are for, each is for one
	TaxIncluded   bool // the amounts of lines include a tax
	// Prices are those of the contract, by which a column that no name is known of shows that it counts calls.
	Prices []decimal.Decimal
	// QuantityUnit is how many calls a quantity of one is, and a unit price is of: 1, 10, ... 1,000,000; 0: 1.
	QuantityUnit int64
	// WholeCurrencies are billed without decimals: "1.500" is 1,500. nil: DefaultWholeCurrencies.
	WholeCurrencies []string
	// Products are the names of ours in the column of products, * standing for any text; without any the column is not
	// looked at.
	Products []string

	// what the file calls an endpoint, in small letters -> its name; nil: the name itself
	Endpoints map[string]string
	Region    func(text string) (alpha2 string, ok bool) // nil: alpha-2 codes only

	Month    billing.Period // of lines that have none; the zero Period is none
	Endpoint string         // of lines that have none
}

// IsBill reports false for lines that only list calls: there is no amount, and they
// say that the calls were free or that there were none.
func IsBill(amount decimal.Decimal, quantity int64, pricing string) bool {
	return !amount.IsZero() || quantity != 0 && billing.ParseTag(pricing) != billing.Free
}
