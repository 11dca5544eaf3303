package report

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
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

// rateSheet writes the price book as it was used, with what each price comes to: the quantities come from the ledger, the
// amounts are worked out here from the tiers, by another route than the ledger's.
func (f *finance) rateSheet(p *page) {
	p.Tab, p.Locked = navy, true
	if len(f.ledger.terms) == 0 {
		p.headline("No price is set in the configuration: quantities are reported, amounts stay empty")
	}
	p.section("1  Prices in force", "A block for each row of the price book and billing month. Above, up to: calls of the month, in the order of time. Amount = calls at the price × unit price. The sheet is locked: rates are changed in the configuration, never here.")
	t := p.table(column{"No.", 1, Count}, column{"Endpoint", 1, Literal}, column{"Region", 1, General}, column{"Month", 1, Literal}, column{"From", 1, Date}, column{"Until (– open)", 1, Date},
		column{"Kind", 1, General}, column{"Earlier in the month", 1, Count}, column{"Billable", 1, Count}, column{"Above", 1, Count}, column{"Up to", 1, Count}, column{"Unit price", 1, Unit},
		column{"Calls at the price", 1, Count}, column{"Currency", 1, Literal}, column{"Amount", 1, Amount2})
	f.places.rates = t
	for _, r := range f.ledger.terms {
		f.termRows(t, r)
	}
	for _, currency := range f.priced {
		total := make([]Cell, len(t.cols))
		total[rateKind], total[rateCurrency] = T("Amount in "+currency), Outside(currency)
		total[rateAmount] = D(f.ledger.total(currency).String(), Amount2).By(columnTotal(t, rateAmount, rateCurrency, currency))
		t.total(total...)
	}
	if f.unpriced > 0 && f.statesAmounts() {
		p.prose(T(notInAmounts(f.unpriced) + "."))
	}
	p.skip(1)
	f.controlTable(p)
	f.priceChanges(p)
	p.Print = Area{From: Ref{1, 1}, To: Ref{p.across + 1, p.row}}
}

// quotaKind is the kind of a step that costs nothing.
const quotaKind = "free quota"

// step is a line of a term's block: a stretch of calls at one price. Calls are counted from the month's first.
type step struct {
	above, upTo int64 // upTo 0: without limit
	unit        decimal.Decimal
	kind        string
}

func (p *priceRow) steps() []step {
	var all []step
	if p.FreeQuota > 0 {
		all = append(all, step{0, p.FreeQuota, decimal.Decimal{}, quotaKind})
	}
	above := p.FreeQuota
	for i, t := range p.Tiers {
		s := step{above: above, unit: p.units[i], kind: p.Kind}
		if t.UpTo > 0 {
			s.upTo = p.FreeQuota + t.UpTo
		}
		all = append(all, s)
		above = s.upTo
	}
	return all
}

// termRows writes a term's block; its first line carries what the others count from.
func (f *finance) termRows(t *table, r *term) {
	first := t.page.row
	for i, s := range r.row.steps() {
		cells := make([]Cell, len(t.cols))
		if i == 0 {
			f.termHead(t, cells, r)
		}
		cells[rateKind], cells[rateAbove], cells[rateUnit] = T(s.kind), N(s.above), D(s.unit.String(), Unit)
		if s.upTo > 0 {
			cells[rateUpTo] = N(s.upTo)
		}
		calls := s.calls(r)
		cells[rateAt], cells[rateCurrency] = N(calls).By(s.formula(t, r, first)), Outside(r.row.Currency)
		cells[rateAmount] = D(s.unit.Mul(decimal.NewFromInt(calls)).String(), Amount2).By(t.ref(rateAt) + "*" + t.ref(rateUnit))
		t.add(cells...)
	}
	for _, left := range r.rests() {
		cells := make([]Cell, len(t.cols))
		cells[rateKind], cells[rateCurrency], cells[rateAmount] = T(left.code), Outside(r.row.Currency), D(left.amount.String(), Amount2)
		t.add(cells...)
	}
}

func (f *finance) termHead(t *table, cells []Cell, r *term) {
	region, until := "every other", none()
	if r.row.Region != "*" {
		region = regionName(r.row.Region)
	}
	if !r.row.To.IsZero() {
		until = day(r.row.To, f.zone())
	}
	cells[rateNumber], cells[rateEndpoint], cells[rateRegion], cells[rateMonth] = N(int64(r.number)), Outside(r.row.Endpoint), T(region), T(r.month).In(Literal)
	cells[rateFrom], cells[rateUntil] = day(r.row.From, f.zone()), until
	cells[rateBefore], cells[rateCalls] = N(r.before), N(r.calls).By(f.ledgerSum(ledgerBillable, where{ledgerTerm, t.ref(rateNumber)}))
}

// zone is that of the billing months.
func (f *finance) zone() *time.Location {
	if f.BillingZone != nil {
		return f.BillingZone
	}
	return f.Period.Zone
}

// pools says whether the step prices all calls of the month once it is reached.
func (s step) pools(r *term) bool { return r.row.Kind == volume && s.kind != quotaKind }

// calls is how many of the period's calls the step prices.
func (s step) calls(r *term) int64 {
	total, quota := r.before+r.calls, r.row.FreeQuota
	if s.pools(r) {
		if total <= s.above && s.above > quota || s.upTo > 0 && total > s.upTo {
			return 0
		}
		return max(0, total-quota) - max(0, r.before-quota)
	}
	within := func(n int64) int64 {
		if s.upTo > 0 {
			n = min(n, s.upTo)
		}
		return max(0, n-s.above)
	}
	return within(total) - within(r.before)
}

// formula is the same from the cells; first is the row of the block's head.
func (s step) formula(t *table, r *term, first int) string {
	head := func(col int) string { return Ref{t.at[col] + 1, first}.Fixed() }
	before, total := head(rateBefore), head(rateBefore)+"+"+head(rateCalls)
	above, upTo, quota := t.ref(rateAbove), t.ref(rateUpTo), r.row.FreeQuota
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
func (f *finance) controlTable(p *page) {
	p.section("2  Control totals", "Every billable call has a price, or is counted here as having none.")
	t := p.table(column{"Total", 4, General}, column{"Quantity", 1, Count})
	first := p.row
	cell := func(row int) string { return Ref{t.at[1] + 1, row}.String() }
	t.add(T("Billable calls"), N(f.billable).By(f.ledgerSum(ledgerBillable)))
	t.add(T("of these without a price"), odd(f.unpriced, true).By(f.ledgerSum(ledgerBillable, where{ledgerCurrency, literal(noValue)})))
	t.total(T("Billable calls with a price"), N(f.billable-f.unpriced).By(cell(first)+"-"+cell(first+1)))
}
