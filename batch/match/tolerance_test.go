package match

import (
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

func limit(s string) decimal.NullDecimal {
	if s == "" {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(dec(s))
}

func TestTolerance(t *testing.T) {
	for _, tt := range []struct {
		abs, rel, difference, ours string
		want                       bool
	}{
		{"", "", "0", "100", true},
		{"", "", "0.000001", "100", false},
		{"1", "", "1.00", "0", true},
		{"1", "", "1.01", "100000", false},
		{"", "0.001", "0.1", "100", true},
		{"", "0.001", "0.11", "100", false},
		{"", "0.001", "0.01", "0", false},
		{"1", "0.001", "0.5", "500", true},
		{"1", "0.001", "0.5", "499", false},   // the share alone is passed
		{"1", "0.001", "1.01", "5000", false}, // the amount alone is passed
		{"0", "", "0", "0", true},
		{"", "0.1", "5", "-50", true},
	} {
		tolerance := billing.Tolerance{Abs: limit(tt.abs), Rel: limit(tt.rel)}
		if got := tolerance.Allows(dec(tt.difference), dec(tt.ours)); got != tt.want {
			t.Errorf("abs %q, rel %q: %s of %s is %v", tt.abs, tt.rel, tt.difference, tt.ours, got)
		}
	}
}

// What is billed wrongly does not make up for what was forgotten.
func TestVerdictDoesNotNet(t *testing.T) {
	c := &matchCase{
		tolerance: billing.Tolerance{Abs: limit("0.02")},
		calls:     []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 FREE t2", "3 sg/SG 11-07T10:00:00 LOST -"},
		lines:     []string{"usage sg/SG - t2 1 0.03 USD", "usage sg/SG 11-07T10:00:00 t3 1 0.03 USD", "tax -/- - - 0 3 USD", "credit -/- - - 0 -5 USD"},
		rows: []string{
			"pricing differs 2/1 0 0, 1 0.03 issue 0.03",
			"explained by doubt 3/2 0 0, 1 0.03",
			"ours only 1/0 1 0.03, 0 0 issue -0.03",
			"tax 0/3 0 0, 0 3",
			"credit 0/4 0 0, 0 -5",
		},
		settled: []string{"3 billed"},
	}
	v := c.check(t).Verdicts[0]
	if !v.Over.Equal(dec("0.03")) || !v.Under.Equal(dec("0.03")) || v.OverQuantity != 1 || v.UnderQuantity != 1 || v.Within {
		t.Errorf("verdict %+v", v)
	}
	c.tolerance = billing.Tolerance{Abs: limit("0.03")}
	if result := c.check(t); !result.Within {
		t.Errorf("verdict %+v", result.Verdicts)
	}
}

// Without prices the quantities are judged.
func TestVerdictWithoutPrices(t *testing.T) {
	c := &matchCase{
		unpriced: true, tolerance: billing.Tolerance{Rel: limit("0.4")},
		calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2"},
		lines: []string{"usage sg/SG - t1 1 0.03 USD"},
		rows:  []string{"matched 1/1 1 0, 1 0.03 not priced", "ours only 2/0 1 0, 0 0 not priced"},
	}
	result := c.check(t)
	if v := result.Verdicts[0]; v.Priced || v.Within || v.UnderQuantity != 1 || result.Bridge[0].Priced || !result.Bridge[1].Priced {
		t.Errorf("verdict %+v, bridge %+v", v, result.Bridge[:2])
	}
	c.tolerance.Rel = limit("0.5")
	if result := c.check(t); !result.Within {
		t.Errorf("verdict %+v", result.Verdicts)
	}
}

// Each side is held against the limits by itself.
func TestVerdictOfEitherSide(t *testing.T) {
	calls := []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2"}
	for name, c := range map[string]*matchCase{
		"over": {
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.04 USD"},
			rows:  []string{"matched 1/1 1 0.03, 1 0.03", "price differs 2/2 1 0.03, 1 0.04 issue 0.01"},
		},
		"under": {
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.02 USD"},
			rows:  []string{"matched 1/1 1 0.03, 1 0.03", "price differs 2/2 1 0.03, 1 0.02 issue -0.01"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for limits, want := range map[billing.Tolerance]bool{{Abs: limit("0.009")}: false, {Abs: limit("0.01")}: true} {
				c.calls, c.tolerance = calls, limits
				if result := c.check(t); result.Within != want || result.Verdicts[0].Within != want {
					t.Errorf("%v: %+v", limits.Abs, result.Verdicts)
				}
			}
		})
	}
}

// One currency outside the limits is enough.
func TestVerdictOfCurrencies(t *testing.T) {
	c := &matchCase{
		calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1"},
		lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t9 1 0.03 EUR"},
		rows: []string{
			"matched 1/1 1 0.03, 1 0.03",
			"theirs only 0/2 0 0, 1 0.03 issue 0.03",
		},
	}
	if result := c.check(t); result.Within || result.Verdicts[0].Within || !result.Verdicts[1].Within {
		t.Errorf("%+v", result.Verdicts)
	}
}

// A minimum that is owed is nobody's mistake, and what unpriced calls cost is not known to be one.
func TestVerdictOfTotals(t *testing.T) {
	price := flat("sg", "*", "2026-01-01", "0.03")
	price.Minimum = dec("5")
	c := &matchCase{
		prices: []billing.Price{price},
		calls:  []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2"},
		lines:  []string{"usage sg/- - - 3 5.03 USD"},
		rows: []string{
			"quantity differs 0/1 2 0.06, 3 5.03 issue 4.97",
			"minimum not billed 0/0 0 0, 0 0 issue -4.94",
		},
		bridge: []string{
			"USD ours 2 0.06",
			"USD minimum owed 0 4.94",
			"USD owed 2 5",
			"USD quantity differs, more 1 4.97",
			"USD netted, more 0 -4.94",
			"USD to dispute 1 0.03",
			"USD minimum not billed 0 -4.94",
			"USD netted, less 0 4.94",
			"USD theirs 3 5.03",
		},
	}
	if v := c.check(t).Verdicts[0]; !v.Over.Equal(dec("0.03")) || !v.Under.IsZero() || v.OverQuantity != 1 {
		t.Errorf("verdict %+v", v)
	}
	c.prices, c.unpriced = nil, true
	c.rows, c.bridge = []string{"quantity differs 0/1 2 0, 3 5.03 not priced"}, nil
	if v := c.check(t).Verdicts[0]; !v.Over.IsZero() || v.OverQuantity != 1 || v.Priced {
		t.Errorf("verdict %+v", v)
	}
}
