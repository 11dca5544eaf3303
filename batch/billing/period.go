package billing

import (
	"fmt"
	"time"

	"liverecon/store/calendar"
)

// Period names a billing month: the calendar month that it ends in, or is. When it begins and ends, Months tells.
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

// String returns "2026-11".
func (p Period) String() string { return fmt.Sprintf("%04d-%02d", p.Year, int(p.Month)) }

// Months holds the billing months of a contract, half-open: the first instant of one belongs to it, the first instant
// of the next does not.
type Months struct {
	Zone *time.Location
	// Starts is the day of the month, up to the 28th, that they begin on: with 26, November is from 26 October to
	// 25 November. 0 and 1 are calendar months.
	Starts int
}

// Bounds returns a month's first instant and the one after its last.
func (m Months) Bounds(p Period) (from, to time.Time) {
	if m.Starts <= 1 {
		return p.Bounds(m.Zone)
	}
	return calendar.Midnight(p.Year, p.Month-1, m.Starts, m.Zone), calendar.Midnight(p.Year, p.Month, m.Starts, m.Zone)
}

// On returns the month that a date of the zone is in.
func (m Months) On(year int, month time.Month, day int) Period {
	p := Period{year, month}
	if m.Starts > 1 && day >= m.Starts {
		return p.Plus(1)
	}
	return p
}

// Of returns the month that an instant is in.
func (m Months) Of(at time.Time) Period { return m.dayAt(at).Period }

// dayAt returns the day of an instant, in its billing month.
func (m Months) dayAt(at time.Time) day {
	d := DayAt(at, m.Zone)
	if m.Starts > 1 {
		d.Period = m.On(d.Period.Year, d.Period.Month, d.index)
		if d.index -= m.Starts - 1; d.index < 1 {
			d.index += mostDays
		}
	}
	return d
}

// firstDay names the day that months begin on: "1st", "26th".
func (m Months) firstDay() string {
	n := max(1, m.Starts)
	switch {
	case n%10 == 1 && n != 11:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2 && n != 12:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3 && n != 13:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// String describes the months: "calendar months of Asia/Singapore", "months from the 26th on, Asia/Singapore".
func (m Months) String() string {
	if m.Starts <= 1 {
		return "calendar months of " + m.Zone.String()
	}
	return fmt.Sprintf("months from the %s on, named by the one they end in, %s", m.firstDay(), m.Zone)
}

// mostDays sets how many days a month has at most.
const mostDays = 31

// Bounds returns the first instant of a calendar month and the one after its last.
func (p Period) Bounds(zone *time.Location) (from, to time.Time) {
	return calendar.Midnight(p.Year, p.Month, 1, zone), calendar.Midnight(p.Year, p.Month+1, 1, zone)
}

// day represents a calendar day of the billing zone, half-open.
type day struct {
	From, To time.Time
	Period   Period
	index    int // of the days of the period in their order, 1..31
}

func (d day) holds(at time.Time) bool { return !at.Before(d.From) && at.Before(d.To) }

// DayAt returns the day that holds an instant.
func DayAt(at time.Time, zone *time.Location) day {
	year, month, n := calendar.Date(at, zone)
	return day{
		From:   calendar.Midnight(year, month, n, zone),
		To:     calendar.Midnight(year, month, n+1, zone),
		Period: Period{year, month},
		index:  n,
	}
}

// Plus returns the period n months later.
func (p Period) Plus(n int) Period {
	t := time.Date(p.Year, p.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return Period{t.Year(), t.Month()}
}

// Before reports whether a month is earlier than another.
func (p Period) Before(q Period) bool {
	return p.Year < q.Year || p.Year == q.Year && p.Month < q.Month
}
