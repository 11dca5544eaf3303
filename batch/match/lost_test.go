package match

import (
	"slices"
	"testing"

	"liverecon/batch/billing"
	"liverecon/batch/lost"
)

// TestLostTime: what is billed beyond our calls in a time that the database lost is explained by doubt, one by one and by count: nobody
// can say that these calls were not sent. What is wrong with a call that is known is at issue there as ever, and so is what is
// billed at another time.
func TestLostTime(t *testing.T) {
	calls := []string{"1 sg/SG 11-05T10:00:00 PAY aa", "2 sg/SG 11-05T11:00:00 PAY bb"}
	for name, c := range map[string]*matchCase{
		"one by one": {
			calls: calls,
			lines: []string{"usage sg/SG 11-05T10:00:00 aa 1 0.03 USD", "usage sg/SG 11-05T11:00:00 bb 1 0.05 USD", "usage sg/SG 11-05T12:00:00 cc 1 0.03 USD",
				"usage sg/SG 11-06T12:00:00 dd 1 0.03 USD", "usage sg/SG 11-05T10:00:00 aa 1 0.03 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"price differs 2/2 1 0.03, 1 0.05 issue 0.02",
				"duplicate on statement 1/5 0 0, 1 0.03 issue 0.03 | first on line 1",
				"explained by doubt 0/3 0 0, 1 0.03 | of a time whose calls the database lost",
				"theirs only 0/4 0 0, 1 0.03 issue 0.03",
			},
			bridge: []string{"USD ours 2 0.06", "USD explained by doubt 1 0.03", "USD owed 3 0.09", "USD price differs, more 0 0.02",
				"USD theirs only 1 0.03", "USD duplicate on statement 1 0.03", "USD to dispute 2 0.08", "USD theirs 5 0.17"},
		},
		"by day": {
			refuted: true,
			calls:   calls,
			lines:   []string{"usage sg/SG 11-05 - 5 0.15 USD", "usage sg/SG 11-06 - 2 0.06 USD"},
			rows: []string{
				"explained by doubt 0/1 2 0.06, 5 0.15 | of a time whose calls the database lost",
				"quantity differs 0/2 0 0, 2 0.06 issue 0.06",
			},
			bridge: []string{"USD ours 2 0.06", "USD explained by doubt 3 0.09", "USD owed 5 0.15", "USD quantity differs, more 2 0.06",
				"USD to dispute 2 0.06", "USD theirs 7 0.21"},
		},
		"by day, beside a doubt": {
			calls:   append([]string{"3 sg/SG 11-05T11:30:00 LOST -"}, calls...),
			lines:   []string{"usage sg/SG 11-05 - 5 0.15 USD"},
			rows:    []string{"explained by doubt 0/1 2 0.06, 5 0.15 | floor 2, ceiling 3; of a time whose calls the database lost"},
			bridge:  []string{"USD ours 2 0.06", "USD explained by doubt 3 0.09", "USD owed 5 0.15", "USD theirs 5 0.15"},
			settled: []string{"3 billed"},
		},
		"as many by day, and dearer": {
			refuted: true,
			calls:   calls,
			lines:   []string{"usage sg/SG 11-05 - 2 0.10 USD"},
			rows:    []string{"price differs 0/1 2 0.06, 2 0.1 issue 0.04"},
			bridge:  []string{"USD ours 2 0.06", "USD owed 2 0.06", "USD price differs, more 0 0.04", "USD to dispute 0 0.04", "USD theirs 2 0.1"},
		},
		"a month's total": {
			calls:  calls,
			lines:  []string{"usage sg/SG - - 5 0.15 USD"},
			rows:   []string{"explained by doubt 0/1 2 0.06, 5 0.15 | of a time whose calls the database lost"},
			bridge: []string{"USD ours 2 0.06", "USD explained by doubt 3 0.09", "USD owed 5 0.15", "USD theirs 5 0.15"},
		},
		"a month's total beyond what was lost": {
			refuted:   true,
			lostCalls: 2, calls: calls,
			lines:  []string{"usage sg/SG - - 5 0.15 USD"},
			rows:   []string{"quantity differs 0/1 2 0.06, 5 0.15 issue 0.03 | 2 of 3 calls of a time whose calls the database lost"},
			bridge: []string{"USD ours 2 0.06", "USD explained by doubt 2 0.06", "USD owed 4 0.12", "USD quantity differs, more 1 0.03", "USD to dispute 1 0.03", "USD theirs 5 0.15"},
		},
		"one by one beyond what was lost": {
			lostCalls: 1, calls: calls,
			lines: []string{"usage sg/SG 11-05T10:00:00 aa 1 0.03 USD", "usage sg/SG 11-05T11:00:00 bb 1 0.03 USD", "usage sg/SG 11-05T12:00:00 cc 1 0.03 USD",
				"usage sg/SG 11-05T12:10:00 dd 1 0.03 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"matched 2/2 1 0.03, 1 0.03",
				"explained by doubt 0/3 0 0, 1 0.03 | of a time whose calls the database lost",
				"theirs only 0/4 0 0, 1 0.03 issue 0.03",
			},
			bridge: []string{"USD ours 2 0.06", "USD explained by doubt 1 0.03", "USD owed 3 0.09", "USD theirs only 1 0.03", "USD to dispute 1 0.03", "USD theirs 4 0.12"},
		},
		"without a price": {
			unpriced: true, calls: calls,
			lines: []string{"usage sg/SG 11-05T10:00:00 aa 1 0.03 USD", "usage sg/SG 11-05T11:00:00 bb 1 0.03 USD", "usage sg/SG 11-05T12:00:00 cc 1 0.03 USD"},
			rows: []string{
				"matched 1/1 1 0, 1 0.03 not priced",
				"matched 2/2 1 0, 1 0.03 not priced",
				"explained by doubt 0/3 0 0, 1 0.03 | of a time whose calls the database lost",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.lost = []string{"11-05T09:00:00", "11-05T13:00:00"}
			if c.lostCalls == 0 {
				c.lostCalls = 9
			}
			result := c.check(t)
			if slices.Contains(result.Reproduces, billing.PayTag) == c.refuted {
				t.Errorf("reproduced by %q, nearest %q", result.Reproduces, result.Nearest)
			}
			for _, v := range result.Verdicts {
				if name == "without a price" && v.OverQuantity != 0 {
					t.Errorf("%d calls are to dispute", v.OverQuantity)
				}
			}
		})
	}
}

// lostTime is a time that the database lost.
func lostTime(t *testing.T, c *matchCase) lost.Times {
	if c.lost == nil {
		return nil
	}
	from, _ := parseTime(t, c.lost[0])
	until, _ := parseTime(t, c.lost[1])
	return lost.Times{{From: from, Until: until, Calls: c.lostCalls}}
}
