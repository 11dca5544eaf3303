package billing

import (
	"fmt"
	"slices"
	"strings"
)

// Basis names one of the ways the vendor's documents can be understood to count
// what is billed. The contract's one is a setting.
type Basis string

// The plausible readings.
const (
	PayTag      Basis = "pay-tag"     // answers tagged PAY
	Success     Basis = "success"     // answers with the code SUCCESS
	DistinctID  Basis = "distinct-id" // one per ID that ever returned PAY
	Transaction Basis = "transaction" // distinct transactionIds tagged PAY
	EveryCall   Basis = "every-call"  // every request that may have arrived
)

// Bases lists the plausible readings in the order in which they are shown.
func Bases() []Basis {
	return []Basis{PayTag, Success, DistinctID, Transaction, EveryCall}
}

// ParseBasis accepts the five names as they are written above.
func ParseBasis(s string) (Basis, error) {
	if !slices.Contains(Bases(), Basis(s)) {
		return "", fmt.Errorf("billing reading %s: want one of %q", Quote(s), Bases())
	}
	return Basis(s), nil
}

// CodeSuccess holds the code of the answers that the reading Success charges.
const CodeSuccess = "SUCCESS"

// Tag names what the vendor said about the price of one call, its pricingStrategy.
type Tag string

// The tags. Anything the vendor may say besides PAY and FREE, and nothing at
// all, is Unknown: it may have been billed.
const (
	Pay     Tag = "PAY"
	Free    Tag = "FREE"
	Unknown Tag = "UNKNOWN"
)

// ParseTag reads the vendor's text, tolerant of case and surrounding space.
func ParseTag(s string) Tag {
	switch tag := Tag(strings.ToUpper(strings.TrimSpace(s))); tag {
	case Pay, Free:
		return tag
	default:
		return Unknown
	}
}

// Charge classes a call by a reading: Pay for a charge, Unknown for what may be
// one, Free for what is none. What is charged once an ID or a transaction is classed
// as if each call were its first.
func (r Basis) Charge(sent, answered bool, tag Tag, code string) Tag {
	switch {
	case !sent:
		return Free
	case r == EveryCall:
		return Pay
	case r == Success && answered:
		if code == CodeSuccess {
			return Pay
		}
		return Free
	}
	return tag
}

// CountedMore returns a sentence with what caps count beyond what the reading charges: calls by their tag, or every
// call where an ID or a transaction is charged once; "" where they do not.
func (r Basis) CountedMore(tagged Amounts) string {
	once := map[Basis]string{DistinctID: "an ID", Transaction: "a transaction"}[r]
	if once == "" {
		return tagged.AsTagged()
	}
	return "amounts and caps count every call; billing.reading charges " + once + " once, as the finance workbook does"
}

// goesByCode reports a reading by which the vendor may tag a call PAY that is no charge.
func (r Basis) goesByCode() bool { return r == Success }

// Bit returns the mark of calls that a reading charges.
func (r Basis) Bit() Charges {
	switch r {
	case Success:
		return 1 << 1
	case DistinctID:
		return 1 << 2
	case Transaction:
		return 1 << 3
	case EveryCall:
		return 1 << 4
	default:
		return 1 << 0
	}
}

// Charges holds a bit for each reading by which a call is a charge, and two more
// for what distinct-id makes of a call in doubt.
type Charges uint8
