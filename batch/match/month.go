package match

import (
	"slices"

	"liverecon/batch/billing"
	"liverecon/batch/lost"
	"liverecon/batch/match/internal/coverage"
	"liverecon/batch/match/internal/tax"
)

// month holds the input: our calls and the vendor's lines. Matching marks in it which of them are used, and changes
// nothing else.
type month struct {
	Options
	*ledger
	imports    imports
	coverage   coverage.Coverage
	neighbours map[transaction]lineRef // on the neighbouring months' statements
	twins      map[transaction][]int   // further lines of one there, by number
	prior      []Prior
	products   []*product // in the order of their first lines
	productOf  map[productKey]*product
	beside     []beside // lines there that may be about a call near the month's bounds by their times
	totals     []int64  // our charges, by price
	resolution []int64  // of the times of each statement, in milliseconds

	takenBack map[uint32]uint32   // credits by the lines that they take back
	first     map[uint32]lineRef  // where the transaction of a line is billed before
	extra     map[uint32][]uint32 // further calls of a line over several
	standIn   map[uint32]int64    // calls in doubt that lines are about instead of their own, see charges
	cells     []*cell
	undecided []*cell  // where doubts have several prices and not all are billed
	fees      []uint32 // lines
	left      []uint32 // charges of ours on no line
	elsewhere map[uint32]string
	shown     map[transaction]int // lines of a neighbouring month's statement that are used, see matchMissing
	counted   map[int64]string    // of how many doubts one is that are billed in part
	carried   map[int64]int       // calls in doubt that lines bill, by the ID, see refute
	twice     twiceByMonth
	afar      tax.Sums   // what the statements' taxes are on in other months
	saysMore  bool       // a total says more than its lines
	lost      lost.Times // what rows have left of them
}

// lineRef points at a line of a statement that no later one replaced.
type lineRef struct {
	statement int64
	line      int
	month     billing.Period
}

// nearBound reports an instant within the edge of the bound between the month and another one.
func nearBound(in *month, at int64, other billing.Period) bool {
	bound := in.journal.to
	if other.Before(in.Month) {
		bound = in.journal.from
	}
	return max(at-bound, bound-at) <= in.edge
}

// currencyOf returns the currency of a call's price, or without one that of the statement where it has one only.
func (m *month) currencyOf(r *record) string {
	if p := m.journal.priceOf(r); p != nil {
		return p.Currency
	}
	return m.coverage.CurrencyAt(m.journal.routeOf(r).Endpoint)
}

// awaited returns the neighbouring month whose statement may show a call near the month's bounds, but has not been
// imported.
func (m *month) awaited(r *record) (billing.Period, bool) {
	for _, n := range []struct {
		near  bool
		month billing.Period
	}{
		{r.at < m.journal.from+m.edge, m.Month.Plus(-1)},
		{r.at >= m.journal.to-m.edge, m.Month.Plus(1)},
	} {
		if n.near && !m.imports.has(n.month, m.journal.routeOf(r).Endpoint) {
			return n.month, true
		}
	}
	return billing.Period{}, false
}

// imports notes which neighbouring months have statements.
type imports struct {
	scopes   []Scope
	lines    *lines             // of the month
	together map[[2]string]bool // endpoints on one statement; nil until asked for
}

// has reports whether a month's statement about an endpoint is there. One about endpoints that share a statement with
// it in this month counts as well: where no line of it names the endpoint, there was nothing to bill.
func (s *imports) has(month billing.Period, endpoint string) bool {
	if s.together == nil {
		s.together = sharing(s.lines)
	}
	return slices.ContainsFunc(s.scopes, func(scope Scope) bool {
		return scope.Month == month && (scope.Endpoint == "" || scope.Endpoint == endpoint ||
			s.together[[2]string{endpoint, scope.Endpoint}])
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
