package match

import (
	"fmt"
	"testing"

	"liverecon/batch/billing"
)

// gapCase represents what pay-tag makes of a statement.
type gapCase struct {
	matchCase
	gaps []string // "endpoint currency ours amount+minimum doubts theirs amount [fits]"
}

func (c *gapCase) check(t *testing.T) {
	t.Helper()
	result, _ := match(t, c.matcher(t))
	var got []string
	for _, g := range result.Gaps {
		if g.Basis != billing.PayTag {
			continue
		}
		text := fmt.Sprintf("%s %s %d %s+%s %d %d %s", g.Endpoint, g.Currency, g.OurQuantity, g.OurAmount, g.Minimum, g.InDoubt, g.TheirQuantity, g.TheirAmount)
		if !g.Priced {
			text += " not priced"
		}
		if g.Fits {
			text += " fits"
		}
		got = append(got, text)
	}
	compare(t, "gaps", got, c.gaps)
}

func TestReadingGaps(t *testing.T) {
	sg, th := flat("sg", "*", "2026-01-01", "0.03"), flat("th", "*", "2026-01-01", "0.5")
	th.Currency = "THB"
	dear := sg
	dear.Minimum = dec("5")
	calls := []string{
		"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2", "3 sg/SG 11-07T10:00:00 LOST -", "4 sg/SG 11-07T10:00:00 FREE t4",
		"5 th/TH 11-05T10:00:00 PAY t5", "6 th/TH 11-06T10:00:00 LOST -", "7 sg/SG 10-31T10:00:00 LOST -",
	}
	for name, c := range map[string]*gapCase{
		"endpoints that are not on the statement are not compared": {
			matchCase: matchCase{lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.03 USD"}},
			gaps:      []string{"sg USD 2 0.06+0 1 2 0.06 fits"},
		},
		"endpoints that the statement does not name are compared together": {
			matchCase: matchCase{lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.03 USD", "usage -/- - t5 1 0.5 THB"}},
			gaps:      []string{" THB 1 0.5+0 1 1 0.5 fits", " USD 2 0.06+0 1 2 0.06 fits"},
		},
		"usage alone": {
			matchCase: matchCase{lines: []string{
				"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.03 USD", "usage sg/SG - t4 1 0 USD FREE", "credit sg/- - - 0 -1 USD", "tax -/- - - 0 1 USD",
				"total -/- - - 2 0.07 USD",
			}},
			gaps: []string{"sg USD 2 0.06+0 1 2 0.06 fits"},
		},
		"with the doubt": {
			matchCase: matchCase{lines: []string{"usage sg/SG - - 3 0.09 USD"}},
			gaps:      []string{"sg USD 2 0.06+0 1 3 0.09 fits"},
		},
		"above the ceiling in money": {
			matchCase: matchCase{lines: []string{"usage sg/SG - - 3 0.091 USD"}},
			gaps:      []string{"sg USD 2 0.06+0 1 3 0.091"},
		},
		"above the ceiling in calls": {
			matchCase: matchCase{lines: []string{"usage sg/SG - - 4 0.09 USD"}},
			gaps:      []string{"sg USD 2 0.06+0 1 4 0.09"},
		},
		"a tolerance of money forgives no calls": {
			matchCase: matchCase{tolerance: billing.Tolerance{Abs: limit("0.03")}, lines: []string{"usage sg/SG - - 4 0.12 USD"}},
			gaps:      []string{"sg USD 2 0.06+0 1 4 0.12"},
		},
		"nor does a relative one": {
			matchCase: matchCase{tolerance: billing.Tolerance{Rel: limit("1")}, lines: []string{"usage sg/SG - - 4 0.12 USD"}},
			gaps:      []string{"sg USD 2 0.06+0 1 4 0.12"},
		},
		"below": {
			matchCase: matchCase{lines: []string{"usage sg/SG - - 1 0.03 USD"}},
			gaps:      []string{"sg USD 2 0.06+0 1 1 0.03"},
		},
		"with the minimum in it": {
			matchCase: matchCase{prices: []billing.Price{dear}, lines: []string{"usage sg/SG - - 2 5 USD"}},
			gaps:      []string{"sg USD 2 0.06+4.94 1 2 5 fits"},
		},
		"without the minimum": {
			matchCase: matchCase{prices: []billing.Price{dear}, lines: []string{"usage sg/SG - - 2 0.06 USD"}},
			gaps:      []string{"sg USD 2 0.06+4.94 1 2 0.06 fits"},
		},
		"without the minimum and without doubts": {
			matchCase: matchCase{prices: []billing.Price{dear}, calls: calls[:2], lines: []string{"usage sg/SG - - 2 0.06 USD"}},
			gaps:      []string{"sg USD 2 0.06+4.94 0 2 0.06 fits"},
		},
		"without a price": {
			matchCase: matchCase{unpriced: true, lines: []string{"usage sg/SG - - 3 99 USD"}},
			gaps:      []string{"sg USD 2 0+0 1 3 99 not priced fits"},
		},
		"in another currency": {
			matchCase: matchCase{lines: []string{"usage sg/SG - - 2 0.06 EUR"}},
			gaps:      []string{"sg EUR 0 0+0 0 2 0.06", "sg USD 2 0.06+0 1 0 0"},
		},
	} {
		if c.calls == nil {
			c.calls = calls
		}
		if c.prices == nil && !c.unpriced {
			c.prices = []billing.Price{sg, th}
		}
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// Of readings that fit equally well the contract's is named first.
func TestContractsReadingWinsATie(t *testing.T) {
	for _, basis := range billing.Bases() {
		c := &matchCase{basis: basis, calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"}, lines: []string{"usage sg/SG - t1 1 0.03 USD"}}
		result, _ := match(t, c.matcher(t))
		if len(result.Reproduces) != 5 || result.Reproduces[0] != basis || result.Nearest != basis {
			t.Errorf("%s: reproduced by %q, nearest %q", basis, result.Reproduces, result.Nearest)
		}
	}
}

// Doubts that are billed refute no reading, and neither does a monthly minimum on the statement or not.
func TestDoubtsAndMinimumsRefuteNoReading(t *testing.T) {
	price := flat("sg", "*", "2026-01-01", "0.03")
	price.Minimum = dec("5")
	for _, amount := range []string{"0.09", "5"} {
		c := &matchCase{
			prices: []billing.Price{price},
			calls:  []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2", "3 sg/SG 11-07T10:00:00 LOST -"},
			lines:  []string{"usage sg/SG - - 3 " + amount + " USD"},
		}
		result, _ := match(t, c.matcher(t))
		if len(result.Reproduces) != 5 || result.Nearest != billing.PayTag {
			t.Errorf("%s: reproduced by %q, nearest %q", amount, result.Reproduces, result.Nearest)
		}
	}
}

// Of readings that do not fit, the nearest is the one that is the fewest calls beyond what it counts and may count.
func TestNearestReadingCountsDoubts(t *testing.T) {
	c := &matchCase{
		calls: []string{
			"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T11:00:00 LOST -", "3 sg/SG 11-05T12:00:00 LOST -", "4 sg/SG 11-05T13:00:00 LOST -",
			"5 sg/SG 11-05T14:00:00 FREE t5", "6 sg/SG 11-05T15:00:00 FREE t6", "7 sg/SG 11-05T16:00:00 FREE t7",
		},
		lines: []string{"usage sg/SG - - 5 0.15 USD"}, // pay-tag: 4 less, of which 3 are in doubt; every-call: 2 more
	}
	if result, _ := match(t, c.matcher(t)); len(result.Reproduces) != 0 || result.Nearest != billing.PayTag {
		t.Errorf("reproduced by %q, nearest %q", result.Reproduces, result.Nearest)
	}
}
