package match

import (
	"testing"

	"liverecon/batch/billing"
)

func TestMatchTimes(t *testing.T) {
	lost := "1 sg/SG 11-05T10:00:00 LOST -"
	explained := []string{"explained by doubt 1/1 0 0, 1 0.03"}
	for name, c := range map[string]*matchCase{
		"the end of the window": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05T10:15:00 t9 1 0.03 USD"},
			rows: explained, settled: []string{"1 billed"},
			bridge: []string{"USD explained by doubt 1 0.03", "USD owed 1 0.03", "USD theirs 1 0.03"},
		},
		"beyond the window": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05T10:15:00.001 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"}, settled: []string{"1 not billed"},
		},
		"before the call": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05T09:45:00 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"}, settled: []string{"1 not billed"},
		},
		"too long before the call": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05T09:44:59.999 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"}, settled: []string{"1 not billed"},
		},
		"at another price the rest is price variance": {
			calls: []string{lost, "2 sg/SG 11-05T11:00:00 LOST -"}, lines: []string{"usage sg/SG 11-05T10:00:00 t8 1 9.99 USD", "usage sg/SG 11-05T11:00:00 t9 1 0.01 USD"},
			rows: []string{
				"theirs only 0/1 0 0, 1 9.99 issue 9.99",
				"theirs only 0/2 0 0, 1 0.01 issue 0.01",
			},
			bridge:  []string{"USD theirs only 2 10", "USD to dispute 2 10", "USD theirs 2 10"},
			settled: []string{"1 not billed", "2 not billed"},
		},
		"as several calls": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05T10:00:00 t9 3 0.09 USD"},
			rows:    []string{"theirs only 0/1 0 0, 3 0.09 issue 0.09"},
			bridge:  []string{"USD theirs only 3 0.09", "USD to dispute 3 0.09", "USD theirs 3 0.09"},
			settled: []string{"1 not billed"},
		},
		"in another currency": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0.03 EUR"},
			rows:    []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"},
			bridge:  []string{"EUR theirs only 1 0.03", "EUR to dispute 1 0.03", "EUR theirs 1 0.03"},
			settled: []string{"1 not billed"},
		},
		"at the price of a tier that the month does not reach": {
			prices: []billing.Price{{Endpoint: "sg", Region: "*", From: date("2026-01-01"), Currency: "USD", Kind: billing.Graduated, Tiers: tiers(upTo(5, "0.03"), beyond("0.02"))}},
			calls:  []string{lost}, lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0.02 USD"},
			rows:    []string{"theirs only 0/1 0 0, 1 0.02 issue 0.02"},
			settled: []string{"1 not billed"},
		},
		"of the next month: it is in the pool that bills it": {
			prices: []billing.Price{{Endpoint: "sg", Region: "*", From: date("2026-01-01"), Currency: "USD", Kind: billing.Graduated, Tiers: tiers(upTo(2, "0.03"), beyond("0.02"))}},
			calls: []string{
				"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 12-01T00:00:05 LOST -", "3 sg/SG 12-01T00:00:06 LOST -", "4 sg/SG 12-01T00:00:07 LOST -",
			},
			lines: []string{
				"usage sg/SG - t1 1 0.03 USD", "usage sg/SG 11-30T23:59:55 t7 1 0.03 USD", "usage sg/SG 11-30T23:59:56 t8 1 0.02 USD",
				"usage sg/SG 11-30T23:59:57 t9 1 0.02 USD",
			},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03", "explained by doubt 2/2 0 0, 1 0.03 | sent in 2026-12", "explained by doubt 3/3 0 0, 1 0.02 | sent in 2026-12",
				"explained by doubt 4/4 0 0, 1 0.02 | sent in 2026-12",
			},
			settled: []string{"2 billed", "3 billed", "4 billed"},
		},
		"of the next month, in a pool of its own": {
			calls: []string{"1 sg/SG 12-01T00:00:05 LOST -"}, lines: []string{"usage sg/SG 11-30T23:59:55 t9 1 0.03 USD"},
			rows: []string{"explained by doubt 1/1 0 0, 1 0.03 | sent in 2026-12"}, settled: []string{"1 billed"},
		},
		"of the next month, at the price of a tier that nothing reaches": {
			prices: []billing.Price{{Endpoint: "sg", Region: "*", From: date("2026-01-01"), Currency: "USD", Kind: billing.Graduated, Tiers: tiers(upTo(2, "0.03"), beyond("0.02"))}},
			calls:  []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 12-01T00:00:05 LOST -"},
			lines:  []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG 11-30T23:59:55 t9 1 0.02 USD"},
			rows:   []string{"matched 1/1 1 0.03, 1 0.03", "theirs only 0/2 0 0, 1 0.02 issue 0.02"},
		},
		"another region": {
			calls: []string{lost}, lines: []string{"usage sg/VN 11-05T10:00:00 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"}, settled: []string{"1 not billed"},
		},
		"another endpoint": {
			calls: []string{lost}, lines: []string{"usage th/SG 11-05T10:00:00 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"},
		},
		"no place": {
			calls: []string{lost}, lines: []string{"usage -/- 11-05T10:00:00 t9 1 0.03 USD"},
			rows: explained, settled: []string{"1 billed"},
		},
		"the day": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05 t9 1 0.03 USD"},
			rows: explained, settled: []string{"1 billed"},
		},
		"another day": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-06 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"}, settled: []string{"1 not billed"},
		},
		"the month": {
			calls: []string{lost}, lines: []string{"usage sg/SG - t9 1 0.03 USD"},
			rows: explained, settled: []string{"1 billed"},
		},
		"a doubt explains one line, the nearest": {
			calls: []string{lost, "2 sg/SG 11-05T10:10:00 LOST -"},
			lines: []string{
				"usage sg/SG 11-05 t6 1 0.03 USD", "usage sg/SG 11-05T09:58:00 t7 1 0.03 USD", "usage sg/SG 11-05T10:00:01 t8 1 0.03 USD",
				"usage sg/SG 11-05T10:09:00 t9 1 0.03 USD",
			},
			rows: []string{
				"explained by doubt 2/1 0 0, 1 0.03",
				"theirs only 0/2 0 0, 1 0.03 issue 0.03",
				"explained by doubt 1/3 0 0, 1 0.03",
				"theirs only 0/4 0 0, 1 0.03 issue 0.03",
			},
			settled: []string{"1 billed", "2 billed"},
		},
		"what is taken leaves the next": {
			calls: []string{lost, "2 sg/SG 11-05T10:10:00 LOST -", "3 sg/VN 11-05T10:00:00 LOST -"},
			lines: []string{"usage sg/SG 11-05T10:00:02 t7 1 0.03 USD", "usage sg/SG 11-05T10:00:01 t8 1 0.03 USD", "usage sg/- 11-05T10:00:03 t9 1 0.03 USD"},
			rows: []string{
				"theirs only 0/1 0 0, 1 0.03 issue 0.03",
				"explained by doubt 1/2 0 0, 1 0.03",
				"explained by doubt 3/3 0 0, 1 0.03",
			},
			settled: []string{"1 billed", "2 not billed", "3 billed"},
		},
		"listed as free": {
			calls: []string{lost}, lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0 USD FREE"},
			rows: []string{"matched 1/1 0 0, 0 0 | listed, not billed"}, settled: []string{"1 not billed"},
		},
		"free answers explain nothing": {
			calls: []string{"1 sg/SG 11-05T10:00:00 FREE t1"}, lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"},
		},
		"a tag nobody knows with another transaction explains nothing": {
			calls: []string{"1 sg/SG 11-05T10:00:00 ODD t1"}, lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0.03 USD"},
			rows: []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"}, settled: []string{"1 not billed"},
		},
		"an answer without a transaction": {
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY -"}, lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0.04 USD"},
			rows: []string{
				"price differs 1/1 1 0.03, 1 0.04 issue 0.01 | by time: our record has no transaction ID",
			},
		},
		"every call": {
			basis: billing.EveryCall,
			calls: []string{lost, "2 sg/SG 11-05T11:00:00 LOST -", "3 sg/SG 11-05T12:00:00 LOST -"},
			lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0.03 USD", "usage sg/SG 11-05T12:00:00 t8 1 0 USD FREE"},
			rows: []string{
				"ours only 3/2 1 0.03, 0 0 issue -0.03 | the statement lists it as free",
				"matched 1/1 1 0.03, 1 0.03 | by time: our record has no transaction ID",
				"ours only 2/0 1 0.03, 0 0 issue -0.03",
			},
			settled: []string{"1 billed", "2 not billed", "3 not billed"},
		},
		"by success a tag nobody knows is no doubt": {
			basis:   billing.Success,
			calls:   []string{"1 sg/SG 11-05T10:00:00 ODD t1"},
			lines:   []string{"usage sg/SG 11-05T10:00:00 t1 1 0.03 USD"},
			rows:    []string{"pricing differs 1/1 0 0, 1 0.03 issue 0.03 | no charge by the reading success"},
			settled: []string{"1 billed"},
		},
		"one charge for an ID: billed at the call that was lost": {
			basis:   billing.DistinctID,
			calls:   []string{lost, "2 sg/SG 11-05T10:05:00 PAY t2 1"},
			lines:   []string{"usage sg/SG 11-05T10:00:00 t9 1 0.03 USD"},
			rows:    []string{"matched 2/1 1 0.03, 1 0.03 | charged at call 1 to the same ID, which was in doubt"},
			settled: []string{"1 billed"},
		},
		"one charge for an ID: billed twice": {
			basis:   billing.DistinctID,
			calls:   []string{lost, "2 sg/SG 11-05T10:05:00 PAY t2 1"},
			lines:   []string{"usage sg/SG 11-05T10:00:00 t9 1 0.03 USD", "usage sg/SG 11-05T10:05:00 t2 1 0.03 USD"},
			rows:    []string{"matched 2/2 1 0.03, 1 0.03", "theirs only 0/1 0 0, 1 0.03 issue 0.03"},
			settled: []string{"1 not billed"},
		},
		"one charge for an ID: lost twice, billed at both": {
			basis: billing.DistinctID,
			calls: []string{lost, "2 sg/SG 11-05T10:05:00 LOST - 1", "3 sg/SG 11-05T11:05:00 PAY t3 1"},
			lines: []string{"usage sg/SG 11-05T10:00:00 t8 1 0.03 USD", "usage sg/SG 11-05T10:05:00 t9 1 0.03 USD"},
			rows: []string{
				"matched 3/1 1 0.03, 1 0.03 | charged at call 1 to the same ID, which was in doubt", "theirs only 0/2 0 0, 1 0.03 issue 0.03",
			},
			settled: []string{"1 billed", "2 not billed"},
		},
		"one charge for an ID: lost after it was charged": {
			basis:   billing.DistinctID,
			calls:   []string{"1 sg/SG 11-05T09:59:00 PAY t2 7", "2 sg/SG 11-05T10:00:00 LOST - 7"},
			lines:   []string{"usage sg/SG - t2 1 0.03 USD", "usage sg/SG 11-05T10:00:00 t9 1 0.03 USD"},
			rows:    []string{"matched 1/1 1 0.03, 1 0.03", "theirs only 0/2 0 0, 1 0.03 issue 0.03"},
			settled: []string{"2 not billed"},
		},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// The ceiling of distinct-id counts an ID once, however often it was lost.
func TestDoubtsOfOneID(t *testing.T) {
	c := &matchCase{calls: []string{
		"1 sg/SG 11-05T10:00:00 LOST - 7", "2 sg/SG 11-05T11:00:00 LOST - 7", "3 sg/SG 11-05T12:00:00 LOST - 8", "4 sg/SG 11-05T13:00:00 PAY t4 8",
		"5 sg/SG 11-06T13:00:00 PAY t5 9", "6 sg/SG 11-06T14:00:00 LOST - 9", "7 sg/SG 11-30T14:00:00 LOST - 10", "8 sg/SG 12-01T14:00:00 PAY t8 10",
	}}
	want := map[billing.Basis]int64{billing.PayTag: 5, billing.Success: 5, billing.DistinctID: 2, billing.Transaction: 5, billing.EveryCall: 0}
	result, _ := match(t, c.matcher(t))
	for _, gap := range result.Gaps {
		if gap.InDoubt != want[gap.Basis] {
			t.Errorf("%s: %d doubts, want %d", gap.Basis, gap.InDoubt, want[gap.Basis])
		}
		delete(want, gap.Basis)
	}
	if len(want) > 0 {
		t.Errorf("no gaps of %v", want)
	}
}
