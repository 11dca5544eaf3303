package calendar

import "time"

// Day returns the day of zone that holds a moment: its first moment and that of the next day.
func Day(at time.Time, zone *time.Location) (from, to time.Time) {
	y, m, d := at.In(zone).Date()
	return Midnight(y, m, d, zone), Midnight(y, m, d+1, zone)
}

// Midnight returns the beginning of a date: 00:00, or the first moment after it where a clock change takes midnight
// away.
func Midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	want := time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Day()
	if t.Day() == want {
		return t
	}
	_, end := t.ZoneBounds() // the gap ends where the old offset does
	return end
}
