package finance

import (
	"fmt"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// The columns of the table of prices that formulas refer to, from 0.
const (
	rateNumber = iota
	rateEndpoint
	rateRegion
	rateMonth
	rateFrom
	rateUntil
	rateKind
	rateBefore
	rateCalls
	rateAbove
	rateUpTo
	rateUnit
	rateAt
	rateCurrency
	rateAmount
)

type rateSheet struct {
	*figures.Data
	ledgerRefs
}

// writeRates writes the price book as it was used, with the amount of each price: the quantities come from the ledger,
// the amounts are worked out here from the tiers, by another route than the ledger's.
func writeRates(book *xlsx.Workbook, d *figures.Data, ledger ledgerRefs) *page.Table {
	p := page.New(book, "Rates", "Rates: the price book as used", d.Sent()+" · rates live in the configuration",
		8, 11, 16, 10, 12, 13, 18, 11, 11, 11, 11, 11, 12, 10, 15)
	f := rateSheet{d, ledger}
	p.Tab, p.Locked = xlsx.Navy, true
	if len(f.Ledger.Terms) == 0 {
		p.Headline("No price is set in the configuration: quantities are reported, amounts stay empty")
	}
	p.Section("1  Prices in force", "A block for each row of the price book and billing month. Above, up to: calls "+
		"of the month, in the order of time. Amount = calls at the price × unit price. The sheet is locked: rates "+
		"are changed in the configuration, never here.")
	t := p.Table(page.Col("No.", xlsx.Count), page.Col("Endpoint", xlsx.Literal), page.Col("Region", xlsx.General),
		page.Col("Month", xlsx.Literal), page.Col("From", xlsx.Date), page.Col("Until (– open)", xlsx.Date),
		page.Col("Kind", xlsx.General), page.Col("Earlier in the month", xlsx.Count), page.Col("Billable", xlsx.Count),
		page.Col("Above", xlsx.Count), page.Col("Up to", xlsx.Count), page.Col("Unit price", xlsx.Unit),
		page.Col("Calls at the price", xlsx.Count), page.Col("Currency", xlsx.Literal),
		page.Col("Amount", xlsx.Amount2))
	for _, r := range f.Ledger.Terms {
		f.termRows(t, r)
	}
	for _, currency := range f.Currencies {
		total := make([]xlsx.Cell, len(t.Cols))
		total[rateKind], total[rateCurrency] = xlsx.T("Amount in "+currency), xlsx.Untrusted(currency)
		total[rateAmount] = cents(f.Ledger.Total(currency)).WithFormula(columnTotal(t, rateAmount, rateCurrency,
			currency))
		t.Total(total...)
	}
	if f.Unpriced.Least > 0 && len(f.Currencies) > 0 {
		p.Prose(xlsx.T(NotInAmounts(f.Unpriced.Least) + "."))
	}
	p.Skip(1)
	f.controlTable(p)
	f.priceChanges(p)
	p.PrintAll()
	return t
}

// quotaKind holds the kind of a step that costs nothing.
const quotaKind = "free quota"

// step represents a line of a term's block: a stretch of calls at one price. Calls are counted from the month's first.
type step struct {
	above, upTo int64 // upTo 0: without limit
	unit        decimal.Decimal
	kind        string
}

// stepsOf lists the stretches of calls at one price, the free quota first.
func stepsOf(p *billing.Price) []step {
	var all []step
	if p.FreeQuota > 0 {
		all = append(all, step{0, p.FreeQuota, decimal.Decimal{}, quotaKind})
	}
	above := p.FreeQuota
	for _, t := range p.Tiers {
		s := step{above: above, unit: t.Unit, kind: string(p.Kind)}
		if t.UpTo > 0 {
			s.upTo = p.FreeQuota + t.UpTo
		}
		all = append(all, s)
		above = s.upTo
	}
	return all
}

// termRows writes a term's block; its first line carries what the others count from.
func (f rateSheet) termRows(t *page.Table, r *figures.Term) {
	first := t.Page.Row
	for i, s := range stepsOf(r.Row) {
		cells := make([]xlsx.Cell, len(t.Cols))
		if i == 0 {
			f.termHead(t, cells, r)
		}
		cells[rateKind], cells[rateAbove], cells[rateUnit] = xlsx.T(s.kind), xlsx.N(s.above),
			xlsx.D(s.unit.String(), xlsx.Unit)
		if s.upTo > 0 {
			cells[rateUpTo] = xlsx.N(s.upTo)
		}
		calls := s.calls(r)
		cells[rateAt], cells[rateCurrency] = xlsx.N(calls).WithFormula(s.formula(t, r, first)),
			xlsx.Untrusted(r.Row.Currency)
		cells[rateAmount] = xlsx.D(s.unit.Mul(decimal.NewFromInt(calls)).String(),
			xlsx.Amount2).WithFormula(t.Ref(rateAt) + "*" + t.Ref(rateUnit))
		t.Add(cells...)
	}
	for _, left := range r.Rests() {
		cells := make([]xlsx.Cell, len(t.Cols))
		cells[rateKind], cells[rateCurrency], cells[rateAmount] = xlsx.T(left.Code), xlsx.Untrusted(r.Row.Currency),
			cents(left.Amount)
		t.Add(cells...)
	}
}

func (f rateSheet) termHead(t *page.Table, cells []xlsx.Cell, r *figures.Term) {
	region, until := "every other", page.None()
	if r.Row.Region != "*" {
		region = page.RegionName(r.Row.Region)
	}
	if !r.Row.To.IsZero() {
		until = day(r.Row.To, f.BillingZone)
	}
	cells[rateNumber], cells[rateEndpoint], cells[rateRegion], cells[rateMonth] = xlsx.N(int64(r.Number)),
		xlsx.Untrusted(r.Row.Endpoint), xlsx.T(region), xlsx.T(r.Month).WithFormat(xlsx.Literal)
	cells[rateFrom], cells[rateUntil] = day(r.Row.From, f.BillingZone), until
	cells[rateBefore], cells[rateCalls] = xlsx.N(r.Before),
		xlsx.N(r.Calls).WithFormula(f.ledgerSum(ledgerBillable, where{ledgerTerm, t.Ref(rateNumber)}))
}

// pools reports whether the step prices all calls of the month once it is reached.
func (s step) pools(r *figures.Term) bool { return r.Row.Kind == billing.Volume && s.kind != quotaKind }

// calls counts the period's calls that the step prices.
func (s step) calls(r *figures.Term) int64 {
	total, quota := r.Before+r.Calls, r.Row.FreeQuota
	if s.pools(r) {
		if total <= s.above && s.above > quota || s.upTo > 0 && total > s.upTo {
			return 0
		}
		return max(0, total-quota) - max(0, r.Before-quota)
	}
	within := func(n int64) int64 {
		if s.upTo > 0 {
			n = min(n, s.upTo)
		}
		return max(0, n-s.above)
	}
	return within(total) - within(r.Before)
}

// formula returns the same from the cells; first is the row of the block's head.
func (s step) formula(t *page.Table, r *figures.Term, first int) string {
	head := func(col int) string { return xlsx.Ref{Col: t.At[col] + 1, Row: first}.Fixed() }
	before, total := head(rateBefore), head(rateBefore)+"+"+head(rateCalls)
	above, upTo, quota := t.Ref(rateAbove), t.Ref(rateUpTo), r.Row.FreeQuota
	if !s.pools(r) {
		within := func(n string) string {
			if s.upTo > 0 {
				n = fmt.Sprintf("MIN(%s,%s)", n, upTo)
			}
			return fmt.Sprintf("MAX(0,%s-%s)", n, above)
		}
		return within(total) + "-" + within(before)
	}
	reached := "TRUE"
	if s.above > quota {
		reached = fmt.Sprintf("%s>%s", total, above)
	}
	if s.upTo > 0 {
		reached = fmt.Sprintf("AND(%s,%s<=%s)", reached, total, upTo)
	}
	return fmt.Sprintf("IF(%s,MAX(0,%s-%d)-MAX(0,%s-%d),0)", reached, total, quota, before, quota)
}

// controlTable counts what has no price.
func (f rateSheet) controlTable(p *page.Page) {
	p.Section("2  Control totals", "Every billable call has a price, or is counted here as having none.")
	t := p.Table(page.Wide("Total", 4, xlsx.General), page.Col("Quantity", xlsx.Count))
	first := p.Row
	cell := func(row int) string { return xlsx.Ref{Col: t.At[1] + 1, Row: row}.String() }
	t.Add(xlsx.T("Billable calls"), xlsx.N(f.Ledger.All.Billable).WithFormula(f.ledgerSum(ledgerBillable)))
	t.Add(xlsx.T("of these without a price"),
		page.Odd(f.Unpriced.Least, true).WithFormula(f.ledgerSum(ledgerBillable, where{ledgerCurrency,
			literal(page.NoValue)})))
	t.Total(xlsx.T("Billable calls with a price"),
		xlsx.N(f.Ledger.All.Billable-f.Unpriced.Least).WithFormula(cell(first)+"-"+cell(first+1)))
}

// priceChanges writes by how much the month changed with prices that were edited while it was under way.
func (f rateSheet) priceChanges(p *page.Page) {
	if len(f.Closing.Repriced) == 0 {
		return
	}
	p.Skip(1)
	p.Section("3  Prices or billing.reading changed in the configuration",
		"What the month came to, at least and at most, as the first run "+
			"with others found it. The amounts of this workbook are at today's.")
	t := p.Table(page.Col("Run", xlsx.Literal), page.Wide("At ("+zoneName(f.Period.Zone)+")", 2, xlsx.Moment),
		page.Wide("Was", 4, xlsx.General), page.Wide("Became", 4, xlsx.General),
		page.Wide("Difference", 3, xlsx.General))
	for _, u := range f.Closing.Repriced {
		for _, c := range u.Changes {
			t.Add(numberText(u.RunID), xlsx.At(u.Since, f.Period.Zone),
				xlsx.T(xlsx.Visible(c.Was)), xlsx.T(xlsx.Visible(c.Became)), xlsx.T(xlsx.Visible(c.Difference)))
		}
	}
}
