package finance

import (
	"cmp"
	"slices"
	"strings"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// regionLine is what the calls of one region cost in one currency, split by code.
type regionLine struct {
	region, currency string
	account
	codes []codeLine
}

// codeLine is what the calls of a region that came back with one code cost.
type codeLine struct {
	code string
	account
}

// regionLines adds lines of the ledger up by currency and region: the first currency's regions first, the dearest of them
// first.
func regionLines(b *ledger, ranked currencies, of []ledgerLine) []regionLine {
	type key struct{ currency, region string }
	lines, codes := map[key]*regionLine{}, map[key]map[string]*codeLine{}
	for _, l := range of {
		k := key{b.currency(l), l.region}
		if lines[k] == nil {
			lines[k], codes[k] = &regionLine{region: l.region, currency: k.currency}, map[string]*codeLine{}
		}
		lines[k].post(l)
		if codes[k][l.code] == nil {
			codes[k][l.code] = &codeLine{code: l.code}
		}
		codes[k][l.code].post(l)
	}
	var all []regionLine
	for k, line := range lines {
		for _, c := range codes[k] {
			line.codes = append(line.codes, *c)
		}
		slices.SortFunc(line.codes, func(a, b codeLine) int { return compareCodes(a.code, b.code) })
		all = append(all, *line)
	}
	slices.SortFunc(all, func(a, b regionLine) int {
		return cmp.Or(ranked.rank(a.currency)-ranked.rank(b.currency), b.amount.Cmp(a.amount), cmp.Compare(b.billable, a.billable), cmp.Compare(b.ceiling(), a.ceiling()), strings.Compare(a.region, b.region))
	})
	return all
}

// placeName is a region of the ledger in words; amounts that belong to no region have that of their price, perhaps "*".
func placeName(region string) string {
	if region == "*" {
		return notByRegion
	}
	return page.RegionName(region)
}

// regionRefs are the tables of the sheet, and what charts draw beside them.
type regionRefs struct {
	regions, codes *page.Table
	reasons        *page.Table // nil: no ID was asked again
	compared       regionChart // with the statement
}

type regionSheet struct {
	*Data
	ledgerRefs
}

// writeRegions writes the calls and amounts by region, and by region and code.
func writeRegions(book *xlsx.Workbook, d *Data, ledger ledgerRefs) (refs regionRefs) {
	p := page.New(book, "By region and code", "Calls and amounts by region and code",
		d.sent()+" · region of the list's row, not of the host", 20, 30, 6, 10, 10, 11, 10, 10, 10, 11, 10, 10, 15)
	f := regionSheet{d, ledger}
	p.Tab = xlsx.Navy
	p.Section("1  By region", "Live sums over the sheet Ledger. To pay, at most: calls tagged PAY and every call in doubt. Billable: counted under the contract's reading, "+string(f.Reading)+". Amount: billable calls at their prices, in the currency beside it.")
	t := p.Table(append(append([]page.Column{page.Wide("Region", 3, xlsx.General)}, accountColumns()...), page.Col("Currency", xlsx.Literal), page.Col("Amount", xlsx.Amount2))...)
	refs.regions = t
	for _, g := range f.regions {
		p.Set(xlsx.Ref{Col: p.Across + 3, Row: p.Row}, xlsx.T(page.ShortName(placeName(g.region))).As(xlsx.Feeder))
		same := []where{{ledgerRegion, literal(ledgerText(g.region))}, {ledgerCurrency, literal(g.currency)}}
		cells := append([]xlsx.Cell{xlsx.T(placeName(g.region))}, f.accountCells(t, g.account, 1, same...)...)
		t.Add(append(cells, xlsx.Outside(g.currency), amountCell(g.amount, g.currency, f.ledgerSum(ledgerAmount, same...)))...)
	}
	f.accountTotals(t, "All regions", 1)
	f.currencies.noteUnpriced(p, f.unpriced.least)
	if f.reconciled != nil {
		refs.compared = f.comparedChart(p, t.First)
	}
	p.Skip(1)
	refs.codes = f.codeTable(p)
	refs.reasons = f.reasonTable(p)
	p.PrintAll()
	return refs
}

// regionChart is the columns that draw our amounts by region.
type regionChart struct {
	lines         []regionLine // shown, of all there are
	names, values xlsx.Area
	all           []regionLine
}

// comparedChart writes, right of the page, our amounts as the statement is compared with them: of the endpoints it is about,
// without monthly minimums, which explain a difference where the statement bills them; in the first currency that has any.
func (f regionSheet) comparedChart(p *page.Page, row int) regionChart {
	var d regionChart
	for _, g := range regionLines(f.ledger, f.currencies, f.covered.compared(f.ledger)) {
		if len(d.all) == 0 || g.currency == d.all[0].currency {
			d.all = append(d.all, g)
		}
	}
	d.lines = d.all[:min(len(d.all), page.ChartRegions)]
	col := p.Across + 5
	for i, g := range d.lines {
		p.Set(xlsx.Ref{Col: col, Row: row + i}, xlsx.T(page.ShortName(placeName(g.region))).As(xlsx.Feeder))
		p.Set(xlsx.Ref{Col: col + 1, Row: row + i}, amountCell(g.amount, g.currency, f.coveredSum(ledgerAmount, g.currency, where{ledgerRegion, literal(ledgerText(g.region))})).As(xlsx.Feeder))
	}
	last := row + len(d.lines) - 1
	d.names, d.values = p.Area(xlsx.Ref{Col: col, Row: row}, xlsx.Ref{Col: col, Row: last}), p.Area(xlsx.Ref{Col: col + 1, Row: row}, xlsx.Ref{Col: col + 1, Row: last})
	return d
}

// codeTable writes a line for every code that came back from a region.
func (f regionSheet) codeTable(p *page.Page) *page.Table {
	p.Section("2  By region and code", "Orange: PAY on a code other than SUCCESS. No.: the code's number on the sheet Ledger.")
	t := p.Table(append(append([]page.Column{page.Col("Region", xlsx.General), page.Col("Code", xlsx.Literal), page.Col("No.", xlsx.Count)}, accountColumns()...), page.Col("Currency", xlsx.Literal), page.Col("Amount", xlsx.Amount2))...)
	for _, g := range f.regions {
		for _, c := range g.codes {
			same := []where{{ledgerRegion, literal(ledgerText(g.region))}, {ledgerCodeNumber, t.Ref(2)}, {ledgerCurrency, literal(g.currency)}}
			cells := f.accountCells(t, c.account, 3, same...)
			if c.pay > 0 && c.code != page.Success {
				cells[0] = cells[0].As(xlsx.Alert)
			}
			cells = append([]xlsx.Cell{xlsx.T(placeName(g.region)), xlsx.Outside(c.code), xlsx.N(f.ledger.codeNumber(c.code))}, cells...)
			t.Add(append(cells, xlsx.Outside(g.currency), amountCell(c.amount, g.currency, f.ledgerSum(ledgerAmount, same...)))...)
		}
	}
	f.accountTotals(t, "All regions", 3)
	f.currencies.noteUnpriced(p, f.unpriced.least)
	return t
}

// accountTotals ends a table of accounts: one row for the counts, which begin with column from, and one for the amount in
// each currency; with a single currency they are one.
func (f regionSheet) accountTotals(t *page.Table, name string, from int) {
	last := len(t.Cols) - 1
	row := func(label string, counts []xlsx.Cell, currency string) {
		cells := make([]xlsx.Cell, len(t.Cols))
		cells[0] = xlsx.T(label)
		copy(cells[from:], counts)
		if currency != "" {
			cells[last-1], cells[last] = xlsx.Outside(currency), amountCell(f.ledger.total(currency), currency, columnTotal(t, last, last-1, currency))
		}
		t.Total(cells...)
	}
	counts := f.ledger.all.totalCells(t, from)
	if len(f.currencies) == 1 {
		row(name, counts, f.currencies[0])
		return
	}
	row(name, counts, "")
	for _, currency := range f.currencies {
		row("Amount in "+currency, nil, currency)
	}
}
