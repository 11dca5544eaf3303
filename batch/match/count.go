package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// group is lines without a transaction that can't be told apart: of the same day,
// or of the month where they give none, endpoint, region and currency, as far as
// they name these.
type group struct {
	day      int64 // its first instant; 0: the month
	place    billing.Place
	currency string
	lines    []*entry
}

// matchCounts settles the lines without a transaction. Groups that say more about
// their calls choose before those that say less.
func (m *Matcher) matchCounts() {
	groups := m.groups()
	if len(groups) == 0 {
		return
	}
	charges := m.shelve(func(r *record) bool { return r.isCharge(m.Reading) && m.isNear(r) })
	doubts := m.shelve(func(r *record) bool { return r.raisesCeiling(m.Reading) && m.isNear(r) })
	for _, g := range groups {
		if slices.ContainsFunc(g.lines, func(e *entry) bool { return e.quantity != 1 }) {
			m.matchTotal(g, charges, doubts)
			continue
		}
		m.matchSingles(g, charges, doubts)
	}
}

// groups sorts out the lines that are about no calls, and arranges the others.
func (m *Matcher) groups() []*group {
	type key struct {
		day      int64
		place    billing.Place
		currency string
	}
	groups := map[key]*group{}
	var list []*group
	for i := range m.lines.list {
		e := &m.lines.list[i]
		switch {
		case e.kind != statement.Usage || e.transaction != transaction{}:
			continue
		case !m.lines.bills(e):
			m.emit(m.find(billing.Matched, nil, e, "listed, not billed"))
			continue
		case e.quantity == 0:
			m.matchFee(e)
			continue
		}
		k := key{0, m.lines.placeOf(e), m.lines.currencyOf(e)}
		if e.when != monthOnly {
			k.day, _ = m.span(e)
		}
		g := groups[k]
		if g == nil {
			g = &group{day: k.day, place: k.place, currency: k.currency}
			groups[k] = g
			list = append(list, g)
		}
		g.lines = append(g.lines, e)
	}
	slices.SortStableFunc(list, func(a, b *group) int { return cmp.Compare(b.detail(), a.detail()) })
	return list
}

// detail is how much a group says about its calls.
func (g *group) detail() int {
	n := 0
	for _, said := range []bool{g.day != 0, g.place.Region != "", g.place.Endpoint != ""} {
		if said {
			n++
		}
	}
	return n
}

// free lists up to limit calls on the shelves that a group can be about, by time.
func (m *Matcher) free(g *group, shelves []*shelf, limit int) []offer {
	from, to := m.span(g.lines[0])
	var list []offer
	for _, s := range shelves {
		if !g.place.Suits(s.place) {
			continue
		}
		n := 0
		for i, found := s.within(from, to); found && n < limit; n++ {
			if p := m.journal.priceOf(s.calls[i]); p == nil || p.Currency == g.currency {
				list = append(list, offer{shelf: s, call: i})
			}
			i = s.freeFrom(i + 1)
			found = i < len(s.calls) && s.calls[i].at < to
		}
	}
	slices.SortStableFunc(list, func(a, b offer) int { return cmp.Compare(a.shelf.calls[a.call].at, b.shelf.calls[b.call].at) })
	return list[:min(len(list), limit)]
}

// matchSingles settles lines over one call each: by number, in the order of their
// times. Which of several calls of a day is missing can't be known.
func (m *Matcher) matchSingles(g *group, charges, doubts []*shelf) {
	slices.SortStableFunc(g.lines, func(a, b *entry) int { return cmp.Compare(a.at, b.at) })
	found := m.free(g, charges, len(g.lines))
	for i, e := range g.lines {
		if i < len(found) {
			r := found[i].shelf.take(found[i].call)
			m.resolve(r, true)
			if m.journal.inMonth(r) {
				m.pair(e, "by count", r)
			} else {
				m.billOther(e, r)
			}
			continue
		}
		if doubt := m.takeWithin(e, doubts); doubt != nil {
			m.explain(e, doubt, "by count")
			continue
		}
		m.emit(m.find(billing.TheirsOnly, nil, e, ""))
	}
}

// matchTotal settles lines over several calls in one row. Where the statement
// names other calls of the endpoint one by one, a total takes no more of what is
// left than it says; otherwise it stands for all that is left.
func (m *Matcher) matchTotal(g *group, charges, doubts []*shelf) {
	f := m.find(billing.Matched, nil, g.lines[0], "")
	for _, e := range g.lines[1:] {
		f.TheirQuantity += m.lines.charged(e)
		f.TheirAmount = f.TheirAmount.Add(m.lines.amountAt(e))
	}
	if len(g.lines) > 1 {
		f.note(numbersOf(g.lines))
	}
	limit := m.journal.len()
	if m.coverage.isItemised(g.place.Endpoint) {
		limit = int(f.TheirQuantity)
	}
	var ours []*record
	for _, o := range m.free(g, charges, limit) {
		r := o.shelf.take(o.call)
		r.facts |= isUsed
		ours = append(ours, r)
	}
	if from, _ := m.span(g.lines[0]); from < m.journal.from || from >= m.journal.to {
		m.judgeOther(f, ours)
	} else {
		for _, r := range ours {
			m.claim(f, r)
			m.settle(r)
		}
		m.judgeTotal(f, g, ours, m.free(g, doubts, m.journal.len()))
	}
	m.emit(f)
}

// judgeOther settles a total over a day outside the month.
func (m *Matcher) judgeOther(f *finding, others []*record) {
	f.Class = billing.TheirsOnly
	if n := int64(len(others)); n > 0 {
		f.note(fmt.Sprintf("%d sent in %s", n, m.journal.book.PeriodOf(instantOf(others[0].at))))
		if n >= f.TheirQuantity {
			f.Class = billing.OtherPeriod
		}
	}
}

func numbersOf(lines []*entry) string {
	var list []string
	for _, e := range lines {
		list = append(list, fmt.Sprint(e.line))
	}
	const most = 20
	if len(list) > most {
		list = append(list[:most], "...")
	}
	return "lines " + strings.Join(list, ", ")
}

// judgeTotal compares quantities and amounts of a row about many calls. Calls in
// doubt may be among theirs: from ours to ours and the doubts is as it should be.
func (m *Matcher) judgeTotal(f *finding, g *group, ours []*record, doubts []offer) {
	more := f.TheirQuantity - f.OurQuantity
	price, known := m.priceOfAll(g, ours)
	f.extra = m.costOf(more, f, price)
	if possible := 0 < more && more <= int64(len(doubts)); possible && !underOnePrice(price, doubts) {
		if least, most, priced := m.costOfSome(doubts, more); priced {
			f.extra, known = decimal.Max(least, decimal.Min(most, f.TheirAmount.Sub(f.OurAmount))), true
		}
	}
	rest := f.TheirAmount.Sub(f.OurAmount).Sub(f.extra)
	if f.Priced && rest.IsPositive() && m.takeMinimum(g, rest) {
		f.tier, rest = rest, decimal.Decimal{}
		f.note("with the monthly minimum")
	}
	if len(doubts) > 0 {
		f.note(fmt.Sprintf("floor %d, ceiling %d", f.OurQuantity, f.OurQuantity+int64(len(doubts))))
	}
	agreed := rest.IsZero() || !f.Priced || !known && f.OurQuantity == 0
	switch {
	case more == 0 && agreed && f.tier.IsZero():
	case more == 0 && agreed:
		f.Class = billing.MonthlyMinimum
	case more == 0:
		f.Class = billing.PriceDiffers
	case 0 < more && more <= int64(len(doubts)) && (agreed || known):
		f.Class = billing.ExplainedByDoubt
		if !agreed {
			f.Class, f.calls, f.doubt = billing.PriceDiffers, more, f.extra
		}
		if underOnePrice(price, doubts) {
			m.countDoubts(price, more)
		}
		for _, o := range doubts {
			r := o.shelf.take(o.call)
			if more == int64(len(doubts)) {
				m.resolve(r, true)
			}
		}
	case f.OurQuantity == 0:
		f.Class = billing.TheirsOnly
	default:
		f.Class = billing.QuantityDiffers
	}
}
