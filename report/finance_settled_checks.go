package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
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
func (f *finance) settledChecks(l *checkList) {
	s, t := f.settled, f.places.classes
	all := s.total(func(classSum) bool { return true })
	if f.stale() == "" {
		l.add("Calls that may have arrived: ledger = reconciliation", N(f.arrived()).By(f.arrivedFormula()), N(s.Calls))
		l.add("Billable: ledger = reconciled rows of ours", N(f.covered().billable).By(f.coveredSum(ledgerBillable, "")), N(all.ourCalls).By(tableSum(t, classOurCalls)))
	}
	var exceptions int64
	for _, e := range s.exceptions {
		exceptions += e.rows
	}
	counted := f.places.exceptions.each(func(at func(int) string) string { return "COUNTA(" + at(rowClass) + ")" })
	matched := s.total(func(c classSum) bool { return c.class == classMatched }).rows
	l.add("Exceptions: rows of the list = rows of the database", N(exceptions).By(counted), N(s.rows-matched))
	if list := f.places.lines; list != nil {
		l.add("Lines: rows of the list = rows of the database", N(s.rows).By(list.each(func(at func(int) string) string { return "COUNTA(" + at(rowClass) + ")" })), N(s.rows))
	}
	for n, currency := range f.billed() {
		f.settledAmountChecks(l, n, currency)
	}
}

func (f *finance) settledAmountChecks(l *checkList, n int, currency string) {
	s, t := f.settled, f.places.classes
	sums, g := s.in(currency), s.gross(currency)
	total := func(col int) string {
		return quoteSheet(t.page.Name) + "!" + Ref{t.at[col] + 1, t.first + t.rows + 1 + n}.Fixed()
	}
	amount := func(d decimal.Decimal, formula string) Cell { return D(d.String(), Amount2).By(formula) }
	if f.stale() == "" && sums.unpriced == 0 && slices.Contains(f.ownCurrencies(), currency) { // else rows of several calls lack the amount of all
		l.add("Our amount, "+currency+": ledger = reconciled rows", amount(f.coveredAmount(currency), f.coveredSum(ledgerAmount, currency)), amount(sums.ours, total(classOurs)))
	}
	l.add("Statement, "+currency+": reconciled rows = its own lines", amount(sums.theirs, total(classTheirs)), amount(f.stated(currency), ""))
	d := f.places.bridges[currency]
	l.add("Bridge, "+currency+": ours + steps = theirs", amount(d.sum, d.formula), amount(sums.theirs, total(classTheirs)))
	row := f.places.grosses.first + n
	at := func(col int) string { return Ref{f.places.grosses.at[col] + 1, row}.String() }
	parts := g.over.Sub(g.under).Add(g.doubts).Add(g.other).Add(g.credits).Add(g.tax).Add(g.minimum).Add(g.unpriced)
	l.add("Difference, "+currency+": net = sum of its parts", amount(g.difference(), at(3)), amount(parts, fmt.Sprintf("%s-%s+SUM(%s:%s)", at(4), at(5), at(6), at(9))))
}

// ownCurrencies are those of the price book.
func (f *finance) ownCurrencies() []string {
	seen := map[string]bool{}
	for _, t := range f.ledger.terms {
		seen[t.row.Currency] = true
	}
	return sortedKeys(seen)
}

// stated is what the statements' own lines add up to, as they were imported, with what the vendor's totals differ by.
func (f *finance) stated(currency string) decimal.Decimal {
	sum := f.settled.total(func(c classSum) bool { return c.currency == currency && c.class == classUnexplained }).theirs
	for _, c := range f.settled.scopes {
		for _, a := range c.Amounts {
			if d, err := decimal.NewFromString(a.Amount); err == nil && a.Currency == currency && a.Kind != "total" {
				sum = sum.Add(d)
			}
		}
	}
	return sum
}
