package match

import (
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// Other products are rows and a step of their own: by statement, product and currency, part of the total and of what is
// paid, no base of the tax on what is disputed, and no calls.
func TestOtherProducts(t *testing.T) {
	c := matchCase{calls: []string{"1 sg/SG 11-02T10:00:00 PAY t1"}, lines: []string{
		"usage sg/SG 11-02T10:00:00 t1 1 0.04 USD", "tax -/- - - 0 0.90 USD", "total -/- - - 4 9.94 USD"}}
	m := c.matcher(t)
	for n, l := range []statement.Line{
		{Kind: statement.Usage, Product: "OCR", TransactionID: "t1", Quantity: 3, Amount: decimal.New(6, 0)},
		{Kind: statement.Usage, Product: "OCR", Quantity: 0, Amount: decimal.New(2, 0)},
		{Kind: statement.Total, Product: "OCR", Quantity: 3, Amount: decimal.New(8, 0)},
		{Kind: statement.Tax, Product: "Licence", Amount: decimal.New(1, 0)},
	} {
		l.Number, l.Month, l.Currency, l.Other = n+4, billedMonth, "USD", true
		if err := m.Line(9, &l); err != nil {
			t.Fatal(err)
		}
	}
	result, rows := match(t, m)
	want := map[int]string{4: "8 OCR, 2 lines", 7: "1 Licence"}
	for _, r := range rows {
		if r.Class == billing.OtherProduct {
			if got := r.TheirAmount.String() + " " + r.Note; got != want[r.Line] || r.TheirQuantity != 0 || r.Class.Open() {
				t.Errorf("line %d: %s, want %s", r.Line, got, want[r.Line])
			}
			delete(want, r.Line)
		}
	}
	if len(want) > 0 {
		t.Errorf("no rows for %v", want)
	}
	for _, b := range result.Bridge {
		for step, amount := range map[string]string{billing.StepOtherProducts: "9", billing.StepToDispute: "0.01",
			billing.StepTaxDisputed: "0.225", billing.StepUnexplained: "0", billing.StepTheirs: "9.94"} {
			if b.Step == step && b.Amount.String() != amount {
				t.Errorf("%s %s, want %s", step, b.Amount, amount)
			}
		}
	}
	if pay := result.Verdicts[0].Pay.String(); pay != "9.71" { // 9.94 - 0.01 - 0.225, to the cent
		t.Errorf("to pay: %s", pay)
	}
}
