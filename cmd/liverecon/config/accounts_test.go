package config

import (
	"strings"
	"testing"

	"liverecon/batch/billing/accrual"
)

func TestAccounts(t *testing.T) {
	c, err := Parse("liverecon.toml", ".", []byte(fullConfig))
	if err != nil {
		t.Fatal(err)
	}
	for place, want := range map[accrual.Key]accrual.Accounts{
		{Endpoint: "sg", Region: "VN"}: {Expense: "6151", Accrual: "2191", Claims: "1491", Center: "210", Tax: "V1"},
		{Endpoint: "sg", Region: "PH"}: {Expense: "6150", Accrual: "2190", Claims: "1490", Center: "100", Tax: "V0"},
	} {
		if got := c.Accounts.At(place); got != want || !c.Accounts.Complete() {
			t.Errorf("%v: %+v, want %+v", place, got, want)
		}
	}
	_, err = Parse("liverecon.toml", ".", []byte("[accounts]\nexpence = \"1\"\n[[accounts.rule]]\nregion = \"nowhere\"\n"+
		"[[accounts.rule]]\ncost_centre = \"1\"\n"))
	for _, want := range []string{
		"liverecon.toml:2: accounts.expence: ", `liverecon.toml:4: accounts.rule[0].region: "nowhere" is no region`,
		"liverecon.toml:5: accounts.rule[1].endpoint: is missing: a rule is for an endpoint, a region, or both"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
}
