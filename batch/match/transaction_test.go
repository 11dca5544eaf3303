package match

import (
	"testing"

	"liverecon/batch/billing"
)

func TestMatchTransactions(t *testing.T) {
	again := []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T11:00:00 PAY t1 1"}
	for name, c := range map[string]*matchCase{
		"one transaction, two charges, one line": {
			calls: again,
			lines: []string{"usage sg/SG 11-05T10:00:00 t1 1 0.03 USD PAY"},
			rows:  []string{"matched 1/1 1 0.03, 1 0.03", "ours only 2/0 1 0.03, 0 0 issue -0.03"},
		},
		"one transaction, two charges, three lines": {
			calls: again,
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t1 1 0.03 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"matched 2/2 1 0.03, 1 0.03",
				"duplicate on statement 1/3 0 0, 1 0.03 issue 0.03 | first on line 1",
			},
		},
		"one transaction is one charge by transaction": {
			basis: billing.Transaction, calls: again,
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t1 1 0.03 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"pricing differs 2/2 0 0, 1 0.03 issue 0.03 | no charge by the reading transaction",
			},
		},
		"a line over both calls of a transaction": {
			calls: again,
			lines: []string{"usage sg/SG - t1 2 0.06 USD"},
			rows:  []string{"matched 1/1 2 0.06, 2 0.06"},
		},
		"a line over more calls than the transaction has": {
			calls: again[:1],
			lines: []string{"usage sg/SG - t1 3 0.10 USD"},
			rows:  []string{"quantity differs 1/1 1 0.03, 3 0.1 issue 0.07"},
			bridge: []string{
				"USD ours 1 0.03",
				"USD owed 1 0.03",
				"USD quantity differs, more 2 0.07",
				"USD to dispute 2 0.07",
				"USD theirs 3 0.1",
			},
		},
		"an unknown transaction twice": {
			lines: []string{"usage sg/SG 11-05T10:00:00 t9 1 0.03 USD", "usage sg/SG 11-05T10:00:00 t9 1 0.03 USD"},
			rows: []string{
				"theirs only 0/1 0 0, 1 0.03 issue 0.03",
				"duplicate on statement 0/2 0 0, 1 0.03 issue 0.03 | first on line 1",
			},
		},
		"a line over two calls at the price of another tier": {
			prices: []billing.Price{{Endpoint: "sg", Region: "*", From: date("2026-01-01"), Currency: "USD", Kind: billing.Graduated, Tiers: tiers(upTo(5, "0.03"), beyond("0.05"))}},
			calls:  again,
			lines:  []string{"usage sg/SG - t1 2 0.05 USD"},
			rows:   []string{"price differs 1/1 2 0.06, 2 0.05 issue -0.01"},
			bridge: []string{
				"USD ours 2 0.06",
				"USD owed 2 0.06",
				"USD price differs, less 0 -0.01",
				"USD not yet billed 0 -0.01",
				"USD theirs 2 0.05",
			},
		},
		"nothing is no tier without a quota": {
			calls: again[:1],
			lines: []string{"usage sg/SG - t1 1 0 USD PAY"},
			rows:  []string{"price differs 1/1 1 0.03, 1 0 issue -0.03"},
		},
		"answers without a transaction are each their own": {
			basis: billing.Transaction,
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY -", "2 sg/SG 11-05T11:00:00 PAY - 1"},
			lines: []string{"usage sg/SG 11-05T11:00:00 t9 1 0.03 USD"},
			rows: []string{
				"matched 2/1 1 0.03, 1 0.03 | by time: our record has no transaction ID",
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
			},
		},
		"listed as free, and so it is": {
			calls: []string{"1 sg/SG 11-05T10:00:00 FREE t1", "2 sg/SG 11-05T10:00:00 FREE t2", "3 sg/SG 11-05T10:00:00 FREE t3"},
			lines: []string{"usage sg/SG - t1 1 0 USD FREE", "usage sg/SG - t2 0 0 USD", "usage sg/SG - t3 1 0 USD"},
			rows: []string{
				"matched 1/1 0 0, 0 0 | listed, not billed", "matched 2/2 0 0, 0 0 | listed, not billed", "matched 3/3 0 0, 0 0 | listed, not billed",
			},
			bridge: []string{},
		},
		"billed at nothing is billed": {
			calls: []string{"1 sg/SG 11-05T10:00:00 FREE t1"},
			lines: []string{"usage sg/SG - t1 1 0 USD PAY"},
			rows:  []string{"pricing differs 1/1 0 0, 1 0"},
		},
		"listed as free, but paid": {
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"},
			lines: []string{"usage sg/SG - t1 1 0 USD FREE"},
			rows:  []string{"ours only 1/1 1 0.03, 0 0 issue -0.03 | the statement lists it as free"},
			bridge: []string{
				"USD ours 1 0.03",
				"USD owed 1 0.03",
				"USD ours only -1 -0.03",
				"USD not yet billed -1 -0.03",
			},
		},
		"billed and listed": {
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"},
			lines: []string{"usage sg/SG - t1 1 0 USD FREE", "usage sg/SG - t1 1 0.03 USD PAY"},
			rows:  []string{"matched 1/1 0 0, 0 0 | listed, not billed", "matched 1/2 1 0.03, 1 0.03"},
		},
		"a known transaction with a tag nobody knows": {
			calls:   []string{"1 sg/SG 11-05T10:00:00 ODD t1", "2 sg/SG 11-05T10:00:00 ODD t2", "3 sg/SG 11-05T10:00:00 ODD t3"},
			lines:   []string{"usage sg/SG 11-20 t1 1 0.03 USD", "usage sg/SG 11-20 t2 1 0 USD FREE"},
			rows:    []string{"explained by doubt 1/1 0 0, 1 0.03 | answered without a tag that says PAY or FREE", "matched 2/2 0 0, 0 0 | listed, not billed"},
			settled: []string{"1 billed", "2 not billed", "3 not billed"},
		},
		"a tag nobody knows, billed and listed": {
			calls: []string{"1 sg/SG 11-05T10:00:00 ODD t1"},
			lines: []string{"usage sg/SG 11-20 t1 1 0 USD FREE", "usage sg/SG 11-20 t1 1 0.03 USD"},
			rows: []string{
				"matched 1/1 0 0, 0 0 | listed, not billed",
				"explained by doubt 1/2 0 0, 1 0.03 | answered without a tag that says PAY or FREE",
			},
			settled: []string{"1 billed"},
		},
		"the statement names another place": {
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"},
			lines: []string{"usage -/VN - t1 1 0.03 USD"},
			rows:  []string{"matched 1/1 1 0.03, 1 0.03 | the statement says VN"},
		},
		"another currency": {
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"},
			lines: []string{"usage sg/SG - t1 1 0.04 EUR"},
			rows: []string{
				"price differs 1/0 1 0.03, 0 0 issue -0.03 | billed in EUR, on line 1",
				"price differs 0/1 0 0, 1 0.04 issue 0.04 | call 1 is priced in USD",
			},
			bridge: []string{
				"EUR price differs, more 1 0.04",
				"EUR to dispute 1 0.04",
				"EUR theirs 1 0.04",
				"USD ours 1 0.03",
				"USD owed 1 0.03",
				"USD price differs, less -1 -0.03",
				"USD not yet billed -1 -0.03",
			},
		},
		"no price": {
			unpriced: true,
			calls:    []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2"},
			lines:    []string{"usage sg/SG - t1 1 0.03 USD"},
			rows:     []string{"matched 1/1 1 0, 1 0.03 not priced", "ours only 2/0 1 0, 0 0 not priced"},
			bridge: []string{
				"USD ours 2 0",
				"USD owed 2 0",
				"USD ours only -1 0",
				"USD not yet billed -1 0",
				"USD not priced 0 0.03",
				"USD theirs 1 0.03",
			},
		},
		"no price, several currencies": {
			unpriced: true,
			calls:    []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2"},
			lines:    []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t9 1 0.03 EUR"},
			rows: []string{
				"matched 1/1 1 0, 1 0.03 not priced",
				"theirs only 0/2 0 0, 1 0.03 issue 0.03",
				"ours only 2/0 1 0, 0 0 not priced",
			},
			bridge: []string{
				" ours 1 0",
				" owed 1 0",
				" ours only -1 0",
				" not yet billed -1 0",
				"EUR theirs only 1 0.03",
				"EUR to dispute 1 0.03",
				"EUR theirs 1 0.03",
				"USD ours 1 0",
				"USD owed 1 0",
				"USD not priced 0 0.03",
				"USD theirs 1 0.03",
			},
		},
		"a negative charge is a credit": {
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"},
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t1 -1 -0.03 USD"},
			rows: []string{
				"matched 0/1 0 0, 0 0 | taken back on line 2",
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
				"matched 0/2 0 0, 0 0 | takes back what the transaction was billed",
			},
			bridge: []string{
				"USD ours 1 0.03",
				"USD owed 1 0.03",
				"USD ours only -1 -0.03",
				"USD not yet billed -1 -0.03",
			},
		},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// A month's calls put so many of them into each slot; which ones these are, the vendor says. A price that no slot has
// is for it to explain.
func TestMatchTiers(t *testing.T) {
	graduated := flat("sg", "*", "2026-01-01", "0")
	graduated.Kind, graduated.FreeQuota, graduated.Tiers = billing.Graduated, 1, tiers(upTo(2, "0.05"), beyond("0.02"))
	c := &matchCase{
		prices: []billing.Price{graduated},
		calls: []string{
			"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/VN 11-06T10:00:00 PAY t2", "3 sg/SG 11-07T10:00:00 PAY t3", "4 sg/VN 11-08T10:00:00 PAY t4",
			"5 sg/VN 11-09T10:00:00 PAY t5",
		},
		lines: []string{
			"usage sg/- - t1 1 0.05 USD", "usage sg/- - t2 1 0.05 USD", "usage sg/- - t3 1 0.02 USD", "usage sg/- - t4 1 0.03 USD",
			"usage sg/- - t5 1 0 USD PAY",
		},
		rows: []string{
			"matched 1/1 1 0, 1 0.05 | another tier, lawful",
			"matched 2/2 1 0.05, 1 0.05",
			"matched 3/3 1 0.05, 1 0.02 | another tier, lawful",
			"price differs 4/4 1 0.02, 1 0.03 issue 0.01",
			"matched 5/5 1 0.02, 1 0 | another tier, lawful",
		},
		bridge: []string{
			"USD ours 5 0.14",
			"USD owed 5 0.14",
			"USD price differs, more 0 0.01",
			"USD to dispute 0 0.01",
			"USD theirs 5 0.15",
		},
	}
	result := c.check(t)
	v := result.Verdicts[0]
	if !v.Over.Equal(dec("0.01")) || !v.Under.IsZero() || v.Within || result.Within {
		t.Errorf("verdict %+v", v)
	}
}

func TestMatchMonths(t *testing.T) {
	october, december := billedMonth.Plus(-1), billedMonth.Plus(1)
	for name, c := range map[string]*matchCase{
		"a charge of last month, not near": {
			calls: []string{"1 sg/SG 10-05T10:00:00 PAY t1"},
			lines: []string{"usage sg/SG - t1 1 0.03 USD"},
			rows:  []string{"other period 1/1 0 0, 1 0.03 | sent in 2026-10"},
		},
		"an ID that was charged last month": {
			basis: billing.DistinctID,
			calls: []string{"1 sg/SG 10-05T10:00:00 PAY t1", "2 sg/SG 11-05T10:00:00 PAY t2 1"},
			lines: []string{"usage sg/SG - t2 1 0.03 USD"},
			rows: []string{
				"pricing differs 2/1 0 0, 1 0.03 issue 0.03 | no charge by the reading distinct-id",
			},
		},
		"an unknown transaction that last month's statement has": {
			lines:      []string{"usage sg/SG 11-01T00:01:00 t9 1 0.03 USD"},
			neighbours: []string{"2026-10 usage sg/SG 10-31T23:59:00 t9 1 0.03 USD"},
			rows: []string{
				"billed again 0/1 0 0, 1 0.03 issue 0.03 | first billed on line 0 of statement 8",
			},
		},
		"an ID that was lost last month, and found to be billed then": {
			basis: billing.DistinctID,
			calls: []string{"1 sg/SG 10-31T23:00:00 LOST - billed", "2 sg/SG 11-05T10:00:00 PAY t2 1"},
			lines: []string{"usage sg/SG - t2 1 0.03 USD"},
			rows: []string{
				"pricing differs 2/1 0 0, 1 0.03 issue 0.03 | no charge by the reading distinct-id",
			},
		},
		"a credit of last month is no charge": {
			lines:      []string{"usage sg/SG 11-01T00:01:00 t9 1 0.03 USD", "usage sg/SG 11-01T00:01:00 t8 1 0.03 USD"},
			neighbours: []string{"2026-10 credit sg/SG - t9 1 0.03 USD", "2026-10 usage sg/SG - t8 -1 -0.03 USD"},
			rows: []string{
				"theirs only 0/1 0 0, 1 0.03 issue 0.03",
				"theirs only 0/2 0 0, 1 0.03 issue 0.03",
			},
		},
		"an unknown transaction that next month's statement has": {
			lines:      []string{"usage sg/SG 11-30T23:59:00 t9 1 0.03 USD"},
			neighbours: []string{"2026-12 usage sg/SG 11-30T23:59:00 t9 1 0.03 USD"},
			rows:       []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"},
		},
		"listed as free next month": {
			imported:   []Scope{{december, "sg"}},
			calls:      []string{"1 sg/SG 11-30T23:59:00 PAY t1"},
			lines:      []string{"usage sg/SG - t2 1 0.03 USD"},
			neighbours: []string{"2026-12 usage sg/SG - t1 1 0 USD FREE"},
			rows: []string{
				"theirs only 0/1 0 0, 1 0.03 issue 0.03",
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
			},
		},
		"the band's last instants": {
			imported: []Scope{{october, ""}},
			calls: []string{
				"1 sg/SG 11-29T23:59:59.999 PAY t1", "2 sg/SG 11-30T00:00:00 PAY t2", "3 sg/SG 12-01T23:59:59.999 PAY t3", "4 sg/SG 12-02T00:00:00 PAY t4",
				"5 sg/SG 10-30T23:59:59.999 PAY t5", "6 sg/SG 10-31T00:00:00 PAY t6",
			},
			lines: []string{"usage sg/SG - t3 1 0.03 USD", "usage sg/SG - t4 1 0.03 USD", "usage sg/SG - t5 1 0.03 USD", "usage sg/SG - t6 1 0.03 USD"},
			rows: []string{
				"other period 3/1 0 0, 1 0.03 | sent in 2026-12",
				"other period 4/2 0 0, 1 0.03 | sent in 2026-12",
				"other period 5/3 0 0, 1 0.03 | sent in 2026-10",
				"other period 6/4 0 0, 1 0.03 | sent in 2026-10",
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
				"other period 2/0 1 0.03, 0 0 | provisional: the statement of 2026-12 is not there yet",
			},
		},
		"the band's first instants": {
			imported: []Scope{{december, ""}},
			calls:    []string{"1 sg/SG 11-01T23:59:59.999 PAY t1", "2 sg/SG 11-02T00:00:00 PAY t2"},
			lines:    []string{"usage sg/SG - t3 1 0.03 USD"},
			rows: []string{
				"theirs only 0/1 0 0, 1 0.03 issue 0.03",
				"other period 1/0 1 0.03, 0 0 | provisional: the statement of 2026-10 is not there yet",
				"ours only 2/0 1 0.03, 0 0 issue -0.03",
			},
		},
		"a statement of another endpoint does not help": {
			imported: []Scope{{december, "th"}},
			calls:    []string{"1 sg/SG 11-30T10:00:00 PAY t1"},
			lines:    []string{"usage sg/SG - t2 1 0.03 USD"},
			rows: []string{
				"theirs only 0/1 0 0, 1 0.03 issue 0.03",
				"other period 1/0 1 0.03, 0 0 | provisional: the statement of 2026-12 is not there yet",
			},
		},
		"a statement that has both endpoints here would have had both there": {
			imported: []Scope{{december, "th"}},
			calls:    []string{"1 sg/SG 11-30T10:00:00 PAY t1", "2 sg/SG 11-30T10:00:00 LOST -", "3 sg/SG 11-01T10:00:00 LOST -"},
			lines:    []string{"usage sg/SG 11-20T10:00:00 t2 1 0.03 USD", "usage th/TH - t3 1 0.03 USD"},
			rows: []string{
				"theirs only 0/1 0 0, 1 0.03 issue 0.03",
				"theirs only 0/2 0 0, 1 0.03 issue 0.03",
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
			},
			settled: []string{"2 not billed"},
		},
		"doubts near the bounds wait for the neighbour": {
			imported: []Scope{{october, ""}},
			calls:    []string{"1 sg/SG 11-01T10:00:00 LOST -", "2 sg/SG 11-15T10:00:00 LOST -", "3 sg/SG 11-30T10:00:00 LOST -"},
			lines:    []string{"usage sg/SG 11-20T10:00:00 t2 1 0.03 USD"},
			rows:     []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"},
			settled:  []string{"1 not billed", "2 not billed"},
		},
		"a doubt that another month's statement bills": {
			imported: []Scope{{december, ""}},
			calls:    []string{"1 sg/SG 11-30T23:59:00 LOST - billed"},
			lines:    []string{"usage sg/SG 11-30T23:59:00 t2 1 0.03 USD"},
			rows:     []string{"theirs only 0/1 0 0, 1 0.03 issue 0.03"},
		},
		"a doubt of the month before": {
			calls: []string{"1 sg/SG 10-31T23:58:00 LOST -", "2 sg/SG 10-31T23:50:00 ODD t5"},
			lines: []string{"usage sg/SG 11-01T00:02:00 t2 1 0.03 USD", "usage sg/SG 11-01T00:02:00 t5 1 0.03 USD"},
			rows: []string{
				"explained by doubt 2/2 0 0, 1 0.03 | sent in 2026-10",
				"explained by doubt 1/1 0 0, 1 0.03 | sent in 2026-10",
			},
			settled: []string{"1 billed", "2 billed"},
		},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}
