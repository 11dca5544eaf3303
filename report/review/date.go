package review

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/store"
)

// date reads when a row was decided. A row without a time was decided when it is read.
func (r *decisionReader) date(w queueRow, d *store.Decision, answered time.Time) {
	text := strings.TrimSpace(w.text(HeadDecidedAt))
	if text == "" {
		d.DecidedAt, d.Undated = r.now, true
		return
	}
	at, whole, err := parseMoment(text, w.zone, r.date1904)
	switch last := at; {
	case err != nil:
		r.mistake(w.sheet, w.place(HeadDecidedAt), "%.40q is no time: want 2026-11-21 14:30, or a date", text)
	case whole && !last.AddDate(0, 0, 1).After(answered), !whole && last.Before(answered.Truncate(time.Second)):
		r.mistake(w.sheet, w.place(HeadDecidedAt), "decided %s, before the vendor answered (%s)",
			at.Format(time.DateTime), answered.In(w.zone).Format(time.DateTime))
	case at.After(r.now.Add(24 * time.Hour)):
		r.mistake(w.sheet, w.place(HeadDecidedAt), "decided %s: that is in the future", at.Format(time.DateTime))
	}
	d.DecidedAt = at.UTC()
}

var errNoMoment = errors.New("no moment")

// parseMoment reads a cell's raw value as a time on a zone's clock: a spreadsheet's number of days, or text. whole says
// that it is a day without a time.
func parseMoment(text string, zone *time.Location, date1904 bool) (at time.Time, whole bool, err error) {
	if days, err := strconv.ParseFloat(text, 64); err == nil {
		if !(days >= 1 && days < 2958466) { // up to 9999-12-31
			return time.Time{}, false, errNoMoment
		}
		t, err := excelize.ExcelDateToTime(days, date1904)
		if err != nil {
			return time.Time{}, false, err
		}
		t = t.Round(time.Second)
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone),
			days == float64(int64(days)), nil
	}
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04",
		time.RFC3339, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, layout == time.DateOnly, nil
		}
	}
	return time.Time{}, false, errNoMoment
}
