// Package contract holds what contracts with the vendor say beside prices: under which numbers they run, how many calls
// are committed, and until when a bill can be disputed.
package contract

import (
	"slices"
	"time"
)

// Contract describes one contract. Days are by their first instant in the billing zone.
type Contract struct {
	Number      string
	Account     string    // ours with the vendor
	Endpoints   []string  // that it is about; none: all that no other names
	From, To    time.Time // its first day, and the day after its last; zero: open
	Committed   int64     // billable calls that are to be paid for in [From, To); 0: none
	DisputeDays int       // for how many days after its invoice was read a line can be disputed; 0: nobody says
	AnswerDays  int       // within how many days the vendor has to answer; 0: nobody says
}

// In reports whether the contract is in force at a moment.
func (c *Contract) In(at time.Time) bool {
	return (c.From.IsZero() || !at.Before(c.From)) && (c.To.IsZero() || at.Before(c.To))
}

// At returns the contract of an endpoint at a moment: one that names the endpoint before one for all, of two alike the
// first; nil where there is none.
func At(all []Contract, endpoint string, at time.Time) *Contract {
	var found *Contract
	for i := range all {
		c := &all[i]
		switch {
		case !c.In(at):
		case slices.Contains(c.Endpoints, endpoint):
			return c
		case len(c.Endpoints) == 0 && found == nil:
			found = c
		}
	}
	return found
}

// Used counts the calls that a commitment pays for, and those beyond it.
type Used struct {
	Calls     int64 // billable in the contract's time
	Remaining int64 // of the commitment
	Overrun   int64 // beyond it
}

// Use sets billable calls beside the commitment.
func (c *Contract) Use(calls int64) Used {
	return Used{Calls: calls, Remaining: max(0, c.Committed-calls), Overrun: max(0, calls-c.Committed)}
}

// Until returns the day a number of days after a moment, the zero time for none.
func Until(from time.Time, days int) time.Time {
	if days == 0 || from.IsZero() {
		return time.Time{}
	}
	return from.AddDate(0, 0, days)
}
