package publish

import (
	"time"

	"liverecon/store/calendar"
)

// mostDays sets how many days a night may last before its clock must have been set in the midst of it.
const mostDays = 7

// nightDays returns the business days of a night that ends now, in their order. Where the clock was set while it went
// on, answers stand on either side of the step: the day that it began on counts even if that is after now, and of a
// step of years only the two ends do.
func nightDays(
	started, now time.Time, clock calendar.Clock, zone *time.Location,
) (days []calendar.Period) {
	first, last := started.Round(0), now.Round(0)
	if last.Before(first) {
		first, last = last, first
	}
	if clock == calendar.ByCapture { // what a night asks for was mostly captured the day before
		first = first.AddDate(0, 0, -1)
	}
	day, end := calendar.BusinessDay(first, zone), calendar.BusinessDay(last, zone)
	if end.From.Sub(day.From) > mostDays*24*time.Hour {
		return []calendar.Period{day, end}
	}
	for ; !day.From.After(end.From); day = calendar.BusinessDay(day.To, zone) {
		days = append(days, day)
	}
	return days
}
