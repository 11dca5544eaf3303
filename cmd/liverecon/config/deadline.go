package config

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// ClockTime represents a time of day.
type ClockTime struct{ Hour, Minute int }

var clockForm = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):([0-5][0-9])$`)

func readDeadline(c *Config, t *table) {
	text, _ := as[string](t, "deadline", `a time of day in quotes, such as "06:00"`)
	if text == "" {
		return
	}
	m := clockForm.FindStringSubmatch(text)
	if m == nil {
		t.wrong("deadline", `%.40q: want a time of day such as "06:00"`, text)
		return
	}
	// The pattern admits digits only.
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	c.Deadline = &ClockTime{hour, minute}
}

// String writes the time of day as the configuration does.
func (c ClockTime) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// Next returns the first moment after now at which clocks of the zone show this time.
func (c ClockTime) Next(now time.Time, zone *time.Location) time.Time {
	year, month, day := now.In(zone).Date()
	at := c.on(year, month, day, zone)
	for !at.After(now) {
		day++
		at = c.on(year, month, day, zone)
	}
	return at
}

// on returns this time on a date. Where clocks skip it, it is a moment after the gap: never one of the day before,
// which time.Date may return.
func (c ClockTime) on(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, c.Hour, c.Minute, 0, 0, zone)
	shown := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
	if shown.Before(time.Date(year, month, day, c.Hour, c.Minute, 0, 0, time.UTC)) {
		_, at = at.ZoneBounds()
	}
	return at
}

// Skipped finds the day of the coming year on which the clocks of a zone do not show this time, and what they show in
// its place.
func (c ClockTime) Skipped(now time.Time, zone *time.Location) (day, shown string, found bool) {
	y, m, d := now.In(zone).Date()
	for n := range 366 {
		at := c.on(y, m, d+n, zone)
		if h, minute, _ := at.Clock(); h != c.Hour || minute != c.Minute {
			return time.Date(y, m, d+n, 12, 0, 0, 0, zone).Format(time.DateOnly), at.Format("15:04"), true
		}
	}
	return "", "", false
}
