package match

import (
	"slices"

	"liverecon/batch/billing"
)

// month is the input: our calls and the vendor's lines. Matching marks in it which of them are used, and changes
// nothing else.
type month struct {
	Options
	journal    *journal
	lines      lines
	coverage   coverage
	neighbours map[transaction]place // on the neighbouring months' statements
	prior      []Prior
	beside     []beside           // lines there that may be about a call near the month's bounds by their times
	totals     []int64            // our charges, by price
	together   map[[2]string]bool // endpoints on one statement; nil until asked for
	resolution []int64            // of the times of each statement, in milliseconds
	grids      grids
	pools      []*pool // by the row of the price book, its index plus one

	takenBack map[uint32]uint32   // credits by the lines that they take back
	first     map[uint32]place    // where the transaction of a line is billed before
	extra     map[uint32][]uint32 // further calls of a line over several
	standIn   map[uint32]int64    // calls in doubt that lines are about instead of their own, see charges
	cells     []*cell
	undecided []*cell  // where doubts have several prices and not all are billed
	fees      []uint32 // lines
	left      []uint32 // charges of ours on no line
	elsewhere map[uint32]string
	shown     map[transaction]bool // on a neighbouring month's statement, for a call of this one
	resolved  map[int64]bool       // whether a call in doubt was billed
	counted   map[int64]string     // of how many doubts one is that are billed in part
	carried   map[int64]int        // calls in doubt that lines bill, by the ID, see refute
	twice     twiceByMonth
}

// place is a line of a statement that stands.
type place struct {
	statement int64
	line      int
	month     billing.Period
}

func (m *month) charged(r *record) bool      { return r.isCharge(m.Reading) }
func (m *month) mayBeCharged(r *record) bool { return r.mayBeCharged(m.Reading) }

// isOurs reports a charge of this month.
func (m *month) isOurs(r *record) bool { return m.charged(r) && m.journal.inMonth(r) }

// isNear reports a call of the month or its edge bands.
func (m *month) isNear(r *record) bool { return m.nearInstant(r.at) }

// nearInstant reports an instant of the month or its edge bands.
func (m *month) nearInstant(at int64) bool {
	edge := m.Edge.Milliseconds()
	return m.journal.from-edge <= at && at < m.journal.to+edge
}

// nearBound reports an instant within the edge of the bound between the month and another one.
func nearBound(m *month, at int64, other billing.Period) bool {
	bound := m.journal.to
	if other.Before(m.Month) {
		bound = m.journal.from
	}
	return max(at-bound, bound-at) <= m.Edge.Milliseconds()
}

// periodOf returns the billing month of a call.
func (m *month) periodOf(r *record) billing.Period { return m.journal.book.PeriodOf(instantOf(r.at)) }

// currencyOf returns the currency of a call's price, or without one that of the statement where it has one only.
func (m *month) currencyOf(r *record) string {
	if p := m.journal.priceOf(r); p != nil {
		return p.Currency
	}
	return m.coverage.currencyAt(m.journal.routeOf(r).Endpoint)
}

// spanOf returns the time that a line's calls can be of: its day in the billing zone, or the month.
func (m *month) spanOf(e *line) (from, to int64) {
	if e.when == monthOnly {
		return m.journal.from, m.journal.to
	}
	d := billing.DayAt(instantOf(e.at), m.journal.book.Location)
	return d.From.UnixMilli(), d.To.UnixMilli()
}

// awaited returns the neighbouring month whose statement may show a call near the month's bounds, but has not been
// imported.
func (m *month) awaited(r *record) (billing.Period, bool) {
	edge := m.Edge.Milliseconds()
	for _, n := range []struct {
		near  bool
		month billing.Period
	}{
		{r.at < m.journal.from+edge, m.Month.Plus(-1)},
		{r.at >= m.journal.to-edge, m.Month.Plus(1)},
	} {
		if n.near && !m.isImported(n.month, m.journal.routeOf(r).Endpoint) {
			return n.month, true
		}
	}
	return billing.Period{}, false
}

// isImported reports whether a month's statement about an endpoint is there. One about endpoints that share a statement
// with it in this month counts as well: where no line of it names the endpoint, there was nothing to bill.
func (m *month) isImported(month billing.Period, endpoint string) bool {
	if m.together == nil {
		m.together = sharing(&m.lines)
	}
	return slices.ContainsFunc(m.Imported, func(s Scope) bool {
		return s.Month == month && (s.Endpoint == "" || s.Endpoint == endpoint ||
			m.together[[2]string{endpoint, s.Endpoint}])
	})
}

// sharing returns the pairs of endpoints whose lines of usage are on one statement.
func sharing(s *lines) map[[2]string]bool {
	named := map[uint32]map[string]bool{}
	for i := range s.list {
		e := &s.list[i]
		if named[e.statement] == nil {
			named[e.statement] = map[string]bool{}
		}
		if e.kind == usageLine {
			named[e.statement][s.routeOf(e).Endpoint] = true
		}
	}
	pairs := map[[2]string]bool{}
	for _, endpoints := range named {
		for a := range endpoints {
			for b := range endpoints {
				pairs[[2]string{a, b}] = true
			}
		}
	}
	return pairs
}
