package calendar

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Period represents a half-open stretch of time, [From, To), that begins and ends with a day of its zone.
type Period struct {
	From, To time.Time // UTC
	Label    string    // 2026-11-21, 2026-11-01..2026-11-07 or 2026-11
	Zone     *time.Location
}

// BusinessDay returns the day of zone that holds a moment.
func BusinessDay(at time.Time, zone *time.Location) Period {
	y, m, d := Date(at, zone)
	return Days(y, m, d, 1, zone)
}

// Days returns a number of days (at least one) from a date of zone on. Days that a clock change makes 23 or 25 hours
// long are whole days all the same.
func Days(year int, month time.Month, day, days int, zone *time.Location) Period {
	first := Midnight(year, month, day, zone)
	p := Period{From: first.UTC(), To: Midnight(year, month, day+days, zone).UTC(), Zone: zone}
	p.Label = first.Format(time.DateOnly)
	if days > 1 {
		y, m, d := first.Date()
		p.Label += ".." + time.Date(y, m, d+days-1, 12, 0, 0, 0, zone).Format(time.DateOnly)
	}
	return p
}

// What a period may be: a sheet has a row, a chart a place for every day of it, and the period before is as long.
const (
	mostDays            = 3660
	firstYear, lastYear = 1970, 2999
)

// Range returns the days from one date to another, both included, given as 2026-11-01: at most 3,660 of the years 1970
// to 2999.
func Range(from, to string, zone *time.Location) (Period, error) {
	first, err := parseDate(time.DateOnly, "YYYY-MM-DD", from)
	if err != nil {
		return Period{}, fmt.Errorf("first day %.40q: %w", from, err)
	}
	last, err := parseDate(time.DateOnly, "YYYY-MM-DD", to)
	if err != nil {
		return Period{}, fmt.Errorf("last day %.40q: %w", to, err)
	}
	if last.Before(first) {
		return Period{}, fmt.Errorf("last day %s lies before first day %s", to, from)
	}
	if !last.Before(first.AddDate(0, 0, mostDays)) {
		return Period{}, fmt.Errorf("from %s to %s are more than %s days", from, to, humanize.Comma(mostDays))
	}
	days := int(last.Sub(first).Hours()/24) + 1
	y, m, d := first.Date()
	return Days(y, m, d, days, zone), nil
}

// Month returns a calendar month of zone.
func Month(year int, month time.Month, zone *time.Location) Period {
	first := Midnight(year, month, 1, zone)
	return Period{From: first.UTC(), To: Midnight(year, month+1, 1, zone).UTC(), Label: first.Format(monthOnly),
		Zone: zone}
}

// Months holds the billing months of a contract: named by the calendar month that they end in, or are.
type Months struct {
	Zone   *time.Location
	Starts int // day of the month that they begin on; 0 and 1: calendar months
}

// Month returns one of them.
func (m Months) Month(year int, month time.Month) Period {
	p := Month(year, month, m.Zone)
	if m.Starts > 1 {
		p.From, p.To = Midnight(year, month-1, m.Starts, m.Zone).UTC(), Midnight(year, month, m.Starts, m.Zone).UTC()
	}
	return p
}

// Parse returns the month given as 2026-11, of the years 1970 to 2999.
func (m Months) Parse(text string) (Period, error) {
	p, err := ParseMonth(text, m.Zone)
	if err != nil {
		return p, err
	}
	year, month, _ := p.From.In(m.Zone).Date()
	return m.Month(year, month), nil
}

// Of returns the month that holds a moment.
func (m Months) Of(at time.Time) Period {
	year, month, day := Date(at, m.Zone)
	if m.Starts > 1 && day >= m.Starts {
		month++
	}
	return m.Month(year, month)
}

// ToDate returns the month of a day up to the end of that day; its label is the month's.
func (m Months) ToDate(at time.Time) Period {
	p := m.Of(at)
	p.To = BusinessDay(at, m.Zone).To
	return p
}

// parseDate reads a date of a layout, which form shows to people, of the years that a period may lie in.
func parseDate(layout, form, text string) (time.Time, error) {
	at, err := time.Parse(layout, text)
	switch {
	case err != nil:
		return at, fmt.Errorf("want %s", form)
	case at.Year() < firstYear || at.Year() > lastYear:
		return at, fmt.Errorf("want a year from %d to %d", firstYear, lastYear)
	}
	return at, nil
}

// monthOnly sets how a month is written.
const monthOnly = "2006-01"

// ParseMonth returns the month given as 2026-11, of the years 1970 to 2999.
func ParseMonth(text string, zone *time.Location) (Period, error) {
	first, err := parseDate(monthOnly, "YYYY-MM", text)
	if err != nil {
		return Period{}, fmt.Errorf("month %.40q: %w", text, err)
	}
	return Month(first.Year(), first.Month(), zone), nil
}

// ParsePeriod returns the period given as a month (2026-11), a day (2026-11-21), or the days from one to another, both
// included (2026-11-01..2026-11-07): as a period's Label is written.
func ParsePeriod(text string, zone *time.Location) (Period, error) {
	if from, to, ok := strings.Cut(text, ".."); ok {
		return Range(from, to, zone)
	}
	if len(text) <= len(monthOnly) {
		return ParseMonth(text, zone)
	}
	return Range(text, text, zone)
}

// MonthToDate returns the month of a day up to the end of that day; its label is the month's.
func MonthToDate(at time.Time, zone *time.Location) Period {
	y, m, d := Date(at, zone)
	p := Month(y, m, zone)
	p.To = Midnight(y, m, d+1, zone).UTC()
	return p
}

// IsMonth reports whether the label is a month's: of a whole one, or of one to date.
func (p Period) IsMonth() bool {
	_, err := time.Parse(monthOnly, p.Label)
	return err == nil
}

// Days returns the period cut into its days.
func (p Period) Days() []Period {
	var days []Period
	for at := p.From; at.Before(p.To); {
		d := BusinessDay(at, p.Zone)
		days = append(days, d)
		at = d.To
	}
	return days
}

// Previous returns the period of equal length before p: the month before a whole month, else as many days.
func (p Period) Previous() Period {
	first := p.From.In(p.Zone)
	y, m, d := first.Date()
	if p == Month(y, m, p.Zone) {
		return Month(y, m-1, p.Zone)
	}
	n := len(p.Days())
	return Days(y, m, d-n, n, p.Zone)
}

// Describe returns the period in words: the days, and the zone they are days of.
func (p Period) Describe() string {
	days := p.Days()
	if len(days) == 0 {
		return "no day"
	}
	first, last := days[0].Label, days[len(days)-1].Label
	if first == last {
		return fmt.Sprintf("%s (%s)", first, p.Zone)
	}
	return fmt.Sprintf("%s to %s (%s)", first, last, p.Zone)
}
