package monthend

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// memo writes what is owed and disputed at the month's end in the functional currency, by the last rate that is not
// after its last day. It is a memo: amounts stay in the currencies that they are billed in, and an amount without a
// rate is in no sum.
func memo(f Sheets, refs Rolled, p *page.Page) {
	rates := &f.Functional
	if rates.Functional == "" {
		return
	}
	last := f.Period.To.In(f.Period.Zone).Add(-time.Hour)
	day := time.Date(last.Year(), last.Month(), last.Day(), 0, 0, 0, 0, time.UTC)
	p.Skip(1)
	p.Section("3  In "+rates.Functional+", a memo",
		"What is owed and disputed at the month's end, at the configuration's "+
			"rate of its last day or the last before. Nothing is billed, compared or posted by it; what has no rate is "+
			"in no sum.")
	t := p.Table(page.Col("Currency", xlsx.Literal), page.Col("Rate", xlsx.Literal), page.Col("Of", xlsx.Literal),
		page.Col("Owed", xlsx.Amount2), page.Col("Disputed", xlsx.Amount2),
		page.Col("Owed, "+rates.Functional, xlsx.Amount2), page.Col("Disputed, "+rates.Functional, xlsx.Amount2),
		page.Wide("Remark", 3, xlsx.General))
	var owed, disputed decimal.Decimal
	minor, without := billing.MinorUnit(rates.Functional), int64(0)
	for i, currency := range f.Rolled.Currencies() {
		sum := f.Rolled.Sums(currency)
		rate, problem, ok := rates.At(currency, day)
		cells := []xlsx.Cell{xlsx.Untrusted(figures.LedgerText(currency)), xlsx.T(""), xlsx.T(""),
			page.Cents(sum.Closing).WithFormula(refs.owed.Cell(rollClosing, refs.owed.Rows+i).String()),
			page.Cents(sum.Claims).WithFormula(refs.claims.Cell(rollClaims, refs.claims.Rows+i).String()), page.None(),
			page.None(),
			xlsx.T("")}
		if ok {
			o, d := sum.Closing.Mul(rate.Value).Round(minor), sum.Claims.Mul(rate.Value).Round(minor)
			owed, disputed = owed.Add(o), disputed.Add(d)
			cells[1], cells[2] = xlsx.T(rate.Value.String()), xlsx.T(rate.Day.Format(time.DateOnly))
			cells[5] = page.Cents(o).WithFormula(fmt.Sprintf("ROUND(%s*%s,%d)", t.Ref(3), rate.Value, minor))
			cells[6] = page.Cents(d).WithFormula(fmt.Sprintf("ROUND(%s*%s,%d)", t.Ref(4), rate.Value, minor))
		} else {
			without++
		}
		if problem != "" {
			cells[7] = xlsx.T("▲ " + problem).WithRole(xlsx.Watch)
		}
		t.Add(cells...)
	}
	remark := xlsx.T("")
	if without > 0 {
		remark = xlsx.T("▲ without " + page.Plural(without, "currency that has", "currencies that have") + " no rate")
	}
	total := []xlsx.Cell{xlsx.T("All"), {}, {}, {}, {}, page.Cents(owed), page.Cents(disputed), remark}
	t.SumUp(total, 5, 6)
	t.Total(total...)
}
