package monthend

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing/accrual"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// Rolled holds the tables of the sheet Roll-forward, nil where it is not there.
type Rolled struct{ owed, claims *page.Table }

// The columns of its first table, from 0.
const (
	rollEndpoint = iota
	rollRegion
	rollCurrency
	rollOpening
	rollUsage
	rollLate
	rollAdjusted
	rollBilled
	rollClosing
	rollMost
)

// The columns of its second table that follow the currency.
const (
	rollClaimed = iota + 3
	rollDisputed
	rollCredited
	rollClaims
	rollReduced
)

// Sheets writes the sheets of a month's end into a workbook.
type Sheets struct {
	*figures.Data
	Book *xlsx.Workbook
	// Sum returns the formula that adds the ledger's amounts up at an endpoint, in a region, "" for all, and in a
	// currency.
	Sum func(endpoint, region, currency string) string
}

// RollForward writes how what is owed and not billed, and what is disputed, came from the month before to the month's
// end.
func (f Sheets) RollForward() (refs Rolled) {
	if f.Rolled == nil || len(f.Rolled.Lines) == 0 {
		return refs
	}
	p := page.New(f.Book, "Roll-forward", "Roll-forward: what is owed and not billed, and what is disputed",
		"From the month before to the end of "+f.Period.Label+" · amounts net of tax · begins with "+f.Rolled.First,
		14, 20, 10, 15, 15, 15, 15, 15, 15, 15)
	p.Tab = xlsx.Navy
	p.Headline(f.rolled())
	if len(f.Rolled.Open) > 0 {
		p.Prose(xlsx.T(openMonths(f.Rolled.Open)))
	}
	p.Skip(1)
	refs.owed = f.owedTable(p)
	p.Skip(1)
	refs.claims = f.claimTable(p)
	memo(f, refs, p)
	p.PrintAll()
	return refs
}

// openMonths words which earlier months are open.
func openMonths(open []string) string {
	if len(open) == 1 {
		return open[0] + " is open: what it closes with, and this month opens with, may still change."
	}
	return fmt.Sprintf("%d earlier months are open, the last of them %s: what they close with, and this month "+
		"opens with, "+
		"may still change.", len(open), open[len(open)-1])
}

// rolled returns what each currency closes with.
func (f Sheets) rolled() string {
	var parts []string
	for _, currency := range f.Rolled.Currencies() {
		sum := f.Rolled.Sums(currency)
		text := fmt.Sprintf("%s %s owed and not billed at the end of %s", xlsx.Visible(currency),
			page.Money(sum.Closing),
			f.Period.Label)
		if most := f.Rolled.Most[currency]; !most.Equal(sum.Closing) {
			text += fmt.Sprintf(" (%s at most)", page.Money(most))
		}
		if !sum.Claims.IsZero() {
			text += fmt.Sprintf(", %s disputed and not credited", page.Money(sum.Claims))
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// place returns the first cells of a line.
func (f Sheets) place(p accrual.Key) []xlsx.Cell {
	region := figures.RegionName(p.Region)
	if p.Endpoint == "" && p.Region == "" {
		region = "(of no place)"
	}
	return []xlsx.Cell{xlsx.Untrusted(figures.LedgerText(p.Endpoint)), xlsx.T(region),
		xlsx.Untrusted(figures.LedgerText(p.Currency))}
}

// owedTable leads from what was owed and not billed before the month to what is so after it.
func (f Sheets) owedTable(p *page.Page) *page.Table {
	p.Section("1  Owed and not billed", "Opening: what the month before closes with. Usage: the month's calls and "+
		"minimums, with "+
		"doubts that a statement bills. Closed months: calls of theirs that came to light. Rounding: and "+
		"differences within the "+
		"tolerance, accepted or explained. Billed: what invoices bill of calls, without what is disputed. Below zero: billed before its "+
		"month. At most: "+
		"with this month's calls in doubt.")
	t := p.Table(page.Col("Endpoint", xlsx.Literal), page.Col("Region", xlsx.General), page.Col("Currency",
		xlsx.Literal),
		page.Col("Opening", xlsx.Amount2), page.Col("+ Usage", xlsx.Amount2), page.Col("+ Closed months", xlsx.Amount2),
		page.Col("+ Rounding", xlsx.Amount2), page.Col("− Billed", xlsx.Amount2), page.Col("= Closing", xlsx.Amount2),
		page.Col("At most", xlsx.Amount2))
	for _, l := range f.Rolled.Lines {
		if l.Opening.IsZero() && l.Usage.IsZero() && l.Late.IsZero() && l.Adjusted.IsZero() && l.Billed.IsZero() {
			continue
		}
		usage := page.Cents(l.Usage)
		if !f.Rolled.Billed && l.Currency != "" {
			usage = usage.WithFormula(f.Sum(l.Endpoint, figures.LedgerText(l.Region), l.Currency))
		}
		t.Add(append(f.place(l.Key), page.Cents(l.Opening), usage, page.Cents(l.Late), page.Cents(l.Adjusted),
			page.Cents(l.Billed),
			closing(t, l.Closing), page.None())...)
	}
	for _, currency := range f.Rolled.Currencies() {
		sum := f.Rolled.Sums(currency)
		cells := []xlsx.Cell{xlsx.T("All"), {}, xlsx.Untrusted(figures.LedgerText(currency))}
		for i, d := range []decimal.Decimal{sum.Opening, sum.Usage, sum.Late, sum.Adjusted, sum.Billed} {
			cells = append(cells, page.Cents(d).WithFormula(page.ColumnTotal(t, rollOpening+i, rollCurrency,
				figures.LedgerText(currency))))
		}
		t.Total(append(cells, closing(t, sum.Closing), page.Cents(f.Rolled.Most[currency]))...)
	}
	return t
}

// closing returns what a row of the first table comes to.
func closing(t *page.Table, d decimal.Decimal) xlsx.Cell {
	return page.Difference(d, xlsx.Amount2,
		fmt.Sprintf("SUM(%s:%s)-%s", t.Ref(rollOpening), t.Ref(rollAdjusted), t.Ref(rollBilled)))
}

// claimTable leads from what was disputed and not credited before the month to what is so after it.
func (f Sheets) claimTable(p *page.Page) *page.Table {
	p.Section("2  Disputed and not credited", "Disputed: billed beyond our records, without tax and without what was "+
		"accepted or explained. Credits of the "+
		"month's invoices use "+
		"up what is disputed, at their own place first; what is left of them lowers the cost.")
	t := p.Table(page.Col("Endpoint", xlsx.Literal), page.Col("Region", xlsx.General), page.Col("Currency",
		xlsx.Literal),
		page.Col("Opening", xlsx.Amount2), page.Col("+ Disputed", xlsx.Amount2), page.Col("− Credited", xlsx.Amount2),
		page.Col("= Closing", xlsx.Amount2), page.Col("Lowers the cost", xlsx.Amount2))
	for _, l := range f.Rolled.Lines {
		if l.Claimed.IsZero() && l.Disputed.IsZero() && l.Credited.IsZero() && l.Reduced.IsZero() {
			continue
		}
		t.Add(append(f.place(l.Key), page.Cents(l.Claimed), page.Cents(l.Disputed), page.Cents(l.Credited),
			claims(t, l.Claims),
			page.Cents(l.Reduced))...)
	}
	for _, currency := range f.Rolled.Currencies() {
		sum := f.Rolled.Sums(currency)
		cells := []xlsx.Cell{xlsx.T("All"), {}, xlsx.Untrusted(figures.LedgerText(currency))}
		total := func(d decimal.Decimal, col int) xlsx.Cell {
			return page.Cents(d).WithFormula(page.ColumnTotal(t, col, rollCurrency, figures.LedgerText(currency)))
		}
		t.Total(append(cells, total(sum.Claimed, rollClaimed), total(sum.Disputed, rollDisputed),
			total(sum.Credited, rollCredited), claims(t, sum.Claims), total(sum.Reduced, rollReduced))...)
	}
	return t
}

// claims returns what a row of the second table comes to.
func claims(t *page.Table, d decimal.Decimal) xlsx.Cell {
	return page.Difference(d, xlsx.Amount2,
		fmt.Sprintf("%s+%s-%s", t.Ref(rollClaimed), t.Ref(rollDisputed), t.Ref(rollCredited)))
}
