package config

import (
	"strings"
	"testing"
)

func TestContracts(t *testing.T) {
	c, err := Parse("liverecon.toml", ".", []byte("[[contract]]\nnumber = \"LIV-17\"\naccount = \"SG-42\"\nendpoints = [\"id\"]\n"+
		"from = \"2026-01-01\"\nto = \"2027-01-01\"\ncommitted_calls = 1200000\ndispute_days = 60\nanswer_days = 30\n"))
	if err != nil {
		t.Fatal(err)
	}
	if k := c.Contracts[0]; k.Number != "LIV-17" || k.Account != "SG-42" || k.Committed != 1_200_000 || k.DisputeDays != 60 ||
		k.AnswerDays != 30 || k.Endpoints[0] != "id" || k.To.Year() != 2027 {
		t.Errorf("%+v", k)
	}
	_, err = Parse("liverecon.toml", ".", []byte("[[contract]]\nendpoints = [\"id\"]\n[[contract]]\nnumber = \"1\"\ncommitted_calls = 5\n"+
		"[[contract]]\nnumber = \"2\"\nfrom = \"2026-02-01\"\nto = \"2026-02-01\"\ncommitted_call = 1\n"))
	for _, want := range []string{"contract[0].number: is missing", "contract[1].committed_calls: are for a time: give from and to",
		"contract[2].to: is not after from", "contract[2].committed_call: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

func TestFunctional(t *testing.T) {
	c, err := Parse("liverecon.toml", ".", []byte("[functional]\ncurrency = \"USD\"\n[[functional.rate]]\ncurrency = \"IDR\"\n"+
		"date = \"2026-11-30\"\nrate = \"0.0000612\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r := c.Functional.Rates[0]; r.Currency != "IDR" || r.Value.String() != "0.0000612" || r.Day.Year() != 2026 || c.Functional.MaxAge != 31 {
		t.Errorf("%+v", c.Functional)
	}
	_, err = Parse("liverecon.toml", ".", []byte("[functional]\n[[functional.rate]]\ncurrency = \"rupiah\"\nrate = \"-1\"\n"))
	for _, want := range []string{"functional.currency: is missing", `functional.rate[0].currency: "rupiah" is no other currency`,
		"functional.rate[0].date: is missing", "functional.rate[0].rate: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
