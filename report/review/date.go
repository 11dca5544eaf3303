package review

import (
	"errors"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

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
