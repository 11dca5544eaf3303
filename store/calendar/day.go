package calendar

import "time"

// Day returns the day of zone that holds a moment: its first moment and that of the next day.
func Day(at time.Time, zone *time.Location) (from, to time.Time) {
	y, m, d := Date(at, zone)
	return Midnight(y, m, d, zone), Midnight(y, m, d+1, zone)
}

// Date returns the date of the day that holds a moment. It agrees with Midnight even where clocks went back over
// midnight, and the evening of one date was lived again after the next had begun: that belongs to the next.
func Date(at time.Time, zone *time.Location) (year int, month time.Month, day int) {
	year, month, day = at.In(zone).Date()
	for !at.Before(Midnight(year, month, day+1, zone)) {
		day++
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Date()
}

// Midnight returns the first moment of a date in a zone. That is not always what time.Date returns: some zones change
// their clocks at midnight, so that 00:00 of a date does not exist or exists twice.
func Midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	start, end := t.ZoneBounds()
	if DateOf(t).Before(date) {
		return end // the gap ends where the old offset does
	}
	if start.IsZero() {
		return t
	}
	_, offset := start.Add(-1).Zone()
	earlier := date.Add(-time.Duration(offset) * time.Second).In(zone)
	if earlier.Before(start) && DateOf(earlier).Equal(date) {
		return earlier
	}
	return t
}

// DateOf returns the date that a time shows in its own location, as midnight UTC; that of the zero time is zero.
func DateOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
