package monthend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// GivenUp names among a bridge's steps what of its disputed amounts was accepted or explained.
const GivenUp = "given up"

// Check sets the roll-forward beside the ledger and, where the month is reconciled, beside the bridge, whose cells are
// given by step.
func (r Rolled) Check(f Sheets, l *page.Checks, bridge func(currency string) map[string]string) {
	if r.owed == nil {
		return
	}
	for i, currency := range f.Rolled.Currencies() {
		sum := f.Rolled.Sums(currency)
		total := func(t *page.Table, col int) string { return t.CellRef(col, t.Rows+i) }
		if !f.Rolled.Billed {
			l.Add("Roll-forward, "+currency+": usage = ledger", page.Cents(sum.Usage).WithFormula(total(r.owed,
				rollUsage)), page.Cents(f.Ledger.Total(currency)).WithFormula(f.Sum("", "", currency)))
			continue
		}
		steps, s := bridge(currency), f.Reconciled
		if s.Earlier() || s.Tolerates(currency) || s.Unpriced[currency] > 0 || steps == nil {
			continue
		}
		g := s.Gross(currency)
		waited, cells := g.Under.Sub(g.Other).Sub(g.PriorPeriods),
			"-"+strings.Join([]string{steps[billing.StepNotYetBilled],
				steps[billing.StepOtherPeriod], steps[billing.StepPriorPeriods]}, "-")
		for _, endpoint := range f.elsewhere() {
			waited, cells = waited.Add(f.amountAt(endpoint, currency)), cells+"+"+f.Sum(endpoint, "", currency)
		}
		l.Add("Roll-forward, "+currency+": newly owed and not billed = the bridge",
			page.Difference(sum.Usage.Add(sum.Adjusted).Sub(sum.Billed), xlsx.Amount2,
				total(r.owed, rollUsage)+"+"+total(r.owed, rollAdjusted)+"-"+total(r.owed, rollBilled)),
			page.Difference(waited, xlsx.Amount2, cells))
		given := decimal.Max(decimal.Decimal{}, decimal.Min(g.Over, s.Worked.In(currency).GivenUp))
		disputed, name := steps[billing.StepToDispute], ": disputed = the bridge"
		if cells := steps[GivenUp]; cells != "" {
			disputed += fmt.Sprintf("-MAX(0,MIN(%s,%s))", disputed, cells)
			name += ", without what is accepted or explained"
		}
		l.Add("Roll-forward, "+currency+name, page.Cents(sum.Disputed).WithFormula(total(r.claims, rollDisputed)),
			page.Cents(g.Over.Sub(given)).WithFormula(disputed))
	}
}

// elsewhere lists the endpoints that no statement is about.
func (f Sheets) elsewhere() (all []string) {
	for _, l := range f.Ledger.Lines {
		if !f.Covered.Has(l.Endpoint) && !slices.Contains(all, l.Endpoint) {
			all = append(all, l.Endpoint)
		}
	}
	return all
}

// amountAt returns the ledger's amount at an endpoint.
func (f Sheets) amountAt(endpoint, currency string) (sum decimal.Decimal) {
	for _, l := range f.Ledger.Lines {
		if l.Endpoint == endpoint && f.Ledger.Currency(l) == currency {
			sum = sum.Add(l.Amount)
		}
	}
	return sum
}

// Terms define what the sheet Roll-forward has.
func Terms(d *figures.Data) []page.Definition {
	if d.Rolled == nil || len(d.Rolled.Lines) == 0 {
		return nil
	}
	return []page.Definition{
		{Term: "Owed and not billed", Meaning: "The accrual: usage at least, by the contract's reading, less what " +
			"invoices " +
			"bill of it. A month opens with what the one before closes with; a closed month's amounts stay, and " +
			"what comes to light " +
			"later is of the month that bears it.", Source: "Sheet Roll-forward"},
		{Term: "Disputed and not credited", Meaning: "What invoices bill beyond our records, until a credit uses " +
			"it up, or somebody accepts or explains it: then it is cost, as it is paid. What is marked as credited " +
			"waits for the statement that has the credit. " +
			"Tax, other products, and a total beyond its lines are in neither.", Source: "Sheet Roll-forward"},
	}
}
