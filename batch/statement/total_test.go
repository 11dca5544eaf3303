package statement

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// A total over several months is held against all lines it is about, with tax or without, whichever it is nearer to.
func TestGrandTotals(t *testing.T) {
	var g GrandTotals
	november, december := billing.Period{Year: 2026, Month: 11}, billing.Period{Year: 2026, Month: 12}
	for i, l := range []Line{
		{Kind: Usage, Month: november, Endpoint: "sg", Quantity: 2, Amount: dec("0.06"), Currency: "USD"},
		{Kind: Usage, Month: december, Endpoint: "sg", Quantity: 1, Amount: dec("0.03"), Currency: "USD"},
		{Kind: Usage, Month: december, Endpoint: "th", Quantity: 1, Amount: dec("0.04"), Currency: "USD"},
		{Kind: Usage, Month: december, Endpoint: "th", Quantity: 1, Pricing: "FREE", Currency: "USD"},
		{Kind: Usage, Month: december, Endpoint: "th", Quantity: 1, Amount: dec("7"), Currency: "EUR"},
		{Kind: Credit, Month: december, Amount: dec("-0.01"), Currency: "USD"},
		{Kind: Tax, Month: december, Amount: dec("0.012"), Currency: "USD"},
		{Kind: Total, Month: december, Amount: dec("99"), Currency: "USD"},
		{Kind: Total, Amount: dec("0.12"), Quantity: 4, Currency: "USD"},
		{Kind: Total, Amount: dec("0.132"), Currency: "USD"},
		{Kind: Total, Endpoint: "sg", Amount: dec("0.10"), Quantity: 3, Currency: "USD"},
		{Kind: Total, Amount: dec("7"), Quantity: 3, Currency: "EUR"},
	} {
		l.Number = i + 2
		g.Add(&l)
	}
	var got []string
	for _, one := range g.Totals() {
		got = append(got, fmt.Sprintf("%d %s %s - %s = %s, %d calls, %v %v", one.Line, one.Currency, one.Stated, one.Lines, one.Difference, one.Calls, one.Ties(), one.Within(billing.Tolerance{Abs: decimal.NewNullDecimal(dec("0.01"))})))
	}
	compare(t, "totals", got, []string{
		"10 USD 0.12 - 0.12 = 0, 0 calls, true true", "11 USD 0.132 - 0.132 = 0, 0 calls, true true",
		"12 USD 0.1 - 0.09 = 0.01, 0 calls, false true", "13 EUR 7 - 7 = 0, 2 calls, false true",
	})
	if g.Totals()[2].Within(billing.Tolerance{}) || g.Totals()[3].Within(billing.Tolerance{}) {
		t.Error("a total that does not tie is within no tolerance at all")
	}
}
