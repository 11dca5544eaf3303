// Package accrual rolls forward, from month to month, what is owed and no invoice bills yet, and what is disputed with
// the vendor, and posts both as a journal.
package accrual

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// Key names what is kept apart: an endpoint, a region and a currency. Endpoint and region are "" where an amount is
// of none, and the region "*" where it belongs to a price.
type Key struct{ Endpoint, Region, Currency string }

func (p Key) compare(q Key) int {
	return cmp.Or(cmp.Compare(p.Currency, q.Currency), cmp.Compare(p.Endpoint, q.Endpoint), cmp.Compare(p.Region,
		q.Region))
}

// Movement holds what one month adds at a place. Amounts are net of tax.
type Movement struct {
	Key
	Usage    decimal.Decimal // cost of the calls sent in the month, with what is owed of monthly minimums
	Late     decimal.Decimal // cost of calls of closed months that came to light
	Adjusted decimal.Decimal // roundings, and differences tolerated or accepted, that are taken into cost
	Billed   decimal.Decimal // what invoices bill of calls, without what is disputed
	Disputed decimal.Decimal // what they bill beyond
	Credited decimal.Decimal // credits, without a sign
}

// Accrued returns by how much the month changes what is owed and not billed.
func (m *Movement) Accrued() decimal.Decimal {
	return m.Usage.Add(m.Late).Add(m.Adjusted).Sub(m.Billed)
}

// add adds another movement of the same place.
func (m *Movement) add(o Movement) {
	m.Usage, m.Late, m.Adjusted = m.Usage.Add(o.Usage), m.Late.Add(o.Late), m.Adjusted.Add(o.Adjusted)
	m.Billed, m.Disputed, m.Credited = m.Billed.Add(o.Billed), m.Disputed.Add(o.Disputed), m.Credited.Add(o.Credited)
}

// Line represents a place's month from its opening to its closing amounts. Of Credited it has what uses up claims;
// Reduced sums what credits lower the cost by, since nothing is disputed that they could be for.
type Line struct {
	Movement
	Opening, Closing decimal.Decimal // owed and not billed
	Claimed, Claims  decimal.Decimal // disputed and not credited: before the month, and after it
	Reduced          decimal.Decimal
}

func (l *Line) empty() bool {
	for _, d := range []decimal.Decimal{l.Opening, l.Usage, l.Late, l.Adjusted, l.Billed, l.Disputed, l.Credited,
		l.Claimed, l.Reduced} {
		if !d.IsZero() {
			return false
		}
	}
	return true
}

// Roll returns a month's lines in the order of currency, endpoint and region: they open with what the lines of the
// month before close with. Credits use up what is disputed, first at their own place, then at the other places of their
// currency in order. Places without any amount are left out.
func Roll(before []Line, moves []Movement) []Line {
	at := map[Key]*Line{}
	find := func(p Key) *Line {
		if at[p] == nil {
			at[p] = &Line{Movement: Movement{Key: p}}
		}
		return at[p]
	}
	for _, b := range before {
		l := find(b.Key)
		l.Opening, l.Claimed = l.Opening.Add(b.Closing), l.Claimed.Add(b.Claims)
	}
	for _, m := range moves {
		find(m.Key).add(m)
	}
	lines := make([]*Line, 0, len(at))
	for _, l := range at {
		l.Closing = l.Opening.Add(l.Accrued())
		l.Claims = l.Claimed.Add(l.Disputed)
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b *Line) int { return a.compare(b.Key) })
	credit(lines)
	var all []Line
	for _, l := range lines {
		if !l.empty() {
			all = append(all, *l)
		}
	}
	return all
}

// credit gives credits to the claims that they use up.
func credit(lines []*Line) {
	left := map[*Line]decimal.Decimal{}
	use := func(from, l *Line) {
		used := decimal.Min(left[from], l.Claims)
		if !used.IsPositive() {
			return
		}
		left[from] = left[from].Sub(used)
		l.Credited, l.Claims = l.Credited.Add(used), l.Claims.Sub(used)
	}
	for _, l := range lines {
		left[l], l.Credited = l.Credited, decimal.Decimal{}
	}
	for _, l := range lines {
		use(l, l)
	}
	for _, from := range lines {
		for _, l := range lines {
			if l.Currency == from.Currency {
				use(from, l)
			}
		}
		from.Reduced = left[from]
	}
}
