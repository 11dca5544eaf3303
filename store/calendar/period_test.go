package calendar

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, on any machine
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestPeriods(t *testing.T) {
	berlin, paulo, kathmandu := zone(t, "Europe/Berlin"), zone(t, "America/Sao_Paulo"), zone(t, "Asia/Kathmandu")
	for _, c := range []struct {
		name            string
		period          Period
		from, to, name2 string
	}{
		{"a day", Days(2026, 11, 21, 1, singapore()), "2026-11-20T16:00:00Z", "2026-11-21T16:00:00Z", "2026-11-21"},
		{"a short day", Days(2026, 3, 29, 1, berlin), "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-29"},
		{"a long day", Days(2026, 10, 25, 1, berlin), "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-25"},
		{"a day without midnight", Days(2018, 11, 4, 1, paulo), "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z", "2018-11-04"},
		{"the day before it", Days(2018, 11, 3, 1, paulo), "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-03"},
		{"a zone of quarters", BusinessDay(time.Date(2026, 11, 20, 18, 14, 59, 0, time.UTC), kathmandu), "2026-11-19T18:15:00Z", "2026-11-20T18:15:00Z", "2026-11-20"},
		{"a month", Month(2026, 11, singapore()), "2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z", "2026-11"},
		{"a December", Month(2026, 12, singapore()), "2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z", "2026-12"},
		{"month to date", MonthToDate(time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC), singapore()), "2026-10-31T16:00:00Z", "2026-11-21T16:00:00Z", "2026-11"},
		{"a week", Days(2026, 11, 28, 7, singapore()), "2026-11-27T16:00:00Z", "2026-12-04T16:00:00Z", "2026-11-28..2026-12-04"},
		{"before a day", Days(2026, 11, 1, 1, singapore()).Previous(), "2026-10-30T16:00:00Z", "2026-10-31T16:00:00Z", "2026-10-31"},
		{"before a month", Month(2026, 3, berlin).Previous(), "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z", "2026-02"},
		{"before a week", Days(2026, 3, 30, 7, berlin).Previous(), "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-23..2026-03-29"},
	} {
		if got := c.period.From.Format(time.RFC3339); got != c.from {
			t.Errorf("%s: from %s, want %s", c.name, got, c.from)
		}
		if got := c.period.To.Format(time.RFC3339); got != c.to {
			t.Errorf("%s: to %s, want %s", c.name, got, c.to)
		}
		if c.period.Label != c.name2 {
			t.Errorf("%s: label %s, want %s", c.name, c.period.Label, c.name2)
		}
		if got, want := c.period.IsMonth(), strings.Count(c.name2, "-") == 1; got != want {
			t.Errorf("%s: a month: %t", c.name, got)
		}
	}
}

// TestDaysPartition cuts years into days that meet without gap or overlap.
func TestDaysPartition(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/Sao_Paulo", "Asia/Singapore", "Pacific/Apia"} {
		p := Period{From: Midnight(2011, 1, 1, zone(t, name)).UTC(), To: Midnight(2019, 1, 1, zone(t, name)).UTC(), Zone: zone(t, name)}
		at := p.From
		for _, d := range p.Days() {
			if !d.From.Equal(at) || !d.To.After(d.From) {
				t.Fatalf("%s: day %s is [%s, %s), the one before ended %s", name, d.Label, d.From, d.To, at)
			}
			at = d.To
		}
		if !at.Equal(p.To) {
			t.Errorf("%s: days end %s, want %s", name, at, p.To)
		}
	}
}

// TestParsePeriod reads a period back from its label.
func TestParsePeriod(t *testing.T) {
	z := zone(t, "Asia/Singapore")
	for _, p := range []Period{Month(2026, 11, z), Days(2026, 11, 21, 1, z), Days(2026, 10, 30, 5, z)} {
		if got, err := ParsePeriod(p.Label, z); err != nil || got != p {
			t.Errorf("%s: %+v, %v", p.Label, got, err)
		}
	}
	for _, text := range []string{"", "2026", "2026-13", "November", "2026-11-31", "2026-11-02..2026-11-01", "..", "2026-11-01..", "2026-11-01..2026-11-02..2026-11-03", "0001-01", "9999-12", "0001-01-01", "2020-01-01..9999-12-31"} {
		if p, err := ParsePeriod(text, z); err == nil {
			t.Errorf("%q is %s", text, p.Label)
		}
	}
}

func TestRangeRefuses(t *testing.T) {
	for _, c := range [][2]string{{"2026-11-02", "2026-11-01"}, {"2026-11-31", "2026-12-01"}, {"x", "2026-11-01"}, {"2026-11-01", ""},
		{"2020-01-01", "9999-12-31"}, {"0001-01-01", "0001-01-01"}, {"2999-12-31", "3000-01-01"}, {"2000-01-01", "2010-01-08"}} {
		if p, err := Range(c[0], c[1], time.UTC); err == nil {
			t.Errorf("Range(%q, %q) = %s", c[0], c[1], p.Label)
		}
	}
	p, err := Range("2026-11-01", "2026-11-30", time.UTC)
	if err != nil || len(p.Days()) != 30 {
		t.Errorf("November has %d days (%v)", len(p.Days()), err)
	}
	if p, err := Range("2000-01-01", "2010-01-07", zone(t, "Europe/Berlin")); err != nil || len(p.Days()) != mostDays {
		t.Errorf("the longest range has %d days (%v)", len(p.Days()), err)
	}
}

// Billing months that begin on any day: a month is named by the one that it ends in, and each moment is in one.
func TestBillingMonths(t *testing.T) {
	zone := singapore()
	m := Months{Zone: zone, Starts: 26}
	november, err := m.Parse("2026-11")
	if err != nil || november.From.Format(time.RFC3339) != "2026-10-25T16:00:00Z" || november.To.Format(time.RFC3339) != "2026-11-25T16:00:00Z" || november.Label != "2026-11" || !november.IsMonth() {
		t.Fatalf("%+v, %v", november, err)
	}
	for at, want := range map[string]string{"2026-10-25T15:59:59Z": "2026-10", "2026-10-25T16:00:00Z": "2026-11", "2026-11-25T15:59:59Z": "2026-11", "2026-12-25T16:00:00Z": "2027-01"} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		p := m.Of(moment)
		if p.Label != want || moment.Before(p.From) || !moment.Before(p.To) {
			t.Errorf("%s is in %+v, want %s", at, p, want)
		}
		if d := m.ToDate(moment); d.From != p.From || !moment.Before(d.To) || d.To.Sub(moment) > 24*time.Hour || d.Label != want {
			t.Errorf("to date of %s: %+v", at, d)
		}
	}
	for _, starts := range []int{0, 1} {
		if p := (Months{zone, starts}).Month(2026, time.November); p != Month(2026, time.November, zone) {
			t.Errorf("a calendar month: %+v", p)
		}
	}
}

// TestDaysTile moves through clock changes at midnight: each moment is in exactly one day and one month, which its own
// bounds agree about.
func TestDaysTile(t *testing.T) {
	for _, c := range []struct{ zone, around string }{
		{"Asia/Singapore", "2026-12-01"},
		{"America/New_York", "2026-11-01"},
		{"Europe/Berlin", "2026-03-29"},
		{"America/Asuncion", "2023-10-01"}, // midnight skipped, west of Greenwich
		{"Asia/Beirut", "2022-03-27"},      // midnight skipped, east
		{"Atlantic/Azores", "2026-10-25"},  // midnight twice on one date, west
		{"Asia/Amman", "2021-10-29"},       // midnight twice, east
		{"America/Havana", "2026-11-01"},   // midnight twice on the first of a month
		{"America/St_Johns", "2009-11-01"}, // back over midnight into the month before
		{"Pacific/Apia", "2011-12-31"},     // a date left out
	} {
		z := zone(t, c.zone)
		around, err := time.Parse(time.DateOnly, c.around)
		if err != nil {
			t.Fatal(err)
		}
		before := BusinessDay(around.AddDate(0, 0, -3), z)
		for at := before.From; at.Before(around.AddDate(0, 0, 3)); at = at.Add(30 * time.Second) {
			d := BusinessDay(at, z)
			if at.Before(d.From) || !at.Before(d.To) {
				t.Fatalf("%s: day %v to %v does not hold %v", c.zone, d.From, d.To, at)
			}
			if !d.From.Equal(before.From) && !d.From.Equal(before.To) {
				t.Fatalf("%s: %v follows a day that ended %v", c.zone, d.From, before.To)
			}
			for _, m := range []Months{{Zone: z}, {Zone: z, Starts: 26}} {
				if p := m.Of(at); at.Before(p.From) || !at.Before(p.To) {
					t.Fatalf("%s: month %s of %v to %v does not hold %v", c.zone, p.Label, p.From, p.To, at)
				}
			}
			if p := MonthToDate(at, z); at.Before(p.From) || !at.Before(p.To) {
				t.Fatalf("%s: month to date %v to %v does not hold %v", c.zone, p.From, p.To, at)
			}
			before = d
		}
	}
}
