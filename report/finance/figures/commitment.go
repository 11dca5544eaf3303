package figures

import (
	"time"

	"liverecon/batch/billing/contract"
	"liverecon/store/calendar"
)

// Commitment represents how far a contract's committed calls are used up at the end of a period.
type Commitment struct {
	contract.Contract
	contract.Used
	Until time.Time // up to which calls count: the period's end, or now, or the contract's end
}

// Pace returns the calls that the contract ends with, if they go on as they came so far; 0 before it begins.
func (c *Commitment) Pace() int64 {
	so, all := c.Until.Sub(c.From).Hours(), c.To.Sub(c.From).Hours()
	if so <= 0 {
		return 0
	}
	return int64(float64(c.Calls)*all/so + 0.5)
}

// commitments returns the contracts with committed calls that are in force in a period, nothing used of them yet.
func commitments(all []contract.Contract, p calendar.Period, now time.Time) (found []Commitment) {
	for _, c := range all {
		if c.Committed == 0 || !c.From.Before(p.To) || !p.From.Before(c.To) {
			continue
		}
		until := p.To
		for _, end := range []time.Time{now, c.To} {
			if end.Before(until) {
				until = end
			}
		}
		found = append(found, Commitment{Contract: c, Until: until})
	}
	return found
}

// commit counts a ledger's billable calls for the contracts that they are made under.
func (r *RollForward) commit(all []contract.Contract, ledger *Ledger) {
	if len(r.Commitments) == 0 {
		return
	}
	for _, l := range ledger.Lines {
		under := contract.At(all, l.Endpoint, l.Day)
		for i := range r.Commitments {
			if c := &r.Commitments[i]; under != nil && l.Kind != Adjustment && under.Number == c.Number &&
				under.Account == c.Account && under.From.Equal(c.From) {
				c.Used = c.Use(c.Calls + l.Billable)
			}
		}
	}
	for i := range r.Commitments { // of one without a call
		r.Commitments[i].Used = r.Commitments[i].Use(r.Commitments[i].Calls)
	}
}
