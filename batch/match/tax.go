package match

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// taxed sums up what taxes are on: of a statement and currency, or of what a tax line names there, an endpoint or a
// transaction.
type taxed map[taxScope]*taxBase

type taxScope struct {
	statement                       int64
	currency, endpoint, transaction string
}

type taxBase struct{ usage, credits, over decimal.Decimal }

// newTaxed has a sum for what each tax line names.
func newTaxed(s *lines, textOf func(transaction) string) taxed {
	t := taxed{}
	for i := range s.list {
		if e := &s.list[i]; e.kind == taxLine {
			t[scopeOf(s, e, textOf)] = &taxBase{}
		}
	}
	return t
}

func scopeOf(s *lines, e *line, textOf func(transaction) string) taxScope {
	if id := textOf(e.transaction); id != "" {
		return taxScope{s.statementOf(e), s.currencyOf(e), "", id}
	}
	return taxScope{s.statementOf(e), s.currencyOf(e), s.routeOf(e).Endpoint, ""}
}

// add adds a row to the sums that it is in.
func (t taxed) add(f *finding) {
	if len(t) == 0 || f.beside || isBeside(f.Class) {
		return
	}
	scopes := []taxScope{{f.StatementID, f.Currency, "", ""}, {f.StatementID, f.Currency, f.Endpoint, ""},
		{f.StatementID, f.Currency, "", f.TransactionID}}
	for i, k := range scopes {
		b := t[k]
		if b == nil || i > 0 && k == scopes[0] {
			continue
		}
		if f.Class == billing.Credits {
			b.credits = b.credits.Add(f.TheirAmount)
		} else {
			b.usage = b.usage.Add(f.TheirAmount)
		}
		if f.isOver() {
			b.over = b.over.Add(f.Issue)
		}
	}
}

// isBeside reports a class of rows that are no base of a tax.
func isBeside(c billing.Class) bool {
	switch c {
	case billing.Taxes, billing.Unexplained, billing.Totals, billing.OtherProduct:
		return true
	}
	return false
}

// splitTax puts each tax on the bridge: the share of what is disputed in what it is on is disputed with that.
func (o *outcome) splitTax(in *month) {
	for i := range in.lines.list {
		e := &in.lines.list[i]
		if e.kind != taxLine {
			continue
		}
		scope := scopeOf(in.lines, e, in.journal.textOf)
		base, bridge := o.taxed[scope], o.bridge(scope.currency)
		over := base.over
		if scope.transaction == "" {
			over = over.Sub(nettedOf(in.pools, scope))
		}
		on := base.usage
		if !in.TaxGross || scope.transaction != "" {
			on = on.Add(base.credits)
		}
		a := in.lines.amountAt(e)
		var disputed decimal.Decimal
		if !on.IsZero() {
			disputed = a.Mul(over).DivRound(on, billing.MaxDecimals)
		}
		bridge.put(billing.StepTaxDisputed, 0, disputed)
		bridge.put(billing.StepTaxOwed, 0, a.Sub(disputed))
	}
}

// nettedOf returns how much of what a statement's lines of a currency, or of an endpoint, bill too much is netted: of a
// pool the lower lines' first.
func nettedOf(pools []*pool, s taxScope) decimal.Decimal {
	var sum decimal.Decimal
	for _, p := range pools {
		if p.price == nil || p.price.Currency != s.currency || s.endpoint != "" && s.endpoint != p.price.Endpoint {
			continue
		}
		left := p.net()
		for _, o := range oversOf(p, p.minimum().IsPositive()) {
			n := decimal.Min(left, o.amount)
			left = left.Sub(n)
			if o.statement == s.statement {
				sum = sum.Add(n)
			}
		}
	}
	return sum
}

// over is what one row of a pool is billed too much.
type over struct {
	statement int64
	line      int
	amount    decimal.Decimal
	lawful    bool
}

// oversOf lists what may be netted, by statement and line: all of it while the minimum is owed, else what is on no lawful
// call.
func oversOf(p *pool, all bool) []over {
	list := slices.DeleteFunc(slices.Clone(p.excess), func(o over) bool { return o.lawful && !all })
	slices.SortStableFunc(list, func(a, b over) int {
		return cmp.Or(cmp.Compare(a.statement, b.statement), cmp.Compare(a.line, b.line))
	})
	return list
}
