package finance

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// checker sets totals beside a second route to them.
type checker struct {
	*Data
	refs    sheetRefs
	grosses *page.Table // nil without a statement
}

// makeChecks sets every total of the workbook beside a second route to it.
func makeChecks(d *Data, refs sheetRefs, grosses *page.Table) *page.Checks {
	l, f := &page.Checks{}, checker{d, refs, grosses}
	f.countChecks(l)
	f.reasonChecks(l)
	for _, currency := range f.currencies {
		f.amountChecks(l, currency)
	}
	f.unpricedCheck(l)
	page.CheckSuspects(l, f.suspects)
	if f.reconciled != nil {
		f.reconciledChecks(l)
	}
	return l
}

func (f checker) countChecks(l *page.Checks) {
	var byRegion, byDay account
	for _, g := range f.regions {
		byRegion.merge(g.account)
	}
	for _, d := range f.days {
		byDay.merge(d.account)
	}
	var matrix matrixLine
	for _, m := range f.matrix.lines {
		matrix.plus(m)
	}
	regions, days := f.refs.regions.regions, f.refs.days
	kind := func(names ...string) string {
		var parts []string
		for _, name := range names {
			if text := f.refs.ledgerSum(ledgerCalls, where{ledgerKind, literal(name)}); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "+")
	}
	l.Add("Calls: ledger = journal", xlsx.N(f.ledger.all.calls()).By(kind(kinds()...)), xlsx.N(f.journal.calls()))
	l.Add("Calls: by region = by day", xlsx.N(byRegion.calls()).By(page.TableSum(regions, 1+accountCalls)), xlsx.N(byDay.calls()).By(page.TableSum(days, 1+accountCalls)))
	l.Add("Calls: by region and code = by code and pricing", xlsx.N(byRegion.calls()).By(page.TableSum(f.refs.regions.codes, 3+accountCalls)), xlsx.N(matrix.calls()).By(page.TableSum(f.refs.matrix, 8)))
	l.Add("PAY: by region = journal", xlsx.N(byRegion.pay).By(page.TableSum(regions, 1)), xlsx.N(f.journal.pay))
	l.Add("FREE: by day = journal", xlsx.N(byDay.free).By(page.TableSum(days, 2)), xlsx.N(f.journal.free))
	doubts := f.doubts.all.doubts()
	l.Add("In doubt: ledger = rows of the list", xlsx.N(f.ledger.all.doubt()).By(kind(kindUnknown, kindUnanswered)), xlsx.N(doubts).By(f.doubtRowCount()))
	if held := f.doubts.all.held; held > 0 {
		l.Add("Held: at most = at least + still open + held", xlsx.N(f.doubts.all.most()).By(page.TableSum(f.refs.doubts.calls, 7)),
			xlsx.N(f.doubts.all.least()+f.doubts.all.open+held).By(page.TableSum(f.refs.doubts.calls, 6)+"+"+page.TableSum(f.refs.doubts.calls, 5)+"+"+page.TableSum(f.refs.doubts.calls, floorHeld)))
	}
	if f.reconciled == nil {
		l.Add("Billable: ledger = contract's reading", xlsx.N(f.ledger.all.billable).By(f.refs.coveredSum(ledgerBillable, "")), xlsx.N(f.ledger.all.billable).By(f.contractFormula()))
	}
}

func (a *account) merge(o account) {
	a.pay, a.free, a.unknown, a.unanswered, a.unsent = a.pay+o.pay, a.free+o.free, a.unknown+o.unknown, a.unanswered+o.unanswered, a.unsent+o.unsent
	a.billable, a.amount = a.billable+o.billable, a.amount.Add(o.amount)
}

func (f checker) doubtRowCount() string {
	list := &longList{sheets: []*xlsx.Sheet{f.refs.doubts.calls.Page.Sheet}}
	return list.each(func(at func(int) string) string { return "COUNTA(" + at(0) + ")" })
}

// contractFormula adds up the contract's reading in the table by endpoint.
func (f checker) contractFormula() string {
	t := f.refs.readings
	if t.Rows == 0 {
		return ""
	}
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(readingCalls), t.Area(readingName), literal(string(f.Reading)))
}

func (f checker) amountChecks(l *page.Checks, currency string) {
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
		flat = flat && len(stepsOf(t.row)) == 1
		for _, s := range stepsOf(t.row) {
			rates = rates.Add(s.unit.Mul(decimal.NewFromInt(s.calls(t))))
		}
		for _, left := range t.rests() {
			rates = rates.Add(left.amount)
		}
	}
	within := func(t *page.Table, amounts, currencies int) string {
		if t.Rows == 0 {
			return ""
		}
		return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(amounts), t.Area(currencies), literal(currency))
	}
	amount := func(d decimal.Decimal, formula string) xlsx.Cell { return xlsx.D(d.String(), xlsx.Amount2).By(formula) }
	ours := f.refs.ledgerSum(ledgerAmount, where{ledgerCurrency, literal(currency)})
	name := "Our amount, " + currency
	if f.reconciled != nil && !f.ledger.minimums(currency).IsZero() { // a statement is compared with the amount of the calls alone
		name += ", with monthly minimums"
	}
	l.Add(name+": by region = by day", amount(byRegion, within(f.refs.regions.regions, 10, 9)), amount(byDay, page.TableSum(f.refs.days, 1+accountWidth+f.currencies.rank(currency))))
	l.Add(name+": ledger = prices × quantities", amount(total, ours), amount(rates, within(f.refs.rates, rateAmount, rateCurrency)))
	for _, c := range f.money { // with tiers the least allows for doubts that use them up
		if c.name == currency && flat && f.Reading == billing.PayTag {
			l.Add(name+": ledger = at least, as the spending cap counts", amount(total, ours), amount(c.floor, within(f.refs.doubts.amounts, 3, 2)))
		}
	}
}

// reasonChecks set the lines by reason beside the ledger.
func (f checker) reasonChecks(l *page.Checks) {
	if f.refs.regions.reasons == nil {
		return
	}
	var all account
	for _, r := range f.reasons {
		all.merge(r.account)
	}
	l.Add("Calls: by reason = by region", xlsx.N(all.calls()).By(page.TableSum(f.refs.regions.reasons, 3+accountCalls)), xlsx.N(f.ledger.all.calls()).By(page.TableSum(f.refs.regions.regions, 1+accountCalls)))
	l.Add("PAY: by reason = by region", xlsx.N(all.pay).By(page.TableSum(f.refs.regions.reasons, 3)), xlsx.N(f.ledger.all.pay).By(page.TableSum(f.refs.regions.regions, 1)))
}

// unpricedCheck sets the calls that may be charged beside those that have a price. It is there when it fails: what
// amounts leave out is no slip of the workbook, but "all checks tie" would be one.
func (f checker) unpricedCheck(l *page.Checks) {
	unpriced := f.unpriced.most - f.doubts.unpriced // what is held stands in no ledger
	if unpriced == 0 || len(f.currencies) == 0 {
		return
	}
	formula := func(same ...where) string {
		text := ""
		for _, kind := range kinds() {
			column := ledgerBillable
			if kind == kindUnknown || kind == kindUnanswered {
				column = ledgerCalls
			}
			if part := f.refs.ledgerSum(column, append(same[:len(same):len(same)], where{ledgerKind, literal(kind)})...); part != "" {
				text += "+" + part
			}
		}
		return text[min(1, len(text)):]
	}
	l.Gap("Calls that may be charged: all of them have a price", xlsx.N(f.unpriced.charged).By(formula()),
		xlsx.N(f.unpriced.charged-unpriced).By(formula(where{ledgerCurrency, literal("<>" + page.NoValue)})))
}
