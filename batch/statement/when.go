package statement

import "liverecon/batch/billing"

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
	if !l.failed {
		l.wrong(l.whenField(), "give the month: --month 2026-11", "no time and no month")
	}
	return billing.Period{}
}

func (l *lineReader) whenField() string {
	if l.header.has(fieldMonth) && !l.header.has(fieldTime) {
		return fieldMonth
	}
	return fieldTime
}
