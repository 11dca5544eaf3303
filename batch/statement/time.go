package statement

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/table"
	"liverecon/store/calendar"
)

// Years in which a liveness API can have charged for something. A time outside
// them was read with the wrong layout.
const (
	firstYear = 2000
	lastYear  = 2099
)

// clock reads the times of a statement.
type clock struct {
	layouts  []timeLayout
	times    []string
	months   []string
	zone     *time.Location
	dateOnly bool // a time may be a date
	unix     bool // a number is seconds or milliseconds since 1970
	midnight bool // a time at midnight is a day
	from1904 bool
}

// timeLayout represents a layout of times that are texts.
type timeLayout struct {
	text string
	zone *time.Location // of times that give no offset
	days bool           // it tells no times of a day apart
}

func newClock(o Options, from1904 bool) clock {
	c := clock{times: o.TimeLayouts, months: o.MonthLayouts, zone: o.Zone, from1904: from1904}
	for _, layout := range o.TimeLayouts {
		switch {
		case layout == layoutUnix || layout == layoutUnixMS:
			c.unix = true
		case !hasClock(layout):
			c.dateOnly = true
		}
		zone := o.Zone
		if namesUTC(layout) {
			zone = time.UTC
		}
		c.layouts = append(c.layouts, timeLayout{layout, zone, !hasClock(layout)})
	}
	return c
}

// hasClock reports whether a layout tells times of a day apart.
func hasClock(layout string) bool {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	return day.Format(layout) != day.Add(17*time.Hour+48*time.Minute+59*time.Second).Format(layout)
}

// time reads an instant, or a day as its first instant. Both are in UTC; the day
// is the statement's.
func (c clock) time(value table.Cell) (at time.Time, day calendarDay, err error) {
	switch {
	case value.Number && !c.unix:
		at, day, err = c.serial(value)
	default:
		at, day, err = c.text(strings.TrimFunc(value.Text, unseen))
	}
	if err != nil {
		return time.Time{}, calendarDay{}, err
	}
	if c.midnight && !day.known && isMidnight(at.In(c.zone)) {
		at, day = c.day(at.In(c.zone))
	}
	if year := at.In(c.zone).Year(); year < firstYear || year > lastYear {
		return time.Time{}, calendarDay{}, fmt.Errorf("the year %d: want %d to %d", year, firstYear, lastYear)
	}
	return at.UTC(), day, nil
}

func isMidnight(at time.Time) bool {
	return at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 && at.Nanosecond() == 0
}

// calendarDay represents the day a time is, where it is no more than that.
type calendarDay struct {
	known bool
	year  int
	month time.Month
	day   int
}

// period returns the billing month of the day, the zero Period where there is none.
func (d calendarDay) period(months billing.Months) billing.Period {
	if !d.known {
		return billing.Period{}
	}
	return months.On(d.year, d.month, d.day)
}

func (c clock) text(s string) (time.Time, calendarDay, error) {
	for _, l := range c.layouts {
		if l.text == layoutUnix || l.text == layoutUnixMS {
			if at, err := sinceEpoch(l.text, s); err == nil {
				return at, calendarDay{}, nil
			}
			continue
		}
		if at, err := time.ParseInLocation(l.text, s, l.zone); err == nil {
			return c.read(at, l)
		}
	}
	if plain, utc := withoutUTC(s); utc {
		for _, l := range c.layouts {
			if at, err := time.Parse(l.text, plain); err == nil && !l.days {
				return at, calendarDay{}, nil
			}
		}
	}
	return time.Time{}, calendarDay{}, fmt.Errorf("want a time such as %s", exampleOf(c.times))
}

func (c clock) read(at time.Time, l timeLayout) (time.Time, calendarDay, error) {
	if !l.days {
		return at, calendarDay{}, nil
	}
	year, month, n := at.Date()
	return calendar.Midnight(year, month, n, l.zone), calendarDay{true, year, month, n}, nil
}

// zonesUTC lists names of UTC that a layout may have as they are; where it reads an offset, it has other words for it.
var zonesUTC = []string{"UTC", "GMT", "+00:00", "+0000", "Z"}

// namesUTC reports whether a layout's texts say that their times are UTC.
func namesUTC(layout string) bool {
	layout = strings.NewReplacer("Z07:00", "", "Z0700", "", "Z07", "").Replace(layout)
	return slices.ContainsFunc(zonesUTC, func(zone string) bool { return strings.HasSuffix(layout, zone) })
}

// withoutUTC takes the name of UTC off a time's end.
func withoutUTC(s string) (plain string, utc bool) {
	for _, zone := range zonesUTC {
		if plain, utc = strings.CutSuffix(s, zone); utc {
			return strings.TrimSpace(plain), true
		}
	}
	return s, false
}

// day returns the day that a wall clock shows, in the statement's zone.
func (c clock) day(wall time.Time) (time.Time, calendarDay) {
	year, month, n := wall.Date()
	return calendar.Midnight(year, month, n, c.zone), calendarDay{true, year, month, n}
}

func sinceEpoch(layout, s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	if layout == layoutUnixMS {
		return time.UnixMilli(n), nil
	}
	if n < 0 || n > math.MaxInt32 { // milliseconds, where seconds are expected
		return time.Time{}, errors.New("no seconds")
	}
	return time.Unix(n, 0), nil
}

// serial reads a workbook's number for a time: days since 1899-12-30 (which is
// right from March 1900 on, Excel having given that year a leap day) or since
// 1904-01-01, as a wall clock of the statement's zone shows them. Excel's binary
// fractions are exact to the millisecond. Midnight is told from a whole day by the
// cell's format.
func (c clock) serial(value table.Cell) (time.Time, calendarDay, error) {
	const first, last, msPerDay = 30_000, 80_000, 86_400_000 // days: 1982 to 2119
	days, err := strconv.ParseFloat(value.Text, 64)
	if err != nil || !(days >= first && days <= last) {
		return time.Time{}, calendarDay{}, errors.New("want a date and time, not a number")
	}
	year, month, n := 1899, time.December, 30
	if c.from1904 {
		year, month, n = 1904, time.January, 1
	}
	whole := math.Floor(days)
	ms := math.Round((days - whole) * msPerDay)
	n += int(whole)
	if ms == 0 && c.dateOnly && !value.Shown.Clock {
		at, day := c.day(time.Date(year, month, n, 0, 0, 0, 0, time.UTC))
		return at, day, nil
	}
	return time.Date(year, month, n, 0, 0, 0, int(ms)*int(time.Millisecond), c.zone), calendarDay{}, nil
}

// month reads the month column. A spreadsheet makes dates of "2026-11".
func (c clock) month(value table.Cell) (billing.Period, error) {
	text := strings.TrimFunc(value.Text, unseen)
	var at time.Time
	err := errors.New("no layout")
	for _, layout := range c.months {
		if at, err = time.Parse(layout, text); err == nil {
			break
		}
	}
	if err != nil && value.Number {
		var serial time.Time
		if serial, _, err = c.serial(value); err == nil {
			at = serial.In(c.zone)
		}
	}
	if err != nil || at.Year() < firstYear || at.Year() > lastYear {
		return billing.Period{}, fmt.Errorf("want a month such as %s", exampleOf(c.months))
	}
	return billing.Period{Year: at.Year(), Month: at.Month()}, nil
}

// exampleOf shows one time in up to three layouts.
func exampleOf(layouts []string) string {
	at := time.Date(2026, 11, 23, 17, 48, 59, 0, time.UTC)
	var shown []string
	for _, layout := range layouts[:min(len(layouts), 3)] {
		switch layout {
		case layoutUnix:
			shown = append(shown, strconv.FormatInt(at.Unix(), 10))
		case layoutUnixMS:
			shown = append(shown, strconv.FormatInt(at.UnixMilli(), 10))
		default:
			shown = append(shown, at.Format(layout))
		}
	}
	return strings.Join(shown, " or ")
}
