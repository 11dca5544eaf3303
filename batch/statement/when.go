package statement

import (
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// times reads when lines were charged, and keeps what the lines so far had.
type times struct {
	options      *Options
	clock        clock
	last         billing.Period // of the last line of usage that had one
	several      bool           // there was another before
	undated      *Error         // of the first line of another product without a month, if none is found
	text, serial shownTime      // the first of their kinds
	mixed        bool           // both were found, and it was told
}

// read finds a line's time, and the month that it names itself or by its time: the zero Period where it has neither. ok
// is false where one of them can't be read.
func (t *times) read(r *rowReader, s *Line) (own billing.Period, ok bool) {
	if c, given := r.cell(fieldTime); given {
		at, day, err := t.clock.time(c)
		if err != nil && r.from.sheet == "" && t.number(r, c.Text) {
			return own, false
		}
		if err != nil {
			r.wrong(fieldTime, "time_layout in the configuration under [statement] says how times are written",
				"%s: %v", billing.Quote(r.text(fieldTime)), err)
			return own, false
		}
		t.dates(r, s, c)
		s.ChargedAt, s.DateOnly = at, day.known
		if own = day.period(t.options.months()); !day.known {
			own = t.options.months().Of(at)
		}
	}
	if c, given := r.cell(fieldMonth); given {
		var err error
		if own, err = t.clock.month(c); err != nil {
			r.wrong(fieldMonth, "month_layout in the configuration under [statement] says how months are written",
				"%s: %v", billing.Quote(r.text(fieldMonth)), err)
			return own, false
		}
	}
	return own, true
}

// note adds the month of a line of usage.
func (t *times) note(own billing.Period) {
	t.several = t.several || t.last != billing.Period{} && t.last != own
	t.last = own
}

// only returns the one month of all lines of usage so far, the zero Period where there is none or more than one.
func (t *times) only() billing.Period {
	if t.several {
		return billing.Period{}
	}
	return t.last
}

// dates refuses a column in which a spreadsheet has made dates of some texts and not of others: those it made are in
// the order of its own country, with day and month exchanged perhaps.
func (t *times) dates(r *rowReader, s *Line, c table.Cell) {
	if r.from.sheet == "" && s.Kind == Usage && t.text.line == 0 && !t.clock.unix {
		t.text = shownTime{r.row.Line, strings.Clone(c.Text)}
	}
	if r.from.sheet == "" || s.Kind != Usage || t.clock.unix {
		return
	}
	mine, other := &t.text, &t.serial
	if c.Number {
		mine, other = other, mine
	}
	if mine.line == 0 {
		*mine = shownTime{r.row.Line, strings.Clone(t.shown(c))}
	}
	if other.line != 0 && !t.mixed {
		t.mixed = true
		r.wrong(fieldTime, "enter the times anew as texts, or have the vendor export CSV",
			"%s, where row %d has %s: some are texts and some are dates, of which a spreadsheet may have exchanged day "+
				"and month", billing.Quote(mine.text), other.line, billing.Quote(other.text))
	}
}

// number reports whether a text is a day as a spreadsheet counts them, and tells what is wrong with it: in a CSV nobody
// knows whose count it is, nor whether day and month were exchanged before.
func (t *times) number(r *rowReader, text string) bool {
	c := table.Cell{Text: strings.Replace(text, ",", ".", 1), Number: true}
	if _, _, err := t.clock.serial(c); err != nil || t.clock.unix {
		return false
	}
	const hint = "format the column as date and time before saving it as CSV, or have the vendor export it"
	if t.text.line == 0 {
		r.wrong(fieldTime, hint, "%s: a spreadsheet's number in place of a time, perhaps of %s", billing.Quote(text),
			t.shown(c))
		return true
	}
	if !t.mixed {
		t.mixed = true
		r.wrong(fieldTime, hint, "%s, where line %d has %s: some are texts and some are a spreadsheet's numbers, of which it "+
			"may have exchanged day and month", billing.Quote(text), t.text.line, billing.Quote(t.text.text))
	}
	return true
}

// shown returns a time as the workbook shows it.
func (t *times) shown(c table.Cell) string {
	if !c.Number {
		return c.Text
	}
	if at, day, err := t.clock.time(c); err == nil && !day.known {
		return at.In(t.options.Zone).Format(time.DateTime)
	} else if err == nil {
		return at.In(t.options.Zone).Format(time.DateOnly)
	}
	return c.Text
}

// shownTime represents the first time of its kind in a column.
type shownTime struct {
	line int
	text string
}
