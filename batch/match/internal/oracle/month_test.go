package oracle

import "time"

const (
	dayForm   = "2006-01-02"
	monthForm = "2006-01"
)

// span represents a half-open range of time.
type span struct{ from, to time.Time }

func (s span) has(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

func (s span) wider(by time.Duration) span { return span{s.from.Add(-by), s.to.Add(by)} }

func (s Settings) starts() int { return max(1, s.MonthStarts) }

// month returns the time of a month: where months start on a later day, from that day of the month before.
func (s Settings) month(label string) span {
	at, err := time.ParseInLocation(monthForm, label, s.Zone)
	if err != nil {
		panic(err)
	}
	year, month, d := at.Year(), at.Month(), s.starts()
	if d > 1 {
		month--
	}
	return span{time.Date(year, month, d, 0, 0, 0, 0, s.Zone), time.Date(year, month+1, d, 0, 0, 0, 0, s.Zone)}
}

// monthOf returns the month that an instant is in.
func (s Settings) monthOf(t time.Time) string {
	t = t.In(s.Zone)
	month := t.Month()
	if d := s.starts(); d > 1 && t.Day() >= d {
		month++
	}
	return time.Date(t.Year(), month, 1, 12, 0, 0, 0, s.Zone).Format(monthForm)
}

// day returns the time of a day.
func (s Settings) day(label string) span {
	at, err := time.ParseInLocation(dayForm, label, s.Zone)
	if err != nil {
		panic(err)
	}
	return span{at, time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, s.Zone)}
}

// neighbour returns the month that is so many later.
func (s Settings) neighbour(label string, by int) string {
	at, err := time.ParseInLocation(monthForm, label, s.Zone)
	if err != nil {
		panic(err)
	}
	return time.Date(at.Year(), at.Month()+time.Month(by), 1, 12, 0, 0, 0, s.Zone).Format(monthForm)
}
