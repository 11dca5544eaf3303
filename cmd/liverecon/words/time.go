package words

import (
	"fmt"
	"time"
)

// TimeToday writes a time of day, with its date when it is not today's.
func TimeToday(t time.Time, zone *time.Location) string {
	if t = t.In(zone); t.Format(time.DateOnly) != time.Now().In(zone).Format(time.DateOnly) {
		return t.Format("01-02 15:04")
	}
	return t.Format("15:04:05")
}

// Moment writes a time on the clocks of a zone, with the zone; "-" for the zero time.
func Moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format("2006-01-02 15:04:05 MST")
}

// Duration writes a duration in its two largest units; one of zero is left out.
func Duration(d time.Duration) string {
	d = max(0, d)
	days, hours, minutes := int64(d/(24*time.Hour)), int64(d.Hours())%24, int64(d.Minutes())%60
	switch {
	case days > 2 || days > 0 && hours == 0:
		return Plural(days, "day", "days")
	case days > 0:
		return fmt.Sprintf("%s %d h", Plural(days, "day", "days"), hours)
	case hours > 0 && minutes == 0:
		return fmt.Sprintf("%d h", hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d s", int64(d.Seconds()))
}

// ShortDuration writes a duration to the millisecond below a minute, else as Duration does.
func ShortDuration(d time.Duration) string {
	if d < time.Minute {
		return d.Round(time.Millisecond).String()
	}
	return Duration(d)
}

// Took describes how long something took that began and ended by the clock of a machine, which may have been set
// meanwhile.
func Took(from, to time.Time) string {
	if to.Before(from) {
		return fmt.Sprintf("took an unknown time: the clock was set back by %s or more meanwhile",
			Duration(from.Sub(to)))
	}
	return fmt.Sprintf("took %v", to.Sub(from).Round(time.Second))
}

// Ago describes how long ago a moment is; ahead is true for one that lies ahead of now, by a clock that was wrong.
func Ago(at, now time.Time) (text string, ahead bool) {
	if ahead = at.After(now.Add(time.Minute)); ahead {
		return "is stamped " + Duration(at.Sub(now)) + " later than now", true
	}
	return "ended " + Duration(now.Sub(at)) + " ago", false
}
