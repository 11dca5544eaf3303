package report

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// account adds up lines of the ledger, all of one currency where the amount matters.
type account struct {
	bill
	billable int64
	amount   decimal.Decimal
}

func (a *account) post(l ledgerLine) {
	a.bill.post(l.kind, l.calls)
	a.billable += l.billable
	a.amount = a.amount.Add(l.amount)
}

// accountColumns are the columns of every table that adds up the ledger, apart from amounts.
func accountColumns() []column {
	return []column{{"PAY", 1, Count}, {"FREE", 1, Count}, {"Answered, cost unknown", 1, Count}, {"No answer", 1, Count}, {"Not sent", 1, Count}, {"Calls", 1, Count},
		{"To pay, at most", 1, Count}, {"Billable", 1, Count}}
}

// The places of some of them, and how many they are.
const (
	accountCalls    = 5
	accountBillable = 7
	accountWidth    = 8
)

// accountCells are an account in those columns, the first of which is column number from, with sums over the ledger under
// conditions as the second route.
func (f *finance) accountCells(t *table, a account, from int, all ...where) []Cell {
	cells := a.cells(t, from)
	for i, kind := range kinds() {
		cells[i] = cells[i].By(f.ledgerSum(ledgerCalls, append(all[:len(all):len(all)], where{ledgerKind, literal(kind)})...))
	}
	cells[accountBillable] = cells[accountBillable].By(f.ledgerSum(ledgerBillable, all...))
	return cells
}

// totalCells are the sum of all rows of such a table.
func (a account) totalCells(t *table, from int) []Cell {
	cells := a.cells(t, from)
	if t.rows > 0 {
		for _, i := range []int{0, 1, 2, 3, 4, accountBillable} {
			cells[i] = cells[i].By(sum(local(t.area(from + i))))
		}
	}
	return cells
}

func (a account) cells(t *table, from int) []Cell {
	ref := func(i int) string { return t.ref(from + i) }
	return []Cell{N(a.pay), N(a.free), N(a.unknown), N(a.unanswered), N(a.unsent), N(a.calls()).By(fmt.Sprintf("SUM(%s:%s)", ref(0), ref(4))),
		N(a.ceiling()).By(fmt.Sprintf("%s+%s+%s", ref(0), ref(2), ref(3))), N(a.billable)}
}

// amountCell is an amount of a currency; calls without a price have none.
func amountCell(d decimal.Decimal, currency, formula string) Cell {
	if currency == noValue {
		return none()
	}
	return D(d.String(), Amount2).By(formula)
}

// difference is a cell of an amount less others. Its formula rounds away what subtracting in binary leaves over, and no
// digit that the amounts have.
func difference(d decimal.Decimal, format Format, formula string) Cell {
	return D(d.String(), format).By(fmt.Sprintf("ROUND(%s,%d)", formula, max(4, -d.Exponent())))
}

// columnTotal adds up the amounts of a table in one currency.
func columnTotal(t *table, amounts, currencies int, name string) string {
	if t.rows == 0 {
		return ""
	}
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", local(t.area(amounts)), local(t.area(currencies)), literal(name))
}
