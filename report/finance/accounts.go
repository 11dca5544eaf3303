package finance

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// accountColumns returns the columns of every table that adds up the ledger, apart from amounts.
func accountColumns() []page.Column {
	return []page.Column{page.Col("PAY", xlsx.Count), page.Col("FREE", xlsx.Count),
		page.Col("Answered, cost unknown", xlsx.Count), page.Col("No answer", xlsx.Count),
		page.Col("Not sent", xlsx.Count), page.Col("Calls", xlsx.Count),
		page.Col("To pay, at most", xlsx.Count), page.Col("Billable", xlsx.Count)}
}

// The places of some of them, and how many they are.
const (
	accountCalls    = 5
	accountBillable = 7
	accountWidth    = 8
)

// totalCells returns the sum of all rows of such a table.
func totalCells(t *page.Table, a figures.Account, from int) []xlsx.Cell {
	cells := plainCells(t, a, from)
	if t.Rows > 0 {
		for _, i := range []int{0, 1, 2, 3, 4, accountBillable} {
			cells[i] = cells[i].WithFormula(xlsx.Sum(page.Local(t.Area(from + i))))
		}
	}
	return cells
}

func plainCells(t *page.Table, a figures.Account, from int) []xlsx.Cell {
	ref := func(i int) string { return t.Ref(from + i) }
	return []xlsx.Cell{xlsx.N(a.Pay), xlsx.N(a.Free), xlsx.N(a.Unknown), xlsx.N(a.Unanswered), xlsx.N(a.Unsent),
		xlsx.N(a.Calls()).WithFormula(fmt.Sprintf("SUM(%s:%s)", ref(0), ref(4))),
		xlsx.N(a.Ceiling()).WithFormula(fmt.Sprintf("%s+%s+%s", ref(0), ref(2), ref(3))), xlsx.N(a.Billable)}
}

// cents returns a cell of an amount that shows two decimals, or as many as the month's amounts have.
func cents(d decimal.Decimal) xlsx.Cell { return page.Cents(d) }

// amountCell returns an amount of a currency; calls without a price have none.
func amountCell(d decimal.Decimal, currency, formula string) xlsx.Cell {
	if currency == page.NoValue {
		return page.None()
	}
	return cents(d).WithFormula(formula)
}

// difference returns a cell of an amount less others.
func difference(d decimal.Decimal, format xlsx.Format, formula string) xlsx.Cell {
	return page.Difference(d, format, formula)
}

// columnTotal adds up the amounts of a table in one currency.
func columnTotal(t *page.Table, amounts, currencies int, name string) string {
	return page.ColumnTotal(t, amounts, currencies, name)
}
