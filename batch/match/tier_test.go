package match

import (
	"fmt"
	"testing"

	"liverecon/batch/billing"
)

// Calls in doubt that the statement bills use up quota and tiers as well: what the calls after them cost follows, and
// is no difference to settle.
func TestMatchTiersOfDoubts(t *testing.T) {
	quota := flat("sg", "*", "2026-01-01", "0.03")
	quota.FreeQuota = 2
	graduated, volume := flat("sg", "*", "2026-01-01", "1"), flat("sg", "*", "2026-01-01", "1")
	graduated.Kind, graduated.Tiers = billing.Graduated, tiers(upTo(2, "0.05"), beyond("0.02"))
	volume.Kind, volume.Tiers = billing.Volume, tiers(upTo(3, "0.05"), beyond("0.02"))
	calls := []string{
		"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 LOST -", "3 sg/SG 11-07T10:00:00 PAY t3", "4 sg/SG 11-08T10:00:00 PAY t4",
	}
	lines := func(amounts ...string) []string {
		var list []string
		for i, amount := range amounts {
			list = append(list, fmt.Sprintf("usage sg/SG 11-%02dT10:00:00 t%d 1 %s USD", 5+i, i+1, amount))
		}
		return list
	}
	for name, c := range map[string]*matchCase{
		"the quota": {
			prices: []billing.Price{quota}, calls: calls, lines: lines("0", "0", "0.03", "0.03"),
			rows: []string{
				"matched 1/1 1 0, 1 0",
				"matched 3/3 1 0, 1 0.03",
				"matched 4/4 1 0.03, 1 0.03",
				"explained by doubt 2/2 0 0, 1 0",
			},
			bridge: []string{
				"USD ours 3 0.03",
				"USD explained by doubt 1 0",
				"USD tier shift 0 0.03",
				"USD owed 4 0.06",
				"USD theirs 4 0.06",
			},
			settled: []string{"2 billed"},
		},
		"graduated": {
			prices: []billing.Price{graduated}, calls: calls, lines: lines("0.05", "0.05", "0.02", "0.02"),
			rows: []string{
				"matched 1/1 1 0.05, 1 0.05",
				"matched 3/3 1 0.05, 1 0.02",
				"matched 4/4 1 0.02, 1 0.02",
				"explained by doubt 2/2 0 0, 1 0.05",
			},
			settled: []string{"2 billed"},
		},
		"volume": {
			prices: []billing.Price{volume}, calls: calls, lines: lines("0.02", "0.02", "0.02", "0.02"),
			rows: []string{
				"matched 1/1 1 0.05, 1 0.02",
				"matched 3/3 1 0.05, 1 0.02",
				"matched 4/4 1 0.05, 1 0.02",
				"explained by doubt 2/2 0 0, 1 0.02",
			},
			settled: []string{"2 billed"},
		},
		"dearer than any doubt makes it": {
			prices: []billing.Price{graduated}, calls: calls, lines: lines("0.05", "0.05", "0.05", "0.02"),
			rows: []string{
				"matched 1/1 1 0.05, 1 0.05",
				"wrong tier 3/3 1 0.05, 1 0.05 issue 0.03 | theirs is the price of tier 1, right is that of tier 2",
				"matched 4/4 1 0.02, 1 0.02",
				"explained by doubt 2/2 0 0, 1 0.05",
			},
			settled: []string{"2 billed"},
		},
		"all in the dearer tier": {
			prices: []billing.Price{graduated}, calls: calls, lines: []string{lines("0.05")[0], lines("", "", "0.05", "0.05")[2], lines("", "", "0.05", "0.05")[3]},
			rows: []string{
				"matched 1/1 1 0.05, 1 0.05",
				"matched 3/2 1 0.05, 1 0.05",
				"wrong tier 4/3 1 0.02, 1 0.05 issue 0.03 | theirs is the price of tier 1, right is that of tier 2",
			},
			bridge: []string{
				"USD ours 3 0.12",
				"USD owed 3 0.12",
				"USD wrong tier, more 0 0.03",
				"USD to dispute 0 0.03",
				"USD theirs 3 0.15",
			},
			settled: []string{"2 not billed"},
		},
		"in another order": {
			prices: []billing.Price{graduated}, calls: []string{calls[0], calls[2], calls[3]},
			lines: []string{lines("0.02")[0], lines("", "", "0.05", "0.05")[2], lines("", "", "0.05", "0.05")[3]},
			rows: []string{
				"matched 1/1 1 0.05, 1 0.02 | another tier, lawful",
				"matched 3/2 1 0.05, 1 0.05",
				"matched 4/3 1 0.02, 1 0.05 | another tier, lawful",
			},
		},
		"without the call that counted before": {
			prices: []billing.Price{graduated}, calls: []string{calls[0], calls[2], calls[3]},
			lines: []string{lines("", "", "0.05", "0.05")[2], lines("", "", "0.05", "0.05")[3]},
			rows: []string{
				"matched 3/1 1 0.05, 1 0.05",
				"matched 4/2 1 0.02, 1 0.05 | another tier, lawful",
				"ours only 1/0 1 0.05, 0 0 issue -0.02",
			},
		},
		"with a call of the neighbouring month": {
			prices: []billing.Price{quota}, calls: []string{"9 sg/SG 10-31T23:00:00 PAY t9", calls[0], calls[2]},
			lines: []string{"usage sg/SG - t9 1 0 USD", lines("0")[0], lines("", "", "0.03")[2]},
			rows: []string{
				"other period 9/1 0 0, 1 0 | sent in 2026-10",
				"matched 1/2 1 0, 1 0",
				"matched 3/3 1 0, 1 0.03",
			},
		},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}
