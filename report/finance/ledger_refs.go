package finance

import (
	"fmt"
	"strings"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// ledgerRefs is the sheet Ledger as formulas of other sheets add it up.
type ledgerRefs struct {
	source *ledger
	about  coverage
}

// where is one condition of a sum: a column, and what it must equal: a cell, or a literal.
type where struct {
	column int
	equals string
}

// ledgerSum is the formula that adds up a column of the ledger under conditions; "" when the ledger is empty.
func (r ledgerRefs) ledgerSum(column int, all ...where) string {
	if len(r.source.lines) == 0 {
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
	return xlsx.Area{Sheet: "Ledger", From: xlsx.Ref{Col: column, Row: page.ListFirst}, To: xlsx.Ref{Col: column, Row: page.ListFirst + len(r.source.lines) - 1}}.String()
}

// accountCells are an account in those columns, the first of which is column number from, with sums over the ledger under
// conditions as the second route.
func (r ledgerRefs) accountCells(t *page.Table, a account, from int, all ...where) []xlsx.Cell {
	cells := a.cells(t, from)
	for i, kind := range kinds() {
		cells[i] = cells[i].By(r.ledgerSum(ledgerCalls, append(all[:len(all):len(all)], where{ledgerKind, literal(kind)})...))
	}
	cells[accountBillable] = cells[accountBillable].By(r.ledgerSum(ledgerBillable, all...))
	return cells
}

// arrivedFormula counts the covered endpoints' calls that may have reached the vendor.
func (r ledgerRefs) arrivedFormula() string {
	all := r.coveredSum(ledgerCalls, "")
	names, whole := r.about.endpoints, r.about.whole
	if whole {
		names = []string{""}
	}
	for _, name := range names {
		same := []where{{ledgerKind, literal(kindUnsent)}}
		if name != "" {
			same = append(same, where{ledgerEndpoint, literal(name)})
		}
		if text := r.ledgerSum(ledgerCalls, same...); text != "" {
			all += "-" + text
		}
	}
	return all
}

// coveredSum adds up a column of the ledger over the covered endpoints, under further conditions; a currency leaves monthly minimums out.
func (r ledgerRefs) coveredSum(column int, currency string, same ...where) string {
	if currency != "" {
		same = append(same, where{ledgerCurrency, literal(currency)})
		if !r.source.minimums(currency).IsZero() {
			same = append(same, where{ledgerCodeNumber, literal("<>" + fmt.Sprint(r.source.codeNumber(monthlyMinimum)))})
		}
	}
	if r.about.whole {
		if same == nil && len(r.source.lines) > 0 {
			return "SUM(" + r.ledgerArea(column) + ")"
		}
		return r.ledgerSum(column, same...)
	}
	var parts []string
	for _, name := range r.about.endpoints {
		parts = append(parts, r.ledgerSum(column, append(same[:len(same):len(same)], where{ledgerEndpoint, literal(name)})...))
	}
	return strings.Join(parts, "+")
}
