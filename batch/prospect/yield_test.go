package prospect_test

import (
	"testing"

	"liverecon/batch/prospect"
	"liverecon/store"
)

// Each rule on both sides of its bounds; the letters are answers in their order.
func TestYield(t *testing.T) {
	kinds := map[rune]struct {
		state           store.State
		why             string
		stands, healthy bool
	}{
		'r': {store.Done, "", true, true},
		'a': {store.Absent, "", false, true},
		'x': {store.Refused, "", false, false},
		'e': {store.GivenUp, store.WhyEmpty, false, true},
		'p': {store.GivenUp, store.WhyPaidFailure, false, false},
		't': {store.GivenUp, store.WhyAttempts, false, false},
		'w': {store.Pending, "", false, true},
		'b': {store.Pending, "", false, false},
	}
	repeat := func(parts ...any) (all string) {
		for i := 0; i < len(parts); i += 2 {
			for range parts[i].(int) {
				all += parts[i+1].(string)
			}
		}
		return all
	}
	for _, c := range []struct {
		answers, want string
		refused       bool
	}{
		{"", "", false},
		{"xxxx", "", false},
		{"xxxxx", "id refused the first 5 IDs", true},
		{"bxxxxx", "id refused the first 5 IDs", true}, // a busy vendor says nothing of it
		{"rxxxxx", "", false},
		{"axxxxx", "", false},
		{repeat(1, "r", 18, "x"), "", false},
		{repeat(1, "r", 19, "x"), "id refused 19 of 20 IDs", true},
		{repeat(2, "r", 18, "x"), "", false},
		{repeat(5, "r", 45, "x"), "", false},
		{repeat(5, "r", 46, "x"), "id refused 46 of 51 IDs", true},
		{repeat(19, "e"), "", false},
		{repeat(20, "e"), "id gave 0 results for 20 IDs", false},
		{repeat(1, "r", 19, "e"), "id gave 1 result for 20 IDs", false},
		{repeat(100, "r", 901, "p"), "id gave 100 results for 1,001 IDs", false},
		{repeat(100, "r", 900, "p"), "", false},
		{repeat(1, "p", 30, "x"), "id gave 0 results for 31 IDs", false}, // not all of it was free
		{repeat(200, "t"), "", false},                                    // the vendor worked on none of them
		{repeat(200, "a"), "", false},                                    // what a Scout is for
		{repeat(200, "w"), "", false},
	} {
		var y prospect.Yield
		for _, letter := range c.answers {
			k := kinds[letter]
			y.Count(k.state, k.why, k.stands, k.healthy)
		}
		text, refused := y.Sentence("id")
		if text != c.want || text != "" && refused != c.refused {
			t.Errorf("%s: %q, refused %v; want %q, %v", c.answers, text, refused, c.want, c.refused)
		}
	}
}
