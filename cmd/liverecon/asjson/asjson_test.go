package asjson_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/cmd/liverecon/asjson"
	"liverecon/cmd/liverecon/config"
)

func TestMarshal(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{struct {
			A int `json:"a"`
		}{3}, "{\n  \"version\": 1,\n  \"a\": 3\n}"},
		{struct{}{}, "{\n  \"version\": 1\n}"},
		{map[string]string{"b": "x"}, "{\n  \"version\": 1,\n  \"b\": \"x\"\n}"},
		{[]int{1}, "[\n  1\n]"},
	} {
		got, err := asjson.Marshal(c.value)
		if err != nil || string(got) != c.want || !json.Valid(got) {
			t.Errorf("%#v: %s, %v, want %s", c.value, got, err, c.want)
		}
	}
}

func TestAmounts(t *testing.T) {
	money := func(currency, amount string) billing.Money {
		return billing.Money{Currency: currency, Amount: decimal.RequireFromString(amount)}
	}
	got := asjson.Amounts(billing.NewAmounts(money("USD", "71.89")),
		billing.NewAmounts(money("USD", "72.135"), money("IDR", "1500")))
	want := []asjson.Amount{{"IDR", "0", "1500"}, {"USD", "71.89", "72.135"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if none, err := json.Marshal(asjson.Amounts(nil, nil)); err != nil || string(none) != "[]" {
		t.Errorf("nothing is %s, %v", none, err)
	}
}

func TestFailure(t *testing.T) {
	err := errors.Join(config.Usage("give a month", "no month"), config.Usage("", "no list"), config.Usage("", ""))
	got := asjson.NewFailure(err)
	want := []asjson.Problem{{"no month", "give a month"}, {"no list", ""}}
	if got.ExitCode != 10 || !slices.Equal(got.Errors, want) {
		t.Errorf("%+v, want 10 and %+v", got, want)
	}
}
