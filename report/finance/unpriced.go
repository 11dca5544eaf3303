package finance

import (
	"context"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
)

// charged counts the calls of a line that may be charged: those that are billable, and those in doubt.
func (l ledgerLine) charged() int64 {
	if l.kind == kindUnknown || l.kind == kindUnanswered {
		return l.calls
	}
	return l.billable
}

// countUnpriced counts what has no price, at least and at most.
func (f *finance) countUnpriced() {
	for _, l := range f.ledger.lines {
		f.charged += l.charged()
		if l.term == 0 {
			f.unpriced += l.billable
			f.unpricedMost += l.charged()
		}
	}
}

// statesAmounts reports if anything has a price: where nothing has, no amount is stated that could leave calls out.
func (f *finance) statesAmounts() bool { return len(f.priced) > 0 }

// NotInAmounts is the sentence on calls that amounts leave out.
func NotInAmounts(n int64) string { return "Not in these amounts: " + billing.WithoutPrice(n) }

// noteUnpriced says under a table of amounts how many calls they leave out.
func (f *finance) noteUnpriced(p *page.Page, n int64) {
	if n > 0 && f.statesAmounts() {
		p.Prose(xlsx.T(NotInAmounts(n) + ", see the sheet Rates."))
	}
}

// unpricedCheck sets the calls that may be charged beside those that have a price. It is there when it fails: what
// amounts leave out is no slip of the workbook, but "all checks tie" would be one.
func (f *finance) unpricedCheck(l *page.Checks) {
	unpriced := f.unpricedMost - f.doubts.unpriced // what is held stands in no ledger
	if unpriced == 0 || !f.statesAmounts() {
		return
	}
	formula := func(same ...where) string {
		text := ""
		for _, kind := range kinds() {
			column := ledgerBillable
			if kind == kindUnknown || kind == kindUnanswered {
				column = ledgerCalls
			}
			if part := f.ledgerSum(column, append(same[:len(same):len(same)], where{ledgerKind, literal(kind)})...); part != "" {
				text += "+" + part
			}
		}
		return text[min(1, len(text)):]
	}
	l.Gap("Calls that may be charged: all of them have a price", xlsx.N(f.charged).By(formula()),
		xlsx.N(f.charged-unpriced).By(formula(where{ledgerCurrency, literal("<>" + page.NoValue)})))
}

// takeUnpriced counts the calls of ours whose rows have no amount.
func (s *settled) takeUnpriced(ctx context.Context, snap *store.Snapshot) error {
	if s.total(func(classSum) bool { return true }).unpriced == 0 {
		return nil
	}
	calls, err := snap.UnpricedCalls(ctx, s.ID)
	s.unpriced = map[string]int64{}
	for currency, n := range calls {
		s.unpriced[ledgerText(currency)] = n
	}
	return err
}

// priceChanges writes by how much the month changed with prices that were edited while it was under way.
func (f *finance) priceChanges(p *page.Page) {
	if len(f.repriced) == 0 {
		return
	}
	p.Skip(1)
	p.Section("3  Prices changed in the configuration", "What the month came to, at least and at most, as the first run "+
		"with other prices found it. The amounts of this workbook are at today's.")
	t := p.Table(page.Column{Head: "Run", Span: 1, Format: xlsx.Literal}, page.Column{Head: "At (" + zoneName(f.Period.Zone) + ")", Span: 2, Format: xlsx.Moment},
		page.Column{Head: "Was", Span: 4, Format: xlsx.General}, page.Column{Head: "Became", Span: 4, Format: xlsx.General}, page.Column{Head: "Difference", Span: 3, Format: xlsx.General})
	for _, u := range f.repriced {
		for _, c := range u.Changes {
			t.Add(numberText(u.RunID), xlsx.At(u.Since, f.Period.Zone),
				xlsx.T(xlsx.Visible(c.Was)), xlsx.T(xlsx.Visible(c.Became)), xlsx.T(xlsx.Visible(c.Difference)))
		}
	}
}

// unpricedRow is the row of the figures to be signed that says what they leave out.
func (f *finance) unpricedRow(row func(string, xlsx.Cell, string), n int64) {
	if n > 0 && f.statesAmounts() {
		row("Calls without a price", xlsx.N(n), "Rates; not in these amounts: "+billing.WithoutPrice(n))
	}
}
