package statement

import (
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/table"
)

// when finds the line's time and its billing month.
func (l *lineReader) when(s *Line) {
	own := billing.Period{}
	if c, given := l.cell(fieldTime); given {
		at, day, err := l.clock.time(c)
		if err != nil {
			l.wrong(fieldTime, "time_layout in the configuration under [statement] says how times are written",
				"%s: %v", billing.Quote(l.text(fieldTime)), err)
			return
		}
		l.dates(s, c)
		s.ChargedAt, s.DateOnly = at, day.known
		if own = day.period; !day.known {
			own = billing.DayAt(at, l.options.BillingZone).Period
		}
	}
	if c, given := l.cell(fieldMonth); given {
		var err error
		if own, err = l.clock.month(c); err != nil {
			l.wrong(fieldMonth, "month_layout in the configuration under [statement] says how months are written",
				"%s: %v", billing.Quote(l.text(fieldMonth)), err)
			return
		}
	}
	s.Month = l.month(own, s.Kind)
}

// month is a line's own month; or the caller's; or, of a line that sums up or
// taxes the others, theirs.
func (l *lineReader) month(own billing.Period, kind LineKind) billing.Period {
	switch {
	case own != billing.Period{}:
		if kind == Usage && !l.failed {
			l.several = l.several || l.last != billing.Period{} && l.last != own
			l.last = own
		}
		return own
	case l.options.Month != billing.Period{}:
		l.used.month = true
		return l.options.Month
	case kind != Usage && l.last != billing.Period{} && !l.several:
		return l.last
	case kind == Total:
		return billing.Period{}
	}
	const problem, hint = "no time and no month", "give the month: --month 2026-11"
	if l.block != nil && l.last != (billing.Period{}) && !l.several {
		l.assumed = l.error(l.whenField(), hint, problem)
		return l.last
	}
	if !l.failed {
		l.wrong(l.whenField(), hint, problem)
	}
	return billing.Period{}
}

// dates refuses a column in which a spreadsheet has made dates of some texts and not of others: those it made are in the
// order of its own country, with day and month exchanged perhaps.
func (l *lineReader) dates(s *Line, c table.Cell) {
	if l.sheet == "" || s.Kind != Usage || l.clock.unix {
		return
	}
	mine, other := &l.textTime, &l.serialTime
	if c.Number {
		mine, other = other, mine
	}
	if mine.line == 0 {
		*mine = shownTime{l.row.Line, strings.Clone(l.shown(c))}
	}
	if other.line != 0 && !l.mixed {
		l.mixed = true
		l.wrong(fieldTime, "enter the times anew as texts, or have the vendor export CSV",
			"%s, where row %d has %s: some are texts and some are dates, of which a spreadsheet may have exchanged day "+
				"and month", billing.Quote(mine.text), other.line, billing.Quote(other.text))
	}
}

// shown is a time as the workbook shows it.
func (l *lineReader) shown(c table.Cell) string {
	if !c.Number {
		return c.Text
	}
	if at, day, err := l.clock.time(c); err == nil && !day.known {
		return at.In(l.options.Zone).Format(time.DateTime)
	} else if err == nil {
		return at.In(l.options.Zone).Format(time.DateOnly)
	}
	return c.Text
}

// shownTime is the first time of its kind in a column.
type shownTime struct {
	line int
	text string
}

func (l *lineReader) whenField() string {
	if l.header.has(fieldMonth) && !l.header.has(fieldTime) {
		return fieldMonth
	}
	return fieldTime
}
