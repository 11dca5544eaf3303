package finance

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// writeCorrections lists what came to light about closed months.
func writeCorrections(book *xlsx.Workbook, d *figures.Data) {
	all := d.Closing.Corrections
	if len(all) == 0 {
		return
	}
	p := page.New(book, "Corrections", "Prior-period corrections",
		"What came to light about closed months and is borne by "+d.Period.Label, 14, 18, 12, 16, 10, 8, 14, 14, 14, 14)
	p.Tab = xlsx.Amber
	p.Headline(fmt.Sprintf("%s borne by %s",
		page.Plural(int64(len(all)), "correction of a closed month is", "corrections of closed months are"),
		d.Period.Label))
	p.Skip(1)
	p.Section("1  Corrections",
		"Calls that reached the journal after their month was closed, lines that came late, and "+
			"doubts that were settled late. New cost was not accrued in the closed month; billed is what lines bill, owed what "+
			"of it is right; ceiling is how far the most that the closed month may cost moves.")
	t := p.Table(page.Col("Closed month", xlsx.Literal), page.Col("Kind", xlsx.General),
		page.Col("Endpoint", xlsx.Literal), page.Col("Region", xlsx.General), page.Col("Currency", xlsx.Literal),
		page.Col("Items", xlsx.Count), page.Col("New cost", xlsx.Amount2), page.Col("Ceiling", xlsx.Amount2),
		page.Col("Owed", xlsx.Amount2), page.Col("Billed", xlsx.Amount2))
	sums := map[string][4]decimal.Decimal{}
	var items, unpriced int64
	for _, c := range all {
		cells, amounts := correctionCells(c)
		if c.Amount == "" {
			unpriced += c.Quantity
		}
		sum := sums[c.Currency]
		for i := range sum {
			sum[i] = sum[i].Add(amounts[i])
		}
		sums[c.Currency], items = sum, items+c.Calls
		t.Add(cells...)
	}
	t.Total(xlsx.T("All"), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{},
		xlsx.N(items).WithFormula(xlsx.Sum(page.Local(t.Area(5)))), xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{}, xlsx.Cell{})
	for _, currency := range page.SortedKeys(sums) {
		cells := []xlsx.Cell{xlsx.T("Amount"), {}, {}, {}, xlsx.Untrusted(figures.LedgerText(currency)), {}}
		for i, sum := range sums[currency] {
			cells = append(cells, cents(sum).WithFormula(columnTotal(t, 6+i, 4, figures.LedgerText(currency))))
		}
		t.Total(cells...)
	}
	if unpriced > 0 {
		p.Prose(xlsx.T(NotInAmounts(unpriced) + "."))
	}
	p.PrintAll()
}

// correctionCells returns a row's cells, and its new cost, ceiling, and what is owed and billed.
func correctionCells(c accounts.Correction) (cells []xlsx.Cell, sums [4]decimal.Decimal) {
	cells = []xlsx.Cell{xlsx.T(c.Month).WithFormat(xlsx.Literal), xlsx.T(c.Kind), xlsx.Untrusted(c.Endpoint),
		xlsx.T(regionName(c.Region)), xlsx.Untrusted(figures.LedgerText(c.Currency)), xlsx.N(c.Calls)}
	for i, text := range []string{c.Amount, c.Most, c.Right, c.Theirs} {
		amount, err := decimal.NewFromString(text)
		if err != nil { // no price is set
			cells = append(cells, page.None())
			continue
		}
		sums[i] = amount
		cells = append(cells, cents(amount))
	}
	return cells, sums
}
