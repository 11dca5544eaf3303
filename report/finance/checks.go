package finance

import (
	"fmt"
	"maps"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/finance/monthend"
	"liverecon/report/page"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
)

// checker sets totals beside a second route to them.
type checker struct {
	*figures.Data
	refs    sheetRefs
	grosses *page.Table // nil without a statement
}

// makeChecks sets every total of the workbook beside a second route to it.
func makeChecks(d *figures.Data, refs sheetRefs, grosses *page.Table) *page.Checks {
	l, f := &page.Checks{}, checker{d, refs, grosses}
	f.countChecks(l)
	f.reasonChecks(l)
	for _, currency := range f.Currencies {
		f.amountChecks(l, currency)
	}
	f.refs.ledgerRefs.costs(nil, d).Check(f.refs.costs, l)
	f.unpricedCheck(l)
	page.CheckSuspects(l, f.Suspects)
	if f.Reconciled != nil {
		f.reconciledChecks(l)
	}
	bridge := f.bridge
	f.refs.rolled.Check(f.refs.sheets(nil, d), l, bridge)
	f.refs.followed.Check(f.refs.sheets(nil, d), l, bridge)
	return l
}

// bridge returns the cells of a currency's bridge by step, and what of its disputed amounts was accepted or explained.
func (f checker) bridge(currency string) map[string]string {
	cells := maps.Clone(f.refs.reconciliation.bridges[currency].cells)
	if cells == nil || f.Reconciled.Worked.In(currency).GivenUp.IsZero() {
		return cells
	}
	of := condition{rowCurrency, literal(currency)}
	cells[monthend.GivenUp] = fmt.Sprintf("((%s)-(%s))", f.refs.exceptions.sum(rowSettled, of),
		f.refs.exceptions.sum(rowSettled, of, condition{rowStatus, literal(worked.Credited)}))
	return cells
}

func (f checker) countChecks(l *page.Checks) {
	var byRegion, byDay figures.Account
	for _, g := range f.Regions {
		byRegion.Merge(g.Account)
	}
	for _, d := range f.Days {
		byDay.Merge(d.Account)
	}
	matrix := f.Matrix.Total()
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
	l.Add("Calls: ledger = journal", xlsx.N(f.Ledger.All.Calls()).WithFormula(kind(figures.Kinds()...)),
		xlsx.N(f.Journal.Calls()))
	l.Add("Calls: by region = by day", xlsx.N(byRegion.Calls()).WithFormula(page.TableSum(regions, 1+accountCalls)),
		xlsx.N(byDay.Calls()).WithFormula(page.TableSum(days, 1+accountCalls)))
	l.Add("Calls: by region and code = by code and pricing",
		xlsx.N(byRegion.Calls()).WithFormula(page.TableSum(f.refs.regions.codes, 3+accountCalls)),
		xlsx.N(matrix.Calls()).WithFormula(page.TableSum(f.refs.matrix, 8)))
	l.Add("PAY: by region = journal", xlsx.N(byRegion.Pay).WithFormula(page.TableSum(regions, 1)),
		xlsx.N(f.Journal.Pay))
	l.Add("FREE: by day = journal", xlsx.N(byDay.Free).WithFormula(page.TableSum(days, 2)), xlsx.N(f.Journal.Free))
	doubts := f.InDoubt.All.InDoubt()
	l.Add("In doubt: ledger = rows of the list",
		xlsx.N(f.Ledger.All.InDoubt()).WithFormula(kind(figures.KindUnknown, figures.KindUnanswered)),
		xlsx.N(doubts).WithFormula(f.inDoubtRowCount()))
	if held := f.InDoubt.All.Held; held > 0 {
		l.Add("Held: at most = at least + still open + held",
			xlsx.N(f.InDoubt.All.Most()).WithFormula(page.TableSum(f.refs.inDoubt.calls, 7)),
			xlsx.N(f.InDoubt.All.Least()+f.InDoubt.All.Open+held).WithFormula(page.TableSum(f.refs.inDoubt.calls,
				6)+"+"+page.TableSum(f.refs.inDoubt.calls, 5)+"+"+page.TableSum(f.refs.inDoubt.calls, floorHeld)))
	}
	if f.Reconciled == nil {
		l.Add("Billable: ledger = contract's reading",
			xlsx.N(f.Ledger.All.Billable).WithFormula(f.refs.coveredSum(ledgerBillable, "")),
			xlsx.N(f.Ledger.All.Billable).WithFormula(f.contractFormula()))
	}
}

func (f checker) inDoubtRowCount() string {
	list := &longList{sheets: []*xlsx.Sheet{f.refs.inDoubt.calls.Page.Sheet}}
	return list.each(func(at func(int) string) string { return "COUNTA(" + at(0) + ")" })
}

// contractFormula adds up the contract's reading in the table by endpoint.
func (f checker) contractFormula() string {
	t := f.refs.readings
	if t.Rows == 0 {
		return ""
	}
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(basisCalls), t.Area(basisName), literal(string(f.Basis)))
}

func (f checker) amountChecks(l *page.Checks, currency string) {
	total := f.Ledger.Total(currency)
	var byRegion, byDay, rates decimal.Decimal
	for _, g := range f.Regions {
		if g.Currency == currency {
			byRegion = byRegion.Add(g.Amount)
		}
	}
	for _, d := range f.Days {
		byDay = byDay.Add(d.Amounts[currency])
	}
	flat := true
	for _, t := range f.Ledger.Terms {
		if t.Row.Currency != currency {
			continue
		}
		flat = flat && len(stepsOf(t.Row)) == 1
		for _, s := range stepsOf(t.Row) {
			rates = rates.Add(s.unit.Mul(decimal.NewFromInt(s.calls(t))))
		}
		for _, left := range t.Rests() {
			rates = rates.Add(left.Amount)
		}
	}
	within := func(t *page.Table, amounts, currencies int) string {
		if t.Rows == 0 {
			return ""
		}
		return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(amounts), t.Area(currencies), literal(currency))
	}
	amount := func(d decimal.Decimal, formula string) xlsx.Cell { return cents(d).WithFormula(formula) }
	ours := f.refs.ledgerSum(ledgerAmount, where{ledgerCurrency, literal(currency)})
	name := "Our amount, " + currency
	// a statement is compared with the amount of the calls alone
	if f.Reconciled != nil && !f.Ledger.Minimums(currency).IsZero() {
		name += ", with monthly minimums"
	}
	l.Add(name+": by region = by day", amount(byRegion, within(f.refs.regions.regions, 10, 9)),
		amount(byDay, page.TableSum(f.refs.days, 1+accountWidth+f.Currencies.Rank(currency))))
	l.Add(name+": ledger = prices × quantities", amount(total, ours),
		amount(rates, within(f.refs.rates, rateAmount, rateCurrency)))
	for _, c := range f.Money { // with tiers the least allows for doubts that use them up
		if c.Name == currency && flat && f.Basis == billing.PayTag {
			l.Add(name+": ledger = at least, as the spending cap counts", amount(total, ours),
				amount(c.Floor, within(f.refs.inDoubt.amounts, 3, 2)))
		}
	}
}

// reasonChecks set the lines by reason beside the ledger.
func (f checker) reasonChecks(l *page.Checks) {
	if f.refs.regions.reasons == nil {
		return
	}
	var all figures.Account
	for _, r := range f.Reasons {
		all.Merge(r.Account)
	}
	l.Add("Calls: by reason = by region", xlsx.N(all.Calls()).WithFormula(page.TableSum(f.refs.regions.reasons,
		3+accountCalls)),
		xlsx.N(f.Ledger.All.Calls()).WithFormula(page.TableSum(f.refs.regions.regions, 1+accountCalls)))
	l.Add("PAY: by reason = by region", xlsx.N(all.Pay).WithFormula(page.TableSum(f.refs.regions.reasons, 3)),
		xlsx.N(f.Ledger.All.Pay).WithFormula(page.TableSum(f.refs.regions.regions, 1)))
}

// unpricedCheck sets the calls that may be charged beside those that have a price. It is there when it fails: what
// amounts leave out is no slip of the workbook, but "all checks tie" would be one.
func (f checker) unpricedCheck(l *page.Checks) {
	unpriced := f.Unpriced.Most - f.InDoubt.Unpriced // what is held stands in no ledger
	if unpriced == 0 || len(f.Currencies) == 0 {
		return
	}
	formula := func(same ...where) string {
		text := ""
		for _, kind := range figures.Kinds() {
			column := ledgerBillable
			if kind == figures.KindUnknown || kind == figures.KindUnanswered {
				column = ledgerCalls
			}
			if part := f.refs.ledgerSum(column,
				append(same[:len(same):len(same)], where{ledgerKind, literal(kind)})...); part != "" {
				text += "+" + part
			}
		}
		return text[min(1, len(text)):]
	}
	l.Gap("Calls that may be charged: all of them have a price", xlsx.N(f.Unpriced.Charged).WithFormula(formula()),
		xlsx.N(f.Unpriced.Charged-unpriced).WithFormula(formula(where{ledgerCurrency, literal("<>" + page.NoValue)})))
}
