package calendar

import (
	"strings"
	"time"
)

// Clock names which of its times an answer is counted by.
type Clock string

// The clocks. The zero Clock is ByAnswer.
const (
	ByAnswer  Clock = "answer"  // when the answer came
	ByCapture Clock = "capture" // when the picture was taken, as far as the vendor says; else when the answer came
)

// Calendar describes which day an answer belongs to.
type Calendar struct {
	Zone  *time.Location
	Clock Clock
}

// String returns the calendar in words: two calendars with the same words have the same days.
func (c Calendar) String() string {
	if c.Clock == ByCapture {
		return string(ByCapture) + " " + c.Zone.String()
	}
	return string(ByAnswer) + " " + c.Zone.String()
}

// ClockOf returns the clock of a calendar in words.
func ClockOf(words string) Clock {
	word, _, _ := strings.Cut(words, " ")
	return Clock(word)
}

// DayOf gives the day of a moment, all in milliseconds since the Unix epoch. It remembers the last one: answers come
// day by day.
func (c Calendar) DayOf() func(at int64) (from, to int64) {
	var from, to int64
	return func(at int64) (int64, int64) {
		if at < from || at >= to {
			first, next := Day(time.UnixMilli(at), c.Zone)
			from, to = first.UnixMilli(), next.UnixMilli()
		}
		return from, to
	}
}
