package main

import (
	"context"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/cmd/liverecon/reports"
	"liverecon/report/finance"
	"liverecon/store/calendar"
)

// A finance workbook ties whether its period owes a monthly minimum or not: every whole billing month in it owes one, a
// part of a month none.
func TestMinimumOfAPeriodTies(t *testing.T) {
	ctx := context.Background()
	c, s := configured(t, `
[endpoint.id]
[endpoint.sg]
[[price]]
endpoint = "id"
from = "2020-01-01"
currency = "USD"
unit = "0.03"
minimum = "10"
[[price]]
endpoint = "sg"
from = "2020-01-01"
currency = "USD"
unit = "0.05"
`)
	cmdtest.MakeCalls(t, s, map[string]int{"id ID": 3, "sg SG": 2})
	this, _ := c.Prices.PeriodOf(time.Now()).Bounds(c.BillingZone)
	months := func(from, to int) calendar.Period {
		p := calendar.Period{From: this.AddDate(0, from, 0), To: this.AddDate(0, to, 0), Zone: c.BillingZone}
		p.Label = p.From.Format(time.DateOnly) + ".." + p.To.AddDate(0, 0, -1).Format(time.DateOnly)
		return p
	}
	part := months(0, 1)
	part.From = part.From.AddDate(0, -1, 3)
	for _, one := range []struct {
		name   string
		period calendar.Period
		least  string
	}{
		{"the month", months(0, 1), "10.1"},
		{"a month without calls", months(1, 2), "10"},
		{"a day", calendar.BusinessDay(time.Now(), c.BillingZone), "0.16"},
		{"two months", months(0, 2), "20.1"},
		{"a part of a month and a whole one", part, "10.1"},
	} {
		options, err := reports.FinanceOptions(ctx, c, s, one.period)
		if err != nil {
			t.Fatal(err)
		}
		var least decimal.Decimal
		amounts, err := reports.Contract(c).Amounts(ctx, s, one.period)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range amounts {
			least = least.Add(decimal.RequireFromString(a.Floor))
		}
		w, err := finance.Build(ctx, s, options)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.FailedChecks) > 0 || least.String() != one.least {
			t.Errorf("%s: at least %s, want %s; untied %v", one.name, least, one.least, w.FailedChecks)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// status returns which minimum its amounts leave out: of the month, and where there is one.
func TestStatusSaysTheMinimum(t *testing.T) {
	for minimum, want := range map[string]string{"": "", `minimum = "10"`: "USD 10.00"} {
		c, s := configured(t, `
[endpoint.id]
[[price]]
endpoint = "id"
from = "2020-01-01"
currency = "USD"
unit = "0.03"
`+minimum)
		spent, err := spentSoFar(context.Background(), c, s, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if day, month := spent[0].Minimum, spent[1].Minimum; day != "" || month != want {
			t.Errorf("%q: day %q, month %q, want %q", minimum, day, month, want)
		}
	}
}
