package finance

import (
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// regionName returns a region of the ledger in words.
func regionName(region string) string { return figures.RegionName(region) }

// regionRefs holds the tables of the sheet, and what charts draw beside them.
type regionRefs struct {
	regions, codes *page.Table
	reasons        *page.Table // nil: no ID was asked again
	compared       regionChart // with the statement
}

type regionSheet struct {
	*figures.Data
	ledgerRefs
}

// writeRegions writes the calls and amounts by region, and by region and code.
func writeRegions(book *xlsx.Workbook, d *figures.Data, ledger ledgerRefs) (refs regionRefs) {
	p := page.New(book, "By region and code", "Calls and amounts by region and code",
		d.Sent()+" · region of the list's row, not of the host", 20, 30, 6, 10, 10, 11, 10, 10, 10, 11, 10, 10, 15)
	f := regionSheet{d, ledger}
	p.Tab = xlsx.Navy
	p.Section("1  By region", "Live sums over the sheet Ledger. To pay, at most: calls tagged PAY and every call in "+
		"doubt. Billable: counted under the contract's reading, "+string(f.Basis)+". Amount: billable calls at "+
		"their prices, in the currency beside it.")
	t := p.Table(append(append([]page.Column{page.Wide("Region", 3, xlsx.General)}, accountColumns()...),
		page.Col("Currency", xlsx.Literal), page.Col("Amount", xlsx.Amount2))...)
	refs.regions = t
	for _, g := range f.Regions {
		p.Set(xlsx.Ref{Col: p.Across + 3, Row: p.Row},
			xlsx.T(page.ShortName(regionName(g.Region))).WithRole(xlsx.ChartData))
		same := []where{{ledgerRegion, literal(figures.LedgerText(g.Region))}, {ledgerCurrency, literal(g.Currency)}}
		cells := append([]xlsx.Cell{xlsx.T(regionName(g.Region))}, f.accountCells(t, g.Account, 1, same...)...)
		t.Add(append(cells, xlsx.Untrusted(g.Currency),
			amountCell(g.Amount, g.Currency, f.ledgerSum(ledgerAmount, same...)))...)
	}
	f.accountTotals(t, "All regions", 1)
	noteUnpriced(p, f.Currencies, f.Unpriced.Least)
	if f.Reconciled != nil {
		refs.compared = f.comparedChart(p, t.First)
	}
	p.Skip(1)
	refs.codes = f.codeTable(p)
	refs.reasons = f.reasonTable(p)
	p.PrintAll()
	return refs
}

// regionChart represents the columns that draw our amounts by region.
type regionChart struct {
	lines         []figures.RegionLine // shown, of all there are
	names, values xlsx.Area
	all           []figures.RegionLine
}

// comparedChart writes, right of the page, our amounts as the statement is compared with them: of the endpoints it is
// about, without monthly minimums, which explain a difference where the statement bills them; in the first currency
// that has any.
func (f regionSheet) comparedChart(p *page.Page, row int) regionChart {
	var d regionChart
	for _, g := range figures.RegionLines(f.Ledger, f.Currencies, f.Covered.Compared(f.Ledger)) {
		if len(d.all) == 0 || g.Currency == d.all[0].Currency {
			d.all = append(d.all, g)
		}
	}
	d.lines = d.all[:min(len(d.all), page.ChartRegions)]
	col := p.Across + 5
	for i, g := range d.lines {
		p.Set(xlsx.Ref{Col: col, Row: row + i}, xlsx.T(page.ShortName(regionName(g.Region))).WithRole(xlsx.ChartData))
		p.Set(xlsx.Ref{Col: col + 1, Row: row + i},
			amountCell(g.Amount, g.Currency,
				f.coveredSum(ledgerAmount, g.Currency,
					where{ledgerRegion, literal(figures.LedgerText(g.Region))})).WithRole(xlsx.ChartData))
	}
	last := row + len(d.lines) - 1
	d.names, d.values = p.Area(xlsx.Ref{Col: col, Row: row}, xlsx.Ref{Col: col, Row: last}),
		p.Area(xlsx.Ref{Col: col + 1, Row: row}, xlsx.Ref{Col: col + 1, Row: last})
	return d
}

// codeTable writes a line for every code that came back from a region.
func (f regionSheet) codeTable(p *page.Page) *page.Table {
	p.Section("2  By region and code",
		"Orange: PAY on a code other than SUCCESS. No.: the code's number on the sheet Ledger.")
	t := p.Table(append(append([]page.Column{page.Col("Region", xlsx.General), page.Col("Code", xlsx.Literal),
		page.Col("No.", xlsx.Count)}, accountColumns()...), page.Col("Currency", xlsx.Literal),
		page.Col("Amount", xlsx.Amount2))...)
	for _, g := range f.Regions {
		for _, c := range g.Codes {
			same := []where{{ledgerRegion, literal(figures.LedgerText(g.Region))}, {ledgerCodeNumber, t.Ref(2)},
				{ledgerCurrency, literal(g.Currency)}}
			cells := f.accountCells(t, c.Account, 3, same...)
			if c.Pay > 0 && c.Code != page.Success {
				cells[0] = cells[0].WithRole(xlsx.Alert)
			}
			cells = append([]xlsx.Cell{xlsx.T(regionName(g.Region)), xlsx.Untrusted(c.Code),
				xlsx.N(f.Ledger.CodeNumber(c.Code))}, cells...)
			t.Add(append(cells, xlsx.Untrusted(g.Currency),
				amountCell(c.Amount, g.Currency, f.ledgerSum(ledgerAmount, same...)))...)
		}
	}
	f.accountTotals(t, "All regions", 3)
	noteUnpriced(p, f.Currencies, f.Unpriced.Least)
	return t
}

// accountTotals ends a table of accounts: one row for the counts, which begin with column from, and one for the amount
// in each currency; with a single currency they are one.
func (f regionSheet) accountTotals(t *page.Table, name string, from int) {
	last := len(t.Cols) - 1
	row := func(label string, counts []xlsx.Cell, currency string) {
		cells := make([]xlsx.Cell, len(t.Cols))
		cells[0] = xlsx.T(label)
		copy(cells[from:], counts)
		if currency != "" {
			cells[last-1], cells[last] = xlsx.Untrusted(currency),
				amountCell(f.Ledger.Total(currency), currency, columnTotal(t, last, last-1, currency))
		}
		t.Total(cells...)
	}
	counts := totalCells(t, f.Ledger.All, from)
	if len(f.Currencies) == 1 {
		row(name, counts, f.Currencies[0])
		return
	}
	row(name, counts, "")
	for _, currency := range f.Currencies {
		row("Amount in "+currency, nil, currency)
	}
}
