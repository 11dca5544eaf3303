package finance

import (
	"slices"
	"strings"

	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// owedAnyway names what is owed without a call: monthly minimums.
func (f summarySheet) owedAnyway() string {
	owed := slices.DeleteFunc(slices.Clone(f.Money), func(c figures.Currency) bool { return c.Floor.IsZero() })
	if len(owed) == 0 {
		return "nothing is owed"
	}
	return "the monthly minimum of " + figures.MoneyText(owed) + " is owed"
}

// minimumText names the monthly minimums beside the amounts that a statement is compared with.
func (f summarySheet) minimumText() string {
	var parts []string
	for _, currency := range f.Currencies {
		if m := f.Ledger.Minimums(currency); f.Reconciled != nil && !m.IsZero() {
			parts = append(parts, xlsx.Visible(currency)+" "+page.Money(m))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "Monthly minimums add " + strings.Join(parts, " and ") + " to the price of the calls: no part of our " +
		"amount, and explained where the statement bills them."
}
