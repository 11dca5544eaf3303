package sources

import (
	"strings"
	"testing"

	"liverecon/report/stats"
)

// counted returns sources with one column of values, each with its checks now and before.
func counted(values map[string][2]Count) *Sources {
	c := newColumn("partner")
	for name, n := range values {
		c.Values[name] = &Value{Name: name, Now: n[0], Before: n[1]}
	}
	s := &Sources{Columns: []*Column{c}}
	s.Keep, s.Minimum = []string{"partner"}, 30
	return s
}

// TestHeadline names what is new before it says of how many values nothing changed, and claims only what the first page does.
func TestHeadline(t *testing.T) {
	n := func(suspicious, scored int64) Count { return Count{Scored: scored, Suspicious: suspicious} }
	same := [2]Count{n(20, 400), n(21, 400)}
	for name, test := range map[string]struct {
		values map[string][2]Count
		claims []Claim
		want   string
	}{
		"nothing new": {map[string][2]Count{"A": same, "B": same}, nil, "None of 2 values with checks before differs from the period before beyond chance"},
		"one changed": {map[string][2]Count{"A": {n(90, 400), n(20, 400)}, "B": same}, nil, "1 of 2 values with checks before changed, beyond chance among those of its table"},
		"new and claimed": {map[string][2]Count{"A": same, "Kiosk": {n(90, 90), {}}}, []Claim{{"partner", "Kiosk", "partner Kiosk is high: 90 of 90 suspicious", true}},
			"New: partner Kiosk is high: 90 of 90 suspicious. None of 1 value with checks before differs"},
		"new, not claimed": {map[string][2]Count{"A": same, "Kiosk": {n(9, 9), {}}, "C": {n(0, 2), {}}}, nil,
			"New: partner Kiosk, 9 of 9 suspicious, and 1 more value, of which the first page claims nothing. None of 1 value"},
		"a claim about what is not new": {map[string][2]Count{"A": {n(90, 400), n(20, 400)}, "B": same}, []Claim{{"partner", "A", "partner A rose", true}}, "1 of 2 values"},
		"only new":                      {map[string][2]Count{"A": {n(1, 9), n(2, 9)}, "K": {n(9, 9), {}}}, nil, "New: partner K, 9 of 9 suspicious, of which the first page claims nothing. No value has enough"},
		"a first period":                {map[string][2]Count{"A": {n(9, 400), {}}}, nil, "Too few checks of any value"},
	} {
		s := counted(test.values)
		s.Claims = test.claims
		if got := s.headline(); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	s := counted(map[string][2]Count{"A": same, "Kiosk": {n(90, 90), {}}, notGiven: {n(1, 50), {}}})
	s.Claims = []Claim{{"partner", "Kiosk", "x", true}}
	for name, want := range map[string]string{"A": "within chance", "Kiosk": "▲ new, high", notGiven: "–"} {
		for _, r := range s.rows(s.Columns[0]) {
			if r.Name == name && s.judged(s.Columns[0], r).Text != want {
				t.Errorf("%s: %q, want %q", name, s.judged(s.Columns[0], r).Text, want)
			}
		}
	}
	if r := (row{Value: s.Columns[0].Values["Kiosk"], reading: stats.TooFew}); s.judged(s.Columns[0], r).Text == "too few" {
		t.Error("a new value is called too few")
	}
}
