package reports

import (
	"errors"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/store/calendar"
)

// Compared returns the period that a report of a kind compares with, as --compare names it; the zero Period without it.
func Compared(kind, text string, with calendar.Period) (calendar.Period, error) {
	if text == "" {
		return calendar.Period{}, nil
	}
	if kind != "risk" {
		return calendar.Period{}, config.Usage("leave --compare out", "the %s report compares with no other period",
			kind)
	}
	p, err := calendar.ParsePeriod(text, with.Zone)
	if err != nil {
		return p, config.Usage("such as --compare 2026-10, or --compare 2026-11-01..2026-11-07", "--compare: %w", err)
	}
	if p.From.Before(with.To) && with.From.Before(p.To) {
		return p, config.Usage("a change is measured between different checks: give a period that does not overlap",
			"--compare %s overlaps with %s", p.Label, with.Label)
	}
	return p, nil
}

// PeriodOf returns the period that the flags --month, --from and --to name: the present month to date without them.
func PeriodOf(month, from, to string, months calendar.Months, now time.Time) (calendar.Period, error) {
	switch {
	case month != "" && from+to != "":
		return calendar.Period{}, errors.New("--month goes without --from and --to")
	case month != "":
		return config.Month(months, month, now)
	case from == "" && to != "":
		return calendar.Period{}, errors.New("--to goes with --from")
	case from == "":
		return months.ToDate(now), nil
	case to == "":
		to = from
	}
	return calendar.Range(from, to, months.Zone)
}
