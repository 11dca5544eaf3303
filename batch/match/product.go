package match

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// product holds what a statement has of another product in one currency: nothing to lay beside our calls, but a part of
// the bill.
type product struct {
	productKey
	first    int // line
	lines    int
	quantity int64
	amount   decimal.Decimal
}

type productKey struct {
	statement      int64
	name, currency string
}

// addProduct adds a line of another product. One that is a total of such lines charges nothing.
func (m *month) addProduct(statementID int64, l *statement.Line) {
	if l.Kind == statement.Total {
		return
	}
	k := productKey{statementID, l.Product, l.Currency}
	p := m.productOf[k]
	if p == nil {
		p = &product{productKey: k, first: l.Number}
		m.productOf[k] = p
		m.products = append(m.products, p)
	}
	p.lines++
	p.quantity += l.Quantity
	p.amount = p.amount.Add(l.Amount)
}

// emitProducts makes a row for each product of each statement and currency.
func emitProducts(in *month, out *outcome) {
	for _, p := range in.products {
		f := &finding{Row: billing.Row{Class: billing.OtherProduct, StatementID: p.statement, Line: p.first,
			Currency: p.currency, TheirAmount: p.amount, Priced: true, Note: p.name}}
		if p.lines > 1 {
			f.Note = fmt.Sprintf("%s, %d lines", p.name, p.lines)
		}
		out.emit(f)
	}
}

// addProducts adds to the sum of the lines that a total is about the other products of its statement, which are of no
// endpoint and region.
func (m *month) addProducts(t *line, sum *statement.LineSum) {
	if !m.lines.routeOf(t).Suits(billing.Route{}) {
		return
	}
	for _, p := range m.products {
		if p.statement == m.lines.statementOf(t) && p.currency == m.lines.currencyOf(t) {
			sum.AddOther(p.amount, p.quantity)
		}
	}
}
