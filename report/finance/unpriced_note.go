package finance

import (
	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// noteUnpriced writes under a table of amounts how many calls they leave out.
func noteUnpriced(p *page.Page, c figures.Currencies, n int64) {
	if n > 0 && len(c) > 0 {
		p.Prose(xlsx.T(NotInAmounts(n) + ", see the sheet Rates."))
	}
}

// NotInAmounts returns the sentence on calls that amounts leave out.
func NotInAmounts(n int64) string { return "Not in these amounts: " + billing.WithoutPrice(n) }
