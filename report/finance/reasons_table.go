package finance

import (
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// reasonTable writes a line for every reason for which IDs were asked again.
func (f regionSheet) reasonTable(p *page.Page) *page.Table {
	if len(f.Reasons) == 0 {
		return nil
	}
	p.Skip(1)
	caption := "Why IDs were asked again, as each call's intent says. Paid twice: tagged PAY, or lost and billed by " +
		"a statement, for an ID of which an earlier call was, too."
	if !figures.ByCall(f.Basis) {
		caption += " Under the reading " + string(f.Basis) +
			" nothing tells which of an ID's calls is billed, so the amounts are not told apart."
	}
	p.Section("3  By reason", caption)
	t := p.Table(append(append([]page.Column{page.Col("Reason", xlsx.Literal), page.Col("What for", xlsx.General),
		page.Col("Paid twice", xlsx.Count)}, accountColumns()...),
		page.Col("Currency", xlsx.Literal), page.Col("Amount", xlsx.Amount2))...)
	for _, l := range f.Reasons {
		cells := append([]xlsx.Cell{xlsx.Untrusted(l.Reason), xlsx.T(reasonText(l.Reason)), xlsx.N(l.Twice)},
			plainCells(t, l.Account, 3)...)
		if l.Twice > 0 {
			cells[2] = cells[2].WithRole(xlsx.Watch)
		}
		cells = append(cells, xlsx.Untrusted(l.Currency), amountCell(l.Amount, l.Currency, ""))
		if !figures.ByCall(f.Basis) {
			cells[3+accountBillable], cells[len(cells)-1] = page.None(), page.None()
		}
		t.Add(cells...)
	}
	if figures.ByCall(f.Basis) {
		f.accountTotals(t, "All calls", 3)
		noteUnpriced(p, f.Currencies, f.Unpriced.Least)
	}
	return t
}

func reasonText(reason string) string {
	for _, r := range figures.ReasonTexts() {
		if r[0] == reason {
			return r[1]
		}
	}
	return ""
}
