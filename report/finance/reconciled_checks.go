package finance

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
)

// arrived counts the covered endpoints' calls that may have reached the vendor.
func (f checker) arrived() int64 {
	a := f.Covered.Account(f.Ledger)
	return a.Calls() - a.Unsent
}

// reconciledChecks set what reconciling found beside the ledger, the statement and itself.
func (f checker) reconciledChecks(l *page.Checks) {
	s, t := f.Reconciled, f.refs.reconciliation.classes
	all := s.Total(func(figures.ClassSum) bool { return true })
	if f.Reconciled.Late > 0 { // the workbook is a good one, and no month bears these calls
		l.Gap("Calls of the month: all were there when it was reconciled", xlsx.N(f.Reconciled.Late), xlsx.N(0))
	}
	if f.Reconciled.Stale == "" {
		l.Add("Calls that may have arrived: ledger = reconciliation",
			xlsx.N(f.arrived()).WithFormula(f.refs.arrivedFormula()), xlsx.N(s.Calls))
		l.Add("Billable: ledger = reconciled rows of ours",
			xlsx.N(f.Covered.Account(f.Ledger).Billable).WithFormula(f.refs.coveredSum(ledgerBillable, "")),
			xlsx.N(all.OurCalls).WithFormula(page.TableSum(t, classOurCalls)))
	}
	var exceptions int64
	for _, e := range s.Exceptions {
		exceptions += e.Rows
	}
	counted := f.refs.exceptions.each(func(at func(int) string) string { return "COUNTA(" + at(rowClass) + ")" })
	matched := s.Total(func(c figures.ClassSum) bool { return c.Class == billing.Matched }).Rows
	l.Add("Exceptions: rows of the list = rows of the database", xlsx.N(exceptions).WithFormula(counted),
		xlsx.N(s.Rows-matched))
	squareCheck(l, "Exceptions", f.refs.exceptions, s.Squares)
	if list := f.refs.lines; list != nil {
		l.Add("Lines: rows of the list = rows of the database",
			xlsx.N(s.Rows).WithFormula(list.each(func(at func(int) string) string {
				return "COUNTA(" + at(rowClass) + ")"
			})),
			xlsx.N(s.Rows))
		squareCheck(l, "Lines", list, s.LineSquares)
	}
	for n, currency := range f.Reconciled.Billed {
		f.reconciledAmountChecks(l, n, currency)
	}
}

// squareCheck sets the squares of a list's amounts beside those of the database: where two are changed by as much in
// opposite directions, no sum over them shows it.
func squareCheck(l *page.Checks, name string, list *longList, squares decimal.Decimal) {
	formula := list.each(func(at func(int) string) string { return "SUMSQ(" + at(rowOurs) + "," + at(rowTheirs) + ")" })
	sum := xlsx.D(squares.Round(billing.MaxDecimals).String(), xlsx.Plain)
	l.Add(name+": squares of all amounts = as reconciled", sum.WithFormula(formula), sum)
}

func (f checker) reconciledAmountChecks(l *page.Checks, n int, currency string) {
	s, t := f.Reconciled, f.refs.reconciliation.classes
	sums, g := s.In(currency), s.Gross(currency)
	total := func(col int) string {
		return xlsx.QuoteSheet(t.Page.Name) + "!" + xlsx.Ref{Col: t.At[col] + 1, Row: t.First + t.Rows + 1 + n}.Fixed()
	}
	amount := func(d decimal.Decimal, formula string) xlsx.Cell { return cents(d).WithFormula(formula) }
	// else rows of several calls lack the amount of all
	if f.Reconciled.Stale == "" && sums.Unpriced == 0 && slices.Contains(f.ownCurrencies(), currency) {
		l.Add("Our amount, "+currency+": ledger = reconciled rows",
			amount(f.Covered.Amount(f.Ledger, currency), f.refs.coveredSum(ledgerAmount, currency)),
			amount(sums.Ours, total(classOurs)))
	}
	l.Add("Statement, "+currency+": reconciled rows = its own lines", amount(sums.Theirs, total(classTheirs)),
		amount(f.stated(currency), ""))
	d := f.refs.reconciliation.bridges[currency]
	if over, under, known := s.Judged(currency); known {
		l.Add("To dispute, "+currency+": the bridge = as reconciled", exact(g.Over, d.cells[billing.StepToDispute]),
			exactly(over))
		l.Add("Not yet billed, "+currency+": the bridge = as reconciled", exact(g.Under,
			"-"+d.cells[billing.StepNotYetBilled]), exactly(under))
	}
	l.Add("Bridge, "+currency+": ours + steps = theirs", amount(d.sum, d.formula),
		amount(sums.Theirs, total(classTheirs)))
	f.invoiceChecks(l, currency)
	row := f.grosses.First + n
	at := func(col int) string { return xlsx.Ref{Col: f.grosses.At[col] + 1, Row: row}.String() }
	parts := g.Over.Sub(g.Under).Add(g.Doubts).Add(g.Other).Add(g.Credits).Add(g.Tax).Add(g.Minimum).Add(g.Unpriced).
		Add(g.Rounding).Add(g.PriorPeriods).Add(g.Products).Add(g.Unexplained)
	l.Add("Difference, "+currency+": net = sum of its parts", amount(g.Difference(), at(3)),
		amount(parts, fmt.Sprintf("%s-%s+SUM(%s:%s)", at(4), at(5), at(6), at(9))))
}

// exactly returns an amount that was found, and no formula.
func exactly(d decimal.Decimal) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount2) }

// ownCurrencies returns those of the price book.
func (f checker) ownCurrencies() []string {
	seen := map[string]bool{}
	for _, t := range f.Ledger.Terms {
		seen[t.Row.Currency] = true
	}
	return page.SortedKeys(seen)
}

// stated adds up the statements' own lines, as they were imported, and those of closed months, with what the vendor's
// totals differ by.
func (f checker) stated(currency string) decimal.Decimal {
	sum := f.Reconciled.Total(func(c figures.ClassSum) bool {
		return c.Currency == currency && (c.Class == billing.Unexplained || c.Class == billing.Totals)
	}).Theirs
	for _, c := range f.Reconciled.Scopes {
		for _, a := range c.Amounts {
			contained := a.Kind == accounts.LineTax && !f.Reconciled.Kept.TaxIncluded.IsZero()
			if d, err := decimal.NewFromString(a.Amount); err == nil && a.Currency == currency && a.Kind != "total" && !contained {
				sum = sum.Add(d)
			}
		}
	}
	for _, c := range f.Closing.Borne {
		if d, err := decimal.NewFromString(c.Theirs); err == nil && c.Currency == currency && !c.Own && f.Reconciled.Prior {
			sum = sum.Add(d)
		}
	}
	return sum
}
