package finance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// arrived counts the covered endpoints' calls that may have reached the vendor.
func (f *finance) arrived() int64 {
	a := f.covered()
	return a.calls() - a.unsent
}

func (f *finance) arrivedFormula() string {
	all := f.coveredSum(ledgerCalls, "")
	names, whole := f.coveredEndpoints()
	if whole {
		names = []string{""}
	}
	for _, name := range names {
		same := []where{{ledgerKind, literal(kindUnsent)}}
		if name != "" {
			same = append(same, where{ledgerEndpoint, literal(name)})
		}
		if text := f.ledgerSum(ledgerCalls, same...); text != "" {
			all += "-" + text
		}
	}
	return all
}

// coveredEndpoints are the ledger's endpoints that the statement is about; all of them without a statement.
func (f *finance) coveredEndpoints() (covered []string, all bool) {
	all = true
	seen := map[string]bool{}
	for _, l := range f.ledger.lines {
		if seen[l.endpoint] {
			continue
		}
		seen[l.endpoint] = true
		if f.settled == nil || f.settled.covers(l.endpoint) {
			covered = append(covered, l.endpoint)
		} else {
			all = false
		}
	}
	slices.Sort(covered)
	return covered, all
}

// covered adds up the ledger over the covered endpoints.
func (f *finance) covered() account {
	var a account
	names, _ := f.coveredEndpoints()
	for _, l := range f.ledger.lines {
		if slices.Contains(names, l.endpoint) {
			a.post(l)
		}
	}
	return a
}

// coveredAmount is the covered endpoints' amount in a currency, without monthly minimums.
func (f *finance) coveredAmount(currency string) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range f.comparedLines() {
		if f.ledger.currency(l) == currency {
			sum = sum.Add(l.amount)
		}
	}
	return sum
}

// coveredSum is the formula of both, under further conditions; a currency leaves monthly minimums out.
func (f *finance) coveredSum(column int, currency string, same ...where) string {
	if currency != "" {
		same = append(same, where{ledgerCurrency, literal(currency)})
		if !f.ledger.minimums(currency).IsZero() {
			same = append(same, where{ledgerCodeNumber, literal("<>" + fmt.Sprint(f.ledger.codeNumber(monthlyMinimum)))})
		}
	}
	names, all := f.coveredEndpoints()
	if all {
		if same == nil && len(f.ledger.lines) > 0 {
			return "SUM(" + f.ledgerArea(column) + ")"
		}
		return f.ledgerSum(column, same...)
	}
	var parts []string
	for _, name := range names {
		parts = append(parts, f.ledgerSum(column, append(same[:len(same):len(same)], where{ledgerEndpoint, literal(name)})...))
	}
	return strings.Join(parts, "+")
}

// settledChecks set what reconciling found beside the ledger, the statement and itself.
func (f *finance) settledChecks(l *page.Checks) {
	s, t := f.settled, f.places.classes
	all := s.total(func(classSum) bool { return true })
	if f.stale() == "" {
		l.Add("Calls that may have arrived: ledger = reconciliation", xlsx.N(f.arrived()).By(f.arrivedFormula()), xlsx.N(s.Calls))
		l.Add("Billable: ledger = reconciled rows of ours", xlsx.N(f.covered().billable).By(f.coveredSum(ledgerBillable, "")), xlsx.N(all.ourCalls).By(page.TableSum(t, classOurCalls)))
	}
	var exceptions int64
	for _, e := range s.exceptions {
		exceptions += e.rows
	}
	counted := f.places.exceptions.each(func(at func(int) string) string { return "COUNTA(" + at(rowClass) + ")" })
	matched := s.total(func(c classSum) bool { return c.class == billing.Matched }).rows
	l.Add("Exceptions: rows of the list = rows of the database", xlsx.N(exceptions).By(counted), xlsx.N(s.rows-matched))
	if list := f.places.lines; list != nil {
		l.Add("Lines: rows of the list = rows of the database", xlsx.N(s.rows).By(list.each(func(at func(int) string) string { return "COUNTA(" + at(rowClass) + ")" })), xlsx.N(s.rows))
	}
	for n, currency := range f.billed() {
		f.settledAmountChecks(l, n, currency)
	}
}

func (f *finance) settledAmountChecks(l *page.Checks, n int, currency string) {
	s, t := f.settled, f.places.classes
	sums, g := s.in(currency), s.gross(currency)
	total := func(col int) string {
		return xlsx.QuoteSheet(t.Page.Name) + "!" + xlsx.Ref{Col: t.At[col] + 1, Row: t.First + t.Rows + 1 + n}.Fixed()
	}
	amount := func(d decimal.Decimal, formula string) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount2).By(formula) }
	if f.stale() == "" && sums.unpriced == 0 && slices.Contains(f.ownCurrencies(), currency) { // else rows of several calls lack the amount of all
		l.Add("Our amount, "+currency+": ledger = reconciled rows", amount(f.coveredAmount(currency), f.coveredSum(ledgerAmount, currency)), amount(sums.ours, total(classOurs)))
	}
	l.Add("Statement, "+currency+": reconciled rows = its own lines", amount(sums.theirs, total(classTheirs)), amount(f.stated(currency), ""))
	d := f.places.bridges[currency]
	l.Add("Bridge, "+currency+": ours + steps = theirs", amount(d.sum, d.formula), amount(sums.theirs, total(classTheirs)))
	row := f.places.grosses.First + n
	at := func(col int) string { return xlsx.Ref{Col: f.places.grosses.At[col] + 1, Row: row}.String() }
	parts := g.over.Sub(g.under).Add(g.doubts).Add(g.other).Add(g.credits).Add(g.tax).Add(g.minimum).Add(g.unpriced)
	l.Add("Difference, "+currency+": net = sum of its parts", amount(g.difference(), at(3)), amount(parts, fmt.Sprintf("%s-%s+SUM(%s:%s)", at(4), at(5), at(6), at(9))))
}

// ownCurrencies are those of the price book.
func (f *finance) ownCurrencies() []string {
	seen := map[string]bool{}
	for _, t := range f.ledger.terms {
		seen[t.row.Currency] = true
	}
	return page.SortedKeys(seen)
}

// stated is what the statements' own lines add up to, as they were imported, with what the vendor's totals differ by.
func (f *finance) stated(currency string) decimal.Decimal {
	sum := f.settled.total(func(c classSum) bool { return c.currency == currency && c.class == billing.Unexplained }).theirs
	for _, c := range f.settled.scopes {
		for _, a := range c.Amounts {
			if d, err := decimal.NewFromString(a.Amount); err == nil && a.Currency == currency && a.Kind != "total" {
				sum = sum.Add(d)
			}
		}
	}
	return sum
}
