package worked

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/store/accounts"
)

// The states of an exception.
const (
	Open      = "open"
	Disputed  = "disputed"
	Accepted  = "accepted"
	Credited  = "credited"
	Explained = "explained"
	Within    = "within tolerance"
)

// Statuses returns the states of an exception, in the order in which one chooses from them.
func Statuses() []string { return []string{Open, Disputed, Accepted, Credited, Explained, Within} }

// IsOpen reports whether the rows of a class are for somebody to settle with the vendor; those of a class that this
// program does not know are.
func IsOpen(c billing.Class) bool { return c.Open() || !slices.Contains(billing.ClassNames(), c) }

// Exception represents a row that did not match, and what was worked out of it.
type Exception struct {
	Key      string          // names the row across reconciliations
	Class    string          // of the row
	Currency string          // of its amounts
	Endpoint string          // "" where the line names none
	Region   string          // "" where the line names none
	Unpriced bool            // no price is set for its calls: nobody knows what of the amount is at issue
	Issue    decimal.Decimal // what is at issue: above our records, or below them
	At       time.Time       // when its call was sent, or else charged; zero: nobody says
	Position Position        // where it stands
	Default  string          // the status that it has while nobody has worked it
	Work     *accounts.Work  // the decision that stands; nil: none
	Was      *accounts.Work  // the last one, where the row has changed since it was worked; nil: none
	Other    *accounts.Work  // what somebody else had decided otherwise; nil: nothing
}

// Position holds the line and the call of an exception; 0: none.
type Position struct {
	StatementID, Line, CallID int64
	TransactionID             string
}

// State represents what is said of an exception. Amounts are without a sign.
type State struct {
	Status             string
	Disputed, Accepted decimal.NullDecimal // what was typed
}

// State returns what stands for the exception. Nobody closes a row by the tolerance that it is not within: it is open.
func (e *Exception) State() State {
	if e.Work == nil || e.Work.Status == Within && e.Default != Within {
		return State{Status: e.Default}
	}
	return State{e.Work.Status, amount(e.Work.Disputed), amount(e.Work.Accepted)}
}

// Unsettled returns what of the amount at issue a worked row leaves to nobody: it is neither settled nor disputed,
// though the row is not open. It is never below zero, and zero where nothing is for somebody to settle.
func (e *Exception) Unsettled() decimal.Decimal {
	s := e.State()
	if s.Status == Open || !IsOpen(billing.Class(e.Class)) {
		return decimal.Decimal{}
	}
	return e.Issue.Abs().Sub(s.Settled(e.Issue)).Sub(s.Claimed(e.Issue))
}

// Amount returns an amount as it is kept, zero where there is none.
func Amount(text string) decimal.Decimal { return amount(text).Decimal }

func amount(text string) (d decimal.NullDecimal) {
	if value, err := decimal.NewFromString(text); err == nil {
		d = decimal.NewNullDecimal(value)
	}
	return d
}

// InDispute reports whether the row's amount is one of those that make up what is to dispute.
func (e *Exception) InDispute() bool {
	return IsOpen(billing.Class(e.Class)) && billing.Class(e.Class) != billing.Unexplained && e.Issue.IsPositive()
}

// Settles reports whether a state settles all of a row of which no amount says otherwise: somebody has accepted it, or
// found it credited or explained, or the tolerance closes it.
func (s State) Settles() bool {
	return s.Status == Accepted || s.Status == Credited || s.Status == Explained || s.Status == Within
}

// Settled returns what of an amount at issue is to dispute no longer in a state: what is accepted, or where the state
// settles the row all but what is disputed of it.
func (s State) Settled(issue decimal.Decimal) decimal.Decimal {
	switch {
	case s.Accepted.Valid:
		return decimal.Min(s.Accepted.Decimal, issue.Abs())
	case s.Settles():
		return issue.Abs().Sub(s.typed(issue))
	}
	return decimal.Decimal{}
}

// typed returns what was typed as disputed, at most what is at issue.
func (s State) typed(issue decimal.Decimal) decimal.Decimal {
	return decimal.Min(s.Disputed.Decimal, issue.Abs())
}

// Claimed returns what of an amount at issue is disputed in a state: what was typed, or else what is not settled of a
// disputed row.
func (s State) Claimed(issue decimal.Decimal) decimal.Decimal {
	switch {
	case s.Disputed.Valid:
		return s.typed(issue)
	case s.Status == Disputed:
		return issue.Abs().Sub(s.Settled(issue))
	}
	return decimal.Decimal{}
}

// Changed describes what became of a row since it was worked, "" where nothing did or nobody worked it.
func (e *Exception) Changed() string {
	switch {
	case e.Was == nil:
		return ""
	case e.Was.Class != e.Class:
		return fmt.Sprintf("class changed from %s to %s", e.Was.Class, e.Class)
	}
	return fmt.Sprintf("figures changed from %s to %s", e.Was.Issue, e.Issue)
}

// Disagreement describes what somebody else had decided otherwise, "" where nobody did.
func (e *Exception) Disagreement() string {
	if e.Other == nil {
		return ""
	}
	return fmt.Sprintf("%s says %s instead (%s)", e.Other.File, e.Other.Status, e.Other.DecidedAt.Format(time.DateOnly))
}

// identity names a row by its line and its call: the line by its transaction, else by its time or day, endpoint and
// region, so that it is the same in a corrected file.
func identity(r *accounts.ReconciledRow) string {
	line := ""
	switch {
	case r.Line == 0:
	case r.TheirTransactionID != "":
		line = "x " + r.TheirTransactionID
	case r.ChargedAt.IsZero():
		line = fmt.Sprintf("month %q %q %q", r.Endpoint, r.Region, r.Currency)
	case r.DateOnly:
		line = fmt.Sprintf("day %s %q %q %q", r.ChargedAt.Format(time.DateOnly), r.Endpoint, r.Region, r.Currency)
	default:
		line = fmt.Sprintf("time %d %q %q", r.ChargedAt.UnixMilli(), r.Endpoint, r.Region)
	}
	if line == "" && r.CallID == 0 { // a minimum that is not billed
		return fmt.Sprintf("none %q %q %q %q", r.Class, r.Endpoint, r.Region, r.Currency)
	}
	return fmt.Sprintf("%q %d", line, r.CallID)
}

// position tells rows of one identity apart: where they stand.
type position struct {
	index int // among the exceptions
	file  string
	line  int64
}

// keys gives every exception its key. Rows of one identity are told apart by the order of their files' contents and
// lines.
type keys struct {
	identities map[string][]position
}

func (k *keys) add(index int, file string, r *accounts.ReconciledRow) {
	if k.identities == nil {
		k.identities = map[string][]position{}
	}
	id := identity(r)
	k.identities[id] = append(k.identities[id], position{index, file, r.Line})
}

// set calls a function with every exception's key.
func (k *keys) set(each func(index int, key string)) {
	for id, all := range k.identities {
		slices.SortStableFunc(all, func(a, b position) int {
			switch {
			case a.file != b.file && a.file < b.file, a.file == b.file && a.line < b.line:
				return -1
			case a.file != b.file || a.line != b.line:
				return 1
			}
			return 0
		})
		for n, p := range all {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", id, n))
			each(p.index, fmt.Sprintf("%x", sum[:8]))
		}
	}
}
