package match

import (
	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// minimums are what the monthly minimums add to the charges' cost, by price, as far as the statement has not yet shown
// it.
type minimums []decimal.Decimal

func (m minimums) byCurrency(book *billing.Book) billing.Amounts {
	owed := billing.Amounts{}
	for i, p := range book.Prices {
		owed.AddAmount(p.Currency, m[i+1])
	}
	return owed
}

// take reports whether an amount equals the monthly minimum of one price, or of all prices of a route together, as far
// as a line names it. An amount is taken once only.
func (m minimums) take(book *billing.Book, at billing.Route, amount billing.Money) bool {
	var sum decimal.Decimal
	var all []int
	for i, p := range book.Prices {
		owed := m[i+1]
		region := p.Region
		if region == "*" {
			region = at.Region
		}
		if owed.IsZero() || p.Currency != amount.Currency ||
			!at.Suits(billing.Route{Endpoint: p.Endpoint, Region: region}) {
			continue
		}
		if owed.Equal(amount.Amount) {
			m[i+1] = decimal.Decimal{}
			return true
		}
		sum, all = sum.Add(owed), append(all, i+1)
	}
	if len(all) == 0 || !sum.Equal(amount.Amount) {
		return false
	}
	for _, i := range all {
		m[i] = decimal.Decimal{}
	}
	return true
}

// matchFee accounts for a line that charges without a call.
func matchFee(in *month, out *outcome, e *line) {
	amount := billing.Money{Amount: in.lines.amountAt(e), Currency: in.lines.currencyOf(e)}
	if !out.minimums.take(in.journal.book, in.lines.routeOf(e), amount) {
		out.emit(in.find(billing.TheirsOnly, nil, e, "no calls behind it"))
		return
	}
	f := in.find(billing.MonthlyMinimum, nil, e, "")
	f.tier = amount.Amount
	out.emit(f)
}
