package publish

import (
	"strings"
	"testing"
	"time"

	"liverecon/store/calendar"
)

// A night leaves the workbook of the day that it began on whatever becomes of the clock, and those of no more days than
// there were.
func TestNightDays(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct {
		name, started, now string
		clock              calendar.Clock
		days               string
	}{
		{"within a day", "2026-11-27 00:30:00", "2026-11-27 05:00:00", calendar.ByAnswer, "2026-11-27"},
		{"over midnight", "2026-11-30 23:30:00", "2026-12-01 05:00:00", calendar.ByAnswer, "2026-11-30 2026-12-01"},
		{"by capture", "2026-12-01 00:30:00", "2026-12-01 05:00:00", calendar.ByCapture, "2026-11-30 2026-12-01"},
		{"set back by a day", "2026-11-28 00:30:00", "2026-11-27 00:40:00", calendar.ByAnswer, "2026-11-27 2026-11-28"},
		{"set back by years", "2028-03-01 00:30:00", "2026-11-27 00:40:00", calendar.ByAnswer, "2026-11-27 2028-03-01"},
		{"set ahead by years", "1970-01-01 00:00:10", "2026-11-27 00:40:00", calendar.ByAnswer, "1970-01-01 2026-11-27"},
	} {
		var days []string
		for _, d := range nightDays(at(c.started), at(c.now), c.clock, time.UTC) {
			days = append(days, d.Label)
		}
		if got := strings.Join(days, " "); got != c.days {
			t.Errorf("%s: %s, want %s", c.name, got, c.days)
		}
	}
}
