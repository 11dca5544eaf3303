package finance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

type grossTable struct {
	*figures.Reconciled
	exceptions     *longList
	reconciliation reconciliationRefs
}

// writeGross cuts the difference of every currency into parts that do not make up for each other.
func writeGross(p *page.Page, d *figures.Data, refs sheetRefs) *page.Table {
	f := grossTable{d.Reconciled, refs.exceptions, refs.reconciliation}
	note, rest := "Difference = to dispute − not yet billed + explained by doubts + other period + the "+
		"rest: credits, tax, tiers, monthly minimums and what has no price. To dispute, not yet billed: what is "+
		"at issue in open classes, more or less than our records. Proposed: the statement without what is open or "+
		"disputed above our records.", "Tier, minimum, no price"
	if !f.Earlier() {
		products := ""
		if f.HasProducts() {
			products = "other products, "
		}
		note,
			rest = "Difference = to dispute − not yet billed + explained by doubts + other period + credits and tax + "+
			"the rest: tiers, monthly minimums, rounding, prior periods, what has no price, "+products+"and what is "+
			"unexplained. "+
			"All are lines of the bridge. Proposed: the statement without what is to dispute, the tax on it, and what its "+
			"total has beyond its lines, as an amount that can be paid.", "Tier, minimum, rounding, rest"
	}
	p.Section("Net and gross", note)
	t := p.Table(page.Wide("Currency", 2, xlsx.Literal), page.Col("Ours", xlsx.Amount2),
		page.Col("Statement", xlsx.Amount2), page.Col("Difference", xlsx.SignedAmount),
		page.Col("To dispute", xlsx.Amount2), page.Col("Not yet billed", xlsx.Amount2),
		page.Col("Explained by doubts", xlsx.Amount2), page.Col("Other period", xlsx.Amount2),
		page.Col("Credits and tax", xlsx.Amount2), page.Col(rest, xlsx.Amount2),
		page.Col("Proposed for payment", xlsx.Amount2))
	for _, currency := range f.Billed {
		t.Add(f.cells(t, currency)...)
	}
	if len(f.Billed) == 0 {
		t.Add(xlsx.T("No amounts: no price is set, and the statement gives none"))
	}
	return t
}

// steps returns the cells of a currency, as the bridge has them.
func (f grossTable) steps(t *page.Table, currency string) []xlsx.Cell {
	g, bridge := f.Gross(currency), f.reconciliation.bridges[currency]
	n := slices.Index(f.Billed, currency)
	total := func(col int) string { return f.reconciliation.total(col, n) }
	sum := func(steps ...string) string {
		var list []string
		for _, step := range steps {
			if cell := bridge.cells[step]; cell != "" { // that of other products is there where some are
				list = append(list, cell)
			}
		}
		return strings.Join(list, "+")
	}
	rest := g.Minimum.Add(g.Unpriced).Add(g.Rounding).Add(g.PriorPeriods).Add(g.Products).Add(g.Unexplained)
	return []xlsx.Cell{xlsx.Untrusted(currency), cents(g.Ours).WithFormula(total(classOurs)),
		cents(g.Theirs).WithFormula(total(classTheirs)), difference(g.Difference(), xlsx.SignedAmount,
			t.Ref(2)+"-"+t.Ref(1)),
		exact(g.Over, sum(billing.StepToDispute)), exact(g.Under, "-"+sum(billing.StepNotYetBilled)),
		exact(g.Doubts, sum(billing.StepExplainedByDoubt)), exact(g.Other, sum(billing.StepOtherPeriod)),
		exact(g.Credits.Add(g.Tax), sum(billing.StepCredits, billing.StepTaxOwed, billing.StepTaxDisputed)),
		exact(rest, sum(billing.StepTierShift, billing.StepMinimumOwed, billing.StepRounding,
			billing.StepPriorPeriods, billing.StepNotPriced, billing.StepOtherProducts, billing.StepUnexplained)),
		f.payable(t, currency)}
}

// exact returns an amount that a formula gives to the last digit.
func exact(d decimal.Decimal, formula string) xlsx.Cell {
	return xlsx.D(d.String(), xlsx.Amount2).WithFormula(fmt.Sprintf("ROUND(%s,%d)", formula, billing.MaxDecimals))
}

// payable returns what is proposed for payment: the statement without what is to dispute, the tax on it, and what the
// total has beyond the lines, rounded to what can be paid. What somebody has accepted, or found credited or explained,
// is no longer to dispute.
func (f grossTable) payable(t *page.Table, currency string) xlsx.Cell {
	if len(paidApart(f.Reconciled, currency)) > 0 {
		return xlsx.D(f.Payable(currency).String(), xlsx.Amount2).WithFormula(invoicesOf(f.reconciliation.invoices,
			invoiceColumns.pay, currency))
	}
	bridge, list := f.reconciliation.bridges[currency], f.exceptions
	held, tax := t.Ref(4), bridge.cells[billing.StepTaxDisputed]
	if settled := list.sum(rowSettled, condition{rowCurrency, literal(currency)}); settled != "" {
		held = fmt.Sprintf("MAX(0,%s-(%s))", held, settled)
		if all := t.Ref(4); !f.Gross(currency).TaxDisputed.IsZero() { // its tax leaves what is held with a line
			tax = fmt.Sprintf("IF(%s=0,0,%s*%s/%s)", all, tax, held, all)
		}
	}
	minor := f.Kept.MinorUnit(currency)
	return xlsx.D(f.Payable(currency).String(), xlsx.Amount2).WithFormula(fmt.Sprintf("ROUND(%s-%s-%s-MAX(0,%s),%d)",
		bridge.cells[billing.StepTheirs], held, tax, bridge.cells[billing.StepUnexplained], minor))
}

func (f grossTable) cells(t *page.Table, currency string) []xlsx.Cell {
	if !f.Earlier() {
		return f.steps(t, currency)
	}
	g, list := f.Gross(currency), f.exceptions
	class := func(partly billing.Class, names ...billing.Class) string {
		var parts []string
		if e := f.Exceptions[figures.FindingKey{Class: partly, Currency: currency}]; e != nil && !e.Explained.IsZero() {
			same := []condition{{rowCurrency, literal(currency)}, {rowClass, literal(string(partly))}}
			parts = append(parts, list.sum(rowDifference, same...)+"-("+list.sum(rowIssue, same...)+")")
		}
		for _, name := range names {
			if text := list.sum(rowDifference, condition{rowCurrency, literal(currency)},
				condition{rowClass, literal(string(name))}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	signed := func(sign string) string {
		var parts []string
		for _, c := range f.openClasses() {
			if text := list.sum(rowIssue, condition{rowCurrency, literal(currency)},
				condition{rowClass, literal(string(c))}, condition{rowIssue, literal(sign + "0")}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	n := slices.Index(f.Billed, currency)
	total := func(col int) string { return f.reconciliation.total(col, n) }
	return []xlsx.Cell{xlsx.Untrusted(currency), cents(g.Ours).WithFormula(total(classOurs)),
		cents(g.Theirs).WithFormula(total(classTheirs)), difference(g.Difference(), xlsx.SignedAmount,
			t.Ref(2)+"-"+t.Ref(1)), rounded(g.Over, signed(">"), ""), rounded(g.Under, signed("<"), "-"),
		rounded(g.Doubts, class(billing.PriceDiffers, billing.ExplainedByDoubt), ""),
		rounded(g.Other, class("", billing.OtherPeriod), ""),
		rounded(g.Credits.Add(g.Tax), class("", billing.Credits, billing.Taxes), ""),
		rounded(g.Minimum.Add(g.Unpriced),
			f.minimumFormula(class(billing.QuantityDiffers, billing.OtherTier, billing.MonthlyMinimum), currency), ""),
		f.proposed(t, currency)}
}

// minimumFormula adds what matched rows without a price are apart to what minimums are.
func (f grossTable) minimumFormula(minimums, currency string) string {
	if f.Gross(currency).Unpriced.IsZero() {
		return minimums
	}
	t := f.reconciliation.classes
	matched := fmt.Sprintf("SUMIFS(%s,%s,%s,%s,%s)", t.Area(classDifference), t.Area(className),
		literal(string(billing.Matched)), t.Area(classCurrency), literal(currency))
	if minimums == "" {
		return matched
	}
	return minimums + "+" + matched
}

// openClasses returns the classes that have rows for somebody to settle.
func (f grossTable) openClasses() []billing.Class {
	seen := map[billing.Class]bool{}
	for key := range f.Exceptions {
		if figures.IsOpen(key.Class) {
			seen[key.Class] = true
		}
	}
	return page.SortedKeys(seen)
}

// rounded returns an amount that a formula adds up; a sign before it turns it round. Without rows there is no formula.
func rounded(d decimal.Decimal, formula, sign string) xlsx.Cell {
	if formula == "" {
		return cents(d)
	}
	return difference(d, xlsx.Amount2, sign+"("+formula+")")
}

// proposed returns the statement without what it bills above our records in rows that are not settled: it moves as
// somebody works the exceptions.
func (f grossTable) proposed(t *page.Table, currency string) xlsx.Cell {
	if f.Withheld {
		return page.None()
	}
	held := t.Ref(4)
	if settled := f.exceptions.sum(rowSettled, condition{rowCurrency, literal(currency)}); settled != "" {
		held = fmt.Sprintf("MAX(0,%s-(%s))", held, settled)
	}
	n := slices.Index(f.Billed, currency)
	return difference(f.Payable(currency), xlsx.Amount2, f.reconciliation.total(classTheirs, n)+"-"+held)
}
