package risk

import (
	"fmt"
	"time"

	"liverecon/report/risk/survey"
	"liverecon/store/calendar"
)

// rule returns where suspicion begins under these options.
func (o *Options) rule() survey.Rule {
	return survey.Rule{Threshold: o.Threshold, Inclusive: o.Inclusive}
}

// dated returns the word for what happened to a check in its period.
func (o *Options) dated() string {
	if o.Clock == calendar.ByCapture {
		return "captured"
	}
	return "answered"
}

// reach names the last day with facts of a period that goes on after it, as a month to date does. Without an answer it
// is empty.
func (o *Options) reach(answered int64) string {
	days := o.Period.Days()
	if len(days) < 2 || answered == 0 || !o.Generated.Before(days[len(days)-1].From) {
		return ""
	}
	return ", none after " + o.Generated.In(o.Period.Zone).Format(time.DateOnly)
}

// clockWords name the one of its times by which a check belongs to a day.
func (o *Options) clockWords() string {
	if o.Clock == calendar.ByCapture {
		return "A check belongs to the day its picture was taken, as far as the vendor says (nearImageTime or " +
			"farImageTime), else to the day of its answer; an ID without an answer to the day its list was read and " +
			"to the day before"
	}
	return "A check belongs to the day of its answer; a listed ID to the day its list was read"
}

// answeredWords define an answered check.
func (o *Options) answeredWords() string {
	if o.Clock == calendar.ByCapture {
		return "Checks with a standing answer whose picture was taken in the period; where the vendor gave no such " +
			"time, whose answer came in it."
	}
	return "Checks whose standing answer came in the period."
}

// listedWords define a listed ID. When an ID was captured only its answer tells.
func (o *Options) listedWords() string {
	if o.Clock == calendar.ByCapture {
		return fmt.Sprintf("IDs captured %s, and those without an answer of lists read %s", o.Period.Describe(),
			listPeriod(o.Period, o.Clock).Describe())
	}
	return "IDs new with a list read " + o.Period.Describe()
}

// troubleWords define a day with vendor trouble.
func (o *Options) troubleWords() string {
	lists := "its lists got none by the end of its runs"
	if o.Clock == calendar.ByCapture {
		lists = "its lists and those of the next day got none by the end of their runs"
	}
	return fmt.Sprintf("more than %.0f%% of the day's calls brought no final answer, or of the IDs new with %s",
		100*troubleShare, lists)
}

// listPeriod returns the time in which the lists are read that bring a period's checks. By the clock of capture it is a
// day longer: what was captured on a day is listed on it or on the next, as a rule.
func listPeriod(p calendar.Period, clock calendar.Clock) calendar.Period {
	if clock == calendar.ByCapture {
		y, m, d := p.To.In(p.Zone).Date()
		p.To = calendar.Midnight(y, m, d+1, p.Zone).UTC()
	}
	return p
}
