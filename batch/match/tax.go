package match

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/match/internal/tax"
)

// newTaxed makes an empty sum for what each tax line names.
func newTaxed(in *month) tax.Sums {
	t := tax.Sums{}
	for i := range in.lines.list {
		if e := &in.lines.list[i]; e.kind == taxLine {
			t[taxScope(in, e)] = &tax.Base{}
		}
	}
	return t
}

func taxScope(in *month, e *line) tax.Scope {
	k := tax.Scope{Statement: in.lines.statementOf(e), Currency: in.lines.currencyOf(e)}
	if k.Transaction = in.journal.textOf(e.transaction); k.Transaction == "" {
		k.Endpoint = in.lines.routeOf(e).Endpoint
	}
	return k
}

// tax adds a row to the sums of the taxes that are on it.
func (o *outcome) tax(f *finding) {
	if len(o.taxed) == 0 || f.beside || isBeside(f.Class) {
		return
	}
	r := tax.Row{Scope: tax.Scope{Statement: f.StatementID, Currency: f.Currency, Endpoint: f.Endpoint,
		Transaction: f.TransactionID}, Credit: f.Class == billing.Credits, Amount: f.TheirAmount}
	if f.prior { // the line stands in its own month, and is added there
		r.Amount = decimal.Decimal{}
	}
	if f.isOver() {
		r.Over = f.Issue
	}
	o.taxed.Add(r)
}

// isBeside reports a class of rows that are no base of a tax.
func isBeside(c billing.Class) bool {
	switch c {
	case billing.Taxes, billing.Unexplained, billing.Totals, billing.OtherProduct:
		return true
	}
	return false
}

// splitTax puts each tax on the bridge: the share of what is disputed in what it is on is disputed with that. One
// that the lines include is on the bridge with them.
func (o *outcome) splitTax(in *month) {
	for i := range in.lines.list {
		e := &in.lines.list[i]
		if e.kind != taxLine || includesTax(in) {
			continue
		}
		scope := taxScope(in, e)
		base, bridge := o.taxed[scope], o.bridge(scope.Currency)
		over := base.Over
		if scope.Transaction == "" {
			over = over.Sub(nettedOf(in.pools, scope))
		}
		a := in.lines.amountAt(e)
		disputed := tax.Share(a, over, base.On(in.TaxGross || scope.Transaction != ""))
		bridge.put(billing.StepTaxDisputed, 0, disputed)
		i := o.invoices.Of(scope.Statement, scope.Currency)
		i.TaxDisputed = i.TaxDisputed.Add(disputed)
		bridge.put(billing.StepTaxOwed, 0, a.Sub(disputed))
	}
}

// includesTax reports that the amounts of usage include a tax: a line of tax says how much it is, and charges nothing.
func includesTax(in *month) bool { return !in.TaxRate.IsZero() }

// emitIncluded makes the row of a line of tax that says what the lines include.
func emitIncluded(in *month, out *outcome, e *line) {
	f := in.find(billing.Matched, nil, e, "contained in the amounts of the lines")
	stated, scope := f.TheirAmount, taxScope(in, e)
	f.TheirQuantity, f.TheirAmount = 0, decimal.Decimal{}
	usage := out.taxed[scope].Usage
	if included := usage.Sub(in.lines.net(usage)); !in.grids.sum(billing.TotalLevel, e.gridKey(), stated, included) {
		f.Class = billing.Contradiction
		right := billing.Money{Amount: included.Round(in.grids.minor(f.Currency)), Currency: f.Currency}
		f.note(fmt.Sprintf("it says %s, and %s is in them", billing.Money{Amount: stated, Currency: f.Currency}, right))
	}
	out.emit(f)
}

// nettedOf returns how much of what a statement's lines of a currency, or of an endpoint, bill too much is netted.
func nettedOf(pools []*pool, s tax.Scope) decimal.Decimal {
	var sum decimal.Decimal
	for _, p := range pools {
		if p.price == nil || p.price.Currency != s.Currency || s.Endpoint != "" && s.Endpoint != p.price.Endpoint {
			continue
		}
		sum = sum.Add(p.netted()[s.Statement])
	}
	return sum
}
