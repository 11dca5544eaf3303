package billing

import (
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestPeriodBounds(t *testing.T) {
	for _, tt := range []struct{ zone, period, from, to string }{
		{"UTC", "2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"Asia/Singapore", "2026-12", "2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z"},
		{"America/New_York", "2026-03", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"},
		{"America/New_York", "2026-11", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z"},
		{"America/Asuncion", "2023-10", "2023-10-01T04:00:00Z", "2023-11-01T03:00:00Z"}, // no 00:00 on the 1st
		{"America/St_Johns", "2009-11", "2009-11-01T02:30:00Z", "2009-12-01T03:30:00Z"}, // back over midnight at 00:01
	} {
		p, err := ParsePeriod(tt.period)
		if err != nil || p.String() != tt.period {
			t.Fatalf("ParsePeriod(%q) = %v, %v", tt.period, p, err)
		}
		from, to := p.Bounds(zone(t, tt.zone))
		if got := from.UTC().Format(time.RFC3339); got != tt.from {
			t.Errorf("%s %s begins %s, want %s", tt.zone, p, got, tt.from)
		}
		if got := to.UTC().Format(time.RFC3339); got != tt.to {
			t.Errorf("%s %s ends %s, want %s", tt.zone, p, got, tt.to)
		}
	}
}

func TestParsePeriodRefuses(t *testing.T) {
	for _, in := range []string{"", "2026", "2026-13", "2026-00", "2026-1", "2026-11-01", "11-2026", " 2026-11"} {
		if p, err := ParsePeriod(in); err == nil {
			t.Errorf("ParsePeriod(%q) = %v, want an error", in, p)
		}
	}
}

// Days and periods must tile time: each instant in exactly the one that holds it,
// whatever the zone does with its clocks.
func TestDaysAndPeriodsTile(t *testing.T) {
	for _, tt := range []struct{ zone, around string }{
		{"Asia/Singapore", "2026-12-01"},
		{"America/New_York", "2026-11-01"},
		{"Europe/Berlin", "2026-03-29"},
		{"America/Asuncion", "2023-10-01"}, // midnight skipped, west of Greenwich
		{"Asia/Beirut", "2022-03-27"},      // midnight skipped, east
		{"Atlantic/Azores", "2026-10-25"},  // midnight twice on one date, west
		{"Asia/Amman", "2021-10-29"},       // midnight twice, east
		{"America/St_Johns", "2009-11-01"}, // back over midnight into the month before
		{"Pacific/Apia", "2011-12-31"},     // a date left out
	} {
		z := zone(t, tt.zone)
		book, err := NewBook(nil, z)
		if err != nil {
			t.Fatal(err)
		}
		around, err := time.Parse(time.DateOnly, tt.around)
		if err != nil {
			t.Fatal(err)
		}
		previous := DayAt(around.AddDate(0, 0, -3), z)
		for at := previous.From; at.Before(around.AddDate(0, 0, 3)); at = at.Add(30 * time.Second) {
			d := DayAt(at, z)
			if !d.holds(at) {
				t.Fatalf("%s: day %v to %v does not hold %v", tt.zone, d.From, d.To, at)
			}
			if !d.From.Equal(previous.From) && !d.From.Equal(previous.To) {
				t.Fatalf("%s: %v follows a day that ended %v", tt.zone, d.From, previous.To)
			}
			from, to := book.PeriodOf(at).Bounds(z)
			if at.Before(from) || !at.Before(to) {
				t.Fatalf("%s: period %v does not hold %v", tt.zone, book.PeriodOf(at), at)
			}
			previous = d
		}
	}
}
