package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// matchFee settles a line that charges without a call.
func (m *Matcher) matchFee(e *entry) {
	g := &group{place: m.lines.placeOf(e), currency: m.lines.currencyOf(e)}
	amount := m.lines.amountAt(e)
	if !m.takeMinimum(g, amount) {
		m.emit(m.find(billing.TheirsOnly, nil, e, "no calls behind it"))
		return
	}
	f := m.find(billing.MonthlyMinimum, nil, e, "")
	f.tier = amount
	m.emit(f)
}

// takeMinimum says whether an amount is what the monthly minimum of one price
// adds, or the minimums of all prices that a group can be about. What is taken is
// not there for another line.
func (m *Matcher) takeMinimum(g *group, amount decimal.Decimal) bool {
	var sum decimal.Decimal
	var all []int
	for i, p := range m.journal.book.Prices {
		owed := m.minimum[i+1]
		region := p.Region
		if region == "*" {
			region = g.place.Region
		}
		if owed.IsZero() || p.Currency != g.currency || !g.place.Suits(billing.Place{Endpoint: p.Endpoint, Region: region}) {
			continue
		}
		if owed.Equal(amount) {
			m.minimum[i+1] = decimal.Decimal{}
			return true
		}
		sum, all = sum.Add(owed), append(all, i+1)
	}
	if len(all) == 0 || !sum.Equal(amount) {
		return false
	}
	for _, i := range all {
		m.minimum[i] = decimal.Decimal{}
	}
	return true
}
