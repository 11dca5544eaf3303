package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// makeChecks sets every total of the workbook beside a second route to it.
func (f *finance) makeChecks() *checkList {
	l := &checkList{}
	f.countChecks(l)
	for _, currency := range f.priced {
		f.amountChecks(l, currency)
	}
	if f.settled != nil {
		f.settledChecks(l)
	}
	return l
}

// tableSum is the sum of a table's column, "" when it has no row.
func tableSum(t *table, col int) string {
	if t.rows == 0 {
		return ""
	}
	return sum(t.area(col))
}

func (f *finance) countChecks(l *checkList) {
	var byRegion, byDay account
	for _, g := range f.regions {
		byRegion.merge(g.account)
	}
	for _, d := range f.days {
		byDay.merge(d.account)
	}
	var matrix matrixLine
	for _, m := range f.matrix {
		matrix.plus(m)
	}
	regions, days := f.places.regions, f.places.days
	kind := func(names ...string) string {
		var parts []string
		for _, name := range names {
			if text := f.ledgerSum(ledgerCalls, where{ledgerKind, literal(name)}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	l.add("Calls: ledger = journal", N(f.calls()).By(kind(kinds()...)), N(f.journal.calls()))
	l.add("Calls: by region = by day", N(byRegion.calls()).By(tableSum(regions, 1+accountCalls)), N(byDay.calls()).By(tableSum(days, 1+accountCalls)))
	l.add("Calls: by region and code = by code and pricing", N(byRegion.calls()).By(tableSum(f.places.codes, 3+accountCalls)), N(matrix.calls()).By(tableSum(f.places.matrix, 8)))
	l.add("PAY: by region = journal", N(byRegion.pay).By(tableSum(regions, 1)), N(f.journal.pay))
	l.add("FREE: by day = journal", N(byDay.free).By(tableSum(days, 2)), N(f.journal.free))
	doubts := f.doubts.all.doubts()
	l.add("In doubt: ledger = rows of the list", N(f.doubt()).By(kind(kindUnknown, kindUnanswered)), N(doubts).By(f.doubtRowCount()))
	if f.settled == nil {
		l.add("Billable: ledger = contract's reading", N(f.billable).By(f.coveredSum(ledgerBillable, "")), N(f.billable).By(f.contractFormula()))
	}
}

func (a *account) merge(o account) {
	a.pay, a.free, a.unknown, a.unanswered, a.unsent = a.pay+o.pay, a.free+o.free, a.unknown+o.unknown, a.unanswered+o.unanswered, a.unsent+o.unsent
	a.billable, a.amount = a.billable+o.billable, a.amount.Add(o.amount)
}

func (f *finance) doubtRowCount() string {
	s := f.book.Sheet("In doubt")
	list := &longList{sheets: []*Sheet{s}}
	return list.each(func(at func(int) string) string { return "COUNTA(" + at(0) + ")" })
}

// contractFormula adds up the contract's reading in the table by endpoint.
func (f *finance) contractFormula() string {
	t := f.places.readings
	if t.rows == 0 {
		return ""
	}
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.area(readingCalls), t.area(readingName), literal(f.Reading))
}

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
	names, _ := f.coveredEndpoints()
	for _, l := range f.ledger.lines {
		if f.ledger.currency(l) == currency && l.code != monthlyMinimum && slices.Contains(names, l.endpoint) {
			sum = sum.Add(l.amount)
		}
	}
	return sum
}

// coveredSum is the formula of both; a currency leaves monthly minimums out.
func (f *finance) coveredSum(column int, currency string) string {
	var same []where
	if currency != "" {
		same = []where{{ledgerCurrency, literal(currency)}}
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

func (f *finance) amountChecks(l *checkList, currency string) {
	total := f.ledger.total(currency)
	var byRegion, byDay, rates decimal.Decimal
	for _, g := range f.regions {
		if g.currency == currency {
			byRegion = byRegion.Add(g.amount)
		}
	}
	for _, d := range f.days {
		byDay = byDay.Add(d.amounts[currency])
	}
	flat := true
	for _, t := range f.ledger.terms {
		if t.row.Currency != currency {
			continue
		}
		flat = flat && len(t.row.steps()) == 1
		for _, s := range t.row.steps() {
			rates = rates.Add(s.unit.Mul(decimal.NewFromInt(s.calls(t))))
		}
		for _, left := range t.rests() {
			rates = rates.Add(left.amount)
		}
	}
	within := func(t *table, amounts, currencies int) string {
		if t.rows == 0 {
			return ""
		}
		return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.area(amounts), t.area(currencies), literal(currency))
	}
	amount := func(d decimal.Decimal, formula string) Cell { return D(d.String(), Amount2).By(formula) }
	l.add("Our amount, "+currency+": by region = by day", amount(byRegion, within(f.places.regions, 10, 9)), amount(byDay, tableSum(f.places.days, 1+accountWidth+f.rank(currency))))
	l.add("Our amount, "+currency+": ledger = prices × quantities", amount(total, f.ledgerSum(ledgerAmount, where{ledgerCurrency, literal(currency)})), amount(rates, within(f.places.rates, rateAmount, rateCurrency)))
	for _, c := range f.money { // with tiers the least allows for doubts that use them up
		if c.name == currency && flat && f.Reading == readingPay {
			l.add("Our amount, "+currency+": ledger = at least, as the spending cap counts", amount(total.Sub(f.ledger.minimums(currency)), f.withoutMinimum(currency)), amount(c.floor, within(f.places.amounts, 3, 2)))
		}
	}
}

// withoutMinimum is the formula of a currency's amount without monthly minimums.
func (f *finance) withoutMinimum(currency string) string {
	same := []where{{ledgerCurrency, literal(currency)}}
	if !f.ledger.minimums(currency).IsZero() {
		same = append(same, where{ledgerCodeNumber, literal("<>" + fmt.Sprint(f.ledger.codeNumber(monthlyMinimum)))})
	}
	return f.ledgerSum(ledgerAmount, same...)
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
	if f.stale() == "" && slices.Contains(f.ownCurrencies(), currency) {
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
