package accrual

import "testing"

// TestChart: the narrowest rule counts, and what it leaves out is the chart's.
func TestChart(t *testing.T) {
	c := Chart{Accounts: Accounts{"6150", "2190", "1490", "100", "V0"}, Rules: []Rule{
		{Region: "PH", Accounts: Accounts{Center: "region"}},
		{Endpoint: "sg", Accounts: Accounts{Center: "endpoint", Tax: "V9"}},
		{Endpoint: "sg", Region: "PH", Accounts: Accounts{Center: "both", Expense: "6160"}},
		{Endpoint: "sg", Accounts: Accounts{Center: "second"}},
	}}
	for _, w := range []struct {
		place Key
		want  Accounts
	}{
		{Key{"ph", "VN", "USD"}, Accounts{"6150", "2190", "1490", "100", "V0"}},
		{Key{"ph", "PH", "USD"}, Accounts{"6150", "2190", "1490", "region", "V0"}},
		{Key{"sg", "VN", "USD"}, Accounts{"6150", "2190", "1490", "endpoint", "V9"}},
		{Key{"sg", "PH", "USD"}, Accounts{"6160", "2190", "1490", "both", "V0"}},
		{Key{Currency: "USD"}, Accounts{"6150", "2190", "1490", "100", "V0"}},
	} {
		if got := c.At(w.place); got != w.want {
			t.Errorf("%v: %v, want %v", w.place, got, w.want)
		}
	}
	if !c.Complete() || (Chart{Accounts: Accounts{Expense: "1", Accrual: "2"}}).Complete() {
		t.Error("what is complete")
	}
}
