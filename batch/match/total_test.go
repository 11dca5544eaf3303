package match

import (
	"errors"
	"strings"
	"testing"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

func TestMatchVendorTotals(t *testing.T) {
	calls := []string{"1 sg/SG 11-05T10:00:00 PAY t1"}
	for name, c := range map[string]*matchCase{
		"net, tax and gross": {
			lines: []string{
				"usage sg/SG - t1 1 0.03 USD", "credit -/- - - 0 -0.01 USD", "total -/- - - 0 0.02 USD", "tax -/- - - 0 0.002 USD", "total -/- - - 0 0.022 USD",
			},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"credit 0/2 0 0, 0 -0.01",
				"tax 0/4 0 0, 0 0.002",
				"matched 0/3 0 0, 0 0 | the total ties to its lines; a part of another total, off by 0 and USD 0.00",
				"matched 0/5 0 0, 0 0 | the total ties to its lines",
			},
			bridge: []string{
				"USD ours 1 0.03",
				"USD owed 1 0.03",
				"USD credits 0 -0.01",
				"USD tax on what is owed 0 0.002",
				"USD theirs 1 0.022",
			},
		},
		"gross is off": {
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "tax -/- - - 1 0.003 USD", "total -/- - - 1 0.034 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"tax 0/2 0 0, 0 0.003",
				"unexplained 0/3 0 0, 0 0.001 issue 0.001 | the total says USD 0.034",
			},
			bridge: []string{
				"USD ours 1 0.03",
				"USD owed 1 0.03",
				"USD tax on what is owed 0 0.003",
				"USD unexplained 0 0.001",
				"USD theirs 1 0.034",
			},
		},
		"net is off, tax not in it": {
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "tax -/- - - 0 0.03 USD", "total -/- - - 0 0.02 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"tax 0/2 0 0, 0 0.03",
				"unexplained 0/3 0 0, 0 -0.01 issue -0.01 | the total says USD 0.02",
			},
		},
		"the quantity is off": {
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "total -/- - - 3 0.03 USD"},
			rows:  []string{"matched 1/1 1 0.03, 1 0.03", "unexplained 0/2 0 0, 2 0 | the total says USD 0.03"},
		},
		"a total with, without or less the calls of a credit": {
			lines: []string{
				"usage sg/SG - t1 1 0.03 USD", "credit sg/SG - t1 -1 -0.03 USD", "total -/- - - 2 0 USD", "total sg/- - - 1 0 USD", "total sg/SG - - -1 0 USD",
			},
			rows: []string{
				"matched 0/1 0 0, 0 0 | taken back on line 2",
				"ours only 1/0 1 0.03, 0 0 issue -0.03",
				"matched 0/2 0 0, 0 0 | takes back what the transaction was billed",
				"matched 0/3 0 0, 0 0 | the total ties to its lines",
				"matched 0/4 0 0, 0 0 | the total ties to its lines; a part of another total, off by 0 and USD 0.00",
				"unexplained 0/5 0 0, 0 0 | the total says USD 0.00; a part of another total, off by -1 and USD 0.00",
			},
		},
		"parts are not counted twice": {
			lines: []string{
				"usage sg/SG - t1 1 0.03 USD", "total sg/SG - - 1 0.04 USD", "usage th/TH 11-06 t2 1 0.05 USD", "total th/- - - 0 0.05 USD", "total -/- - - 0 0.09 USD",
			},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"theirs only 0/3 0 0, 1 0.05 issue 0.05",
				"unexplained 0/2 0 0, 0 0 | the total says USD 0.04; a part of another total, off by 0 and USD 0.01",
				"matched 0/4 0 0, 0 0 | the total ties to its lines; a part of another total, off by 0 and USD 0.00",
				"unexplained 0/5 0 0, 0 0.01 issue 0.01 | the total says USD 0.09",
			},
		},
		"parts without a whole": {
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "total sg/- - - 0 0.04 USD", "total th/- - - 0 0.01 USD", "total sg/- - - 0 0.01 EUR"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"unexplained 0/2 0 0, 0 0.01 issue 0.01 | the total says USD 0.04",
				"unexplained 0/3 0 0, 0 0.01 issue 0.01 | the total says USD 0.01",
				"unexplained 0/4 0 0, 0 0.01 issue 0.01 | the total says EUR 0.01",
			},
		},
	} {
		c.calls = calls
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

func TestMatchMinimum(t *testing.T) {
	price := flat("sg", "*", "2026-01-01", "0.03")
	price.Minimum = dec("5")
	other := flat("th", "*", "2026-11-30", "0.03")
	other.Minimum = dec("2")
	gone := flat("th", "TH", "2026-01-01", "0.03")
	gone.Minimum, gone.To = dec("7"), date("2026-11-01")
	soon := flat("sg", "SG", "2026-12-01", "0.03")
	soon.Minimum = dec("11")
	prices := []billing.Price{price, other, gone, soon}
	calls := []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-06T10:00:00 PAY t2"}
	for name, c := range map[string]*matchCase{
		"not billed": {
			lines: []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.03 USD"},
			rows: []string{
				"matched 1/1 1 0.03, 1 0.03",
				"matched 2/2 1 0.03, 1 0.03",
				"minimum not billed 0/0 0 0, 0 0 issue -4.94",
			},
		},
		"a line of its own": {
			lines:  []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.03 USD", "usage sg/- - - 0 4.94 USD"},
			rows:   []string{"matched 1/1 1 0.03, 1 0.03", "matched 2/2 1 0.03, 1 0.03", "monthly minimum 0/3 0 0, 0 4.94"},
			bridge: []string{"USD ours 2 0.06", "USD minimum owed 0 4.94", "USD owed 2 5", "USD theirs 2 5"},
		},
		"once": {
			lines: []string{"usage sg/- - - 2 0.06 USD", "usage sg/- - - 0 4.94 USD", "usage sg/- - - 0 4.94 USD"},
			rows: []string{
				"monthly minimum 0/2 0 0, 0 4.94",
				"minimum not owed 0/3 0 0, 0 4.94 issue 4.94 | no calls behind it",
				"matched 0/1 2 0.06, 2 0.06",
			},
		},
		"of another endpoint or currency": {
			lines: []string{"usage sg/- - - 2 0.06 USD", "usage id/- - - 0 4.94 USD", "usage sg/- - - 0 4.94 EUR"},
			rows: []string{
				"minimum not owed 0/2 0 0, 0 4.94 issue 4.94 | no calls behind it",
				"minimum not owed 0/3 0 0, 0 4.94 issue 4.94 | no calls behind it",
				"matched 0/1 2 0.06, 2 0.06",
				"minimum not billed 0/0 0 0, 0 0 issue -4.94",
			},
		},
		"of all endpoints, once": {
			lines: []string{"usage -/- - - 2 0.06 USD", "usage -/- - - 0 6.94 USD", "usage -/- - - 0 6.94 USD"},
			rows: []string{
				"monthly minimum 0/2 0 0, 0 6.94",
				"minimum not owed 0/3 0 0, 0 6.94 issue 6.94 | no calls behind it",
				"matched 0/1 2 0.06, 2 0.06",
			},
		},
		"within a total": {
			lines:  []string{"usage sg/- - - 2 5 USD"},
			rows:   []string{"monthly minimum 0/1 2 0.06, 2 5 | with the monthly minimum"},
			bridge: []string{"USD ours 2 0.06", "USD minimum owed 0 4.94", "USD owed 2 5", "USD theirs 2 5"},
		},
		"within the vendor's sum": {
			lines:  []string{"usage sg/SG - t1 1 0.03 USD", "usage sg/SG - t2 1 0.03 USD", "total -/- - - 0 5 USD"},
			rows:   []string{"matched 1/1 1 0.03, 1 0.03", "matched 2/2 1 0.03, 1 0.03", "monthly minimum 0/3 0 0, 0 4.94 | the total contains it"},
			bridge: []string{"USD ours 2 0.06", "USD minimum owed 0 4.94", "USD owed 2 5", "USD theirs 2 5"},
		},
		"another amount": {
			lines: []string{"usage sg/- - - 2 0.06 USD", "usage sg/- - - 0 4.95 USD"},
			rows: []string{
				"minimum not owed 0/2 0 0, 0 4.95 issue 0.01 | more than the minimum",
				"matched 0/1 2 0.06, 2 0.06",
			},
		},
	} {
		c.prices, c.calls = prices, calls
		t.Run(name, func(t *testing.T) {
			result := c.check(t)
			want := "USD 4.94"
			if strings.Contains(c.lines[0], "-/-") {
				want = "USD 6.94" // the statement is about th as well
			}
			if got := result.Minimum.String(); got != want {
				t.Errorf("minimum %q, want %q", got, want)
			}
		})
	}
}

func TestMatchOfWhatIsNotThere(t *testing.T) {
	c := &matchCase{calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 th/TH 11-05T10:00:00 PAY t2"}, lines: []string{"usage sg/SG - t1 1 0.03 USD"}}
	m := c.matcher(t)
	if err := m.Line(1, &statement.Line{Number: 3, Kind: statement.Total}); err != nil { // over several months
		t.Error(err)
	}
	if err := m.Line(1, &statement.Line{Number: 4, Kind: statement.Usage, Month: billedMonth.Plus(1)}); err == nil || err.Error() != "statement line 4: month 2026-12, want 2026-11" {
		t.Errorf("a line of December: %v", err)
	}
	result, rows := match(t, m)
	if len(rows) != 1 || result.Elsewhere != 1 || result.Charges != 1 || result.Calls != 1 || !result.Itemised || !result.Within {
		t.Errorf("%+v %+v", result, rows)
	}
}

// What is neither a charge nor in doubt by the reading is free.
func TestControlTotals(t *testing.T) {
	calls := []string{
		"1 sg/SG 11-05T10:00:00 ODD t1", "2 sg/SG 11-05T10:00:00 LOST -", "3 sg/SG 11-05T10:00:00 LOST - billed", "4 sg/SG 11-05T10:00:00 FREE t4",
		"5 sg/SG 11-05T10:00:00 PAY t5", "6 sg/SG 10-31T10:00:00 PAY t6",
	}
	for basis, want := range map[billing.Basis][4]int64{billing.PayTag: {5, 1, 2, 2}, billing.Success: {5, 1, 1, 3}, billing.EveryCall: {5, 5, 0, 0}} {
		c := &matchCase{basis: basis, calls: calls}
		result, _ := match(t, c.matcher(t))
		if got := [4]int64{result.Calls, result.Charges, result.Doubts, result.Free}; got != want {
			t.Errorf("%s: calls, charges, doubts, free %v, want %v", basis, got, want)
		}
	}
}

func TestMatchStopsWithItsReceiver(t *testing.T) {
	c := &matchCase{calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T10:00:00 PAY t2"}, lines: []string{"usage sg/SG - t1 1 0.03 USD"}}
	full := errors.New("disk full")
	n := 0
	result, err := c.matcher(t).Match(func(*billing.Row) error { n++; return full })
	if !errors.Is(err, full) || result != nil || n != 1 {
		t.Errorf("%v after %d rows, %v", err, n, result)
	}
}
