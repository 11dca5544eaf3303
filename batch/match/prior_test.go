package match

import (
	"strings"
	"testing"

	"liverecon/batch/billing"
)

// What November bears of October is in its bridge, each in a row of its own: what is owed as prior periods, what is at
// issue in its class, and nothing of it among November's own calls.
func TestPrior(t *testing.T) {
	const month = "2026-10"
	at := func(p Prior) Prior {
		p.Month, p.Endpoint, p.Region, p.Currency = mustPeriod(t, month), "sg", "SG", "USD"
		return p
	}
	call := at(Prior{Kind: "late call", CallID: 1, Right: dec("0.035"), Class: billing.OursOnly})
	doubt := at(Prior{Kind: "doubt billed", CallID: 2, StatementID: 1, Line: 7, Quantity: 1, Right: dec("0.035"),
		Amount: dec("0.035")})
	dear := at(Prior{Kind: "late line", CallID: 3, StatementID: 1, Line: 8, Quantity: 1, Right: dec("0.035"),
		Amount: dec("0.040"), Class: billing.PriceDiffers})
	ghost := at(Prior{Kind: "late line", StatementID: 1, Line: 9, Quantity: 1, Amount: dec("0.035"),
		Class: billing.TheirsOnly})
	back := at(Prior{Kind: "line withdrawn", StatementID: 1, Line: 9, Quantity: -1, Amount: dec("-0.040"),
		Right: dec("-0.035"), Class: billing.PriceDiffers})
	credit := at(Prior{Kind: "late line", StatementID: 1, Line: 10, Amount: dec("-1"), Right: dec("-1"), Beside: true})
	unpriced := at(Prior{Kind: "late line", StatementID: 1, Line: 11, Quantity: 1, Amount: dec("0.035"), Unpriced: true})
	for name, tt := range map[string]struct {
		all  []Prior // of another invoice than the month's own
		want string  // prior periods, to dispute, not yet billed, not priced, theirs, and the payment
	}{
		"nothing":                    {nil, "0 0 0 0 0.07 0.07"},
		"a late call and a doubt":    {[]Prior{call, doubt}, "0.07 0 -0.035 0 0.105 0.11"},
		"a price":                    {[]Prior{dear}, "0.035 0.005 0 0 0.11 0.11"},
		"a ghost":                    {[]Prior{ghost}, "0 0.035 0 0 0.105 0.07"},
		"a price that is taken back": {[]Prior{back}, "-0.035 -0.005 0 0 0.03 0.03"},
		"a price taken back by the invoice's successor": {[]Prior{back}, "-0.035 -0.005 0 0 0.03 0.04"},
		"a price taken back, and another":               {[]Prior{back, dear}, "0 0 0 0 0.07 0.07"},
		"a credit":                                      {[]Prior{credit}, "-1 0 0 0 -0.93 -0.93"},
		"no price":                                      {[]Prior{unpriced}, "0 0 0 0.035 0.105 0.11"},
		"all":                                           {[]Prior{call, doubt, dear, ghost}, "0.105 0.04 -0.035 0 0.18 0.14"},
	} {
		t.Run(name, func(t *testing.T) {
			c := matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.035")},
				calls: []string{"1 sg/SG 11-10T12:00:00 PAY a", "2 sg/SG 11-10T12:01:00 PAY b"},
				lines: []string{"usage sg/SG 11-10T12:00:00 a 1 0.035 USD", "usage sg/SG 11-10T12:01:00 b 1 0.035 USD"}}
			m := c.matcher(t)
			for _, p := range tt.all {
				m.Prior(p)
			}
			if strings.HasSuffix(name, "successor") {
				m.month.Successors = map[int64]int64{1: 9}
			}
			result, rows := match(t, m)
			steps := map[string]string{}
			for _, b := range result.Bridge {
				steps[b.Step] = b.Amount.String()
			}
			if steps[billing.StepOurs] != "0.07" || len(rows) != 2+len(tt.all) {
				t.Errorf("ours %s, %d rows", steps[billing.StepOurs], len(rows))
			}
			got := strings.Join([]string{steps[billing.StepPriorPeriods], steps[billing.StepToDispute],
				steps[billing.StepNotYetBilled], steps[billing.StepNotPriced], steps[billing.StepTheirs],
				result.Verdicts[0].Pay.String()}, " ")
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}
