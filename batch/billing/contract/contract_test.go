package contract

import (
	"testing"
	"time"
)

func day(text string) time.Time {
	t, _ := time.Parse(time.DateOnly, text)
	return t
}

func TestAt(t *testing.T) {
	all := []Contract{{Number: "all"}, {Number: "old", Endpoints: []string{"id", "th"}, To: day("2026-01-01")},
		{Number: "new", Endpoints: []string{"id"}, From: day("2026-01-01"), To: day("2027-01-01")}}
	for _, test := range []struct{ endpoint, at, want string }{
		{"id", "2025-12-31", "old"}, {"id", "2026-01-01", "new"}, {"id", "2026-12-31", "new"}, {"id", "2027-01-01", "all"},
		{"th", "2025-01-01", "old"}, {"th", "2026-06-01", "all"}, {"", "2026-06-01", "all"}} {
		if c := At(all, test.endpoint, day(test.at)); c == nil || c.Number != test.want {
			t.Errorf("%+v: %+v", test, c)
		}
	}
	if c := At(all[1:], "mx", day("2026-06-01")); c != nil {
		t.Errorf("no contract is about it, but %+v", c)
	}
}

func TestUse(t *testing.T) {
	c := Contract{Committed: 100}
	for calls, want := range map[int64]Used{0: {0, 100, 0}, 99: {99, 1, 0}, 100: {100, 0, 0}, 130: {130, 0, 30}} {
		if got := c.Use(calls); got != want {
			t.Errorf("%d calls: %+v, want %+v", calls, got, want)
		}
	}
	if got := Until(day("2026-11-30"), 30); !got.Equal(day("2026-12-30")) || !Until(day("2026-11-30"), 0).IsZero() {
		t.Errorf("until %s", got)
	}
}
