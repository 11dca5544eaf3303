package match

import (
	"cmp"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// calls holds our calls as a reading charges them: the contract's, or another one that the statement is held against.
type calls struct {
	journal *journal
	basis   billing.Basis
	edge    int64 // milliseconds about the month's bounds in which calls may be on the neighbouring month's statement
}

func (c *calls) charged(r *record) bool { return r.isCharge(c.basis) }

func (c *calls) mayBeCharged(r *record) bool { return r.mayBeCharged(c.basis) }

// isOurs reports a charge of this month.
func (c *calls) isOurs(r *record) bool { return c.charged(r) && c.journal.inMonth(r) }

// isNear reports a call of the month or its edge bands.
func (c *calls) isNear(r *record) bool { return c.nearInstant(r.at) }

// nearInstant reports an instant of the month or its edge bands.
func (c *calls) nearInstant(at int64) bool {
	return c.journal.from-c.edge <= at && at < c.journal.to+c.edge
}

// periodOf returns the billing month of a call.
func (c *calls) periodOf(r *record) billing.Period { return c.journal.book.PeriodOf(instantOf(r.at)) }

// spanOf returns the time that a line's calls can be of: its day in the billing zone, or the month.
func (c *calls) spanOf(e *line) (from, to int64) {
	if e.when == monthOnly {
		return c.journal.from, c.journal.to
	}
	d := billing.DayAt(instantOf(e.at), c.journal.book.Location)
	return d.From.UnixMilli(), d.To.UnixMilli()
}

// own returns what a charge of ours would cost among ours alone.
func (c *calls) own(r *record) decimal.Decimal {
	if c.isOurs(r) {
		return c.journal.amount(r)
	}
	return decimal.Decimal{}
}

// compareCalls orders calls by time.
func (c *calls) compareCalls(a, b uint32) int {
	r, s := c.journal.record(a), c.journal.record(b)
	return cmp.Or(cmp.Compare(r.at, s.at), cmp.Compare(r.id, s.id))
}

// rank returns how a transaction's calls are used up: charges of the month, those in doubt, charges of other months,
// and calls that are none.
func (c *calls) rank(r *record) int {
	switch month := c.journal.inMonth(r); {
	case c.charged(r) && month:
		return 0
	case c.mayBeCharged(r) && month:
		return 1
	case c.mayBeCharged(r):
		return 2
	case c.charged(r):
		return 3
	}
	return 4
}

// areAlike reports two charges of the month under one row of the price book.
func (c *calls) areAlike(i, j uint32) bool {
	r, s := c.journal.record(i), c.journal.record(j)
	return c.isOurs(r) && c.isOurs(s) && r.price == s.price
}
