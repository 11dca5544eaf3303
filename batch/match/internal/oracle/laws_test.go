package oracle

import (
	"testing"

	"github.com/shopspring/decimal"
)

// lawsOf holds a result to what is true of every month.
func lawsOf(t *testing.T, r Result, calls []Call, prices []PriceRow) {
	t.Helper()
	for currency, m := range r.Money {
		total := decimal.Zero
		for _, s := range m.Bridge {
			switch s.Name {
			case StepOwed, StepDispute, StepNotYetBilled:
			case StepTheirs:
				if !s.Amount.Equal(total) {
					t.Errorf("%s: the bridge adds up to %s, theirs is %s\n%+v", currency, total, s.Amount, m.Bridge)
				}
			default:
				total = total.Add(s.Amount)
			}
		}
		if m.ToDispute.IsNegative() || m.NotYetBilled.IsNegative() {
			t.Errorf("%s: %s to dispute, %s not yet billed", currency, m.ToDispute, m.NotYetBilled)
		}
		disputed := decimal.Zero
		for _, row := range r.Rows {
			if row.Currency == currency {
				disputed = disputed.Add(row.disputed())
			}
		}
		if !disputed.Equal(m.ToDispute) {
			t.Errorf("%s: rows to dispute %s, headline %s", currency, disputed, m.ToDispute)
		}
	}
	for _, row := range r.Rows {
		lawsOfRow(t, row)
	}
	lawsOfPools(t, r, prices)
	lawsOfCalls(t, r, calls)
}

func lawsOfRow(t *testing.T, row Row) {
	t.Helper()
	lawful := sum([]decimal.Decimal{row.Ours, row.Doubt, row.Other, row.Shift, row.Minimum})
	if !lawful.Equal(row.Right) {
		t.Errorf("lawful steps add up to %s: %+v", lawful, row)
	}
	all := sum([]decimal.Decimal{row.Right, row.Issue, row.Rounding, row.Tax, row.Held})
	if !all.Equal(row.Theirs) {
		t.Errorf("steps add up to %s: %+v", all, row)
	}
	if row.Netted.GreaterThan(row.over()) || row.Netted.IsNegative() {
		t.Errorf("netted more than is over: %+v", row)
	}
}

// lawsOfPools holds each pool to this: its rows are right for the cost of its lawful calls and its minimum.
func lawsOfPools(t *testing.T, r Result, prices []PriceRow) {
	t.Helper()
	right, topUp, cost, wanted := map[string]decimal.Decimal{}, map[string]decimal.Decimal{},
		map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	single := map[int]decimal.Decimal{}
	shared := false
	for _, row := range r.Rows {
		usage := row.Right.Sub(row.Minimum)
		right[row.Currency] = right[row.Currency].Add(usage)
		topUp[row.Currency] = topUp[row.Currency].Add(row.Minimum)
		if row.Pool >= 0 {
			single[row.Pool] = single[row.Pool].Add(usage)
		}
		shared = shared || row.Pool < 0 && row.Lawful
	}
	for _, p := range r.Pools {
		c := prices[p.Row].Currency
		cost[c] = cost[c].Add(p.Cost)
		wanted[c] = wanted[c].Add(p.TopUp)
		if !shared && !single[p.Row].Equal(p.Cost) {
			t.Errorf("pool %d: right is %s, its %d calls cost %s", p.Row, single[p.Row], p.Lawful, p.Cost)
		}
		if p.TopUp.LessThan(p.TopUpMin) || p.TopUp.GreaterThan(p.TopUpMax) {
			t.Errorf("pool %d: top-up outside of its range: %+v", p.Row, p)
		}
	}
	for c := range cost {
		if !right[c].Equal(cost[c]) {
			t.Errorf("%s: right is %s, lawful calls cost %s", c, right[c], cost[c])
		}
		if !topUp[c].Equal(wanted[c]) {
			t.Errorf("%s: minimums of rows are %s, of pools %s", c, topUp[c], wanted[c])
		}
	}
}

// lawsOfCalls: no call is on two lines that stand.
func lawsOfCalls(t *testing.T, r Result, calls []Call) {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range r.Rows {
		if row.Class == Duplicate || row.Class == BilledAgain {
			continue
		}
		for _, c := range row.Calls {
			if seen[c] {
				t.Errorf("call %s is in two rows", c)
			}
			seen[c] = true
		}
	}
	known := map[string]bool{}
	for _, c := range calls {
		known[c.ID] = true
	}
	for c := range seen {
		if !known[c] {
			t.Errorf("call %s is not of the journal", c)
		}
	}
}
