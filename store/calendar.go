package store

import (
	"strings"
	"time"
)

// Clock says which of its times an answer is counted by.
type Clock string

// The clocks. The zero Clock is ByAnswer.
const (
	ByAnswer  Clock = "answer"  // when the answer came
	ByCapture Clock = "capture" // when the picture was taken, as far as the vendor says; else when the answer came
)

// at is the time as an SQL expression over answers. An index on it is found by these very words.
func (c Clock) at() string {
	if c == ByCapture {
		return "coalesce(captured_at, answered_at)"
	}
	return "answered_at"
}

// captured is a last column of a query, the time of capture, where days go by it; else nothing.
func (c Clock) captured(column string) string {
	if c == ByCapture {
		return column
	}
	return ""
}

// targets are where the columns of such a query go.
func (c Clock) targets(captured any, columns ...any) []any {
	if c == ByCapture {
		return append(columns, captured)
	}
	return columns
}

// Calendar says which day an answer belongs to.
type Calendar struct {
	Zone  *time.Location
	Clock Clock
}

// String is the calendar in words: two calendars with the same words have the same days.
func (c Calendar) String() string {
	if c.Clock == ByCapture {
		return string(ByCapture) + " " + c.Zone.String()
	}
	return string(ByAnswer) + " " + c.Zone.String()
}

// clockOf is the clock of a calendar in words.
func clockOf(calendar string) Clock {
	word, _, _ := strings.Cut(calendar, " ")
	return Clock(word)
}

// Day is the day of zone that holds a moment: its first moment and that of the next day.
func Day(at time.Time, zone *time.Location) (from, to time.Time) {
	y, m, d := at.In(zone).Date()
	return Midnight(y, m, d, zone), Midnight(y, m, d+1, zone)
}

// Midnight is the beginning of a date: 00:00, or the first moment after it where a clock change takes midnight away.
func Midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, 0, 0, 0, zone)
	want := time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Day()
	if t.Day() == want {
		return t
	}
	_, end := t.ZoneBounds() // the gap ends where the old offset does
	return end
}

// dayOf gives the day of a moment, all in milliseconds since the Unix epoch. It remembers the last one: answers come day by
// day.
func (c Calendar) dayOf() func(at int64) (from, to int64) {
	var from, to int64
	return func(at int64) (int64, int64) {
		if at < from || at >= to {
			first, next := Day(fromMillis(at), c.Zone)
			from, to = millis(first), millis(next)
		}
		return from, to
	}
}
