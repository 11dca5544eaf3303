package match

import (
	"cmp"
	"fmt"
	"slices"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// matchRest settles the charges of ours that no line is about, and the calls in
// doubt that a complete statement does not show.
func (m *Matcher) matchRest() {
	sums := map[uint64]*finding{}
	var order []*finding
	m.journal.each(func(_ uint32, r *record) {
		endpoint := m.journal.placeOf(r).Endpoint
		if r.is(isUsed) || !m.journal.inMonth(r) || !m.coverage.isAbout(endpoint) {
			return
		}
		switch {
		case !r.isCharge(m.Reading):
			m.clear(r)
		case m.coverage.isByCall(endpoint):
			m.miss(r)
		default:
			key := uint64(r.place)<<32 | uint64(r.price)
			if sums[key] == nil {
				at := m.journal.placeOf(r)
				f := &finding{Row: billing.Row{Class: billing.OursOnly, At: instantOf(r.at), Endpoint: at.Endpoint, Region: at.Region, Priced: true}}
				sums[key], order = f, append(order, f)
			}
			m.claim(sums[key], r)
		}
	})
	slices.SortStableFunc(order, func(a, b *finding) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Region, b.Region))
	})
	for _, f := range order {
		m.emit(f)
	}
}

// clear resolves a call in doubt that the statement does not show: it was not
// billed, unless it may still be on the neighbouring month's statement.
func (m *Matcher) clear(r *record) {
	if r.is(isBilled) || !m.coverage.isComplete(m.journal.placeOf(r).Endpoint) {
		return
	}
	if _, awaited := m.awaited(r); !awaited {
		m.resolve(r, false)
	}
}

// miss settles a charge that is on no line: near the month's bounds it may be on
// the neighbouring month's statement.
func (m *Matcher) miss(r *record) {
	f := m.find(billing.OursOnly, r, nil, "")
	m.claim(f, r)
	month, shown := m.neighbours[r.transactionID()]
	awaited, provisional := m.awaited(r)
	switch {
	case shown:
		f.Class = billing.OtherPeriod
		f.note(fmt.Sprintf("on the statement of %s", month))
		m.resolve(r, true)
	case provisional:
		f.Class = billing.OtherPeriod
		f.note(fmt.Sprintf("provisional: the statement of %s is not there yet", awaited))
	case m.coverage.isComplete(m.journal.placeOf(r).Endpoint):
		m.resolve(r, false)
	}
	if f.Class == billing.OtherPeriod {
		m.countOther(r, -1, f)
	}
	m.emit(f)
}

// awaited is the neighbouring month whose statement may show a call near the
// month's bounds, but has not been imported.
func (m *Matcher) awaited(r *record) (billing.Period, bool) {
	edge := m.Edge.Milliseconds()
	for _, n := range []struct {
		near  bool
		month billing.Period
	}{
		{r.at < m.journal.from+edge, m.Month.Plus(-1)},
		{r.at >= m.journal.to-edge, m.Month.Plus(1)},
	} {
		if n.near && !m.isImported(n.month, m.journal.placeOf(r).Endpoint) {
			return n.month, true
		}
	}
	return billing.Period{}, false
}

// isImported says whether a month's statement about an endpoint is there. One about
// endpoints that share a statement with it in this month counts as well: where no
// line of it names the endpoint, there was nothing to bill.
func (m *Matcher) isImported(month billing.Period, endpoint string) bool {
	if m.together == nil {
		m.together = m.sharing()
	}
	return slices.ContainsFunc(m.Imported, func(s Scope) bool {
		return s.Month == month && (s.Endpoint == "" || s.Endpoint == endpoint || m.together[[2]string{endpoint, s.Endpoint}])
	})
}

// sharing are the pairs of endpoints whose lines of usage are on one statement.
func (m *Matcher) sharing() map[[2]string]bool {
	named := map[uint32]map[string]bool{}
	for i := range m.lines.list {
		e := &m.lines.list[i]
		if named[e.statement] == nil {
			named[e.statement] = map[string]bool{}
		}
		if e.kind == statement.Usage {
			named[e.statement][m.lines.placeOf(e).Endpoint] = true
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
