package store

import (
	"strings"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
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

// dayOf gives the day of a moment, all in milliseconds since the Unix epoch. It remembers the last one: answers come
// day by day.
func (c Calendar) dayOf() func(at int64) (from, to int64) {
	var from, to int64
	return func(at int64) (int64, int64) {
		if at < from || at >= to {
			first, next := calendar.Day(sqlrow.FromMillis(at), c.Zone)
			from, to = sqlrow.Millis(first), sqlrow.Millis(next)
		}
		return from, to
	}
}
