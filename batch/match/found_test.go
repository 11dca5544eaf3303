package match

import (
	"fmt"
	"testing"

	"liverecon/batch/billing"
)

// Months that the oracle judged otherwise, made small.
func TestFoundByOracle(t *testing.T) {
	sg := tiered(billing.Graduated, 1, upTo(1, "0.03"), beyond("0.02"))
	both := []Scope{{billedMonth.Plus(-1), ""}, {billedMonth.Plus(1), ""}}
	for name, c := range map[string]*matchCase{
		"a total over calls of a tiered price and doubts of two others": {
			prices: []billing.Price{sg, flat("id", "*", "2026-01-01", "0.05"), flat("th", "*", "2026-01-01", "0.07")}, imported: both,
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T11:00:00 PAY t2", "3 id/ID 11-05T12:00:00 LOST -", "4 th/TH 11-05T13:00:00 LOST -"},
			lines: []string{"usage -/- - - 3 0.1 USD"},
			rows:  []string{"explained by doubt 0/1 2 0.03, 3 0.1 | floor 2, ceiling 4"},
		},
		"a line that lists a call as free takes it from no line that bills it": {
			basis: billing.EveryCall, imported: both,
			calls: []string{"1 sg/SG 11-05T10:00:00 FREE t1"},
			lines: []string{"usage sg/SG 11-05T10:00:00 t1 1 0 USD FREE", "usage -/- 11-05T10:00:00 - 1 0.03 USD"},
			rows:  []string{"matched 1/1 0 0, 0 0 | listed, not billed", "matched 1/2 1 0.03, 1 0.03 | by time"},
		},
		"a call near the bound is on the next month's statement by its time": {
			imported:   both,
			calls:      []string{"1 sg/SG 11-30T23:59:59 PAY t1", "2 sg/SG 11-30T23:59:00 LOST -", "3 sg/SG 11-05T10:00:00 PAY t3"},
			lines:      []string{"usage -/- 11-05T10:00:00 - 1 0.03 USD"},
			neighbours: []string{"2026-12 usage -/- 12-01T00:00:01 - 1 0.03 USD", "2026-12 usage -/- 11-30T23:59:02 x9 1 0.03 USD"},
			rows:       []string{"matched 3/1 1 0.03, 1 0.03 | by time", "other period 1/0 1 0.03, 0 0 | on the statement of 2026-12"},
			settled:    []string{"2 billed"},
		},
		"an ID that is charged once is billed at its PAY and at a lost call before, by times": {
			basis: billing.DistinctID, prices: []billing.Price{sg}, imported: both,
			calls:   []string{"1 sg/SG 11-05T10:00:00 LOST - 1", "2 sg/SG 11-05T10:05:00 PAY t2 1"},
			lines:   []string{"usage sg/SG 11-05T10:00:01 - 1 0 USD", "usage sg/SG 11-05T10:05:01 - 1 0 USD"},
			rows:    []string{"theirs only 0/1 0 0, 1 0", "matched 2/2 1 0, 1 0 | by time"},
			settled: []string{"1 not billed"},
		},
		"twins of one transaction, a line on each of two statements": {
			imported:   both,
			calls:      []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T10:00:01 PAY t1"},
			lines:      []string{"usage sg/SG - t1 1 0.03 USD"},
			neighbours: []string{"2026-12 usage sg/SG - t1 1 0.03 USD"},
			rows:       []string{"matched 1/1 1 0.03, 1 0.03", "ours only 2/0 1 0.03, 0 0 issue -0.03"},
		},
		"a total with one call too many that costs nothing ties": {
			prices: []billing.Price{tiered(billing.Graduated, 2, beyond("0.03"))}, imported: both,
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"},
			lines: []string{"usage sg/SG 11-05 - 2 0 USD"},
			rows:  []string{"matched 0/1 1 0, 2 0"},
		},
	} {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// A second statement's lines without transactions bill again what they repeat, unless somebody says that it repeats
// nothing; a tax is on its own statement's lines.
func TestSecondStatement(t *testing.T) {
	for _, additional := range []bool{false, true} {
		c := matchCase{imported: []Scope{{billedMonth.Plus(-1), ""}, {billedMonth.Plus(1), ""}},
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T11:00:00 PAY t2"},
			lines: []string{"usage sg/SG 11-05 - 2 0.06 USD", "tax -/- - - 0 0.01 USD"}}
		m := c.matcher(t)
		m.month.Invoices = map[int64]Invoice{12: {File: "more.csv", Additional: additional}}
		for i, text := range []string{"usage sg/SG 11-05 - 1 0.03 USD", "tax -/- - - 0 0.003 USD"} {
			l := parseLine(t, text)
			l.Number = i + 1
			if err := m.Line(12, l); err != nil {
				t.Fatal(err)
			}
		}
		result, _ := match(t, m)
		var got []string
		for _, b := range result.Bridge {
			switch b.Step {
			case billing.StepBilledAgain, billing.StepQuantityOver, billing.StepTaxDisputed:
				got = append(got, fmt.Sprintf("%s %s", b.Step, b.Amount))
			}
		}
		want := []string{"quantity differs, more 0", "billed again 0.03", "tax on what is disputed 0.003"}
		if additional {
			want = []string{"quantity differs, more 0.03", "billed again 0", "tax on what is disputed 0.003333333333"}
		}
		compare(t, fmt.Sprint("additional ", additional), got, want)
	}
}
