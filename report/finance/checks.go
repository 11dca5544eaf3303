package finance

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// makeChecks sets every total of the workbook beside a second route to it.
func (f *finance) makeChecks() *page.Checks {
	l := &page.Checks{}
	f.countChecks(l)
	f.reasonChecks(l)
	for _, currency := range f.priced {
		f.amountChecks(l, currency)
	}
	f.unpricedCheck(l)
	page.CheckSuspects(l, f.suspects)
	if f.settled != nil {
		f.settledChecks(l)
	}
	return l
}

func (f *finance) countChecks(l *page.Checks) {
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
	l.Add("Calls: ledger = journal", xlsx.N(f.calls()).By(kind(kinds()...)), xlsx.N(f.journal.calls()))
	l.Add("Calls: by region = by day", xlsx.N(byRegion.calls()).By(page.TableSum(regions, 1+accountCalls)), xlsx.N(byDay.calls()).By(page.TableSum(days, 1+accountCalls)))
	l.Add("Calls: by region and code = by code and pricing", xlsx.N(byRegion.calls()).By(page.TableSum(f.places.codes, 3+accountCalls)), xlsx.N(matrix.calls()).By(page.TableSum(f.places.matrix, 8)))
	l.Add("PAY: by region = journal", xlsx.N(byRegion.pay).By(page.TableSum(regions, 1)), xlsx.N(f.journal.pay))
	l.Add("FREE: by day = journal", xlsx.N(byDay.free).By(page.TableSum(days, 2)), xlsx.N(f.journal.free))
	doubts := f.doubts.all.doubts()
	l.Add("In doubt: ledger = rows of the list", xlsx.N(f.doubt()).By(kind(kindUnknown, kindUnanswered)), xlsx.N(doubts).By(f.doubtRowCount()))
	if held := f.doubts.all.held; held > 0 {
		l.Add("Held: at most = at least + still open + held", xlsx.N(f.doubts.all.most()).By(page.TableSum(f.places.doubts, 7)),
			xlsx.N(f.doubts.all.least()+f.doubts.all.open+held).By(page.TableSum(f.places.doubts, 6)+"+"+page.TableSum(f.places.doubts, 5)+"+"+page.TableSum(f.places.doubts, floorHeld)))
	}
	if f.settled == nil {
		l.Add("Billable: ledger = contract's reading", xlsx.N(f.billable).By(f.coveredSum(ledgerBillable, "")), xlsx.N(f.billable).By(f.contractFormula()))
	}
}

func (a *account) merge(o account) {
	a.pay, a.free, a.unknown, a.unanswered, a.unsent = a.pay+o.pay, a.free+o.free, a.unknown+o.unknown, a.unanswered+o.unanswered, a.unsent+o.unsent
	a.billable, a.amount = a.billable+o.billable, a.amount.Add(o.amount)
}

func (f *finance) doubtRowCount() string {
	s := f.book.Sheet("In doubt")
	list := &longList{sheets: []*xlsx.Sheet{s}}
	return list.each(func(at func(int) string) string { return "COUNTA(" + at(0) + ")" })
}

// contractFormula adds up the contract's reading in the table by endpoint.
func (f *finance) contractFormula() string {
	t := f.places.readings
	if t.Rows == 0 {
		return ""
	}
	return fmt.Sprintf("SUMIFS(%s,%s,%s)", t.Area(readingCalls), t.Area(readingName), literal(string(f.Reading)))
}

func (f *finance) amountChecks(l *page.Checks, currency string) {
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
	ours := f.ledgerSum(ledgerAmount, where{ledgerCurrency, literal(currency)})
	name := "Our amount, " + currency
	if f.settled != nil && !f.ledger.minimums(currency).IsZero() { // a statement is compared with the amount of the calls alone
		name += ", with monthly minimums"
	}
	l.Add(name+": by region = by day", amount(byRegion, within(f.places.regions, 10, 9)), amount(byDay, page.TableSum(f.places.days, 1+accountWidth+f.rank(currency))))
	l.Add(name+": ledger = prices × quantities", amount(total, ours), amount(rates, within(f.places.rates, rateAmount, rateCurrency)))
	for _, c := range f.money { // with tiers the least allows for doubts that use them up
		if c.name == currency && flat && f.Reading == billing.PayTag {
			l.Add(name+": ledger = at least, as the spending cap counts", amount(total, ours), amount(c.floor, within(f.places.amounts, 3, 2)))
		}
	}
}
