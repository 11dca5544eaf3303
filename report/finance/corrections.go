package finance

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// writeCorrections lists what came to light about closed months.
func writeCorrections(book *xlsx.Workbook, d *figures.Data) {
	all := d.Closing.Corrections
	if len(all) == 0 {
		return
	}
	p := page.New(book, "Corrections", "Prior-period corrections",
		"What came to light about closed months and is borne by "+d.Period.Label, 16, 20, 14, 20, 10, 12, 12, 16)
	p.Tab = xlsx.Amber
	p.Headline(fmt.Sprintf("%s borne by %s",
		page.Plural(int64(len(all)), "correction of a closed month is", "corrections of closed months are"),
		d.Period.Label))
	p.Skip(1)
	p.Section("1  Corrections", "Calls that reached the journal after their month was closed, and doubts that a "+
		"later statement settled. They are no part of this month's own figures.")
	t := p.Table(page.Col("Closed month", xlsx.Literal), page.Col("Kind", xlsx.General),
		page.Col("Endpoint", xlsx.Literal), page.Col("Region", xlsx.General), page.Col("Currency", xlsx.Literal),
		page.Col("Calls", xlsx.Count), page.Col("Billable", xlsx.Count), page.Col("Amount", xlsx.Amount2))
	sums := map[string]decimal.Decimal{}
	var calls, billable, unpriced int64
	for _, c := range all {
		amount := page.None()
		if sum, err := decimal.NewFromString(c.Amount); err == nil {
			amount, sums[c.Currency] = cents(sum), sums[c.Currency].Add(sum)
		} else {
			unpriced += c.Quantity
		}
		calls, billable = calls+c.Calls, billable+c.Quantity
		t.Add(xlsx.T(c.Month).In(xlsx.Literal), xlsx.T(c.Kind), xlsx.Outside(c.Endpoint), xlsx.T(placeName(c.Region)),
			xlsx.Outside(figures.LedgerText(c.Currency)), xlsx.N(c.Calls), xlsx.N(c.Quantity), amount)
	}
	t.Total(xlsx.T("All"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{},
		xlsx.N(calls).By(xlsx.Sum(page.Local(t.Area(5)))), xlsx.N(billable).By(xlsx.Sum(page.Local(t.Area(6)))),
		xlsx.Cell{})
	for _, currency := range page.SortedKeys(sums) {
		t.Total(xlsx.T("Amount"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.Outside(currency), xlsx.Cell{},
			xlsx.Cell{}, cents(sums[currency]).By(columnTotal(t, 7, 4, currency)))
	}
	if unpriced > 0 && len(sums) > 0 {
		p.Prose(xlsx.T(NotInAmounts(unpriced) + "."))
	}
	p.PrintAll()
}
