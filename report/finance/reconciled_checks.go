package finance

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// arrived counts the covered endpoints' calls that may have reached the vendor.
func (f checker) arrived() int64 {
	a := f.covered.account(f.ledger)
	return a.calls() - a.unsent
}

// reconciledChecks set what reconciling found beside the ledger, the statement and itself.
func (f checker) reconciledChecks(l *page.Checks) {
	s, t := f.reconciled, f.refs.reconciliation.classes
	all := s.total(func(classSum) bool { return true })
	if f.reconciled.stale == "" {
		l.Add("Calls that may have arrived: ledger = reconciliation", xlsx.N(f.arrived()).By(f.refs.arrivedFormula()), xlsx.N(s.Calls))
		l.Add("Billable: ledger = reconciled rows of ours", xlsx.N(f.covered.account(f.ledger).billable).By(f.refs.coveredSum(ledgerBillable, "")), xlsx.N(all.ourCalls).By(page.TableSum(t, classOurCalls)))
	}
	var exceptions int64
	for _, e := range s.exceptions {
		exceptions += e.rows
	}
	counted := f.refs.exceptions.each(func(at func(int) string) string { return "COUNTA(" + at(rowClass) + ")" })
	matched := s.total(func(c classSum) bool { return c.class == billing.Matched }).rows
	l.Add("Exceptions: rows of the list = rows of the database", xlsx.N(exceptions).By(counted), xlsx.N(s.rows-matched))
	if list := f.refs.lines; list != nil {
		l.Add("Lines: rows of the list = rows of the database", xlsx.N(s.rows).By(list.each(func(at func(int) string) string { return "COUNTA(" + at(rowClass) + ")" })), xlsx.N(s.rows))
	}
	for n, currency := range f.reconciled.billed {
		f.reconciledAmountChecks(l, n, currency)
	}
}

func (f checker) reconciledAmountChecks(l *page.Checks, n int, currency string) {
	s, t := f.reconciled, f.refs.reconciliation.classes
	sums, g := s.in(currency), s.gross(currency)
	total := func(col int) string {
		return xlsx.QuoteSheet(t.Page.Name) + "!" + xlsx.Ref{Col: t.At[col] + 1, Row: t.First + t.Rows + 1 + n}.Fixed()
	}
	amount := func(d decimal.Decimal, formula string) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount2).By(formula) }
	if f.reconciled.stale == "" && sums.unpriced == 0 && slices.Contains(f.ownCurrencies(), currency) { // else rows of several calls lack the amount of all
		l.Add("Our amount, "+currency+": ledger = reconciled rows", amount(f.covered.amount(f.ledger, currency), f.refs.coveredSum(ledgerAmount, currency)), amount(sums.ours, total(classOurs)))
	}
	l.Add("Statement, "+currency+": reconciled rows = its own lines", amount(sums.theirs, total(classTheirs)), amount(f.stated(currency), ""))
	d := f.refs.reconciliation.bridges[currency]
	l.Add("Bridge, "+currency+": ours + steps = theirs", amount(d.sum, d.formula), amount(sums.theirs, total(classTheirs)))
	row := f.grosses.First + n
	at := func(col int) string { return xlsx.Ref{Col: f.grosses.At[col] + 1, Row: row}.String() }
	parts := g.over.Sub(g.under).Add(g.doubts).Add(g.other).Add(g.credits).Add(g.tax).Add(g.minimum).Add(g.unpriced)
	l.Add("Difference, "+currency+": net = sum of its parts", amount(g.difference(), at(3)), amount(parts, fmt.Sprintf("%s-%s+SUM(%s:%s)", at(4), at(5), at(6), at(9))))
}

// ownCurrencies are those of the price book.
func (f checker) ownCurrencies() []string {
	seen := map[string]bool{}
	for _, t := range f.ledger.terms {
		seen[t.row.Currency] = true
	}
	return page.SortedKeys(seen)
}

// stated is what the statements' own lines add up to, as they were imported, with what the vendor's totals differ by.
func (f checker) stated(currency string) decimal.Decimal {
	sum := f.reconciled.total(func(c classSum) bool { return c.currency == currency && c.class == billing.Unexplained }).theirs
	for _, c := range f.reconciled.scopes {
		for _, a := range c.Amounts {
			if d, err := decimal.NewFromString(a.Amount); err == nil && a.Currency == currency && a.Kind != "total" {
				sum = sum.Add(d)
			}
		}
	}
	return sum
}
