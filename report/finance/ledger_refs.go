package finance

import (
	"fmt"
	"strings"

	"liverecon/report/finance/costs"
	"liverecon/report/finance/figures"
	"liverecon/report/finance/monthend"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// ledgerRefs represents the sheet Ledger as formulas of other sheets add it up.
type ledgerRefs struct {
	source *figures.Ledger
	about  figures.Coverage
}

// where describes one condition of a sum: a column, and what it must equal: a cell, or a literal.
type where struct {
	column int
	equals string
}

// sheets returns what writes the sheets of a month's end.
func (r ledgerRefs) sheets(book *xlsx.Workbook, d *figures.Data) monthend.Sheets {
	return monthend.Sheets{Data: d, Book: book, Sum: func(endpoint, region, currency string) string {
		all := []where{{ledgerCurrency, literal(currency)}}
		if endpoint != "" {
			all = append(all, where{ledgerEndpoint, literal(endpoint)})
		}
		if region != "" {
			all = append(all, where{ledgerRegion, literal(figures.LedgerText(region))})
		}
		return r.ledgerSum(ledgerAmount, all...)
	}}
}

// costs returns what writes the sheet Costs.
func (r ledgerRefs) costs(book *xlsx.Workbook, d *figures.Data) costs.Sheets {
	columns := map[costs.Figure]int{costs.Calls: ledgerCalls, costs.Billable: ledgerBillable,
		costs.Amount: ledgerAmount}
	return costs.Sheets{Data: d, Book: book, Sum: func(of costs.Figure, kind, currency string) string {
		var all []where
		if kind != "" {
			all = append(all, where{ledgerKind, literal(kind)})
		}
		if currency != "" {
			all = append(all, where{ledgerCurrency, literal(currency)})
		}
		return r.ledgerSum(columns[of], all...)
	}}
}

// ledgerSum returns the formula that adds up a column of the ledger under conditions; "" when the ledger is empty.
func (r ledgerRefs) ledgerSum(column int, all ...where) string {
	if len(r.source.Lines) == 0 {
		return ""
	}
	if len(all) == 0 {
		return "SUM(" + r.ledgerArea(column) + ")"
	}
	text := "SUMIFS(" + r.ledgerArea(column)
	for _, w := range all {
		text += "," + r.ledgerArea(w.column) + "," + w.equals
	}
	return text + ")"
}

func (r ledgerRefs) ledgerArea(column int) string {
	return xlsx.Area{Sheet: "Ledger", From: xlsx.Ref{Col: column, Row: page.ListFirst},
		To: xlsx.Ref{Col: column, Row: page.ListFirst + len(r.source.Lines) - 1}}.String()
}

// accountCells returns an account in those columns, the first of which is column number from, with sums over the ledger
// under conditions as the second route.
func (r ledgerRefs) accountCells(t *page.Table, a figures.Account, from int, all ...where) []xlsx.Cell {
	cells := plainCells(t, a, from)
	for i, kind := range figures.Kinds() {
		cells[i] = cells[i].WithFormula(r.ledgerSum(ledgerCalls,
			append(all[:len(all):len(all)], where{ledgerKind, literal(kind)})...))
	}
	cells[accountBillable] = cells[accountBillable].WithFormula(r.ledgerSum(ledgerBillable, all...))
	return cells
}

// arrivedFormula counts the covered endpoints' calls that may have reached the vendor.
func (r ledgerRefs) arrivedFormula() string {
	all := r.coveredSum(ledgerCalls, "")
	names, whole := r.about.Endpoints, r.about.Whole
	if whole {
		names = []string{""}
	}
	for _, name := range names {
		same := []where{{ledgerKind, literal(figures.KindUnsent)}}
		if name != "" {
			same = append(same, where{ledgerEndpoint, literal(name)})
		}
		if text := r.ledgerSum(ledgerCalls, same...); text != "" {
			all += "-" + text
		}
	}
	return all
}

// coveredSum adds up a column of the ledger over the covered endpoints, under further conditions; a currency leaves
// monthly minimums out.
func (r ledgerRefs) coveredSum(column int, currency string, same ...where) string {
	if currency != "" {
		same = append(same, where{ledgerCurrency, literal(currency)})
		if !r.source.Minimums(currency).IsZero() {
			same = append(same,
				where{ledgerCodeNumber, literal("<>" + fmt.Sprint(r.source.CodeNumber(figures.MonthlyMinimum)))})
		}
	}
	if r.about.Whole {
		if same == nil && len(r.source.Lines) > 0 {
			return "SUM(" + r.ledgerArea(column) + ")"
		}
		return r.ledgerSum(column, same...)
	}
	var parts []string
	for _, name := range r.about.Endpoints {
		parts = append(parts,
			r.ledgerSum(column, append(same[:len(same):len(same)], where{ledgerEndpoint, literal(name)})...))
	}
	return strings.Join(parts, "+")
}
