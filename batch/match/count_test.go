package match

import (
	"testing"

	"liverecon/batch/billing"
)

func TestMatchSingles(t *testing.T) {
	calls := []string{
		"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T11:00:00 PAY t2", "3 sg/SG 11-05T12:00:00 LOST -", "4 sg/VN 11-05T10:00:00 PAY t4",
		"5 sg/SG 11-06T10:00:00 PAY t5",
	}
	for name, c := range map[string]*matchCase{
		"by day and region": {
			calls: calls,
			lines: []string{
				"usage sg/SG 11-05 - 1 0.03 USD", "usage sg/SG 11-05 - 1 0.04 USD", "usage sg/SG 11-05 - 1 0.03 USD", "usage sg/SG 11-05 - 1 0.03 USD",
				"usage sg/SG 11-07T03:00:00 - 1 0.03 USD",
			},
			rows: []string{
				"theirs only 0/5 0 0, 1 0.03 issue 0.03",
				"quantity differs 0/1 2 0.06, 4 0.13 issue 0.04 | lines 1, 2, 3, 4; floor 2, ceiling 3",
				"ours only 4/0 1 0.03, 0 0 issue -0.03",
				"ours only 5/0 1 0.03, 0 0 issue -0.03",
			},
			settled: []string{"3 billed"},
		},
		"those that say more choose first": {
			calls: calls,
			lines: []string{"usage -/- - - 1 0.03 USD", "usage sg/- 11-05 - 1 0.03 USD", "usage sg/SG 11-05 - 1 0.03 USD"},
			rows: []string{
				"ours only 2/0 1 0.03, 0 0 issue -0.03 | by count",
				"matched 1/3 1 0.03, 1 0.03 | by count",
				"matched 4/2 1 0.03, 1 0.03 | by count",
				"matched 5/1 1 0.03, 1 0.03 | by count",
			},
			settled: []string{"3 not billed"},
		},
		"what transactions left": {
			calls: calls,
			lines: []string{"usage sg/SG - t2 1 0.03 USD", "usage sg/SG 11-05 - 1 0.03 USD"},
			rows: []string{
				"matched 2/1 1 0.03, 1 0.03",
				"matched 1/2 1 0.03, 1 0.03 | by count",
				"ours only 4/0 1 0.03, 0 0 issue -0.03",
				"ours only 5/0 1 0.03, 0 0 issue -0.03",
			},
			settled: []string{"3 not billed"},
		},
		"a day of the neighbouring month": {
			calls: []string{"1 sg/SG 12-01T10:00:00 PAY t1", "2 sg/SG 11-30T10:00:00 PAY t2"},
			lines: []string{"usage sg/SG 12-01 - 1 0.03 USD", "usage sg/SG 12-01 - 1 0.03 USD"},
			rows: []string{
				"quantity differs 0/1 0 0, 2 0.06 issue 0.03 | lines 1, 2",
				"other period 2/0 1 0.03, 0 0 | provisional: the statement of 2026-12 is not there yet",
			},
		},
		"another currency": {
			calls: calls[:1],
			lines: []string{"usage sg/SG 11-05 - 1 0.04 EUR"},
			rows: []string{
				"quantity differs 0/1 0 0, 1 0.04 issue 0.04",
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
			},
		},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

func TestMatchTotals(t *testing.T) {
	calls := []string{
		"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T11:00:00 PAY t2", "3 sg/SG 11-07T12:00:00 LOST -", "4 sg/SG 11-08T12:00:00 LOST -",
		"5 sg/VN 11-05T10:00:00 PAY t5", "6 th/TH 11-05T10:00:00 PAY t6",
	}
	for name, c := range map[string]*matchCase{
		"as it should be": {
			calls:   calls,
			lines:   []string{"usage sg/SG - - 2 0.06 USD", "usage sg/VN - - 1 0.03 USD"},
			rows:    []string{"matched 0/1 2 0.06, 2 0.06 | floor 2, ceiling 4", "matched 5/2 1 0.03, 1 0.03 | by count"},
			settled: []string{"3 not billed", "4 not billed"},
		},
		"some of the doubts": {
			calls: calls,
			lines: []string{"usage sg/SG - - 3 0.09 USD", "usage sg/VN - - 2 0.06 USD"},
			rows: []string{
				"explained by doubt 0/1 2 0.06, 3 0.09 | floor 2, ceiling 4",
				"quantity differs 0/2 1 0.03, 2 0.06 issue 0.03",
			},
			bridge: []string{
				"USD ours 3 0.09",
				"USD explained by doubt 1 0.03",
				"USD owed 4 0.12",
				"USD quantity differs, more 1 0.03",
				"USD to dispute 1 0.03",
				"USD theirs 5 0.15",
			},
		},
		"all doubts": {
			calls: calls[:4],
			lines: []string{"usage sg/SG - - 4 0.12 USD"},
			rows:  []string{"explained by doubt 0/1 2 0.06, 4 0.12 | floor 2, ceiling 4"}, settled: []string{"3 billed", "4 billed"},
		},
		"above the ceiling": {
			calls: calls[:4],
			lines: []string{"usage sg/SG - - 5 0.16 USD"},
			rows: []string{
				"quantity differs 0/1 2 0.06, 5 0.16 issue 0.04 | floor 2, ceiling 4",
			},
			bridge: []string{
				"USD ours 2 0.06",
				"USD explained by doubt 2 0.06",
				"USD owed 4 0.12",
				"USD quantity differs, more 1 0.04",
				"USD to dispute 1 0.04",
				"USD theirs 5 0.16",
			},
			settled: []string{"3 billed", "4 billed"},
		},
		"doubts at another price": {
			calls: calls[:4],
			lines: []string{"usage sg/SG - - 3 0.12 USD"},
			rows:  []string{"price differs 0/1 2 0.06, 3 0.12 issue 0.03 | floor 2, ceiling 4"},
			bridge: []string{
				"USD ours 2 0.06",
				"USD explained by doubt 1 0.03",
				"USD owed 3 0.09",
				"USD price differs, more 0 0.03",
				"USD to dispute 0 0.03",
				"USD theirs 3 0.12",
			},
		},
		"below the floor": {
			calls: calls[:2],
			lines: []string{"usage sg/SG 11-05 - 2 0.06 USD", "usage sg/SG 11-06 - 2 0.06 USD", "usage -/- 11-07 - 7 0.21 USD"},
			rows: []string{
				"quantity differs 0/1 1 0.03, 2 0.06 issue 0.03",
				"quantity differs 0/2 1 0.03, 2 0.06 issue 0.03",
				"quantity differs 0/3 0 0, 7 0.21 issue 0.21",
			},
		},
		"at another price": {
			calls: calls[:2],
			lines: []string{"usage sg/- - - 2 0.07 USD"},
			rows:  []string{"price differs 0/1 2 0.06, 2 0.07 issue 0.01"},
			bridge: []string{
				"USD ours 2 0.06",
				"USD owed 2 0.06",
				"USD price differs, more 0 0.01",
				"USD to dispute 0 0.01",
				"USD theirs 2 0.07",
			},
		},
		"a line for each tier": {
			calls: calls[:2],
			lines: []string{"usage sg/SG - - 3 0.09 USD", "usage sg/SG - - 1 0.01 USD", "usage sg/SG - - 0 0 USD"},
			rows: []string{
				"matched 0/3 0 0, 0 0 | listed, not billed",
				"quantity differs 0/1 2 0.06, 4 0.1 issue 0.04 | lines 1, 2",
			},
		},
		"a region that is not there": {
			calls: calls,
			lines: []string{"usage sg/SG - - 2 0.06 USD", "usage sg/PH - - 3 0.09 USD"},
			rows: []string{
				"quantity differs 0/2 0 0, 3 0.09 issue 0.09",
				"matched 0/1 2 0.06, 2 0.06 | floor 2, ceiling 4",
				"ours only 5/0 1 0.03, 0 0 issue -0.03",
			},
			settled: []string{"3 not billed", "4 not billed"},
		},
		"beside lines of single calls": {
			calls: calls,
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/- - - 5 0.15 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"quantity differs 0/2 2 0.06, 5 0.15 issue 0.03 | floor 2, ceiling 4",
			},
			settled: []string{"3 billed", "4 billed"},
		},
		"no more than it says beside lines of single calls": {
			calls: []string{calls[0], calls[1], calls[4], "7 sg/SG 11-20T10:00:00 PAY t7"},
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/- - - 2 0.06 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"ours only 7/0 1 0.03, 0 0 issue -0.03 | by count",
				"matched 0/2 2 0.06, 2 0.06",
			},
		},
		"days outside the month": {
			calls: []string{"1 sg/SG 12-01T10:00:00 PAY t1", "2 sg/SG 12-01T11:00:00 PAY t2", "3 sg/SG 10-31T10:00:00 PAY t3"},
			lines: []string{"usage sg/SG 12-01 - 2 0.06 USD", "usage sg/SG 10-31 - 2 0.06 USD", "usage sg/SG 10-30 - 2 0.06 USD"},
			rows: []string{
				"quantity differs 0/3 0 0, 2 0.06 issue 0.06",
				"quantity differs 0/2 0 0, 2 0.06 issue 0.03",
				"other period 0/1 0 0, 2 0.06",
			},
		},
		"no price": {
			unpriced: true, calls: calls[:4],
			lines: []string{"usage sg/SG - - 3 0.09 USD"},
			rows:  []string{"explained by doubt 0/1 2 0, 3 0.09 not priced | floor 2, ceiling 4"},
			bridge: []string{
				"USD ours 2 0",
				"USD explained by doubt 1 0",
				"USD owed 3 0",
				"USD not priced 0 0.09",
				"USD theirs 3 0.09",
			},
		},
		"no price and nothing but doubts": {
			unpriced: true, calls: calls[2:4],
			lines: []string{"usage sg/SG - - 2 0.07 USD"},
			rows:  []string{"explained by doubt 0/1 0 0, 2 0.07 not priced | floor 0, ceiling 2"}, settled: []string{"3 billed", "4 billed"},
		},
		"nothing at all": {
			calls: calls,
			rows: []string{
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
				"ours only 5/0 1 0.03, 0 0 issue -0.03",
				"ours only 6/0 1 0, 0 0 not priced",
				"ours only 2/0 1 0.03, 0 0 issue -0.03",
			},
			settled: []string{"3 not billed", "4 not billed"},
		},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// Calls in doubt that a total over several prices may bill cost what each of them costs: from the cheapest to the
// dearest.
func TestMatchTotalsOverSeveralPrices(t *testing.T) {
	prices := []billing.Price{flat("sg", "*", "2026-01-01", "0.04"), flat("sg", "VN", "2026-01-01", "0.03")}
	calls := []string{
		"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T11:00:00 PAY t2", "3 sg/VN 11-05T12:00:00 PAY t3",
		"4 sg/SG 11-06T10:00:00 LOST -", "5 sg/SG 11-06T11:00:00 LOST -", "6 sg/VN 11-06T12:00:00 LOST -",
	}
	for name, c := range map[string]*matchCase{
		"the cheapest": {
			calls: calls, lines: []string{"usage sg/- - - 4 0.14 USD"},
			rows: []string{"explained by doubt 0/1 3 0.11, 4 0.14 | floor 3, ceiling 6"},
			bridge: []string{
				"USD ours 3 0.11",
				"USD explained by doubt 1 0.03",
				"USD owed 4 0.14",
				"USD theirs 4 0.14",
			},
		},
		"the dearest": {
			calls: calls, lines: []string{"usage sg/- - - 5 0.19 USD"},
			rows: []string{"explained by doubt 0/1 3 0.11, 5 0.19 | floor 3, ceiling 6"},
			bridge: []string{
				"USD ours 3 0.11",
				"USD explained by doubt 2 0.08",
				"USD owed 5 0.19",
				"USD theirs 5 0.19",
			},
		},
		"all": {
			calls: calls, lines: []string{"usage sg/- - - 6 0.22 USD"},
			rows:    []string{"explained by doubt 0/1 3 0.11, 6 0.22 | floor 3, ceiling 6"},
			settled: []string{"4 billed", "5 billed", "6 billed"},
		},
		"beyond the dearest": {
			calls: calls, lines: []string{"usage sg/- - - 4 0.16 USD"},
			rows: []string{"price differs 0/1 3 0.11, 4 0.16 issue 0.01 | floor 3, ceiling 6"},
			bridge: []string{
				"USD ours 3 0.11",
				"USD explained by doubt 1 0.04",
				"USD owed 4 0.15",
				"USD price differs, more 0 0.01",
				"USD to dispute 0 0.01",
				"USD theirs 4 0.16",
			},
		},
		"below the cheapest": {
			calls: calls, lines: []string{"usage sg/- - - 6 0.21 USD"},
			rows:    []string{"price differs 0/1 3 0.11, 6 0.21 issue -0.01 | floor 3, ceiling 6"},
			settled: []string{"4 billed", "5 billed", "6 billed"},
		},
		"at another price than ours": {
			calls: []string{calls[0], calls[1], calls[5]}, lines: []string{"usage sg/- - - 3 0.11 USD"},
			rows:    []string{"explained by doubt 0/1 2 0.08, 3 0.11 | floor 2, ceiling 3"},
			settled: []string{"6 billed"},
		},
		"nothing but doubts": {
			calls: calls[3:], lines: []string{"usage sg/- - - 2 0.09 USD"},
			rows: []string{"price differs 0/1 0 0, 2 0.09 issue 0.01 | floor 0, ceiling 3"},
		},
		"a doubt without a price": {
			prices: prices[1:],
			calls:  []string{calls[2], calls[3], calls[5]}, lines: []string{"usage sg/- - - 2 0.09 USD"},
			rows: []string{"price differs 0/1 1 0.03, 2 0.09 issue 0.03 | floor 1, ceiling 3"},
		},
		"above the ceiling": {
			calls: calls, lines: []string{"usage sg/- - - 7 0.26 USD"},
			rows: []string{
				"quantity differs 0/1 3 0.11, 7 0.26 issue 0.04 | floor 3, ceiling 6",
			},
			bridge: []string{
				"USD ours 3 0.11",
				"USD explained by doubt 3 0.11",
				"USD owed 6 0.22",
				"USD quantity differs, more 1 0.04",
				"USD to dispute 1 0.04",
				"USD theirs 7 0.26",
			},
			settled: []string{"4 billed", "5 billed", "6 billed"},
		},
	} {
		if c.prices == nil {
			c.prices = prices
		}
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// A cell that fits in several free slots has the earlier ones: what is rounded to the price of one may be another's.
func TestMatchTotalInSeveralSlots(t *testing.T) {
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.Tiers = billing.Graduated, tiers(upTo(1, "0.05"), upTo(2, "0.04"), beyond("0.036"))
	c := &matchCase{
		prices: []billing.Price{p},
		calls:  []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T11:00:00 PAY t2", "3 sg/SG 11-07T11:00:00 PAY t3"},
		lines:  []string{"usage sg/- 11-05 - 1 0.04 USD", "usage sg/SG - t2 1 0.05 USD"},
		rows: []string{
			"matched 2/2 1 0.04, 1 0.05 | another tier, lawful", "matched 1/1 1 0.05, 1 0.04 | by count",
			"ours only 3/0 1 0.036, 0 0 issue -0.036",
		},
	}
	c.check(t)
}

// More calls than ours cost what the price book says they would.
// The doubt that brings the top-up that is owed nearer to the fee is billed, though the total alone would have the other.
func TestMatchTotalWithFee(t *testing.T) {
	minimum := flat("th", "*", "2026-01-01", "0.035")
	minimum.Minimum = dec("0.25")
	c := &matchCase{
		prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.04"), minimum},
		calls: []string{
			"1 sg/SG 11-05T10:00:00 PAY t1", "2 th/SG 11-05T11:00:00 PAY t2", "3 sg/SG 11-06T10:00:00 LOST -", "4 th/SG 11-06T11:00:00 LOST -",
		},
		lines: []string{"usage -/- - - 3 1.115 USD", "usage th/- - - 0 0.05 USD"},
		rows: []string{
			"monthly minimum 0/2 0 0, 0 0.05", "price differs 0/1 2 0.075, 3 1.115 issue 1.005 | floor 2, ceiling 4",
			"minimum not billed 0/0 0 0, 0 0 issue -0.13",
		},
	}
	c.check(t)
}

func TestMatchTotalsInTiers(t *testing.T) {
	graduated, volume := flat("sg", "*", "2026-01-01", "0"), flat("th", "*", "2026-01-01", "0")
	graduated.Kind, graduated.Tiers = billing.Graduated, tiers(upTo(2, "0.05"), beyond("0.02"))
	volume.Kind, volume.Tiers = billing.Volume, tiers(upTo(2, "0.05"), beyond("0.02"))
	c := &matchCase{
		prices: []billing.Price{graduated, volume},
		calls: []string{
			"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T11:00:00 PAY t2", "3 th/TH 11-05T10:00:00 PAY t3", "4 th/TH 11-06T11:00:00 PAY t4",
		},
		lines: []string{"usage sg/- - - 4 0.14 USD", "usage th/- - - 4 0.08 USD"},
		rows: []string{
			"quantity differs 0/1 2 0.1, 4 0.14 issue 0.04",
			"quantity differs 0/2 2 0.1, 4 0.08 issue -0.02",
		},
		bridge: []string{
			"USD ours 4 0.2",
			"USD owed 4 0.2",
			"USD quantity differs, more 2 0.04",
			"USD to dispute 2 0.04",
			"USD quantity differs, less 2 -0.02",
			"USD not yet billed 2 -0.02",
			"USD theirs 8 0.22",
		},
	}
	c.check(t)
	graduated.Region, volume.Endpoint, volume.Region = "SG", "sg", "VN"
	c = &matchCase{
		prices: []billing.Price{graduated, volume},
		calls:  []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/VN 11-06T11:00:00 PAY t2", "3 sg/VN 11-06T12:00:00 PAY t3", "4 sg/VN 11-06T12:00:00 PAY t4"},
		lines:  []string{"usage sg/- - - 7 0.20 USD"},
		rows: []string{
			"quantity differs 0/1 4 0.11, 7 0.2 issue 0.09",
		},
		bridge: []string{
			"USD ours 4 0.11",
			"USD owed 4 0.11",
			"USD quantity differs, more 3 0.09",
			"USD to dispute 3 0.09",
			"USD theirs 7 0.2",
		},
	}
	c.check(t)
}
