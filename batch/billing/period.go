package billing

import (
	"fmt"
	"time"
)

// Period is a calendar month of the billing zone, half-open: its first instant
// belongs to it, the first instant of the next month does not.
type Period struct {
	Year  int
	Month time.Month
}

// ParsePeriod reads the form of String.
func ParsePeriod(s string) (Period, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return Period{}, fmt.Errorf("period %s: want YYYY-MM", Quote(s))
	}
	return Period{t.Year(), t.Month()}, nil
}

// String is "2026-11".
func (p Period) String() string { return fmt.Sprintf("%04d-%02d", p.Year, int(p.Month)) }

// Bounds returns the period's first instant and the one after its last.
func (p Period) Bounds(zone *time.Location) (from, to time.Time) {
	return Midnight(p.Year, p.Month, 1, zone), Midnight(p.Year, p.Month+1, 1, zone)
}

// day is a calendar day of the billing zone, half-open.
type day struct {
	From, To time.Time
	Period   Period
	index    int // day of the month, 1..31
}

func (d day) holds(at time.Time) bool { return !at.Before(d.From) && at.Before(d.To) }

// DayAt agrees with midnight even where clocks went back over midnight and the
// evening of one date was lived again after the next had begun.
func DayAt(at time.Time, zone *time.Location) day {
	year, month, n := at.In(zone).Date()
	to := Midnight(year, month, n+1, zone)
	for !at.Before(to) {
		n++
		to = Midnight(year, month, n+1, zone)
	}
	date := time.Date(year, month, n, 0, 0, 0, 0, time.UTC)
	return day{
		From:   Midnight(year, month, n, zone),
		To:     to,
		Period: Period{date.Year(), date.Month()},
		index:  date.Day(),
	}
}

// Midnight is the first instant of a date in a zone. That is not always what
// time.Date returns: some zones change their clocks at midnight, so that 00:00
// of a date does not exist or exists twice.
func Midnight(year int, month time.Month, n int, zone *time.Location) time.Time {
	date := time.Date(year, month, n, 0, 0, 0, 0, time.UTC)
	t := time.Date(year, month, n, 0, 0, 0, 0, zone)
	start, end := t.ZoneBounds()
	if dateOf(t).Before(date) {
		return end
	}
	if start.IsZero() {
		return t
	}
	_, offset := start.Add(-1).Zone()
	earlier := date.Add(-time.Duration(offset) * time.Second).In(zone)
	if earlier.Before(start) && dateOf(earlier).Equal(date) {
		return earlier
	}
	return t
}

// dateOf is the calendar date t shows in its own location, as midnight UTC.
func dateOf(t time.Time) time.Time {
	year, month, n := t.Date()
	return time.Date(year, month, n, 0, 0, 0, 0, time.UTC)
}

// Plus is the period n months later.
func (p Period) Plus(n int) Period {
	t := time.Date(p.Year, p.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return Period{t.Year(), t.Month()}
}

// Before reports whether a month is earlier than another.
func (p Period) Before(q Period) bool {
	return p.Year < q.Year || p.Year == q.Year && p.Month < q.Month
}
