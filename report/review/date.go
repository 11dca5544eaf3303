package review

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"liverecon/batch/table"
)

var errNoMoment = errors.New("is no time: want 2026-11-21 14:30, or a date")

// reading represents one way to read a cell as a time.
type reading struct {
	at  time.Time
	day bool // it is a day without a time
}

// dateStyle describes what the reading of a time depends on.
type dateStyle struct {
	zone     *time.Location
	from1904 bool      // numbers of days count from 1904-01-01
	now      time.Time // a day without a year is about now
}

// oneMoment reads a cell as a time on a zone's clock. Of several ways to read it (5/11: November or May, of which year)
// it takes the one that is possible; possible may be nil. Where none is, it is the first, and where several are, an
// error.
func oneMoment(
	c table.Cell, style dateStyle, possible func(at time.Time, day bool) bool,
) (at time.Time, day bool, err error) {
	all := readings(c, style)
	if len(all) == 0 {
		return time.Time{}, false, errNoMoment
	}
	var fits []reading
	for _, r := range all {
		if possible != nil && possible(r.at, r.day) {
			fits = append(fits, r)
		}
	}
	if len(fits) > 1 {
		return time.Time{}, false, fmt.Errorf("may be %s or %s: write it as 2026-11-21", fits[0].at.Format("2 January 2006"),
			fits[1].at.Format("2 January 2006"))
	}
	return append(fits, all...)[0].at, append(fits, all...)[0].day, nil
}

// The first day that a number is taken for: smaller ones are what a program made of 28.11.
const firstSerial = 30_000 // 1982-02-18

func readings(c table.Cell, style dateStyle) []reading {
	zone := style.zone
	text := strings.Join(strings.Fields(c.Text), " ")
	if days, err := strconv.ParseFloat(text, 64); err == nil {
		if !(days >= firstSerial && days < 2_958_466) { // up to 9999-12-31
			return nil
		}
		return []reading{fromSerial(days, zone, style.from1904)}
	}
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04",
		time.RFC3339, time.DateOnly, "2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return []reading{{t, !strings.Contains(layout, "15")}}
		}
	}
	return append(named(text, zone), numbered(text, style)...)
}

// fromSerial reads a spreadsheet's number of days.
func fromSerial(days float64, zone *time.Location, from1904 bool) reading {
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole := int(days)
	seconds := time.Duration((days-float64(whole))*86_400+0.5) * time.Second
	t := epoch.AddDate(0, 0, whole).Add(seconds)
	return reading{time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone),
		days == float64(whole)}
}

// named reads days with the English name of the month, as spreadsheets write them.
func named(text string, zone *time.Location) []reading {
	for _, day := range []string{"2 Jan 2006", "2-Jan-2006", "2-Jan-06", "2 January 2006", "Jan 2, 2006",
		"January 2, 2006"} {
		for _, clock := range []string{"", " 15:04", " 15:04:05", " 3:04 PM", " 3:04:05 PM"} {
			if t, err := time.ParseInLocation(day+clock, text, zone); err == nil {
				return []reading{{t, clock == ""}}
			}
		}
	}
	return nil
}

// numberedDay matches days as 28/11, 28.11.2026 and 11/28/26 2:30 PM.
var numberedDay = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})(?:[./-](\d{4}|\d{2})?)?(?:,? (\d{1,2})[:.](\d{2})` +
	`(?:[:.](\d{2}))?(?: ?([AaPp])[Mm])?)?$`)

// numbered reads days whose month is a number, the day first, and where no point parts them the month first, too. A day
// without a year may be of each of the two years up to the next one.
func numbered(text string, style dateStyle) (all []reading) {
	m := numberedDay.FindStringSubmatch(text)
	if m == nil {
		return nil
	}
	number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n } // digits, by the expression
	hour := number(5)
	if half := strings.ToLower(m[8]); half != "" {
		hour = hour%12 + map[string]int{"p": 12}[half]
	}
	if hour > 23 || number(6) > 59 || number(7) > 59 {
		return nil
	}
	orders := [][2]int{{number(1), number(3)}, {number(3), number(1)}}
	if m[2] == "." || orders[0] == orders[1] {
		orders = orders[:1]
	}
	years := []int{number(4)}
	switch now := style.now.In(style.zone).Year(); {
	case m[4] == "":
		years = []int{now, now - 1, now + 1}
	case len(m[4]) == 2:
		years[0] += 2000
	}
	for _, year := range years {
		for _, order := range orders {
			at := time.Date(year, time.Month(order[1]), order[0], hour, number(6), number(7), 0, style.zone)
			if at.Day() == order[0] && int(at.Month()) == order[1] {
				all = append(all, reading{at, m[5] == ""})
			}
		}
	}
	return all
}
